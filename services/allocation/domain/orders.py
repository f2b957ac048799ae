"""A person's orders: sentenced, varied, ended, each from whichever of its facts have come.

The person is supervised while an order is open: sentenced and not ended. The last one that ends closes the case.
"""

from datetime import date

from msgspec.structs import replace

from services.allocation.domain.case import Case, Home, Order, Person, case_of, set_down
from shared.contracts.casework import OrderEnded
from shared.contracts.court import OrderVaried, ReportWrittenUp, Requirement, SentenceRecorded
from shared.domain.decision import Outcome
from shared.domain.fact import Fact
from shared.domain.prisoner import link
from shared.domain.state import dump
from shared.domain.statement import UNDATED, put_both
from shared.domain.step import Step


def take_sentence(step: Step, fact: Fact, stated: SentenceRecorded) -> Outcome | None:
    """A sentence; one stated again replaces it, and keeps what has become of the order since."""
    row = Order(
        sentenced_on=stated.sentenced_on,
        stated_at=fact.at,
        disposal=stated.disposal,
        unit=stated.local_delivery_unit,
        requirements=_kinds(stated.requirements),
        activity_days=_days(stated.requirements),
        custody=stated.disposal == "custody" and not stated.released_at_court,
        life=stated.custodial_term == "life",
        report=stated.report.kind,
        written_up_on=stated.report.written_up_on,
        written_up_at=fact.at if stated.report.written_up_on is not None else None,
    )
    outcome = put_both(step, "orders", stated.order_id, row, both)
    if stated.noms_number is not None:
        link(step, stated.noms_number, fact)
    person = Person(stated.sentenced_on, fact.at, tuple(sorted(stated.attributes)), stated.sex)
    set_down(step, person=last_said(case_of(step).person, person))
    set_down(step, sex=sex_of(case_of(step)))
    return outcome


def take_variation(step: Step, fact: Fact, stated: OrderVaried) -> Outcome | None:
    """An order varied: the requirements are the whole new list."""
    row = Order(varied_at=fact.at, requirements=_kinds(stated.requirements), activity_days=_days(stated.requirements))
    return put_both(step, "orders", stated.order_id, row, both)


def take_writing_up(step: Step, fact: Fact, stated: ReportWrittenUp) -> Outcome | None:
    """An oral report has been written up."""
    row = Order(written_up_on=stated.written_up_on, written_up_at=fact.at)
    return put_both(step, "orders", stated.order_id, row, both)


def take_end(step: Step, fact: Fact, stated: OrderEnded) -> Outcome | None:
    """An order has ended; an end that comes before its sentence is kept."""
    return put_both(step, "orders", stated.order_id, Order(ended_on=stated.ended_on, ended_at=fact.at), both)


def both(one: Order, other: Order) -> Order:
    """An order of which both was stated: sentence, variation, writing up and end, each as stated last."""
    rows = (one, other)
    sentence = max(rows, key=lambda row: (row.stated_at or UNDATED, dump(_of_sentence(row))))
    varied = max(rows, key=lambda row: (row.varied_at or UNDATED, row.requirements, row.activity_days))
    written_up = max(rows, key=lambda row: (row.written_up_at or UNDATED, row.written_up_on or date.min))
    ended = max(rows, key=lambda row: (row.ended_at or UNDATED, row.ended_on or date.min))
    listed = varied if varied.varied_at is not None else sentence
    return replace(
        sentence,
        requirements=listed.requirements,
        activity_days=listed.activity_days,
        varied_at=varied.varied_at,
        written_up_on=written_up.written_up_on,
        written_up_at=written_up.written_up_at,
        ended_on=ended.ended_on,
        ended_at=ended.ended_at,
    )


def _of_sentence(order: Order) -> Order:
    """An order without what other facts than its sentence may state."""
    listed = (order.requirements, order.activity_days) if order.varied_at is None else ((), ())
    return replace(
        order,
        requirements=listed[0],
        activity_days=listed[1],
        varied_at=None,
        written_up_on=None,
        written_up_at=None,
        ended_on=None,
        ended_at=None,
    )


def last_said(one: Person | None, other: Person) -> Person:
    """What stands of two statements on a person: the later."""
    if one is None:
        return other
    return max(one, other, key=lambda row: (row.on, row.at, row.attributes, row.sex))


def sex_of(case: Case) -> str:
    """A person's sex, as the sentence that counts states it; as known before, where that was taken down without."""
    return (case.person.sex if case.person is not None else "") or case.sex


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
    found = []
    for item in case.orders.items():  # every row asks for them, some thirty times a fact
        order = item[1]
        if order.ended_on is None and order.sentenced_on is not None:
            found.append(item)
    if len(found) > 1:
        found.sort(key=lambda item: (item[1].sentenced_on or date.max, item[0]))
    return found


def latest_sentence_on(case: Case) -> date | None:
    """The date of the latest sentence of the open orders: the rules of that date apply to the person."""
    latest = None
    for order in case.orders.values():
        on = order.sentenced_on
        if on is not None and order.ended_on is None and (latest is None or on > latest):
            latest = on
    return latest


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
