"""Case management, on delivery: rehabilitation activity, unpaid work, services, referrals, how orders end."""

from typing import Literal

from shared.contracts.payload import Payload, event
from shared.contracts.scalars import Code, Count, Day, Id, UnpaidWorkHours
from shared.contracts.values import RequirementKind, Service


@event("casework.rar-day.credited", readers="AREM")
class RarDayCredited(Payload):
    """Days of rehabilitation activity have been credited for one date."""

    credit_id: Id
    requirement_id: Id
    activity_on: Day
    days: Count
    activity_code: Code
    contracted: bool
    appointment_id: Id | None = None


@event("casework.unpaid-work.arranged", readers="EM")
class UnpaidWorkArranged(Payload):
    """Unpaid work has been arranged; the CRC delivers it for NPS cases, too."""

    requirement_id: Id
    arranged_on: Day
    first_session_on: Day
    provider_code: Code


class _UnpaidWorkSession(Payload):
    session_id: Id
    requirement_id: Id
    appointment_id: Id | None = None


@event("casework.unpaid-work.session-worked", readers="EM")
class UnpaidWorkSessionWorked(_UnpaidWorkSession):
    """A session of unpaid work has been worked."""

    worked_on: Day
    hours_credited: UnpaidWorkHours


@event("casework.unpaid-work.stood-down", readers="EM")
class UnpaidWorkStoodDown(_UnpaidWorkSession):
    """The provider has stood a session down: never an absence."""

    stood_down_on: Day
    cause: Literal["supervisor", "weather", "capacity", "transport"]


@event("casework.service.offered", readers="E")
class ServiceOffered(Payload):
    """A service has been offered to the person."""

    offer_id: Id
    service: Service
    offered_on: Day
    answer: Literal["accepted", "declined", "pending"]


@event("casework.referral.made", readers="REM")
class ReferralMade(Payload):
    """The person has been referred to a service."""

    referral_id: Id
    service: Service
    programme_code: Code | None = None
    plan_item_id: Id | None = None
    requirement_id: Id | None = None
    contracted: bool
    referred_on: Day


@event("casework.referral.started", readers="REM")
class ReferralStarted(Payload):
    """The service has begun."""

    referral_id: Id
    started_on: Day


@event("casework.referral.completed", readers="AREM")
class ReferralCompleted(Payload):
    """The service has been completed."""

    referral_id: Id
    completed_on: Day


@event("casework.referral.left", readers="REM")
class ReferralLeft(Payload):
    """The person has left the service before its end."""

    referral_id: Id
    left_on: Day
    reason_code: Literal["person", "provider", "health", "custody"]


@event("casework.requirement.ended", readers="AEM")
class RequirementEnded(Payload):
    """A requirement has ended, with this outcome."""

    requirement_id: Id
    kind: RequirementKind
    ended_on: Day
    outcome: Literal["completed", "not-completed", "revoked", "replaced"]


@event("casework.order.ended", readers="AREM")
class OrderEnded(Payload):
    """An order has ended, and with it its concerns and clocks.

    The first two outcomes are positive; the last four leave the case out of the contract measures.
    """

    order_id: Id
    ended_on: Day
    outcome: Literal[
        "completed",
        "revoked-good-progress",
        "expired-incomplete",
        "revoked-breach",
        "revoked-reoffending",
        "died",
        "deported",
        "quashed",
        "moved-jurisdiction",
    ]
