"""Case management, on enforcement: warnings, discretion, breach packs, recall, victim liaison."""

from typing import Literal

from shared.contracts.payload import Payload, event
from shared.contracts.scalars import Day, Id, Instant, Ordinal
from shared.contracts.values import Grade, RecallKind, RecallOutcome, WarningLevel

RecallAlternative = Literal["warning", "more-contact", "extra-condition", "approved-premises", "risk-escalation"]


@event("casework.warning.sent", readers="AEM")
class WarningSent(Payload):
    """A warning has been sent; it is in force for 12 months from its date."""

    warning_id: Id
    order_id: Id
    level: WarningLevel
    failure_ids: tuple[Id, ...]
    sent_on: Day
    reply_by: Day | None = None


@event("casework.warning.withdrawn", readers="AEM")
class WarningWithdrawn(Payload):
    """A warning has been taken back."""

    warning_id: Id
    withdrawn_on: Day


@event("casework.discretion.recorded", readers="EM")
class DiscretionRecorded(Payload):
    """An officer has decided not to breach, with the reason and the alternative."""

    discretion_id: Id
    order_id: Id
    failure_ids: tuple[Id, ...]
    reason_code: Literal["good-compliance", "circumstances", "proportionality", "risk-better-managed"]
    circumstances_recorded: bool
    alternative: Literal["re-engagement", "home-visit", "vary-requirement", "none"]
    by_grade: Grade
    overseen_by_grade: Grade | None = None
    recorded_on: Day


@event("casework.breach.recommended", readers="E")
class BreachRecommended(Payload):
    """The officer's own view on whether to breach."""

    order_id: Id
    failure_ids: tuple[Id, ...]
    recommendation: Literal["breach", "no-breach"]
    aware_on: Day
    recommended_on: Day


@event("casework.breach-pack.submitted", readers="AEM")
class BreachPackSubmitted(Payload):
    """A breach pack has gone to the NPS; `submission` counts the times."""

    pack_id: Id
    submission: Ordinal
    order_id: Id
    failure_ids: tuple[Id, ...]
    aware_on: Day
    proposal: Literal["continue", "vary", "revoke-resentence"]
    circumstances_recorded: bool
    straight_to_breach_reason: Literal["serious-failure"] | None = None
    submitted_on: Day


@event("casework.breach-pack.returned", readers="EM")
class BreachPackReturned(Payload):
    """The NPS has returned a breach pack."""

    pack_id: Id
    submission: Ordinal
    returned_on: Day
    reason_code: Literal["evidence", "warning", "statement", "other"]


@event("casework.breach-pack.accepted", readers="EM")
class BreachPackAccepted(Payload):
    """The NPS has accepted a breach pack: its own clock starts."""

    pack_id: Id
    submission: Ordinal
    accepted_on: Day


@event("casework.recall.considered", readers="EM")
class RecallConsidered(Payload):
    """Recall has been considered; a decision to recall starts the 24 hours."""

    recall_id: Id
    order_id: Id
    decision: Literal["recall", "alternative"]
    alternatives: tuple[RecallAlternative, ...]
    risk_review_id: Id | None = None
    by_grade: Grade
    decided_at: Instant


@event("casework.recall.requested", readers="EM")
class RecallRequested(Payload):
    """Recall has been asked for."""

    recall_id: Id
    order_id: Id
    requested_at: Instant
    risk_review_id: Id | None = None


@event("casework.recall.decided", readers="REM")
class RecallDecided(Payload):
    """The authority has decided on a recall."""

    recall_id: Id
    outcome: RecallOutcome
    kind: RecallKind | None = None
    decided_at: Instant


@event("casework.victim-liaison.notified", readers="E")
class VictimLiaisonNotified(Payload):
    """The victim liaison unit has been told."""

    about: Literal["revocation", "recall", "release"]
    order_id: Id
    notified_on: Day
