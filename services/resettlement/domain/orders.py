"""Sentences: who is served by Through the Gate (more than one day), until when a term runs, and how orders end."""

import re
from datetime import date, timedelta

from msgspec.structs import replace

from services.resettlement.domain.case import Case, Order
from services.resettlement.domain.home import note_home
from shared.contracts.casework import OrderEnded
from shared.contracts.court import SentenceRecorded
from shared.domain import prisoner
from shared.domain.business_days import add_months, local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.state import dump
from shared.domain.statement import UNDATED, put_both
from shared.domain.step import Step

OVER = "through-the-gate.over"
"""Parameter: a sentence of more than this is served by Through the Gate."""

LIFE = "life"

_TERM = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?\Z")


def take_sentence(step: Step, fact: Fact, sentence: SentenceRecorded) -> Outcome | None:
    """A sentence: links the NOMS number that it states. Of one that is not of custody, that alone is taken down."""
    if sentence.noms_number is not None:
        prisoner.link(step, sentence.noms_number, fact)
    note_home(step, fact, sentence.attributes)
    if sentence.disposal != "custody":
        outcome = put_both(step, "orders", sentence.order_id, Order(stated_at=fact.at), both)
        return outcome or ignored("not-a-custodial-sentence")
    term = sentence.custodial_term
    runs_out = runs_out_on(sentence.sentenced_on, term) if term not in (None, LIFE) else None
    shortest = local_date(step.value(OVER, sentence.sentenced_on).term.after(sentence.sentenced_on))
    order = Order(
        sentenced_on=sentence.sentenced_on,
        offence_on=sentence.offence_on,
        stated_at=fact.at,
        runs_until=runs_out - timedelta(days=1) if runs_out is not None else sentence.ends_on,
        life=term == LIFE,
        over_a_day=runs_out is None or runs_out > shortest,
        released_at_court=bool(sentence.released_at_court),
        unit=sentence.local_delivery_unit,
    )
    return put_both(step, "orders", sentence.order_id, order, both)


def take_end(step: Step, fact: Fact, ended: OrderEnded) -> Outcome | None:
    """An order has ended; its sentence may be recorded later."""
    row = Order(ended_on=ended.ended_on, ended_as=ended.outcome, ended_at=fact.at)
    return put_both(step, "orders", ended.order_id, row, both)


def both(one: Order, other: Order) -> Order:
    """An order of which both was stated: the sentence as stated last, and the end as stated last."""
    sentence = max(one, other, key=lambda row: (row.stated_at or UNDATED, dump(_without_end(row))))
    end = max(one, other, key=lambda row: (row.ended_at or UNDATED, row.ended_on or date.min, row.ended_as))
    return replace(sentence, ended_on=end.ended_on, ended_as=end.ended_as, ended_at=end.ended_at)


def _without_end(order: Order) -> Order:
    return replace(order, ended_on=None, ended_as="", ended_at=None)


def runs_out_on(sentenced_on: date, term: str) -> date:
    """The day after the last of a term (`P18M`, `P2Y6M`, `P10D`, `P12W`) that starts with the day of sentence.

    Raises ValueError where it is no such duration.
    """
    found = _TERM.match(term)
    if found is None:
        raise ValueError("a term is a duration of years, months, weeks or days, such as P18M")
    years, months, weeks, days = (int(part or 0) for part in found.groups())
    return add_months(sentenced_on, years * 12 + months) + timedelta(days=weeks * 7 + days)


def custodial(case: Case) -> list[tuple[str, Order]]:
    """The sentences of custody that are on the record, by date of sentence."""
    known = [(order_id, order) for order_id, order in case.orders.items() if order.sentenced_on is not None]
    return sorted(known, key=lambda item: (item[1].sentenced_on or date.min, item[0]))


def governing(orders: list[tuple[str, Order]]) -> tuple[str, Order]:
    """Of several sentences served together, the one that runs longest."""
    return max(
        orders,
        key=lambda item: (item[1].life, item[1].runs_until or date.min, item[1].sentenced_on or date.min, item[0]),
    )
