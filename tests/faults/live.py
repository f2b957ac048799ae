"""What a live system did, with any number of replicas: each fact once, in the order of its key and topic, nothing else.

The journal, decided again in its own order, must give the states, the deadlines that stand, and the events of the
topic. What was published tells which facts there must be. Nothing of the kernel takes part but its tables.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from deploy.history import HistoryRecord
from deploy.simulate import Memory
from shared.contracts.decoding import TimeRecord, Unknown, Unread, decode
from shared.contracts.envelope import canonical_json, from_canonical
from shared.contracts.poison import Poison
from shared.domain.fact import DUE, Fact, Passed, Subject, deadline_fact, event_fact, instant
from shared.domain.publication import deadline_id
from shared.kernel.clock import from_ms
from shared.kernel.process import policy_of
from tests.faults.comparison import Verdict
from tests.running import Rig

Identity = tuple[Subject, str, str]


class Expected(NamedTuple):
    """What a history must lead to: the facts by topic and key in their order, and the dead letters."""

    facts: dict[tuple[str, str], list[UUID]]
    letters: Counter[tuple[str, bytes | None, bytes | None, str]]


def expected(history: Iterable[HistoryRecord], reads: frozenset[str]) -> Expected:
    """Each event's first occurrence; a record that is no event, or an id on another content, is a dead letter."""
    facts: dict[tuple[str, str], list[UUID]] = defaultdict(list)
    letters: Counter[tuple[str, bytes | None, bytes | None, str]] = Counter()
    contents: dict[UUID, bytes] = {}
    for record in history:
        decoded = decode(record.topic, record.key, record.value, record.headers, reads)
        if isinstance(decoded, TimeRecord | Unknown | Unread):
            continue
        if isinstance(decoded, Poison):
            letters[record.topic, record.key, record.value, decoded.reason_code] += 1
        else:
            content = canonical_json(decoded)
            if contents.setdefault(decoded.event_id, content) != content:
                letters[record.topic, record.key, record.value, "id-reused"] += 1
            elif decoded.event_id not in (of_key := facts[record.topic, (record.key or b"").decode()]):
                of_key.append(decoded.event_id)
    return Expected(dict(facts), letters)


async def compare_live(it: Rig, history: Sequence[HistoryRecord]) -> Verdict:
    """Facts, their order, states, deadlines, outputs and dead letters; see the module."""
    verdict, must = Verdict(), expected(history, it.service.reads)
    rows = await it.fetch("SELECT kind, key, seq, at, fact_id, content FROM journal ORDER BY position")
    parked = await it.fetch("SELECT topic, fact_key, fact_id FROM parked_fact ORDER BY position")
    again = _Again(it)
    met: dict[tuple[str, str], list[UUID]] = defaultdict(list)
    for row in rows:
        told = orjson.loads(row["content"])
        again.decide(told, row, verdict)
        if told["topic"] != DUE:
            met[told["topic"], told["factKey"]].append(UUID(str(told["factId"])))
    for row in parked:
        if row["topic"] != DUE:
            met[row["topic"], row["fact_key"]].append(UUID(bytes=row["fact_id"].bytes))
    verdict.hold("fact", _flat(met), _flat(must.facts), ordered=False)
    for at in met.keys() & must.facts.keys():
        verdict.hold("order of facts", [(n, None) for n in met[at]], [(n, None) for n in must.facts[at]], ordered=True)
    await again.held_against(it, verdict)
    letters = Counter(
        (str(h["x-original-topic"], "utf-8"), letter.key, letter.value, str(h["x-reason-code"], "utf-8"))  # type: ignore[arg-type]
        for letter in await it.dead_letters()
        for h in (letter.headers,)
    )
    verdict.hold(
        "letter",
        [(one, None) for one in letters.elements()],
        [(one, None) for one in must.letters.elements()],
        ordered=False,
    )
    verdict.dead_letters = must.letters.total()
    return verdict


class _Again:
    """The journal decided again: states, deadlines that stand, events by key."""

    def __init__(self, it: Rig) -> None:
        self._memory = Memory(it.service, policy_of(it.service, ""))
        self._due: dict[Identity, UUID] = {}
        self._events: dict[bytes, list[tuple[bytes, bytes]]] = defaultdict(list)

    def decide(self, told: dict[str, Any], row: Any, verdict: Verdict) -> None:
        """One line: its deadline must stand, its place in the chain and its content must come out again."""
        fact = _fact(told, row)
        if isinstance(fact.payload, Passed):
            identity = (fact.payload.subject, fact.payload.kind, fact.payload.ref)
            standing = self._due.pop(identity, None)
            verdict.hold("deadline", [(fact.id, None)], [(standing, None)], ordered=False)
        decided = self._memory.decide(fact, self._memory.rows(fact)[0])
        line = decided.line
        verdict.hold(
            "line",
            [((row["key"], row["seq"]), row["content"])],
            [((line.subject.key, line.seq), line.content.decode())],
            ordered=False,
        )
        for event in decided.events:
            self._events[event.key.encode()].append((str(event.event_id).encode(), event.value))
        for n, change in enumerate(decided.decision.deadlines):
            identity = (change.subject, change.kind, change.ref)
            if change.due is None:
                self._due.pop(identity, None)
            else:
                self._due[identity] = deadline_id(fact, change.subject, change.kind, change.ref, change.due, n)

    async def held_against(self, it: Rig, verdict: Verdict) -> None:
        """The tables and the topic, against what came out."""
        rows = await it.fetch("SELECT subject_kind, key, kind, ref, deadline_id FROM due")
        stand = [((Subject(r["subject_kind"], r["key"]), r["kind"], r["ref"]), str(r["deadline_id"])) for r in rows]
        verdict.hold("due", stand, [(at, str(one)) for at, one in self._due.items()], ordered=False)
        states = [(at, state) for at, state in (await it.states()).items() if at in self._memory.states]
        verdict.hold("state", states, self._memory.states.items(), ordered=False)
        first: dict[bytes, dict[bytes, bytes]] = defaultdict(dict)
        records = [
            r for r in await it.kept(it.service.output) if not (r.headers["ce_type"] or b"").endswith(b".case.parked")
        ]
        for record in records:
            first[record.key or b""].setdefault(record.headers["ce_id"] or b"", record.value or b"")
        verdict.sent_again = len(records) - sum(len(events) for events in first.values())
        for key in first.keys() | self._events.keys():
            verdict.hold("output", first.get(key, {}).items(), self._events.get(key, ()), ordered=True)


def _fact(told: dict[str, Any], row: Any) -> Fact:
    at = from_ms(row["at"])
    if told["topic"] == DUE:
        what = told["fact"]
        passed = Passed(Subject(what["kind"], what["key"]), what["deadline"], what["ref"], instant(what["due"]))
        return deadline_fact(UUID(str(told["factId"])), passed, at)
    content = orjson.dumps(told["fact"], option=orjson.OPT_SORT_KEYS)
    return event_fact(from_canonical(content), str(told["topic"]), str(told["factKey"]), at, content)


def _flat(facts: dict[tuple[str, str], list[UUID]]) -> list[tuple[Any, None]]:
    return [((at, str(one)), None) for at, ids in facts.items() for one in ids]
