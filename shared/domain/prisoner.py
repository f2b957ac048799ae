"""A prisoner, by NOMS number: which case is theirs, and what the prisons stated before anyone knew.

Prison facts are keyed by NOMS number and decided on a case. Until a sentence or `casework.person.linked` tells the
CRN they wait here, in order; the step in which the link becomes known hands them over to the case, which takes them
up at once. `prisoner.merged` lets one number stand for another.
"""

from datetime import datetime
from typing import Any

from shared.contracts.casework import PersonLinked
from shared.contracts.court import SentenceRecorded
from shared.contracts.prison import (
    PrisonerMerged,
    PrisonerReceived,
    PrisonerReleased,
    ReleaseDue,
    ResettlementScreeningCompleted,
)
from shared.domain.decision import Outcome, Rows, ignored, waits
from shared.domain.fact import Fact, Subject
from shared.domain.rulebook import Rulebook
from shared.domain.state import Aggregate
from shared.domain.step import Step
from shared.domain.waiting import move_waiting

PRISONER = "prisoner"
CASE = "case"
PRISON = "prison"
"""The topic whose facts are keyed by NOMS number."""


class Prisoner(Aggregate, omit_defaults=True):
    """A person as the prisons know them: the case that is theirs, and what waits for it."""

    crn: str = ""
    """Empty until the link is known."""
    linked_at: datetime | None = None
    """When the link was stated; a link stated later replaces it."""
    merged_into: str = ""
    """The NOMS number that stands for this one."""


def subject_of(noms_number: str) -> Subject:
    """The prisoner of a NOMS number."""
    return Subject(PRISONER, noms_number)


def noms_numbers(fact: Fact) -> tuple[str, ...]:
    """The NOMS numbers that a fact names: its key, what it merges, or what it links; none for most facts."""
    payload = fact.payload
    if isinstance(payload, PrisonerMerged):
        return (payload.noms_number, payload.removed_noms_number)
    if fact.topic == PRISON:
        return (fact.key,)
    if isinstance(payload, PersonLinked | SentenceRecorded) and payload.noms_number is not None:
        return (payload.noms_number,)
    return ()


def prisoners_of(fact: Fact, rows: Rows) -> tuple[Subject, ...]:
    """The prisoners that a fact needs, those included that stand for a merged one, as far as the rows loaded tell."""
    found: dict[Subject, None] = {}
    for noms_number in noms_numbers(fact):
        subject = subject_of(noms_number)
        while subject not in found:
            found[subject] = None
            prisoner: Prisoner | None = rows.get(PRISONER, subject.key)
            if prisoner is None or not prisoner.merged_into:
                break
            subject = subject_of(prisoner.merged_into)
    return tuple(found)


def linked_crn(fact: Fact, rows: Rows) -> str | None:
    """The CRN that a prison fact is decided on; None while nobody has stated it (or too few rows are loaded)."""
    for noms_number in noms_numbers(fact):
        prisoner: Prisoner | None = rows.get(PRISONER, standing(rows, noms_number).key)
        if prisoner is not None and prisoner.crn:
            return prisoner.crn
    return None


def link(step: Step, noms_number: str, stated_at: datetime) -> None:
    """Link a NOMS number to the case that owns the step, unless another link was stated later.

    What waited for the link is handed over: the case takes it up in this step.
    """
    subject = standing(step, noms_number)
    was: Prisoner = step.state(subject)
    if was.crn != step.owner.key:
        if was.linked_at is not None and was.linked_at > stated_at:
            return
        prisoner: Prisoner = step.edit(subject)
        prisoner.crn, prisoner.linked_at = step.owner.key, stated_at
    elif was.linked_at is not None and was.linked_at < stated_at:
        step.edit(subject).linked_at = stated_at
    move_waiting(step, subject, step.owner)


def take_merger(step: Step, _fact: Fact, merged: PrisonerMerged) -> Outcome | None:
    """Let the number that stays stand for the removed one: its link, and what waits for one.

    Where both are linked, the link of the number that stays counts from now on.
    """
    stays, goes = standing(step, merged.noms_number), standing(step, merged.removed_noms_number)
    if stays == goes:
        return ignored("merged-already")
    removed: Prisoner = step.edit(goes)
    kept: Prisoner = step.edit(stays)
    if not kept.crn:
        kept.crn, kept.linked_at = removed.crn, removed.linked_at
    removed.merged_into, removed.crn, removed.linked_at = stays.key, "", None
    move_waiting(step, goes, stays)
    if step.owner.kind == CASE:  # the case that stands for the one that is linked
        move_waiting(step, stays, step.owner)
    return None


def standing(given: Rows | Step, noms_number: str) -> Subject:
    """The prisoner that stands for a NOMS number, after all mergers on the record; the number's own while none is."""
    subject, seen = subject_of(noms_number), set[Subject]()
    while subject not in seen:
        seen.add(subject)
        if isinstance(given, Step):
            prisoner: Prisoner | None = given.state(subject) if given.has(subject) else None
        else:
            prisoner = given.get(PRISONER, subject.key)
        if prisoner is None or not prisoner.merged_into:
            break
        subject = subject_of(prisoner.merged_into)
    return subject


def _wait_for_the_link(_step: Step, _fact: Fact, _payload: Any) -> Outcome:
    return waits("not-linked-to-a-crn")


BOOK = Rulebook(
    takes={
        PrisonerReceived: _wait_for_the_link,
        PrisonerReleased: _wait_for_the_link,
        ReleaseDue: _wait_for_the_link,
        ResettlementScreeningCompleted: _wait_for_the_link,
        PrisonerMerged: take_merger,
    }
)
"""What becomes of a prison fact while nobody knows whose it is."""
