"""Case management, on contact: appointments, attempts, home visits, failures, absences judged."""

from typing import Literal

from shared.contracts.payload import Part, Payload, event
from shared.contracts.scalars import Code, Count, Day, Id, Instant
from shared.contracts.values import AbsenceReason, Channel, Grade, Judgement, Purpose

Party = Literal["person", "provider"]


class Venue(Part):
    """Where an appointment takes place."""

    venue_code: Code
    step_free: bool
    private_room: bool


class _Appointment(Payload):
    appointment_id: Id
    order_ids: tuple[Id, ...]
    requirement_id: Id | None = None
    starts_at: Instant
    channel: Channel
    purpose: Purpose


class _ArrangedAppointment(_Appointment):
    minutes: Count | None = None
    officer_code: Code | None = None
    given_to_person_on: Day | None = None
    venue: Venue | None = None


@event("casework.appointment.arranged", readers="REM")
class AppointmentArranged(_ArrangedAppointment):
    """An appointment has been arranged; with which officer, where that is known."""


@event("casework.appointment.rearranged", readers="REM")
class AppointmentRearranged(_ArrangedAppointment):
    """An appointment has been moved: its new state, whole."""

    changed_by: Party


@event("casework.appointment.cancelled", readers="REM")
class AppointmentCancelled(Payload):
    """An appointment has been cancelled."""

    appointment_id: Id
    cancelled_by: Party
    reason_code: Literal["staff-absence", "venue", "capacity", "unwell", "other"] | None = None
    cancelled_on: Day


@event("casework.appointment.attended", readers="AREM")
class AppointmentAttended(_Appointment):
    """An appointment has been attended; it may come without having been arranged."""

    minutes: Count
    officer_code: Code | None = None


@event("casework.appointment.missed", readers="AEM")
class AppointmentMissed(_Appointment):
    """An appointment has been missed; `awareOn` starts the clock of a breach."""

    aware_on: Day


@event("casework.contact.attempted", readers="AREM")
class ContactAttempted(Payload):
    """Contact has been tried outside an appointment: follow-ups, hub calls, letters to prison."""

    contact_id: Id
    at: Instant
    channel: Channel
    purpose: Purpose
    answered: bool
    officer_code: Code | None = None
    follows_id: Id | None = None


@event("casework.failure.reported", readers="EM")
class FailureReported(Payload):
    """A failure to comply that is not an absence."""

    failure_id: Id
    order_ids: tuple[Id, ...]
    kind: Literal["behaviour", "curfew", "residence", "drug-test", "exclusion", "refused-instruction", "lost-contact"]
    failed_on: Day
    aware_on: Day
    serious: bool


@event("casework.absence.judged", readers="AEM")
class AbsenceJudged(Payload):
    """A person has judged an absence or another failure; a later judgement may revise it."""

    judgement_id: Id
    failure_id: Id
    """The appointmentId or failureId."""
    judgement: Judgement
    reason_code: AbsenceReason
    rationale_recorded: bool
    evidence_id: Id | None = None
    by_grade: Grade
    judged_on: Day
    revises_judgement_id: Id | None = None


@event("casework.absence-evidence.received", readers="E")
class AbsenceEvidenceReceived(Payload):
    """Evidence for an absence has come in."""

    evidence_id: Id
    appointment_id: Id
    kind: Literal["medical", "employer", "court", "other"]
    received_on: Day


@event("casework.home-visit.completed", readers="REM")
class HomeVisitCompleted(Payload):
    """A home visit was made. With an appointmentId it is not counted twice."""

    visit_id: Id
    appointment_id: Id | None = None
    visited_on: Day
    officer_code: Code | None = None
    person_seen: bool
    purpose: Literal["risk-check", "re-engagement", "address-check"]
