"""Orders and supervision after release: what runs, from when to when, who holds it, when custody interrupts it."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import msgspec

from services.enforcement.domain.case import (
    Allocated,
    Case,
    Ended,
    Movement,
    Order,
    Regime,
    Standing,
    Supervision,
    Transfer,
    Variation,
)
from shared.contracts.allocation import BandSet, CaseTransferred, ProviderCorrected, ProviderDecided, RouteDecided
from shared.contracts.casework import OrderEnded
from shared.contracts.court import OrderVaried, SentenceRecorded
from shared.contracts.resettlement import CustodyEntered, CustodyLeft, SupervisionEnded, SupervisionStarted
from shared.contracts.values import ProviderKind
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Pause
from shared.domain.fact import Fact, iso
from shared.domain.identifiers import uuid_text
from shared.domain.statement import put_both, put_latest
from shared.domain.step import Step

CONTRACT_COMMUNITY = frozenset({"community-order", "suspended-sentence-order"})
"""What the contract calls CO and SSO."""

SUPERVISED = CONTRACT_COMMUNITY | {"supervision-default-order"}
"""Orders under which the court places a person under supervision in the community."""

RUNNING = frozenset({"orders", "supervisions", "supervisions_ended", "ended"})
"""Ledgers that say what runs."""

PAUSING = frozenset({"custody", "variations"})
"""Ledgers that say which days do not count, beside `RUNNING`."""

ONE_DAY = timedelta(days=1)


class Phase(msgspec.Struct, frozen=True, gc=False):
    """An order as it is enforced now: under which regime, since when, stated by which event."""

    regime: Regime
    start: date
    fact: str
    ends_on: date | None


def take_sentence(step: Step, fact: Fact, sentence: SentenceRecorded) -> Outcome | None:
    """An order begins."""
    row = Order(sentence.disposal, sentence.sentenced_on, fact.at, uuid_text(fact.id), sentence.ends_on)
    return put_latest(step, "orders", sentence.order_id, row)


def take_varied(step: Step, fact: Fact, varied: OrderVaried) -> Outcome | None:
    """A court has varied an order; enforcement reads its end, as it was last varied."""
    if varied.ends_on is None:
        return ignored("end-not-varied")
    row = Variation(varied.varied_on, varied.ends_on, fact.at)
    return put_both(step, "variations", varied.order_id, row, last_varied)


def last_varied(one: Variation, other: Variation) -> Variation:
    """When an order ends that was varied twice."""
    return max(one, other, key=lambda row: (row.varied_on, row.at, row.ends_on))


def take_order_ended(step: Step, fact: Fact, ended: OrderEnded) -> Outcome | None:
    """An order is over, with all its duties and concerns."""
    return put_latest(step, "ended", ended.order_id, Ended(ended.ended_on, fact.at))


def take_provider(step: Step, fact: Fact, decided: ProviderDecided | ProviderCorrected) -> None:
    """The provider of orders: decided, or corrected from the start."""
    row = Allocated(decided.allocated_on, decided.provider_kind, decided.disposal, fact.at, uuid_text(fact.id))
    for order_id in decided.order_ids:
        put_latest(step, "allocated", order_id, row)


def take_transfer(step: Step, fact: Fact, moved: CaseTransferred) -> Outcome | None:
    """The case has another provider from that day on."""
    row = Transfer(moved.transferred_on, moved.to_provider_kind, fact.at)
    return put_latest(step, "transfers", f"{moved.transferred_on.isoformat()} {moved.to_provider_code}", row)


def take_band(step: Step, fact: Fact, band: BandSet) -> Outcome | None:
    """The band that the case is in now."""
    return put_latest(step, "standing", "band", Standing(band.band, fact.at))


def take_route(step: Step, fact: Fact, decided: RouteDecided) -> Outcome | None:
    """Hub or local management centre, as it is now."""
    return put_latest(step, "standing", "route", Standing(decided.route, fact.at))


def take_supervision_started(step: Step, fact: Fact, started: SupervisionStarted) -> Outcome | None:
    """Licence or post-sentence supervision begins."""
    row = Supervision(
        order_id=started.order_id,
        kind=started.kind,
        starts_on=started.starts_on,
        at=fact.at,
        fact=uuid_text(fact.id),
        released_on=started.released_on,
        ends_on=started.ends_on,
    )
    return put_latest(step, "supervisions", started.supervision_id, row)


def take_supervision_ended(step: Step, fact: Fact, ended: SupervisionEnded) -> Outcome | None:
    """Licence or post-sentence supervision is over."""
    return put_latest(step, "supervisions_ended", ended.supervision_id, Ended(ended.ended_on, fact.at))


def take_custody_entered(step: Step, _fact: Fact, entered: CustodyEntered) -> None:
    """In custody from then on: contact clocks stop."""
    step.put("custody", f"{iso(entered.entered_at)} entered", Movement(entered.entered_at, entered=True))


def take_custody_left(step: Step, _fact: Fact, left: CustodyLeft) -> Outcome | None:
    """Out of custody: contact clocks go on. They stay stopped for whoever died there."""
    if left.reason == "died":
        return ignored("died-in-custody")
    step.put("custody", f"{iso(left.left_at)} left", Movement(left.left_at, entered=False))
    return None


def is_open(case: Case, order_id: str) -> bool:
    """Whether an order has not ended; one that is not known yet counts as open."""
    return order_id not in case.ended


def runs(case: Case, supervision_id: str) -> bool:
    """Whether a supervision after release is not over."""
    return supervision_id not in case.supervisions_ended


def phase_of(case: Case, order_id: str) -> Phase | None:
    """How an order is enforced now; None where it has ended, is not known yet, or nobody supervises under it."""
    if order_id in case.ended:
        return None
    order = case.orders.get(order_id)
    if order is not None and order.disposal in SUPERVISED:
        return Phase("community", order.sentenced_on, order.fact, _ends_on(case, order_id, order.ends_on))
    running = [(row.starts_on, ref) for ref, row in _supervisions_of(case, order_id) if runs(case, ref)]
    if not running:
        return None
    latest = case.supervisions[max(running)[1]]
    return Phase(latest.kind, latest.starts_on, latest.fact, latest.ends_on)


def order_ids(case: Case) -> set[str]:
    """Every order that a sentence or a supervision has made known."""
    if not case.supervisions:
        return set(case.orders)
    return {*case.orders, *[row.order_id for row in case.supervisions.values()]}


def phases(case: Case) -> dict[str, Phase]:
    """Every order under which the person is supervised now, by its id, in their order."""
    return {each: phase for each in sorted(order_ids(case)) if (phase := phase_of(case, each)) is not None}


def holder_on(case: Case, order_id: str, day: date) -> ProviderKind | None:
    """The kind of provider that held an order on a day; before its allocation, the one it was allocated to.

    One provider holds a person, so an order without an allocation of its own has that of the others.
    """
    allocated = case.allocated.get(order_id) or max(
        case.allocated.values(), key=lambda row: (row.on, row.at, row.fact), default=None
    )
    if allocated is None:
        return None
    moves = [(row.on, row.at, ref) for ref, row in case.transfers.items() if allocated.on <= row.on <= day]
    return case.transfers[max(moves)[2]].kind if moves else allocated.kind


def custody_pauses(case: Case) -> list[Pause]:
    """The stretches in custody, by their local dates; the last one open while the person is inside."""
    if not case.custody:
        return []
    pauses: list[Pause] = []
    since: date | None = None
    for move in sorted(case.custody.values(), key=lambda row: (row.at, row.entered)):
        if move.entered:
            since = since or local_date(move.at)
        elif since is not None:
            pauses.append(Pause(since, local_date(move.at)))
            since = None
    return [*pauses, Pause(since)] if since is not None else pauses


def pauses_of_order(case: Case, clock: Clock) -> Sequence[Pause]:
    """Days that do not count for an order: in custody, and after the order's own end."""
    phase = phase_of(case, clock.order_id) if clock.order_id else None
    return _with_end(custody_pauses(case), phase.ends_on if phase is not None else None)


def pauses_of_case(case: Case, _clock: Clock) -> Sequence[Pause]:
    """Days that do not count for the person: in custody, and after the end of the last order that runs."""
    running = (phase for order_id in order_ids(case) if (phase := phase_of(case, order_id)) is not None)
    ends = [phase.ends_on for phase in running]
    known = [end for end in ends if end is not None]
    return _with_end(custody_pauses(case), max(known) if known and len(known) == len(ends) else None)


def _with_end(pauses: list[Pause], ends_on: date | None) -> list[Pause]:
    return pauses if ends_on is None else [*pauses, Pause(ends_on + ONE_DAY)]


def _ends_on(case: Case, order_id: str, stated: date | None) -> date | None:
    varied = case.variations.get(order_id)
    return varied.ends_on if varied is not None else stated


def _supervisions_of(case: Case, order_id: str) -> Iterator[tuple[str, Supervision]]:
    return ((ref, row) for ref, row in case.supervisions.items() if row.order_id == order_id)
