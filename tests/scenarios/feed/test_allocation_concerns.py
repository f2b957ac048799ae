"""Every concern of allocation occurs in the sample feed: shown on one unit of the demonstration's own feed."""

from collections import Counter

import orjson

from deploy.demo import CLOSE_AFTER
from deploy.history import HistoryRecord, parse
from deploy.local.feed.generate import Feed
from deploy.local.feed.history import Pen, in_order
from deploy.local.feed.people import draw_person
from deploy.simulate import simulate
from services.allocation.app import SERVICE
from services.allocation.domain.decide import BOOKS
from shared.domain.policy import Policy

UNIT = "LDU-S2"
"""A quarter of the people, with every office of the area: they are decided as in the whole."""

CODES = {duty.code for book in BOOKS.values() for duty in book.duties} | {
    condition.code for book in BOOKS.values() for condition in book.conditions
}


def history_of_the_unit() -> list[HistoryRecord]:
    """The lines of the default feed that are about the unit's people or any office."""
    feed = Feed()
    lines = [line for pen in feed.area.pens for line in pen.lines]
    for index in range(feed.cases):
        person = draw_person(index, Pen(feed.seed, f"person/{index}", feed.days, feed.horizon).rng)
        if person.unit.code == UNIT:
            lines += feed.case(index).pen.lines
    return [parse(line.dump()) for line in in_order(lines)]


def test_every_concern_of_allocation_occurs_in_the_feed_of_the_demonstration() -> None:
    history = history_of_the_unit()
    until = history[-1].timestamp + CLOSE_AFTER
    found = simulate(history, [(SERVICE, Policy.load(*SERVICE.policy))], until)[SERVICE.name]
    raised = Counter(
        orjson.loads(event.value)["additionalInformation"]["code"]
        for event in found.outputs
        if event.event_type == "allocation.concern.raised"
    )
    assert not found.parked
    assert set(raised) == CODES, f"never raised: {sorted(CODES - set(raised))}"
