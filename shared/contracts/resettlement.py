"""What the resettlement service decides: custody, the countdown to release, hand-over, supervision."""

from typing import Literal

from shared.contracts.outbound import ClearedConcern, Explained, ParkedCase, RaisedConcern, ResumedCase
from shared.contracts.payload import Part, event
from shared.contracts.scalars import Code, Day, Id, Instant

SupervisionKind = Literal["licence", "post-sentence"]


@event("resettlement.custody.entered", readers="EM")
class CustodyEntered(Explained):
    """The person has entered custody: contact clocks stop."""

    order_id: Id | None = None
    kind: Literal["sentence", "recall", "remand-or-unknown"]
    prison_id: Code
    entered_at: Instant


@event("resettlement.custody.left", readers="EM")
class CustodyLeft(Explained):
    """The person has left custody."""

    left_at: Instant
    reason: Literal["released", "died"]


@event("resettlement.pre-release.opened", readers="EM")
class PreReleaseOpened(Explained):
    """Release is 12 weeks away: pre-release work starts. `releaseOn` is the effective date."""

    order_id: Id
    release_on: Day
    opened_on: Day


@event("resettlement.pre-release.closed", readers="EM")
class PreReleaseClosed(Explained):
    """Release is again beyond 12 weeks, or has no date."""

    order_id: Id
    release_on: Day | None = None
    closed_on: Day
    reason: Literal["moved", "withdrawn"]


class _Plan(Explained):
    duty_id: Id
    screened_at: Instant
    due_at: Instant
    resettlement_provider_code: Code


@event("resettlement.plan.due", readers="M")
class PlanDue(_Plan):
    """A resettlement plan is due after the screening."""


@event("resettlement.plan.completed", readers="M")
class PlanCompleted(_Plan):
    """The duty to make a resettlement plan is settled; the duty, not the document."""

    plan_id: Id
    completed_on: Day
    met: bool


class _Handover(Explained):
    handover_id: Id | None = None
    order_id: Id
    release_on: Day
    send_due_at: Instant
    accept_due_at: Instant


@event("resettlement.handover.scheduled", readers="M")
class HandoverScheduled(_Handover):
    """When the hand-over is to be sent and accepted."""


class _HandoverStage(_Handover):
    stage: Literal["send", "accept"]
    at: Instant


@event("resettlement.handover.sent", readers="M")
class HandoverSent(_HandoverStage):
    """The hand-over has been sent."""


@event("resettlement.handover.accepted", readers="M")
class HandoverAccepted(_HandoverStage):
    """The hand-over has been accepted."""


@event("resettlement.handover.overdue", readers="M")
class HandoverOverdue(_HandoverStage):
    """A stage of the hand-over is overdue."""


@event("resettlement.handover.completed", readers="M")
class HandoverCompleted(_HandoverStage):
    """The hand-over has been accepted and the person released."""


class RetimedDuty(Part):
    """A duty whose due instant has moved with the date of release."""

    duty_id: Id
    rule_id: Code
    due_at_before: Instant
    due_at_after: Instant


@event("resettlement.deadlines.retimed", readers="M")
class DeadlinesRetimed(Explained):
    """The date of release has moved, and with it every open deadline."""

    release_on_before: Day | None = None
    release_on_after: Day | None = None
    duties: tuple[RetimedDuty, ...]


@event("resettlement.supervision.started", readers="EM")
class SupervisionStarted(Explained):
    """Supervision after release has started. Starts the release clock."""

    supervision_id: Id
    order_id: Id
    kind: SupervisionKind
    released_on: Day | None = None
    starts_on: Day
    ends_on: Day
    provider_code: Code
    resettlement_provider_code: Code | None = None


@event("resettlement.supervision.ended", readers="EM")
class SupervisionEnded(Explained):
    """Supervision after release has ended, with this outcome."""

    supervision_id: Id
    kind: SupervisionKind
    ended_on: Day
    outcome: Literal["completed", "recalled", "revoked", "custody-new-sentence", "died", "deported"]


@event("resettlement.concern.raised", readers="M", keyed_by="subject")
class ConcernRaised(RaisedConcern):
    """Resettlement: something needs a person to act. The same concern again only when its severity rises."""


@event("resettlement.concern.cleared", readers="M", keyed_by="subject")
class ConcernCleared(ClearedConcern):
    """Resettlement: a concern is over, for this reason."""


@event("resettlement.case.parked", readers="AREM", keyed_by="subject")
class CaseParked(ParkedCase):
    """Resettlement cannot decide this case now: readers hold its deadlines until it is resumed."""


@event("resettlement.case.resumed", readers="AREM", keyed_by="subject")
class CaseResumed(ResumedCase):
    """Resettlement decides this case again."""
