"""Sentences: who is served by Through the Gate (more than one day), until when a term runs, and how orders end."""

import re
from datetime import date, timedelta

from msgspec.structs import replace

from services.resettlement.domain.case import Case, Order, case_of
from services.resettlement.domain.home import note_home
from shared.contracts.casework import OrderEnded
from shared.contracts.court import SentenceRecorded
from shared.domain import prisoner
from shared.domain.business_days import add_months, local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.step import Step

OVER = "through-the-gate.over"
"""Parameter: a sentence of more than this is served by Through the Gate."""

LIFE = "life"

_TERM = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?\Z")


def take_sentence(step: Step, fact: Fact, sentence: SentenceRecorded) -> Outcome | None:
    """A sentence: links the NOMS number that it states; a custodial one is taken down."""
    if sentence.noms_number is not None:
        prisoner.link(step, sentence.noms_number, fact.at)
    note_home(step, fact, sentence.attributes)
    was = case_of(step).orders.get(sentence.order_id, Order())
    if was.stated_at is not None and was.stated_at > fact.at:
        return ignored("stated-again-since")
    if sentence.disposal != "custody":
        return _not_custodial(step, sentence.order_id, was)
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
        ended_on=was.ended_on,
        ended_as=was.ended_as,
    )
    step.put("orders", sentence.order_id, order)
    return None


def _not_custodial(step: Step, order_id: str, was: Order) -> Outcome | None:
    """Nothing of the sentence is kept; its end stays, as it would if it came later."""
    if was.ended_on is None:
        changed = step.drop("orders", order_id)
    else:
        changed = step.put("orders", order_id, Order(ended_on=was.ended_on, ended_as=was.ended_as))
    return None if changed else ignored("not-a-custodial-sentence")


def take_end(step: Step, _fact: Fact, ended: OrderEnded) -> Outcome | None:
    """An order has ended; its sentence may be recorded later."""
    was = case_of(step).orders.get(ended.order_id, Order())
    step.put("orders", ended.order_id, replace(was, ended_on=ended.ended_on, ended_as=ended.outcome))
    return None


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
