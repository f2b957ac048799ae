"""What the enforcement service decides: absences counted, warnings and breaches due, breach, recall."""

from typing import Literal

from shared.contracts.outbound import ClearedConcern, Explained, ParkedCase, RaisedConcern, ResumedCase
from shared.contracts.payload import event
from shared.contracts.scalars import Count, Day, Id, Instant
from shared.contracts.values import HearingOutcome, Judgement, RecallKind, RecallOutcome, WarningLevel


@event("enforcement.absence.counted", readers="M")
class AbsenceCounted(Explained):
    """A judged failure has been counted on its order, from `since` on."""

    order_id: Id
    failure_id: Id
    judgement_id: Id | None = None
    judgement: Judgement
    acceptable_count: Count
    failure_dates: Count
    """Distinct dates of unacceptable failures."""
    since: Day


@event("enforcement.oversight.due", readers="M")
class OversightDue(Explained):
    """So many acceptable absences that a manager must look."""

    order_id: Id
    acceptable_count: Count


@event("enforcement.warning.due", readers="M")
class WarningDue(Explained):
    """A warning must be sent."""

    order_id: Id
    level: WarningLevel
    failure_ids: tuple[Id, ...]
    due_at: Instant


@event("enforcement.breach.due", readers="M")
class BreachDue(Explained):
    """Breach must be referred: a pack to the NPS, or by the NPS to court."""

    order_id: Id
    failure_ids: tuple[Id, ...]
    warning_id: Id | None = None
    aware_on: Day
    route: Literal["crc-pack", "nps-court"]
    due_at: Instant


@event("enforcement.breach.raised", readers="M")
class BreachRaised(Explained):
    """Breach has been raised: the first pack, or the NPS's information."""

    breach_id: Id
    order_id: Id
    pack_id: Id | None = None
    aware_on: Day
    raised_on: Day


@event("enforcement.breach.concluded", readers="M")
class BreachConcluded(Explained):
    """Breach has been concluded, with the court's outcome."""

    breach_id: Id
    outcome: HearingOutcome
    concluded_on: Day


@event("enforcement.recall.raised", readers="M")
class RecallRaised(Explained):
    """Recall has been asked for after the decision."""

    recall_id: Id
    order_id: Id
    decided_at: Instant
    requested_at: Instant


@event("enforcement.recall.concluded", readers="M")
class RecallConcluded(Explained):
    """The authority has answered a recall."""

    recall_id: Id
    outcome: RecallOutcome
    kind: RecallKind | None = None
    concluded_on: Day


@event("enforcement.concern.raised", readers="M", keyed_by="subject")
class ConcernRaised(RaisedConcern):
    """Enforcement: something needs a person to act. The same concern again only when its severity rises."""


@event("enforcement.concern.cleared", readers="M", keyed_by="subject")
class ConcernCleared(ClearedConcern):
    """Enforcement: a concern is over, for this reason."""


@event("enforcement.case.parked", readers="AREM", keyed_by="subject")
class CaseParked(ParkedCase):
    """Enforcement cannot decide this case now: readers hold its deadlines until it is resumed."""


@event("enforcement.case.resumed", readers="AREM", keyed_by="subject")
class CaseResumed(ResumedCase):
    """Enforcement decides this case again."""
