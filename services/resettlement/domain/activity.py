"""Constructive work: days of rehabilitation activity, programme sessions, services begun.

Source: rows of the concerns (intervention = begun, credited or attended activity).
"""

from services.resettlement.domain.case import case_of
from services.resettlement.domain.voided import drop_earlier, put_unless_void, void
from shared.contracts.casework import AppointmentAttended, RarDayCredited, ReferralStarted
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.statement import Dated, latest
from shared.domain.step import Step

PURPOSES = "activity-purposes"
"""Parameter: purposes of an appointment that are constructive work."""

KEPT = 8
"""Days of constructive work that a case keeps; only the latest matters."""


def take_referral_started(step: Step, fact: Fact, started: ReferralStarted) -> Outcome | None:
    """A service has begun."""
    _note(step, started.referral_id, Dated(started.started_on, fact.at))
    return None


def take_rar_day(step: Step, fact: Fact, credited: RarDayCredited) -> Outcome | None:
    """A day of rehabilitation activity, where its provider is contracted and it was not taken back to none."""
    if not credited.contracted or credited.days == 0:
        void(step, "activities", credited.credit_id, fact.at)
        return ignored("not-credited")
    _note(step, credited.credit_id, Dated(credited.activity_on, fact.at))
    return None


def note_attendance(step: Step, fact: Fact, attended: AppointmentAttended) -> None:
    """An appointment that stands as attended by this fact, where its purpose is constructive work."""
    on = local_date(attended.starts_at)
    if attended.purpose in step.value(PURPOSES, on).codes:
        _note(step, attended.appointment_id, Dated(on, fact.at))
    else:
        drop_earlier(step, "activities", attended.appointment_id, fact.at)


def _note(step: Step, record_id: str, done: Dated) -> None:
    put_unless_void(step, "activities", record_id, done, latest)
    forget(step)


def forget(step: Step) -> None:
    """Let the days go that no row can need any more."""
    rows = case_of(step).activities
    for _, record_id in sorted((row.on, record_id) for record_id, row in rows.items())[:-KEPT]:
        step.drop("activities", record_id)
