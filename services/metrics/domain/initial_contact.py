"""Initial contact: a face-to-face appointment arranged to take place in the first days of an order (SL001R) or of a
release on licence (SL002R). When it was arranged for counts, not whether it was attended."""

from collections.abc import Callable, Iterator
from datetime import date

from services.metrics.domain.case import Case, Supervision
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
from shared.domain.contact import (
    Arrangement,
    ChangedBy,
    Plan,
    arranged_days,
    cancelled,
    is_face_to_face,
    planned,
    without,
)
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.measure import Measure, Unit
from shared.domain.step import Step

FEW = 16
"""Appointments on a ledger up to which old ones are not looked for."""

Told = AppointmentArranged | AppointmentRearranged | AppointmentAttended | AppointmentMissed

RETENTION = "appointment-retention"
"""Parameter: for so long an appointment is kept in case the clock that it settles is stated late."""


def take_supervision(step: Step, _fact: Fact, started: SupervisionStarted) -> Outcome | None:
    """Supervision after release: its clock is the day of release."""
    if started.released_on is None or started.starts_on != started.released_on:
        return ignored("does-not-start-with-a-release")
    row = Supervision(started.order_id, started.provider_code, started.released_on)
    step.put("supervisions", started.supervision_id, row)
    return None


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
    was = case.appointments.get(told.record_id)
    if was is None:
        return None
    left = without(was, fact.at)
    if left is None:
        step.drop("appointments", told.record_id)
    else:
        step.put("appointments", told.record_id, left)
    return None


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
        step.changed.discard("appointments")
    return None


def _is_withdrawn(case: Case, appointment_id: str, fact: Fact) -> bool:
    through = case.withdrawn.get(appointment_id)
    return through is not None and fact.at <= through


def _changes_nothing(case: Case, ref: str, row: Arrangement) -> bool:
    """Whether every clock that runs was settled by another appointment on an earlier day, as is usual."""
    days = arranged_days(row)
    return all(
        state.settled_on is not None and ref not in state.evidence and all(day > state.settled_on for day in days)
        for duty in DUTIES
        for state in case.duties.get(duty.id, {}).values()
    )


def _forget(step: Step, told_now: str) -> None:
    """Drop what is too old for a clock that may yet be stated, and settled none; what was settled stays settled.

    What was told just now may be late, and has yet to be looked at.
    """
    case: Case = step.case
    if len(case.appointments) <= FEW:
        return
    horizon = local_date(step.value(RETENTION, step.today).term.before(step.now))
    states = (state for duty in DUTIES for state in case.duties.get(duty.id, {}).values())
    kept = {told_now, *(ref for state in states for ref in state.evidence)}
    for ref, row in tuple(case.appointments.items()):
        if ref not in kept and _last_day(row) < horizon:
            step.drop("appointments", ref)


def _last_day(row: Arrangement) -> date:
    days = [plan.on for plan in row.plans]
    if row.cancelled_at is not None:
        days.append(local_date(row.cancelled_at))
    return max(days)


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
    """The first face-to-face appointment that was arranged for the order, also before it was allocated."""
    return _first(case, clock.order_id, date.min)


def arranged_from_release(case: Case, clock: Clock) -> Done | None:
    """The first face-to-face appointment that was arranged for a day from the release on."""
    return _first(case, clock.order_id, clock.started_on)


def _first(case: Case, order_id: str | None, since: date) -> Done | None:
    rows = ((ref, row) for ref, row in case.appointments.items() if order_id in row.order_ids)
    first = min(((day, ref) for ref, row in rows for day in arranged_days(row) if day >= since), default=None)
    return Done(first[0], evidence=(first[1],)) if first is not None else None


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
    done=arranged_from_release,
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
