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
from shared.domain.numbers import LONG_AGO, Numbered, chain, of_both, unite
from shared.domain.rulebook import Rulebook
from shared.domain.step import Step
from shared.domain.waiting import move_waiting

PRISONER = "prisoner"
CASE = "case"
PRISON = "prison"
"""The topic whose facts are keyed by NOMS number."""


class Prisoner(Numbered, omit_defaults=True):
    """A person as the prisons know them: the case that is theirs, and what waits for it."""

    crn: str = ""
    """As last stated of any number that this one stands for; empty until a link is known."""
    linked_at: datetime | None = None
    """When the link was stated; a link stated later replaces it."""


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
    numbers = [subject_of(noms_number) for noms_number in noms_numbers(fact)]
    if isinstance(fact.payload, PrisonerMerged):
        return of_both(numbers[0], numbers[1], rows)
    return tuple(dict.fromkeys(found for number in numbers for found in chain(number, rows)))


def linked_crn(fact: Fact, rows: Rows) -> str | None:
    """The CRN that a prison fact is decided on; None while nobody has stated it (or too few rows are loaded)."""
    found = [rows.get(*standing(rows, noms_number)) for noms_number in noms_numbers(fact)]
    return max(map(_link, filter(None, found)), default=NO_LINK)[1] or None


def link(step: Step, noms_number: str, fact: Fact) -> None:
    """Link a NOMS number to the CRN of a fact, unless another link was stated later.

    What waited for the link is handed over: the case, which owns the step, takes it up in this step.
    """
    subject = standing(step, noms_number)
    was: Prisoner = step.state(subject)
    stated = (fact.at, fact.key)
    if stated > _link(was):
        prisoner: Prisoner = step.edit(subject)
        prisoner.linked_at, prisoner.crn = stated
    move_waiting(step, subject, step.owner)


def take_merger(step: Step, _fact: Fact, merged: PrisonerMerged) -> Outcome | None:
    """Let the number that stays stand for the removed one: its link, and what waits for one.

    Where both are linked, the link that was stated last counts, as of one number.
    """
    stands, gone = unite(step, subject_of(merged.removed_noms_number), subject_of(merged.noms_number))
    if not gone:
        return ignored("merged-already")
    for goes in gone:
        removed: Prisoner = step.edit(goes)
        if _link(removed) > _link(step.state(stands)):
            kept: Prisoner = step.edit(stands)
            kept.linked_at, kept.crn = removed.linked_at, removed.crn
        removed.linked_at, removed.crn = None, ""
        move_waiting(step, goes, stands)
    if step.owner.kind == CASE:  # the case that stands for the one that is linked
        move_waiting(step, stands, step.owner)
    return None


NO_LINK = (LONG_AGO, "")


def _link(prisoner: Prisoner) -> tuple[datetime, str]:
    """When a prisoner's link was stated, and the CRN."""
    return (prisoner.linked_at or LONG_AGO, prisoner.crn)


def standing(given: Rows | Step, noms_number: str) -> Subject:
    """The prisoner that stands for a NOMS number, after all mergers on the record; the number's own while none is."""
    return chain(subject_of(noms_number), given)[-1]


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
