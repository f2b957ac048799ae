"""Mergers: two cases turn out to be one person. The one that goes is left bare and points to the one that stays, which
takes over what was stated of it; facts under the old number are decided on the case that stays."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from shared.contracts.casework import PersonMerged
from shared.domain import rulebook
from shared.domain.concern import Concerns
from shared.domain.decision import Decision, Rows, ignored
from shared.domain.fact import Fact, Subject
from shared.domain.rulebook import Rulebook
from shared.domain.step import Step
from shared.domain.waiting import move_waiting

CASE = "case"


def standing_cases(crn: str, rows: Rows) -> tuple[Subject, ...]:
    """The case of a CRN and those that stand for it after mergers, the one that stands now last."""
    found: tuple[Subject, ...] = (Subject(CASE, crn),)
    while True:
        case = rows.states.get(found[-1])
        if case is None or not case.merged_into:
            return found
        into = Subject(CASE, case.merged_into)
        if into in found:
            return found
        found = (*found, into)


def cases_of(fact: Fact, rows: Rows) -> tuple[Subject, ...]:
    """The cases that a fact of a service with no other aggregates needs; a deadline's own aggregate."""
    if fact.is_deadline:
        own: Subject = fact.payload.subject
        return (own,)
    cases = standing_cases(fact.key, rows)
    if not isinstance(fact.payload, PersonMerged):
        return cases
    return tuple(dict.fromkeys((*cases, *standing_cases(fact.payload.into_crn, rows))))


def owner_of(fact: Fact, rows: Rows) -> Subject:
    """The case that decides a fact: the one that stands for its CRN; a deadline's own aggregate."""
    if fact.is_deadline:
        own: Subject = fact.payload.subject
        return own
    return standing_cases(fact.key, rows)[-1]


def merge(
    step: Step, rows: Rows, book: Rulebook, ledgers: Iterable[str], take_over: Callable[[Step, Any], None]
) -> Decision:
    """Decide that the owner is one person with another: its `ledgers` are emptied, and everything that rested on them
    ends; then `take_over` is given the case that stays, as owner of the step, and the other as it was. Facts that
    waited on the one that goes are tried again on the one that stays, where what they wait for will come.
    """
    stays = standing_cases(step.fact.payload.into_crn, rows)[-1]
    if step.owner == stays:
        return step.decision(ignored("merged-already"))
    goes, ledgers = step.case, tuple(ledgers)
    move_waiting(step, step.owner, stays)
    for ledger in ledgers:
        for row_id in sorted(getattr(goes, ledger)):
            step.drop(ledger, row_id)
    step.edit().merged_into = stays.key
    rulebook.look_again(step, book, Concerns(step))
    step.owner = stays
    step.changed.clear()
    take_over(step, goes)
    _take_over_stages(step, goes)
    step.touch_all(*ledgers)
    take_up_and_look_again(step, book)
    return step.decision()


def take_up_and_look_again(step: Step, book: Rulebook) -> None:
    """Let the facts that waited on either case be decided on the one that stays, and its rows look again."""
    concerns = Concerns(step)
    rulebook.take_up_waiting(step, book, concerns)
    rulebook.look_again(step, book, concerns)


def take_what_is_lacking(step: Step, goes: Any, ledgers: Iterable[str]) -> None:
    """Take over the rows of ledgers; what both cases have under one id stays as the one that stays has it."""
    for ledger in ledgers:
        kept = getattr(step.case, ledger)
        for row_id, row in sorted(getattr(goes, ledger).items()):
            if row_id not in kept:
                step.put(ledger, row_id, row)


def _take_over_stages(step: Step, goes: Any) -> None:
    """What a workflow has told of is not told again; the date that it waits for is set anew, for this case."""
    for name, stages in sorted(goes.stages.items()):
        for ref, stage in sorted(stages.items()):
            if ref not in step.case.stages.get(name, {}):
                step.put_in("stages", name, ref, replace(stage, next_at=None))
