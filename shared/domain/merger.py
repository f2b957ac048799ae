"""Mergers: two cases turn out to be one person. The one that goes is left bare and points to the one that stays, which
takes over what was stated of it; facts under the old number are decided on the case that stays.

What a case comes to is a function of what was stated of the person under any number: each row of a ledger is what all
statements of its record come to (`Both`), a row that a merger brings as much as one that a fact brings.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from shared.contracts.casework import PersonMerged
from shared.domain import rulebook
from shared.domain.concern import Concerns
from shared.domain.decision import Decision, Rows, ignored
from shared.domain.fact import Fact, Subject
from shared.domain.numbers import chain, of_both, unite
from shared.domain.rulebook import Rulebook
from shared.domain.statement import Both, put_both
from shared.domain.step import Step
from shared.domain.waiting import move_waiting

CASE = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging:
    """How the cases of a service become one."""

    book: Rulebook
    ledgers: Mapping[str, Both]
    """Ledgers of what was stated, and what two rows of one record come to."""
    derived: tuple[str, ...] = ()
    """Ledgers that follow from those, without being views: emptied on the case that goes, `settle` sees to the rest."""
    leaves: Callable[[Step], None] = lambda _step: None
    """Given the case that goes as owner of the step: what else it has ends, or is taken off it."""
    settle: Callable[[Step, Any], None] = lambda _step, _goes: None
    """Given the case that stays, with the rows of both, as owner of the step, and the other as it was: brings in line
    what the ledgers alone do not tell."""
    decides: Callable[[Step], Any] = lambda _step: None
    """Given the case that stays with all that it takes over: what is decided anew, before its rows look again."""


def standing_cases(crn: str, rows: Rows) -> tuple[Subject, ...]:
    """The case of a CRN and those that stand for it after mergers, the one that stands now last."""
    return chain(Subject(CASE, crn), rows)


def merging_cases(fact: Fact, rows: Rows) -> tuple[Subject, ...]:
    """The cases that a merger may touch, that of the fact's own CRN first."""
    return of_both(Subject(CASE, fact.key), Subject(CASE, fact.payload.into_crn), rows)


def cases_of(fact: Fact, rows: Rows) -> tuple[Subject, ...]:
    """The cases that a fact of a service with no other aggregates needs; a deadline's own aggregate."""
    if fact.is_deadline:
        own: Subject = fact.payload.subject
        return (own,)
    return merging_cases(fact, rows) if isinstance(fact.payload, PersonMerged) else standing_cases(fact.key, rows)


def owner_of(fact: Fact, rows: Rows) -> Subject:
    """The case that decides a fact: the one that stands for its CRN; a deadline's own aggregate."""
    if fact.is_deadline:
        own: Subject = fact.payload.subject
        return own
    return standing_cases(fact.key, rows)[-1]


def merge(step: Step, merging: Merging) -> Decision:
    """Decide that two numbers are one person's: what no longer stands is left bare, and everything that rested on it
    ends; the case that stands takes it over. Facts that waited on the one that goes are tried again on the one that
    stays, where what they wait for will come.
    """
    stands, gone = unite(step, Subject(CASE, step.fact.key), Subject(CASE, step.fact.payload.into_crn))
    bare = [_leave_bare(step, merging, goes, stands) for goes in gone]
    step.owner = stands
    if not gone:
        return step.decision(ignored("merged-already"))
    step.changed.clear()
    for goes in bare:
        take_over(step, goes, merging.ledgers)
        merging.settle(step, goes)
        take_over_stages(step, goes)
    step.touch_all(*merging.ledgers, *merging.derived)
    merging.decides(step)
    concerns = Concerns(step)
    rulebook.take_up_waiting(step, merging.book, concerns)
    rulebook.look_again(step, merging.book, concerns)
    return step.decision()


def _leave_bare(step: Step, merging: Merging, subject: Subject, stands: Subject) -> Any:
    """Empty the ledgers of a case, so that all that rested on them ends. Returns it as it was."""
    step.owner = subject
    step.changed.clear()
    goes = copy.copy(step.case)
    merging.leaves(step)
    move_waiting(step, subject, stands)
    for ledger in (*merging.ledgers, *merging.derived):
        for row_id in sorted(getattr(goes, ledger)):
            step.drop(ledger, row_id)
    rulebook.look_again(step, merging.book, Concerns(step))
    return goes


def take_over(step: Step, goes: Any, ledgers: Mapping[str, Both]) -> None:
    """Take over the rows of ledgers; of what both cases have under one id, what the two come to."""
    for ledger, both in ledgers.items():
        for row_id, row in sorted(getattr(goes, ledger).items()):
            put_both(step, ledger, row_id, row, both)


def take_over_stages(step: Step, goes: Any) -> None:
    """What a workflow has told of is not told again; the date that it waits for is set anew, for this case."""
    for name, stages in sorted(goes.stages.items()):
        for ref, stage in sorted(stages.items()):
            if ref not in step.case.stages.get(name, {}):
                step.put_in("stages", name, ref, replace(stage, next_at=None))
