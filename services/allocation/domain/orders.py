"""A person's orders: sentenced, varied, ended, each from whichever of its facts have come.

The person is supervised while an order is open: sentenced and not ended. The last one that ends closes the case.
"""

from datetime import date

from msgspec.structs import replace

from services.allocation.domain.case import Case, Home, Order, Person, case_of, set_down
from shared.contracts.casework import OrderEnded
from shared.contracts.court import OrderVaried, ReportWrittenUp, Requirement, SentenceRecorded
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.prisoner import link
from shared.domain.step import Step


def take_sentence(step: Step, fact: Fact, stated: SentenceRecorded) -> Outcome | None:
    """A sentence; one stated again replaces it, and keeps what has become of the order since."""
    case = case_of(step)
    known = case.orders.get(stated.order_id, Order())
    if known.stated_at is not None and fact.at < known.stated_at:
        return ignored("superseded")
    row = replace(
        known,
        sentenced_on=stated.sentenced_on,
        stated_at=fact.at,
        disposal=stated.disposal,
        unit=stated.local_delivery_unit,
        requirements=known.requirements if known.varied_at else _kinds(stated.requirements),
        activity_days=known.activity_days if known.varied_at else _days(stated.requirements),
        custody=stated.disposal == "custody" and not stated.released_at_court,
        life=stated.custodial_term == "life",
        report=stated.report.kind,
        written_up_on=stated.report.written_up_on or known.written_up_on,
    )
    step.put("orders", stated.order_id, row)
    person = Person(stated.sentenced_on, fact.at, tuple(sorted(stated.attributes)))
    if stated.noms_number is not None:
        link(step, stated.noms_number, fact)
    if case.person is None or (case.person.on, case.person.at) <= (person.on, person.at):
        set_down(step, person=person, sex=stated.sex)
    return None


def take_variation(step: Step, fact: Fact, stated: OrderVaried) -> Outcome | None:
    """An order varied: the requirements are the whole new list."""
    known = case_of(step).orders.get(stated.order_id, Order())
    if known.varied_at is not None and fact.at < known.varied_at:
        return ignored("superseded")
    step.put(
        "orders",
        stated.order_id,
        replace(
            known,
            varied_at=fact.at,
            requirements=_kinds(stated.requirements),
            activity_days=_days(stated.requirements),
        ),
    )
    return None


def take_writing_up(step: Step, _fact: Fact, stated: ReportWrittenUp) -> Outcome | None:
    """An oral report has been written up."""
    known = case_of(step).orders.get(stated.order_id, Order())
    step.put("orders", stated.order_id, replace(known, written_up_on=stated.written_up_on))
    return None


def take_end(step: Step, _fact: Fact, stated: OrderEnded) -> Outcome | None:
    """An order has ended; an end that comes before its sentence is kept."""
    known = case_of(step).orders.get(stated.order_id, Order())
    step.put("orders", stated.order_id, replace(known, ended_on=stated.ended_on))
    return None


def _kinds(requirements: tuple[Requirement, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((each.requirement_id, each.kind) for each in requirements))


def _days(requirements: tuple[Requirement, ...]) -> tuple[tuple[str, int], ...]:
    """The days of each requirement of rehabilitation activity."""
    found = ((each.requirement_id, each.days) for each in requirements if each.kind == "rehabilitation-activity")
    return tuple(sorted((requirement_id, days) for requirement_id, days in found if days is not None))


def is_open(order: Order) -> bool:
    """Whether an order is sentenced and not ended."""
    return order.sentenced_on is not None and order.ended_on is None


def open_orders(case: Case) -> list[tuple[str, Order]]:
    """The open orders by date of sentence, the earliest first."""
    found = [item for item in case.orders.items() if item[1].sentenced_on is not None and item[1].ended_on is None]
    if len(found) > 1:
        found.sort(key=lambda item: (item[1].sentenced_on or date.max, item[0]))
    return found


def latest_sentence_on(case: Case) -> date | None:
    """The date of the latest sentence of the open orders: the rules of that date apply to the person."""
    dates = [order.sentenced_on for order in case.orders.values() if order.sentenced_on and not order.ended_on]
    return max(dates) if dates else None


def home_of(case: Case) -> Home | None:
    """Where the providers agreed that the person has moved; a later sentence states the unit anew."""
    on = latest_sentence_on(case)
    return case.home if case.home is not None and on is not None and case.home.on >= on else None


def unit_of(case: Case) -> str | None:
    """The person's local delivery unit: of the latest sentence, or where they have moved since."""
    found = open_orders(case)
    if not found:
        return None
    home = home_of(case)
    return home.unit if home is not None and home.unit else found[-1][1].unit


def unit_after_sentence(case: Case, stated: SentenceRecorded) -> str | None:
    """The person's unit once that sentence is taken down."""
    known = case.orders.get(stated.order_id, Order())
    orders = dict(case.orders)
    orders[stated.order_id] = replace(known, sentenced_on=stated.sentenced_on, unit=stated.local_delivery_unit)
    return unit_of(Case(key=case.key, orders=orders, home=case.home))


def requirement_kinds(order: Order) -> frozenset[str]:
    """The kinds of an order's requirements."""
    return frozenset(kind for _, kind in order.requirements)
