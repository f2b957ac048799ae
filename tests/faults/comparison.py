"""What the real system did, held against the model's: what is lost, what is there twice, what came out otherwise."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deploy.history import HistoryRecord
from deploy.simulate import DeadLetter, Simulated
from tests.running import Kept, Rig


@dataclass
class Verdict:
    """Effects lost, duplicated and diverged, by count, with the first of each in words."""

    lost: int = 0
    duplicated: int = 0
    diverged: int = 0
    sent_again: int = 0
    """Events that a topic holds more than once under one id: told twice, taken once by whoever dedupes by id."""
    dead_letters: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Nothing lost, nothing twice, nothing otherwise."""
        return not (self.lost or self.duplicated or self.diverged)

    def hold(
        self, what: str, real: Iterable[tuple[Hashable, Any]], model: Iterable[tuple[Hashable, Any]], ordered: bool
    ) -> None:
        """Compare (identity, content) pairs; where order counts, it must be the model's as well."""
        found, expected = list(real), list(model)
        here, there = Counter(one for one, _ in found), Counter(one for one, _ in expected)
        self._note("lost", what, there - here)
        self._note("duplicated", what, here - there)
        contents, others = dict(found), dict(expected)
        otherwise = [one for one in here.keys() & there.keys() if contents[one] != others[one]]
        if ordered and here == there:
            otherwise += [one for (one, _), (other, _) in zip(found, expected, strict=True) if one != other]
        self._note("diverged", what, Counter(otherwise))

    def _note(self, count: str, what: str, which: Counter[Any]) -> None:
        setattr(self, count, getattr(self, count) + which.total())
        if which:
            self.examples.append(f"{what} {count}: {which.total()}, first {next(iter(which))!r}")


async def compare(it: Rig, history: Sequence[HistoryRecord], until: datetime) -> Verdict:
    """Journal in its order, states, parked queues, outputs in the order of their key, dead letters byte for byte."""
    model, verdict = it.model(history, until), Verdict()
    lines = await it.journal()
    verdict.hold(
        "journal",
        [((subject, seq), hashed) for subject, seq, hashed in lines],
        [((line.subject, line.seq), line.hash) for line in model.journal],
        ordered=True,
    )
    decided = {subject for subject, _, _ in lines}
    states = [(subject, state) for subject, state in (await it.states()).items() if subject in decided]
    verdict.hold("state", states, model.states.items(), ordered=False)
    await _parked(it, model, verdict)
    verdict.hold("letter", _letters(await it.dead_letters()), _expected_letters(model.dead_letters), ordered=False)
    verdict.dead_letters = len(model.dead_letters)
    await _published(it, model, verdict)
    return verdict


async def _published(it: Rig, model: Simulated, verdict: Verdict) -> None:
    """Every event of the output topic, each key's in its order."""
    records = await it.kept(it.service.output)
    first: dict[bytes | None, dict[bytes | None, bytes | None]] = defaultdict(dict)
    for record in records:
        known = first[record.key].setdefault(record.headers["ce_id"], record.value)
        assert known == record.value, "one id with two contents"
    verdict.sent_again = len(records) - sum(len(of_key) for of_key in first.values())
    real = {key: list(of_key.items()) for key, of_key in first.items()}
    expected = _outputs(model)
    verdict.hold("output", _flat(real), _flat(expected), ordered=False)
    for key in real.keys() & expected.keys():
        if len(real[key]) == len(expected[key]):
            verdict.hold("order of outputs", _numbered(real[key]), _numbered(expected[key]), ordered=True)


async def _parked(it: Rig, model: Simulated, verdict: Verdict) -> None:
    rows = await it.fetch("SELECT kind, key, fact_id FROM parked_fact ORDER BY kind, key, position")
    real = [((row["kind"], row["key"], str(row["fact_id"])), None) for row in rows]
    expected = [
        ((subject.kind, subject.key, str(fact.id)), None)
        for subject, facts in sorted(model.parked.items())
        for fact in facts
    ]
    verdict.hold("parked fact", real, expected, ordered=True)


def _outputs(model: Simulated) -> Mapping[bytes | None, Sequence[tuple[bytes, bytes]]]:
    found: dict[bytes | None, list[tuple[bytes, bytes]]] = defaultdict(list)
    for event in model.outputs:
        found[event.key.encode()].append((str(event.event_id).encode(), event.value))
    return found


def _flat(outputs: Mapping[Any, Sequence[tuple[Any, bytes | None]]]) -> list[tuple[Hashable, Any]]:
    return [((key, event_id), value) for key, events in outputs.items() for event_id, value in events]


def _numbered(events: Iterable[tuple[Any, bytes | None]]) -> list[tuple[Hashable, Any]]:
    """Places with ids: an id at another place than the model's has diverged, and is not counted as lost again."""
    return [(n, event_id) for n, (event_id, _) in enumerate(events)]


def _letters(letters: Iterable[Kept]) -> list[tuple[Hashable, Any]]:
    """A letter as the record that it was: its own headers, without those that say why it is here."""
    return [
        (
            (
                (letter.headers["x-original-topic"] or b"").decode(),
                letter.key,
                letter.value,
                _plain(letter.headers),
                (letter.headers["x-reason-code"] or b"").decode(),
            ),
            None,
        )
        for letter in letters
    ]


def _expected_letters(letters: Iterable[DeadLetter]) -> list[tuple[Hashable, Any]]:
    return [
        ((one.record.topic, one.record.key, one.record.value, _plain(dict(one.record.headers)), one.reason_code), None)
        for one in letters
    ]


def _plain(headers: Mapping[str, bytes | None]) -> tuple[tuple[str, bytes | None], ...]:
    return tuple(sorted((name, value) for name, value in headers.items() if not name.startswith("x-")))
