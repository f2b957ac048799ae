"""Constructive work: days of rehabilitation activity, programme sessions, services begun.

Source: rows of the concerns (intervention = begun, credited or attended activity).
"""

from datetime import date

from services.resettlement.domain.case import case_of
from shared.contracts.casework import AppointmentAttended, RarDayCredited, ReferralStarted
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.step import Step

PURPOSES = "activity-purposes"
"""Parameter: purposes of an appointment that are constructive work."""

KEPT = 8
"""Days of constructive work that a case keeps; only the latest matters."""


def take_referral_started(step: Step, _fact: Fact, started: ReferralStarted) -> Outcome | None:
    """A service has begun."""
    _note(step, started.referral_id, started.started_on)
    return None


def take_rar_day(step: Step, _fact: Fact, credited: RarDayCredited) -> Outcome | None:
    """A day of rehabilitation activity, where its provider is contracted and it was not taken back to none."""
    if not credited.contracted or credited.days == 0:
        step.drop("activities", credited.credit_id)
        return ignored("not-credited")
    _note(step, credited.credit_id, credited.activity_on)
    return None


def note_attendance(step: Step, attended: AppointmentAttended) -> None:
    """An attended appointment, where its purpose is constructive work."""
    on = local_date(attended.starts_at)
    if attended.purpose in step.value(PURPOSES, on).codes:
        _note(step, attended.appointment_id, on)
    else:
        step.drop("activities", attended.appointment_id)


def _note(step: Step, record_id: str, on: date) -> None:
    step.put("activities", record_id, on)
    rows = case_of(step).activities
    if len(rows) > KEPT:
        step.drop("activities", min(rows, key=lambda each: (rows[each], each)))
