"""What HR states: offices and the units that they serve, officers, their hours, absences and ends."""

from typing import Literal

from shared.contracts.payload import OfficePayload, event
from shared.contracts.scalars import Code, Day, Id, Percent, WeeklyHours
from shared.contracts.values import Competency, Grade, ProviderKind


@event("workforce.office.registered", readers="AM")
class OfficeRegistered(OfficePayload):
    """An office, its provider and the units it serves. With another provider, its cases move at `from`."""

    provider_code: Code
    provider_kind: ProviderKind
    kind: Literal["lmc", "hub", "nps-unit", "court-team"]
    local_delivery_units: tuple[Code, ...]
    from_: Day | None = None


class _Officer(OfficePayload):
    officer_code: Code
    grade: Grade
    contracted_hours: WeeklyHours
    """A week."""
    available_hours: WeeklyHours
    """A week."""
    reductions_percent: Percent
    competencies: tuple[Competency, ...]


@event("workforce.officer.registered", readers="AM")
class OfficerRegistered(_Officer):
    """An officer works at this office."""


@event("workforce.officer.changed", readers="AM")
class OfficerChanged(_Officer):
    """An officer's new state, whole. Never across offices: left there, registered here."""


@event("workforce.officer.left", readers="AM")
class OfficerLeft(OfficePayload):
    """An officer has left the office."""

    officer_code: Code
    left_on: Day


@event("workforce.officer.absence-started", readers="AM")
class OfficerAbsenceStarted(OfficePayload):
    """An officer is absent; sent again when cover is found."""

    absence_id: Id
    officer_code: Code
    started_on: Day
    expected_until: Day | None = None
    cover_officer_code: Code | None = None


@event("workforce.officer.absence-ended", readers="AM")
class OfficerAbsenceEnded(OfficePayload):
    """An officer is back."""

    absence_id: Id
    officer_code: Code
    ended_on: Day
