"""A service's rows, applied to one fact: take it down, then let every row that reads a changed ledger look again.

The order is fixed: the fact, the facts that waited for it, views, workflows, duties, conditions, measures, concerns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
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
from shared.domain.state import Waiting
from shared.domain.step import Step, aggregate_of
from shared.domain.workflow import Workflow

Take = Callable[[Step, Fact, Any], Outcome | None]
"""Takes a fact down on the ledgers of a step. None means decided; `waits(…)` keeps it until the aggregate changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A ledger worked out from others: derived anew when one of them has changed, before any row looks at it."""

    reads: frozenset[str]
    derive: Callable[[Step], None]


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
    if step.changed:
        _retry(step, book, concerns)
    look_again(step, book, concerns, fired)
    return step.decision(outcome)


def look_again(step: Step, book: Rulebook, concerns: Concerns, fired: tuple[str, str] | None = None) -> None:
    """Let every row that reads a changed ledger (or whose deadline has passed) compare, and settle the concerns."""
    kind, ref = fired or ("", "")
    for view in book.views:
        if not view.reads.isdisjoint(step.changed):
            view.derive(step)
    for workflow in book.workflows:
        if not workflow.reads.isdisjoint(step.changed) or (kind and kind == workflows_engine.deadline_kind(workflow)):
            workflows_engine.reconcile(step, workflow)
    for duty in book.duties:
        fires = bool(kind) and kind == duty.id
        if fires or not duty.reads.isdisjoint(step.changed):
            duties_engine.reconcile(step, duty, concerns, fired=ref if fires else None)
    for condition in book.conditions:
        if not condition.reads.isdisjoint(step.changed) or (kind and kind == condition.id):
            conditions_engine.reconcile(step, condition, concerns)
    if book.closes is not None:
        for measure in book.measures:
            if not measure.reads.isdisjoint(step.changed):
                measures_engine.reconcile(step, measure, book.closes)
    concerns.settle()


def _take(step: Step, fact: Fact, book: Rulebook, concerns: Concerns) -> Outcome:
    if isinstance(fact.payload, ConcernAnswered):
        return concerns.answer(fact.payload, book.answerable)
    take = book.takes.get(type(fact.payload))
    if take is None:
        return ignored("not-read")
    outcome = take(step, fact, fact.payload) or DECIDED
    if outcome.verdict == "waits" and fact is step.fact:
        _keep(step, fact, outcome)
    return outcome


def _keep(step: Step, fact: Fact, outcome: Outcome) -> None:
    waiting = aggregate_of(step).waiting
    place = 1 + max((kept.n for kept in waiting.values()), default=0)
    kept = Waiting(fact.topic, fact.key, fact.content.decode(), fact.recorded, outcome.reason, place)
    step.put("waiting", str(fact.id), kept)
    step.changed.discard("waiting")


def _retry(step: Step, book: Rulebook, concerns: Concerns) -> None:
    """Try the waiting facts again, in the order in which they came, until none moves."""
    moved = True
    while moved:
        moved = False
        for kept_id, kept in sorted(aggregate_of(step).waiting.items(), key=lambda item: item[1].n):
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
