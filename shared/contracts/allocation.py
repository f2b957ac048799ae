"""What the allocation service decides: provider, band, route, officer, escalations."""

from typing import Literal

from shared.contracts.outbound import ClearedConcern, Explained, ParkedCase, RaisedConcern, ResumedCase
from shared.contracts.payload import Part, event
from shared.contracts.scalars import Amount, Code, Day, Hours, Id, Instant, Ordinal
from shared.contracts.values import (
    Disposal,
    EscalationDirection,
    EscalationOutcome,
    Grade,
    ProviderKind,
    Rosh,
)

Ground = Literal["rosh", "mappa", "rsr", "deportation", "deferred", "public-interest", "none"]
Gate = Literal["review", "requirements", "police-check", "officer-told"]


class _Provider(Explained):
    order_ids: tuple[Id, ...]
    disposal: Disposal
    sentenced_on: Day
    provider_code: Code
    provider_kind: ProviderKind
    local_delivery_unit: Code
    grounds: tuple[Ground, ...]
    has_unpaid_work: bool
    allocated_on: Day
    due_at: Instant


@event("allocation.provider.decided", readers="REM")
class ProviderDecided(_Provider):
    """Which provider holds the person. Starts the allocation clock."""


@event("allocation.provider.corrected", readers="REM")
class ProviderCorrected(_Provider):
    """The allocation was wrong from the start."""

    from_provider_code: Code
    corrected_on: Day


@event("allocation.case.transferred", readers="REM")
class CaseTransferred(Explained):
    """The allocation was right then, and has changed since."""

    from_provider_code: Code
    to_provider_code: Code
    to_provider_kind: ProviderKind
    reason: Literal["escalation", "risk-fall", "moved-area", "provider-changed"]
    escalation_id: Id | None = None
    transferred_on: Day


@event("allocation.band.set", readers="EM")
class BandSet(Explained):
    """The priority band of a case of the CRC, and the contact that it brings."""

    band: Literal["green", "yellow", "blue", "red"]
    status: Literal["preliminary", "confirmed", "revised"]
    harm: Rosh
    likelihood: Literal["low", "high"]
    motivation: Literal["low", "high"]
    minimum_face_to_face_hours: Hours
    supplementary_hours: Hours
    ruleset_version: Code


@event("allocation.route.decided", readers="EM")
class RouteDecided(Explained):
    """Central hub or local management centre."""

    route: Literal["hub", "lmc"]
    exclusions: tuple[Code, ...]
    unmet_gates: tuple[Gate, ...]


class RejectedOfficer(Part):
    """A candidate who was not chosen, and why."""

    officer_code: Code
    reason: Literal["grade", "competence", "capacity", "burst", "absent"]


class _Assignment(Explained):
    officer_code: Code
    office_code: Code
    grade: Grade
    assigned_on: Day
    capacity_percent: Amount
    rejected: tuple[RejectedOfficer, ...]


@event("allocation.officer.assigned", readers="REM")
class OfficerAssigned(_Assignment):
    """The person's first responsible officer."""


@event("allocation.officer.changed", readers="REM")
class OfficerChanged(_Assignment):
    """Another responsible officer."""

    from_officer_code: Code
    officer_count: Ordinal
    """How many officers the case has had."""


@event("allocation.escalation.requested", readers="EM")
class EscalationRequested(Explained):
    """The case has crossed the risk line: the NPS is asked to take it, or the CRC to take it back."""

    escalation_id: Id
    direction: EscalationDirection
    reason: Code
    requested_at: Instant
    due_at: Instant


@event("allocation.escalation.answered", readers="EM")
class EscalationAnswered(Explained):
    """An escalation has been answered, in time or not."""

    escalation_id: Id
    outcome: EscalationOutcome
    answered_at: Instant
    met: bool


@event("allocation.concern.raised", readers="M", keyed_by="subject")
class ConcernRaised(RaisedConcern):
    """Allocation: something needs a person to act. The same concern again only when its severity rises."""


@event("allocation.concern.cleared", readers="M", keyed_by="subject")
class ConcernCleared(ClearedConcern):
    """Allocation: a concern is over, for this reason."""


@event("allocation.case.parked", readers="AREM", keyed_by="subject")
class CaseParked(ParkedCase):
    """Allocation cannot decide this case now: readers hold its deadlines until it is resumed."""


@event("allocation.case.resumed", readers="AREM", keyed_by="subject")
class CaseResumed(ResumedCase):
    """Allocation decides this case again."""
