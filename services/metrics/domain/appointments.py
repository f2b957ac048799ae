"""Appointments: for which days they were arranged, moved or cancelled, and which of them are forgotten."""

from collections.abc import Iterator
from datetime import date, datetime

from services.metrics.domain.case import Case
from shared.contracts.casework import (
    AppointmentArranged,
    AppointmentAttended,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRearranged,
    RecordWithdrawn,
)
from shared.domain.business_days import local_date
from shared.domain.contact import (
    Arrangement,
    ChangedBy,
    Plan,
    arranged_days,
    cancelled,
    is_face_to_face,
    kept_since,
    planned,
    without,
)
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.state import DutyState
from shared.domain.step import Step

RETENTION = "appointment-retention"
"""Parameter: for so long an appointment is kept in case the clock that it settles is stated late."""

FEW = 16
"""Appointments on a ledger up to which old ones are not looked for."""

Told = AppointmentArranged | AppointmentRearranged | AppointmentAttended | AppointmentMissed


def take_arranged(step: Step, fact: Fact, made: AppointmentArranged) -> Outcome | None:
    """An appointment stands; stated again, it stands as stated then."""
    return _plan(step, fact, made)


def take_rearranged(step: Step, fact: Fact, moved: AppointmentRearranged) -> Outcome | None:
    """An appointment stands otherwise; moved by the person, it stays arranged for when it was."""
    return _plan(step, fact, moved, moved.changed_by)


def take_happened(step: Step, fact: Fact, told: AppointmentAttended | AppointmentMissed) -> Outcome | None:
    """Whatever came of it, it was arranged: an appointment may come without having been arranged."""
    return _plan(step, fact, told)


def take_cancelled(step: Step, fact: Fact, told: AppointmentCancelled) -> Outcome | None:
    """An appointment does not stand; cancelled by the person, it stays arranged for when it was."""
    case: Case = step.case
    if _is_withdrawn(case, told.appointment_id, fact):
        return ignored("withdrawn")
    was = case.appointments.get(told.appointment_id)
    step.put("appointments", told.appointment_id, cancelled(was, fact.at, told.cancelled_by))
    return None


def take_withdrawn(step: Step, fact: Fact, told: RecordWithdrawn) -> Outcome | None:
    """An appointment or a failure was recorded in error, in all that was stated of it until then."""
    if told.kind not in ("appointment", "failure"):
        return ignored("no-measure-rests-on-it")
    case: Case = step.case
    known = case.withdrawn.get(told.record_id)
    step.put("withdrawn", told.record_id, fact.at if known is None else max(known, fact.at))
    void(step, told.record_id, fact.at)
    return None


def void(step: Step, appointment_id: str, through: datetime) -> None:
    """Drop what was stated of an appointment by an instant."""
    case: Case = step.case
    was = case.appointments.get(appointment_id)
    if was is None:
        return
    left = without(was, through)
    if left is None:
        step.drop("appointments", appointment_id)
    else:
        step.put("appointments", appointment_id, left)


def _plan(step: Step, fact: Fact, told: Told, by: ChangedBy = "") -> Outcome | None:
    case: Case = step.case
    if _is_withdrawn(case, told.appointment_id, fact):
        return ignored("withdrawn")
    on = local_date(told.starts_at)
    plan = Plan(fact.at, on, is_face_to_face(step, told.channel, on), by)
    row = planned(case.appointments.get(told.appointment_id), told.order_ids, plan)
    step.put("appointments", told.appointment_id, row)
    _forget(step, told.appointment_id)
    if _changes_nothing(case, told.appointment_id, row):
        step.changed.pop("appointments", None)
    return None


def _is_withdrawn(case: Case, appointment_id: str, fact: Fact) -> bool:
    through = case.withdrawn.get(appointment_id)
    return through is not None and fact.at <= through


def _duties(case: Case) -> Iterator[DutyState]:
    return (state for states in case.duties.values() for state in states.values())


def _changes_nothing(case: Case, ref: str, row: Arrangement) -> bool:
    """Whether every clock that runs was settled by another appointment on an earlier day, as is usual."""
    days = arranged_days(row)
    return all(
        state.settled_on is not None and ref not in state.evidence and all(day > state.settled_on for day in days)
        for state in _duties(case)
    )


def _forget(step: Step, told_now: str) -> None:
    """Drop what is too old for a clock that may yet be stated, and settled none; what was settled stays settled.

    What was told just now may be late, and has yet to be looked at.
    """
    case: Case = step.case
    if len(case.appointments) <= FEW:
        return
    horizon = local_date(step.value(RETENTION, step.today).term.before(step.now))
    days = {ref: _last_day(row) for ref, row in case.appointments.items()}
    since = kept_since(horizon, days.values())
    kept = {told_now, *(ref for state in _duties(case) for ref in state.evidence)}
    for ref, day in days.items():
        if day < since and ref not in kept:
            step.drop("appointments", ref)


def _last_day(row: Arrangement) -> date:
    days = [plan.on for plan in row.plans]
    if row.cancelled_at is not None:
        days.append(local_date(row.cancelled_at))
    return max(days)
