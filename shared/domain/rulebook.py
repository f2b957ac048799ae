"""A service's rows, applied to one fact: take it down, then let every row that reads a changed ledger look again.

The order is fixed: the fact, the facts that waited for it, views, workflows, duties, conditions, measures, concerns.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from shared.contracts.casework import ConcernAnswered
from shared.contracts.envelope import from_canonical
from shared.domain import condition as conditions_engine
from shared.domain import duty as duties_engine
from shared.domain import measure as measures_engine
from shared.domain import workflow as workflows_engine
from shared.domain.concern import ConcernRow, Concerns
from shared.domain.condition import Condition
from shared.domain.decision import DECIDED, Decision, Outcome, ignored
from shared.domain.duty import Duty
from shared.domain.fact import Fact, Passed, event_fact
from shared.domain.measure import Measure
from shared.domain.state import Aggregate, Waiting
from shared.domain.step import Step
from shared.domain.workflow import Workflow

Take = Callable[[Step, Fact, Any], Outcome | None]
"""Takes a fact down on the ledgers of a step. None means decided; `waits(…)` keeps it until the aggregate changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A ledger worked out from others: derived anew when one of them has changed, before any row looks at it."""

    reads: frozenset[str]
    derive: Callable[[Step], None]


Ask = Callable[[Step, Any, Concerns, str | None], None]
"""Asks a row again; given the ref of the row's own deadline, where that has just passed."""


class Reader(NamedTuple):
    """A row as it is asked again: what it reads, the kind of its deadlines (empty: it has none), how to ask it."""

    place: int
    reads: frozenset[str]
    deadlines: str
    ask: Ask
    row: Any


_place = attrgetter("place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Which concept takes which fact, and the rows of a service (or of one kind of its aggregates)."""

    takes: Mapping[type[Any], Take]
    views: tuple[View, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    duties: tuple[Duty, ...] = ()
    conditions: tuple[Condition, ...] = ()
    measures: tuple[Measure, ...] = ()
    dates: Mapping[str, Take] = field(default_factory=dict)
    """Deadline kinds that a concept set by itself."""
    closes: Callable[[Step, str], datetime] | None = None
    """When a period is to be reported; needed where there are measures."""
    _rows: tuple[Reader, ...] = field(init=False, repr=False, compare=False)
    read: frozenset[str] = field(init=False, repr=False, compare=False)
    """Every ledger that some row reads."""
    _readers: dict[tuple[frozenset[str], str], tuple[Reader, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        rows = tuple(Reader(place, *row) for place, row in enumerate(_rows_of(self)))
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "read", frozenset(ledger for row in rows for ledger in row.reads))

    def readers(self, changed: Iterable[str], passed: str) -> tuple[Reader, ...]:
        """The rows that read any of these ledgers, or whose deadline (of kind `passed`) it is, in their order.

        Worked out once for each set of ledgers that are read: facts change the same few sets of them.
        """
        read = self.read.intersection(changed)
        found = self._readers.get((read, passed))
        if found is None:
            found = self._readers[read, passed] = tuple(
                row for row in self._rows if not row.reads.isdisjoint(read) or (passed and row.deadlines == passed)
            )
        return found

    @property
    def answerable(self) -> frozenset[str]:
        """Codes of the concerns that a recorded reason clears."""
        rows: tuple[ConcernRow, ...] = (*self.duties, *self.conditions)
        return frozenset(row.code for row in rows if row.answerable)


def decide(step: Step, book: Rulebook) -> Decision:
    """Decide one fact by a rulebook. Pure: the states handed to `step` stay as they are."""
    concerns = Concerns(step)
    fired: tuple[str, str] | None = None
    if step.fact.is_deadline:
        outcome, fired = _passed(step, book, step.fact.payload)
    else:
        outcome = _take(step, step.fact, book, concerns)
    if step.changed and step.case.waiting:
        take_up_waiting(step, book, concerns)
    look_again(step, book, concerns, fired)
    return step.decision(outcome)


def look_again(step: Step, book: Rulebook, concerns: Concerns, fired: tuple[str, str] | None = None) -> None:
    """Let every row that reads a changed ledger (or whose deadline has passed) compare, and settle the concerns."""
    kind, ref = fired or ("", "")
    rows = book.readers(step.changed, kind)
    known, n = len(step.changed), 0
    while n < len(rows):
        row = rows[n]
        row.ask(step, row.row, concerns, ref if kind and row.deadlines == kind else None)
        n += 1
        if len(step.changed) == known:
            continue
        if not book.read.isdisjoint(islice(step.changed, known, None)):  # what a row changes, those after it may read
            rows = book.readers(step.changed, kind)
            n = bisect_right(rows, row.place, key=_place)
        known = len(step.changed)
    concerns.settle()


def _rows_of(book: Rulebook) -> Iterator[tuple[frozenset[str], str, Ask, Any]]:
    """Every row of a book, in the order in which they are asked: what it reads, its deadlines, how to ask it."""
    for view in book.views:
        yield view.reads, "", _ask_view, view
    for workflow in book.workflows:
        yield workflow.reads, workflows_engine.deadline_kind(workflow), _ask_workflow, workflow
    for duty in book.duties:
        yield duty.reads, duty.id, duties_engine.reconcile, duty
    for condition in book.conditions:
        yield condition.reads, condition.id, _ask_condition, condition
    if book.closes is not None:
        for measure in book.measures:
            yield measure.reads, "", _ask_measure(book.closes), measure


def _ask_view(step: Step, view: View, _concerns: Concerns, _ref: str | None) -> None:
    view.derive(step)


def _ask_workflow(step: Step, workflow: Workflow, _concerns: Concerns, _ref: str | None) -> None:
    workflows_engine.reconcile(step, workflow)


def _ask_condition(step: Step, condition: Condition, concerns: Concerns, _ref: str | None) -> None:
    conditions_engine.reconcile(step, condition, concerns)


def _ask_measure(closes: measures_engine.Closes) -> Ask:
    return lambda step, measure, _concerns, _ref: measures_engine.reconcile(step, measure, closes)


def _take(step: Step, fact: Fact, book: Rulebook, concerns: Concerns) -> Outcome:
    take = book.takes.get(type(fact.payload))
    if take is None:
        answered = isinstance(fact.payload, ConcernAnswered)
        return concerns.answer(fact.payload, book.answerable) if answered else ignored("not-read")
    outcome = take(step, fact, fact.payload) or DECIDED
    if outcome.verdict == "waits" and fact is step.fact:
        _keep(step, fact, outcome)
    return outcome


def _keep(step: Step, fact: Fact, outcome: Outcome) -> None:
    waiting: dict[str, Waiting] = step.case.waiting
    place = 1 + max((kept.n for kept in waiting.values()), default=0)
    kept = Waiting(fact.topic, fact.key, fact.content.decode(), fact.recorded, outcome.reason, place)
    step.put("waiting", str(fact.id), kept)
    step.changed.pop("waiting", None)


def take_up_waiting(step: Step, book: Rulebook, concerns: Concerns) -> None:
    """Try the waiting facts again, in the order in which they came, until none moves."""
    moved = True
    while moved:
        moved = False
        case: Aggregate = step.case
        for kept_id, kept in sorted(case.waiting.items(), key=lambda item: item[1].n):
            if kept_id == str(step.fact.id):
                continue
            fact = event_fact(
                from_canonical(kept.content.encode()), kept.topic, kept.key, step.now, kept.content.encode()
            )
            outcome = _take(step, fact, book, concerns)
            if outcome.verdict == "waits":
                continue
            step.drop("waiting", kept_id)
            step.took_up(UUID(kept_id), outcome)
            moved = True


def _passed(step: Step, book: Rulebook, passed: Passed) -> tuple[Outcome, tuple[str, str] | None]:
    own = book.dates.get(passed.kind)
    if own is not None:
        return own(step, step.fact, passed) or DECIDED, None
    return DECIDED, (passed.kind, passed.ref)
