"""Contact: appointments arranged, moved, cancelled, attended; the first contact of an order or release, and drift.

Two small indexes (the first day arranged for, the last day seen) answer the rules, so that an appointment costs the
same in a long case; the appointments themselves are kept only as long as they are likely to be corrected.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from services.enforcement.domain import failures, orders
from services.enforcement.domain.case import Attended, Case, Found, Supervision
from services.enforcement.domain.orders import (
    CONTRACT_COMMUNITY,
    PAUSING,
    RUNNING,
    is_open,
    pauses_of_case,
    pauses_of_order,
    phases,
    runs,
)
from shared.contracts.casework import (
    AppointmentArranged,
    AppointmentAttended,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRearranged,
    HomeVisitCompleted,
)
from shared.contracts.resettlement import SupervisionStarted
from shared.domain.business_days import local_date
from shared.domain.contact import (
    MOST,
    Arrangement,
    Plan,
    arranged_days,
    cancelled,
    is_face_to_face,
    kept_since,
    planned,
)
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.statement import put_latest
from shared.domain.step import Step

KEPT = "contact-ledger-kept"
"""Parameter: how long an appointment stays on the ledger after its day."""

FULL = 24
"""Appointments on a ledger beyond which old ones are looked for."""

SEEN = "seen"


def take_arranged(step: Step, fact: Fact, made: AppointmentArranged) -> Outcome | None:
    """An appointment stands."""
    day = local_date(made.starts_at)
    return _plan(step, fact, made, Plan(fact.at, day, is_face_to_face(step, made.channel, day)))


def take_rearranged(step: Step, fact: Fact, moved: AppointmentRearranged) -> Outcome | None:
    """An appointment stands otherwise: whole, and with who moved it."""
    day = local_date(moved.starts_at)
    return _plan(step, fact, moved, Plan(fact.at, day, is_face_to_face(step, moved.channel, day), moved.changed_by))


def take_cancelled(step: Step, fact: Fact, given_up: AppointmentCancelled) -> Outcome | None:
    """An appointment does not take place."""
    if failures.is_withdrawn(step, "appointment", given_up.appointment_id, fact):
        return ignored("withdrawn")
    case: Case = step.case
    was = case.arranged.get(given_up.appointment_id)
    step.put("arranged", given_up.appointment_id, cancelled(was, fact.at, given_up.cancelled_by))
    reindex(step, given_up.appointment_id)
    return None


def take_attended(step: Step, fact: Fact, attended: AppointmentAttended) -> Outcome | None:
    """An appointment took place; it may come without having been arranged, and excuses a recorded absence."""
    appointment_id = attended.appointment_id
    if failures.is_withdrawn(step, "appointment", appointment_id, fact):
        return ignored("withdrawn")
    day = local_date(attended.starts_at)
    seen = is_face_to_face(step, attended.channel, day)
    row = Attended(day, fact.at, tuple(sorted(attended.order_ids)), seen)
    outcome = put_latest(step, "attended", appointment_id, row)
    if outcome is None:
        failures.excuse(step, appointment_id)
        reindex(step, appointment_id)
        _forget_old(step)
    return outcome


def take_missed(step: Step, fact: Fact, missed: AppointmentMissed) -> Outcome | None:
    """An absence; it had been arranged."""
    outcome = failures.take_missed(step, fact, missed)
    if outcome is None:
        reindex(step, missed.appointment_id)
    return outcome


def take_home_visit(step: Step, fact: Fact, visit: HomeVisitCompleted) -> Outcome | None:
    """A home visit at which the person was seen; one with an appointment is counted as that, and not here."""
    seen = visit.person_seen and visit.appointment_id is None
    row = Attended(visit.visited_on, fact.at, face_to_face=seen)
    outcome = put_latest(step, "attended", f"visit:{visit.visit_id}", row)
    if outcome is None:
        reindex(step, f"visit:{visit.visit_id}")
    return outcome


def take_supervision_started(step: Step, fact: Fact, started: SupervisionStarted) -> Outcome | None:
    """Supervision begins; contact from the release on may have been arranged before this was stated."""
    outcome = orders.take_supervision_started(step, fact, started)
    settle_release(step, started.supervision_id)
    return outcome


def settle_release(step: Step, supervision_id: str) -> None:
    """Find the first contact arranged from a release on."""
    case: Case = step.case
    row = case.supervisions[supervision_id]
    _set(step, "release_offers", supervision_id, _first_offer(case, row.order_id, _release_of(row)))


def reindex_all(step: Step) -> None:
    """Bring the indexes in line with all that is on the record."""
    case: Case = step.case
    for appointment_id in sorted({*case.arranged, *case.attended, *case.failures}):
        reindex(step, appointment_id)


def reindex(step: Step, appointment_id: str) -> None:
    """Bring the indexes in line with what is on the record of an appointment now."""
    case: Case = step.case
    named, days = _offered(case, appointment_id)
    first = min(days, default=None)
    rested = [ref for ref, found in case.first_offers.items() if found.ref == appointment_id]
    for order_id in sorted(named.union(rested)):
        mine = first if order_id in named else None
        _settle_first(step, "first_offers", order_id, appointment_id, mine, order_id, None)
    for supervision_id, row in sorted(case.supervisions.items()) if case.supervisions else ():
        since = _release_of(row)
        mine = min((day for day in days if day >= since), default=None) if row.order_id in named else None
        _settle_first(step, "release_offers", supervision_id, appointment_id, mine, row.order_id, since)
    _settle_seen(step, appointment_id)


def _plan(
    step: Step, fact: Fact, appointment: AppointmentArranged | AppointmentRearranged, plan: Plan
) -> Outcome | None:
    appointment_id = appointment.appointment_id
    if failures.is_withdrawn(step, "appointment", appointment_id, fact):
        return ignored("withdrawn")
    case: Case = step.case
    was = case.arranged.get(appointment_id)
    step.put("arranged", appointment_id, planned(was, appointment.order_ids, plan))
    reindex(step, appointment_id)
    if len(case.arranged) > MOST:
        _forget_old(step)
    return None


def _offered(case: Case, appointment_id: str) -> tuple[set[str], list[date]]:
    """The orders of an appointment, and the days for which it was arranged face to face."""
    named: set[str] = set()
    days: list[date] = []
    arranged = case.arranged.get(appointment_id)
    if arranged is not None:
        named.update(arranged.order_ids)
        days.extend(arranged_days(arranged))
    for happened in (case.attended.get(appointment_id), case.failures.get(appointment_id)):
        if happened is not None:
            named.update(happened.order_ids)
            if happened.face_to_face:
                days.append(happened.on)
    return named, days


def _first_offer(case: Case, order_id: str, since: date | None) -> Found | None:
    found: list[tuple[date, str]] = []
    for appointment_id in {*case.arranged, *case.attended, *case.failures}:
        named, days = _offered(case, appointment_id)
        if order_id in named:
            found.extend((day, appointment_id) for day in days if since is None or day >= since)
    return Found(*min(found)) if found else None


def _settle_first(
    step: Step, ledger: str, ref: str, appointment_id: str, mine: date | None, order_id: str, since: date | None
) -> None:
    now: Found | None = getattr(step.case, ledger).get(ref)
    if mine is not None and (now is None or (mine, appointment_id) <= (now.on, now.ref)):
        step.put(ledger, ref, Found(mine, appointment_id))
    elif now is not None and now.ref == appointment_id:
        _set(step, ledger, ref, _first_offer(step.case, order_id, since))


def _settle_seen(step: Step, appointment_id: str) -> None:
    case: Case = step.case
    now = case.last_seen.get(SEEN)
    on = _seen_on(case, appointment_id)
    if on is not None and (now is None or (on, appointment_id) >= (now.on, now.ref)):
        step.put("last_seen", SEEN, Found(on, appointment_id))
    elif now is not None and now.ref == appointment_id:
        seen = [(day, ref) for ref in case.attended if (day := _seen_on(case, ref)) is not None]
        _set(step, "last_seen", SEEN, Found(*max(seen)) if seen else None)


def _seen_on(case: Case, appointment_id: str) -> date | None:
    """The day on which the person was seen face to face; None where the appointment was said to be missed since."""
    row, missed = case.attended.get(appointment_id), case.failures.get(appointment_id)
    if row is None or not row.face_to_face or (missed is not None and missed.at > row.at):
        return None
    return row.on


def _set(step: Step, ledger: str, ref: str, found: Found | None) -> None:
    if found is None:
        step.drop(ledger, ref)
    else:
        step.put(ledger, ref, found)


def _forget_old(step: Step) -> None:
    """Drop appointments of long ago that no index rests on; what they settled stays settled."""
    case: Case = step.case
    if len(case.attended) + len(case.arranged) <= FULL:
        return
    horizon = local_date(step.value(KEPT, step.today).term.before(step.now))
    since = kept_since(horizon, [row.on for row in case.attended.values()])
    attended = [ref for ref, row in case.attended.items() if row.on < since]
    last_days = [_last_day(row) for row in case.arranged.values()]
    since = kept_since(horizon, last_days)
    arranged = [ref for ref, day in zip(case.arranged, last_days, strict=True) if day < since]
    if not attended and not arranged:
        return
    indexes: Iterable[dict[str, Found]] = (case.first_offers, case.release_offers, case.last_seen)
    kept = {found.ref for index in indexes for found in index.values()}
    for ref in attended:
        if ref not in kept:
            step.drop("attended", ref)
    for ref in arranged:
        if ref not in kept:
            step.drop("arranged", ref)


def _last_day(appointment: Arrangement) -> date:
    plans = appointment.plans
    if len(plans) == 1:
        return plans[0].on
    return max([plan.on for plan in plans], default=date.min)


def _release_of(row: Supervision) -> date:
    return row.released_on or row.starts_on


def community_clocks(case: Case) -> Iterator[Clock]:
    """Community and suspended sentence orders that run, from their allocation."""
    for order_id, row in case.allocated.items():
        if row.disposal in CONTRACT_COMMUNITY and is_open(case, order_id):
            yield Clock(order_id, row.on, order_id, (row.fact,))


def licence_clocks(case: Case) -> Iterator[Clock]:
    """Licences that run, from the release."""
    for supervision_id, row in case.supervisions.items():
        if row.kind == "licence" and row.released_on and runs(case, supervision_id) and is_open(case, row.order_id):
            yield Clock(supervision_id, row.released_on, row.order_id, (row.fact,))


def first_offer(case: Case, clock: Clock) -> Done | None:
    """The first face-to-face appointment that was arranged for the order."""
    return _done(case.first_offers.get(clock.ref))


def first_offer_after_release(case: Case, clock: Clock) -> Done | None:
    """The first face-to-face appointment that was arranged for the order from the release on."""
    return _done(case.release_offers.get(clock.ref))


def _done(found: Found | None) -> Done | None:
    return None if found is None else Done(found.on, evidence=(found.ref,))


def unseen_clocks(case: Case) -> Iterator[Clock]:
    """The person, since last seen face to face or since supervision began; not where contact is by telephone."""
    route, band = case.standing.get("route"), case.standing.get("band")
    if (route is not None and route.value == "hub") or (band is not None and band.value == "green"):
        return
    running = phases(case)
    if not running:
        return
    began = min(running.values(), key=lambda phase: (phase.start, phase.fact))
    seen = case.last_seen.get(SEEN)
    start = max(began.start, seen.on) if seen is not None else began.start
    yield Clock(case.key, start, evidence=(began.fact,))


DUTIES = (
    Duty(
        code="initial-contact-late",
        part="community",
        reads=RUNNING | PAUSING | {"allocated", "first_offers"},
        clocks=community_clocks,
        done=first_offer,
        pauses=pauses_of_order,
    ),
    Duty(
        code="initial-contact-late",
        part="licence",
        reads=RUNNING | {"release_offers"},
        clocks=licence_clocks,
        done=first_offer_after_release,
    ),
    Duty(
        code="unseen",
        reads=RUNNING | PAUSING | {"standing", "last_seen"},
        clocks=unseen_clocks,
        timing="since",
        pauses=pauses_of_case,
        severity="serious",
    ),
)
