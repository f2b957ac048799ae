"""A bench for the engines: one aggregate whose ledgers a test writes to, its due table, and log time."""
# ruff: noqa: RUF012 - msgspec gives each state its own empty mapping

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from shared.contracts.casework import ConcernAnswered
from shared.domain import rulebook
from shared.domain.decision import Decision, Outcome, Output, Rows
from shared.domain.fact import Fact, Passed, Subject, deadline_fact
from shared.domain.identifiers import stable_id
from shared.domain.policy import Policy
from shared.domain.policy_files import Entry
from shared.domain.rulebook import Rulebook
from shared.domain.state import Aggregate, Row, dump, load
from shared.domain.step import Step

CASE = Subject("case", "X000001")


class Found(Row, frozen=True):
    """A date, and the record that states it."""

    on: date
    ref: str = ""


class Toy(Aggregate, omit_defaults=True):
    """Three ledgers of dates, for rows to read."""

    started: dict[str, Found] = {}
    done: dict[str, Found] = {}
    inside: dict[str, Found] = {}


@dataclass(frozen=True)
class Put:
    """Write a date to a ledger; `on` None takes it out."""

    ledger: str
    ref: str
    on: date | None
    evidence: str = ""


def take_put(step: Step, _fact: Fact, told: Put) -> Outcome | None:
    """Write, or take out."""
    if told.on is None:
        step.drop(told.ledger, told.ref)
    else:
        step.put(told.ledger, told.ref, Found(told.on, told.evidence))
    return None


def policy(**terms: str) -> Policy:
    """Parameters by id (`_` for `-`, `__` for `.`), each as `"5 business-days"` or a plain number."""
    entries = {}
    for given, text in terms.items():
        name = given.replace("__", ".").replace("_", "-")
        n, _, unit = text.partition(" ")
        values = ((date(2000, 1, 1), int(n)),)
        entries[name] = Entry(name, name, values, unit or "number", "default", "a test", "")
    return Policy(entries)


def at(day: date, hour: int = 12) -> datetime:
    """An instant of a day, UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@dataclass
class Bench:
    """One aggregate under a rulebook. `take` decides a fact; `until` lets deadlines pass."""

    policy: Policy
    rows: Mapping[str, Any]
    state: Toy = field(default_factory=lambda: Toy(key=CASE.key))
    due: dict[tuple[str, str], tuple[datetime, datetime]] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    now: datetime = datetime(2010, 1, 1, tzinfo=UTC)

    def put(self, ledger: str, ref: str, on: date | None, recorded: datetime | None = None, evidence: str = "") -> None:
        """State something at `recorded` (default: noon of its day, but never before the log's time)."""
        when = recorded or max(self.now, at(on) if on is not None else self.now)
        self.take(Put(ledger, ref, on, evidence), when)

    def answer(self, concern_id: str, answer: str = "recorded-reason") -> Decision:
        """A person answers a concern."""
        payload = ConcernAnswered(
            concern_id=concern_id,
            answer=answer,  # type: ignore[arg-type]
            reason_code="circumstances",
            by_grade="spo",
            answered_on=self.now.date(),
        )
        return self.take(payload, self.now)

    def take(self, payload: Any, recorded: datetime) -> Decision:
        """Decide one fact, after the deadlines before it."""
        self.until(recorded)
        kind = getattr(payload, "event_type", "test.put")
        fact_id = stable_id("bench", str(len(self.decisions)), kind)
        return self._decide(Fact(fact_id, kind, "casework", CASE.key, recorded, recorded, payload, b"{}"))

    def until(self, when: datetime) -> None:
        """Fire every deadline before `when`, in order."""
        while True:
            standing = sorted((fires, kind, ref, due) for (kind, ref), (fires, due) in self.due.items())
            if not standing or standing[0][0] >= when:
                self.now = max(self.now, when)
                return
            fires, kind, ref, due = standing[0]
            del self.due[kind, ref]
            self.now = fires
            self._decide(deadline_fact(stable_id(kind, ref), Passed(CASE, kind, ref, due), fires))

    def _decide(self, fact: Fact) -> Decision:
        given = dump(self.state)
        book = Rulebook(takes={Put: take_put}, **self.rows)
        decision = rulebook.decide(Step("enforcement", CASE, Rows({CASE: self.state}), fact, self.policy), book)
        assert dump(self.state) == given, "a decision must not touch the state that it is handed"
        state = decision.states.get(CASE, self.state)
        self.state = load(dump(state), Toy)
        assert self.state == state
        for change in decision.deadlines:
            self.due.pop((change.kind, change.ref), None)
            if change.due is not None:
                self.due[change.kind, change.ref] = (max(change.due, fact.recorded), change.due)
        self.outputs.extend(decision.outputs)
        self.decisions.append(decision)
        return decision

    # -- what came of it ------------------------------------------------------------------------

    def told(self, *names: str) -> list[Any]:
        """The payloads published, of these short names (`raised`, `cleared`, `warning.due`)."""
        return [out.payload for out in self.outputs if any(out.payload.event_type.endswith(name) for name in names)]

    def open_concerns(self) -> list[tuple[str, str, str]]:
        """Code, ref and severity of the concerns that are raised."""
        found = self.state.concerns.values()
        return sorted((each.code, each.ref, each.severity) for each in found if each.concern_id)

    def outcomes(self, row: str) -> dict[str, str]:
        """The outcome of each duty of a row."""
        return {ref: each.outcome for ref, each in sorted(self.state.duties.get(row, {}).items())}


def refs(ledger: str, case: Toy) -> Iterable[tuple[str, Found]]:
    """The rows of a ledger, by ref."""
    found: dict[str, Found] = getattr(case, ledger)
    return sorted(found.items())
