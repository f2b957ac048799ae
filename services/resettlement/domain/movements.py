"""Prison movements and release dates, as the prisons state them, taken down on the case.

A stay begins with an admission and ends with a release for good. Temporary absence, court, hospital, moves between
prisons, immigration detention and administrative moves are ignored by name.
"""

from services.resettlement.domain.case import Movement, Recall, ReleaseDate
from shared.contracts.casework import RecallDecided
from shared.contracts.prison import PrisonerReceived, PrisonerReleased, ReleaseDue
from shared.domain.business_days import local_date, release_day
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.identifiers import uuid_text
from shared.domain.statement import put_latest
from shared.domain.step import Step

RECALL_CODES = "prison.recall-codes"
DEATH_CODES = "prison.death-codes"
PASSED_OVER_CODES = "prison.passed-over-codes"
"""Parameter: movement codes of a release that is none, each with the reason why."""

PRE_RELEASE = "pre-release"
"""Parameter: how long before release pre-release work starts."""

PASSED_OVER_REASONS = {
    "TEMPORARY_ABSENCE_RETURN": "temporary-absence",
    "TEMPORARY_ABSENCE_RELEASE": "temporary-absence",
    "RETURN_FROM_COURT": "court-appearance",
    "SENT_TO_COURT": "court-appearance",
    "TRANSFERRED": "transfer-between-prisons",
    "RELEASED_TO_HOSPITAL": "hospital",
    "UNKNOWN": "unknown-movement",
}
"""Reasons of movements that neither begin nor end a stay, and the name under which they are ignored."""


def take_received(step: Step, fact: Fact, received: PrisonerReceived) -> Outcome | None:
    """A reception: an admission begins a stay, or goes on with it; the movement code tells a recall."""
    if received.reason != "ADMISSION":
        return ignored(PASSED_OVER_REASONS[received.reason])
    recall = received.nomis_movement_reason_code in _codes(step, RECALL_CODES, fact)
    step.put("movements", uuid_text(fact.id), Movement(fact.at, "in", received.prison_id, recall=recall))
    return None


def take_released(step: Step, fact: Fact, released: PrisonerReleased) -> Outcome | None:
    """A release for good ends a stay; the movement code tells a death, or that it is no release at all."""
    if released.reason != "RELEASED":
        return ignored(PASSED_OVER_REASONS[released.reason])
    code = released.nomis_movement_reason_code
    passed_over = step.value(PASSED_OVER_CODES, local_date(fact.at)).table
    if code in passed_over:
        return ignored(str(passed_over[code]))
    died = code in _codes(step, DEATH_CODES, fact)
    step.put("movements", uuid_text(fact.id), Movement(fact.at, "out", released.prison_id, died=died))
    return None


def take_release_due(step: Step, fact: Fact, due: ReleaseDue) -> Outcome | None:
    """A release date, or that there is none now. Days off move it to the day on which prisons release."""
    effective = release_day(due.release_on) if due.release_on is not None else None
    row = ReleaseDate(
        id=uuid_text(fact.id),
        at=fact.at,
        on=effective,
        opens_on=local_date(step.value(PRE_RELEASE, effective).term.before(effective)) if effective else None,
        licence_ends_on=due.licence_ends_on,
        post_sentence_ends_on=due.post_sentence_ends_on,
    )
    step.put("release_dates", row.id, row)
    return None


def take_recall(step: Step, fact: Fact, decided: RecallDecided) -> Outcome | None:
    """The authority's decision on a recall: an admission that follows an issued one is a recall, whatever its code."""
    row = Recall(decided.outcome == "issued", decided.decided_at, fact.at)
    return put_latest(step, "recalls", decided.recall_id, row)


def _codes(step: Step, parameter: str, fact: Fact) -> set[str]:
    return {str(code) for code in step.value(parameter, local_date(fact.at)).codes}
