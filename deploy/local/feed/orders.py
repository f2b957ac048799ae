"""Orders: what a person is sentenced to and what becomes of it. A community sentence's ending is drawn together with
its length, so that among the orders that end within a window the share of good endings is the cited one; a
custodial one's ending is drawn for its licence and post-sentence supervision."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from deploy.local.feed import rates
from deploy.local.feed.history import Pen
from deploy.local.feed.people import Person
from deploy.local.feed.working_days import add_months

ORA_2014 = date(2015, 2, 1)
"""Offences from this day on: supervision for twelve months after every short sentence."""


@dataclass(slots=True)
class Order:
    """One order and what will become of it. `ended_on` is the day it ends by `outcome`, inside the window or not."""

    order_id: str
    disposal: str
    sentenced_on: date
    ends_on: date | None
    ended_on: date
    outcome: str
    requirements: list[dict[str, Any]] = field(default_factory=list)
    offence_on: date | None = None
    term_months: int = 0
    released_at_court: bool = False

    @property
    def kinds(self) -> set[str]:
        """The kinds of its requirements."""
        return {requirement["kind"] for requirement in self.requirements}

    @property
    def standalone_unpaid_work(self) -> bool:
        """True if unpaid work is all that the court ordered."""
        return self.kinds == {"unpaid-work"}

    def requirement(self, kind: str) -> dict[str, Any] | None:
        """The order's requirement of a kind, if it has one."""
        return next((each for each in self.requirements if each["kind"] == kind), None)


def draw_order(person: Person, pen: Pen, sentenced_on: date) -> Order:
    """The order that `person` is sentenced to on `sentenced_on`, with its ending."""
    rng = pen.rng
    community = rates.COMMUNITY_SHARE.value if not person.nps else 1 - rates.NPS_CUSTODY.value
    if person.grounds == "deferred":
        ends = add_months(sentenced_on, 6)
        return Order(pen.fresh_id(), "deferred-sentence", sentenced_on, None, ends, "completed")
    if rng.random() >= community:
        return _custody(person, pen, sentenced_on)
    orders = rates.NPS_ORDERS_AMONG_COMMUNITY if person.nps else rates.ORDERS_AMONG_COMMUNITY
    disposal = "community-order" if _yes(rng, orders) else "suspended-sentence-order"
    months = rng.choices((4, 5, 6, 7, 8, 9, 12, 18, 24), (10, 12, 20, 8, 10, 14, 16, 6, 4))[0]
    outcome = _community_outcome(rng)
    ends_on = add_months(sentenced_on, months)
    ended_on = ends_on
    if outcome not in ("completed", "expired-incomplete"):
        ended_on = pen.days.on_or_before(ends_on + timedelta(days=rng.randint(-12, 12)))
        ends_on = add_months(sentenced_on, next(each for each in (6, 9, 12, 18, 24, 36) if each > months))
    order = Order(pen.fresh_id(), disposal, sentenced_on, ends_on, ended_on, outcome)
    order.requirements = _requirements(person, pen, ends_on)
    return order


def _custody(person: Person, pen: Pen, sentenced_on: date) -> Order:
    rng = pen.rng
    terms = (1, 2, 3, 4, 6, 8, 10, 12, 16, 18, 24, 36, 48)
    weights = (2, 4, 4, 6, 8, 6, 8, 14, 14, 12, 10, 8, 4) if person.nps else (8, 15, 15, 15, 15, 8, 5, 6, 4, 3, 3, 2, 1)
    months = rng.choices(terms, weights)[0]
    offence_on = sentenced_on - timedelta(days=rng.randint(20, 500))
    if months < 12:
        offence_on = max(offence_on, ORA_2014)
    outcome = "completed" if _yes(rng, rates.LICENCE_COMPLETED) else "recalled"
    order = Order(pen.fresh_id(), "custody", sentenced_on, None, date.max, outcome)
    order.offence_on, order.term_months = offence_on, months
    order.released_at_court = months <= 2 and _yes(rng, rates.RELEASED_AT_COURT)
    return order


def _community_outcome(rng: Random) -> str:
    if _yes(rng, rates.EXCLUDED_ENDINGS):
        return rng.choice(("died", "moved-jurisdiction", "quashed"))
    if _yes(rng, rates.POSITIVE_ENDINGS):
        return "revoked-good-progress" if rng.random() < 0.1 else "completed"
    return rng.choices(("revoked-breach", "expired-incomplete", "revoked-reoffending"), (45, 30, 25))[0]


def _requirements(person: Person, pen: Pen, ends_on: date) -> list[dict[str, Any]]:
    """What the court requires; at least one thing. Unpaid work falls on CRC and NPS people alike."""
    rng = pen.rng
    found: list[dict[str, Any]] = []
    if _yes(rng, rates.UNPAID_WORK):
        hours = rng.choice(("40", "60", "80", "100", "120", "150", "200"))
        found.append({"requirementId": pen.fresh_id(), "kind": "unpaid-work", "hours": hours})
        if _yes(rng, rates.STANDALONE_UNPAID_WORK):
            return found
    if _yes(rng, rates.REHABILITATION_ACTIVITY) or not found:
        days = rng.choice((10, 15, 15, 20, 20, 25, 30, 40))
        found.append({"requirementId": pen.fresh_id(), "kind": "rehabilitation-activity", "days": days})
    if _yes(rng, rates.PROGRAMME):
        code = "BBR" if person.sex == "male" and person.domestic_abuse != "none" else "TSP"
        found.append({"requirementId": pen.fresh_id(), "kind": "accredited-programme", "programmeCode": code})
    if _yes(rng, rates.TREATMENT):
        kind = rng.choice(
            ("drug-rehabilitation", "drug-rehabilitation", "alcohol-treatment", "mental-health-treatment")
        )
        found.append({"requirementId": pen.fresh_id(), "kind": kind, "endsOn": ends_on.isoformat()})
    if _yes(rng, rates.CURFEW):
        found.append({"requirementId": pen.fresh_id(), "kind": "curfew", "endsOn": ends_on.isoformat()})
    return found


def _yes(rng: Random, rate: rates.Rate) -> bool:
    return rng.random() < rate.value
