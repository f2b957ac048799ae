"""Initial contact: a face-to-face appointment arranged to take place in the first days of an order (SL001R) or of a
release on licence (SL002R). When it was arranged for counts, not whether it was attended."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

from msgspec.structs import replace

from services.metrics.domain.case import Appointment, Case, Supervision
from services.metrics.domain.ledger import (
    COMMUNITY,
    EXCLUDING,
    SUPERVISING,
    disposal_of,
    ended_before,
    exclusion,
    kind_of,
    provider_on,
)
from shared.contracts.casework import (
    AppointmentArranged,
    AppointmentAttended,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRearranged,
    RecordWithdrawn,
)
from shared.contracts.resettlement import SupervisionStarted
from shared.contracts.values import ProviderKind
from shared.domain.business_days import end_of_day, local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.measure import Measure, Unit
from shared.domain.step import Step

FACE_TO_FACE = "face-to-face-channels"
"""Parameter: the channels on which contact is face to face."""

RETENTION = "appointment-retention"
"""Parameter: for so long an appointment is kept in case the clock that it settles is stated late."""


def take_supervision(step: Step, _fact: Fact, started: SupervisionStarted) -> Outcome | None:
    """Supervision after release: its clock is the day of release."""
    if started.released_on is None or started.starts_on != started.released_on:
        return ignored("does-not-start-with-a-release")
    row = Supervision(started.order_id, started.provider_code, started.released_on)
    step.put("supervisions", started.supervision_id, row)
    return None


def take_arranged(step: Step, _fact: Fact, made: AppointmentArranged) -> Outcome | None:
    """An appointment stands; stated again, it stands as stated now."""
    return _stand(step, made, Appointment(()))


def take_rearranged(step: Step, _fact: Fact, moved: AppointmentRearranged) -> Outcome | None:
    """An appointment stands otherwise; moved by the person, it stays offered for when it was."""
    case: Case = step.case
    was = case.appointments.get(moved.appointment_id, Appointment(()))
    return _stand(step, moved, _given_up(was) if moved.changed_by == "person" else was)


def take_happened(step: Step, _fact: Fact, told: AppointmentAttended | AppointmentMissed) -> Outcome | None:
    """Whatever came of it, it was arranged: an appointment may come without having been arranged."""
    case: Case = step.case
    if told.appointment_id in case.appointments:
        return ignored("known-to-be-arranged")
    return _stand(step, told, Appointment(()))


def take_cancelled(step: Step, _fact: Fact, cancelled: AppointmentCancelled) -> Outcome | None:
    """An appointment does not stand; cancelled by the person, it stays offered."""
    case: Case = step.case
    was = case.appointments.get(cancelled.appointment_id)
    if was is None:
        return ignored("no-such-appointment")
    row = _given_up(was) if cancelled.cancelled_by == "person" else replace(was, starts_at=None)
    step.put("appointments", cancelled.appointment_id, row)
    return None


def take_withdrawn(step: Step, _fact: Fact, withdrawn: RecordWithdrawn) -> Outcome | None:
    """An appointment or a failure was recorded in error."""
    if withdrawn.kind not in ("appointment", "failure"):
        return ignored("no-measure-rests-on-it")
    step.drop("appointments", withdrawn.record_id)
    step.put("withdrawn", withdrawn.record_id, withdrawn.withdrawn_on)
    return None


def _stand(
    step: Step,
    told: AppointmentArranged | AppointmentRearranged | AppointmentAttended | AppointmentMissed,
    was: Appointment,
) -> Outcome | None:
    case: Case = step.case
    if told.appointment_id in case.withdrawn:
        return ignored("withdrawn")
    face_to_face = told.channel in step.value(FACE_TO_FACE, local_date(told.starts_at)).codes
    row = replace(was, order_ids=tuple(sorted(told.order_ids)), starts_at=told.starts_at if face_to_face else None)
    if row.starts_at is None and not row.offered and told.appointment_id not in case.appointments:
        return ignored("not-face-to-face")
    step.put("appointments", told.appointment_id, row)
    return None


def _given_up(was: Appointment) -> Appointment:
    if was.starts_at is None:
        return was
    return replace(was, starts_at=None, offered=(*was.offered, was.starts_at))


def _forget(step: Step) -> None:
    """Drop what is too old for a clock that may yet be stated, and lies in no known clock's window."""
    case: Case = step.case
    horizon = local_date(step.value(RETENTION, step.today).term.before(step.now))
    old = [ref for ref, row in case.appointments.items() if all(day < horizon for day in _days(row))]
    if not old:
        return
    states = [state for duty in DUTIES for state in case.duties.get(duty.id, {}).values()]
    windows = [(state.start, local_date(state.due)) for state in states if state.due is not None]
    for ref in old:
        days = _days(case.appointments[ref])
        if not any(first <= day <= last for first, last in windows for day in days):
            step.drop("appointments", ref)


def _starts(row: Appointment) -> tuple[datetime, ...]:
    return row.offered if row.starts_at is None else (*row.offered, row.starts_at)


def _days(row: Appointment) -> tuple[date, ...]:
    return tuple(local_date(start) for start in _starts(row))


def community_clocks(case: Case) -> Iterator[Clock]:
    """Community and suspended sentence orders, from their allocation."""
    for order_id, allocation in case.allocations.items():
        if disposal_of(case, order_id) in COMMUNITY:
            yield Clock(order_id, allocation.allocated_on, order_id)


def licence_clocks(case: Case) -> Iterator[Clock]:
    """Supervision after release, from the release."""
    for supervision_id, supervision in case.supervisions.items():
        yield Clock(supervision_id, supervision.released_on, supervision.order_id)


def arranged(case: Case, clock: Clock) -> Done | None:
    """The earliest face-to-face appointment of the order that was arranged to take place since the clock started."""
    found = [
        (start, ref)
        for ref, row in case.appointments.items()
        if clock.order_id in row.order_ids
        for start in _starts(row)
        if local_date(start) >= clock.started_on
    ]
    if not found:
        return None
    start, ref = min(found)
    return Done(local_date(start), start, (ref,))


COMMUNITY_CONTACT = Duty(
    code="initial-contact-late",
    part="community",
    reads=frozenset({"appointments", "disposals", "allocations"}),
    clocks=community_clocks,
    done=arranged,
    raises=False,
)
LICENCE_CONTACT = Duty(
    code="initial-contact-late",
    part="licence",
    reads=frozenset({"appointments", "supervisions"}),
    clocks=licence_clocks,
    done=arranged,
    raises=False,
)
DUTIES = (COMMUNITY_CONTACT, LICENCE_CONTACT)


def _settled(step: Step, duty: Duty, clock: Clock, provider: str) -> Unit:
    case: Case = step.case
    state = case.duties[duty.id][clock.ref]
    due_at = state.due or end_of_day(clock.started_on)
    order_id = clock.order_id or clock.ref
    due_on = local_date(due_at)
    left_out = exclusion(step, order_id, clock.started_on, due_on)
    if left_out is None and state.outcome != "met" and ended_before(case, order_id, due_on):
        left_out = "order-ended"
    settled_at = due_at if state.outcome == "missed" else None
    if state.outcome == "met" and state.settled_on is not None:
        settled_at = end_of_day(state.settled_on)
    return Unit(
        ref=clock.ref,
        provider=provider,
        clock_start_on=clock.started_on,
        due_at=due_at,
        settled_at=settled_at,
        met=None if left_out else {"met": True, "missed": False, "open": None}[state.outcome],
        exclusion=left_out,
    )


def allocated_to(kind: ProviderKind) -> Callable[[Step], Iterator[Unit]]:
    """Orders allocated to a provider of that kind."""

    def units(step: Step) -> Iterator[Unit]:
        for clock in community_clocks(step.case):
            held = provider_on(step.case, clock.ref, clock.started_on)
            if held is not None and held[1] == kind:
                yield _settled(step, COMMUNITY_CONTACT, clock, held[0])

    return units


def released_to(kind: ProviderKind) -> Callable[[Step], Iterator[Unit]]:
    """Releases into the supervision of a provider of that kind."""

    def units(step: Step) -> Iterator[Unit]:
        case: Case = step.case
        for clock in licence_clocks(case):
            provider = case.supervisions[clock.ref].provider
            if kind_of(case, provider) == kind:
                yield _settled(step, LICENCE_CONTACT, clock, provider)

    return units


def _community(code: str, kind: ProviderKind) -> Measure:
    return Measure(
        code=code,
        clock="allocation",
        reads=SUPERVISING | EXCLUDING | {f"duties.{COMMUNITY_CONTACT.id}"},
        units=allocated_to(kind),
        parameter=COMMUNITY_CONTACT.id,
    )


def _licence(code: str, kind: ProviderKind) -> Measure:
    return Measure(
        code=code,
        clock="release",
        reads=SUPERVISING | EXCLUDING | {"supervisions", f"duties.{LICENCE_CONTACT.id}"},
        units=released_to(kind),
        parameter=LICENCE_CONTACT.id,
    )


MEASURES = (
    _community("SL001R", "crc"),
    _licence("SL002R", "crc"),
    _community("NPS-SL003R", "nps"),
    _licence("NPS-SL004R", "nps"),
)
