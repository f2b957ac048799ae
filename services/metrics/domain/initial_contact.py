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
from shared.contracts.resettlement import SupervisionStarted
from shared.contracts.values import ProviderKind
from shared.domain.business_days import end_of_day, local_date
from shared.domain.contact import arranged_days
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.measure import Measure, Unit
from shared.domain.statement import put_latest
from shared.domain.step import Step


def take_supervision(step: Step, fact: Fact, started: SupervisionStarted) -> Outcome | None:
    """Supervision after release: its clock is the day of release."""
    if started.released_on is None or started.starts_on != started.released_on:
        return ignored("does-not-start-with-a-release")
    row = Supervision(started.order_id, started.provider_code, started.released_on, fact.at)
    return put_latest(step, "supervisions", started.supervision_id, row)


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
