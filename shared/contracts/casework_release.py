"""Case management, on release: licences, addresses, safeguarding notices, the hand-over."""

from typing import Literal

from shared.contracts.payload import Part, Payload, event
from shared.contracts.scalars import Code, Day, Id
from shared.contracts.values import Grade, Service

Covered = Literal["domestic-abuse", "child", "victim"]


class LicenceCondition(Part):
    """A condition of a licence, and the matters that it covers."""

    condition_id: Id
    kind: Literal["residence", "no-contact", "exclusion", "programme", "curfew", "disclosure", "other"]
    covers: tuple[Covered, ...]


class _Licence(Payload):
    order_id: Id
    issued_on: Day
    conditions: tuple[LicenceCondition, ...]
    justified: tuple[Covered, ...]
    """Matters left out of the conditions, with the reason on the record."""


@event("casework.licence.issued", readers="R")
class LicenceIssued(_Licence):
    """A licence has been issued."""


@event("casework.licence.varied", readers="RE")
class LicenceVaried(_Licence):
    """A licence has been varied: its new state, whole."""

    authorised_by_grade: Grade
    varied_on: Day


@event("casework.release-address.confirmed", readers="R")
class ReleaseAddressConfirmed(Payload):
    """There is an address to be released to; the address itself is not stated."""

    address_id: Id
    kind: Literal["settled", "temporary", "approved-premises", "bail-accommodation"]
    from_: Day
    local_delivery_unit: Code


@event("casework.release-address.withdrawn", readers="R")
class ReleaseAddressWithdrawn(Payload):
    """The address is no longer to be had."""

    address_id: Id
    withdrawn_on: Day


@event("casework.safeguarding-notice.sent", readers="R")
class SafeguardingNoticeSent(Payload):
    """Safeguarding has been told of a release."""

    notice_id: Id
    to: Literal["safeguarding-hub", "social-care"]
    release_on: Day
    sent_on: Day


@event("casework.release-handover.sent", readers="R")
class ReleaseHandoverSent(Payload):
    """The prison team has handed the case over to the community officer."""

    handover_id: Id
    officer_code: Code
    """To whom."""
    plan_id: Id | None = None
    open_needs: tuple[Service, ...]
    sent_on: Day


@event("casework.release-handover.accepted", readers="R")
class ReleaseHandoverAccepted(Payload):
    """The community officer has accepted the hand-over."""

    handover_id: Id
    officer_code: Code
    accepted_on: Day


@event("casework.release-handover.returned", readers="R")
class ReleaseHandoverReturned(Payload):
    """The hand-over has been sent back."""

    handover_id: Id
    returned_on: Day
    reason_code: Literal["incomplete", "wrong-area"]
