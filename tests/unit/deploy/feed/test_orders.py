"""Orders: lengths, endings and custody as the law knows them."""

from datetime import UTC, date, datetime, timedelta

from deploy.local.feed.history import Pen
from deploy.local.feed.orders import ORA_2014, Order, draw_order
from deploy.local.feed.people import Person, draw_person
from deploy.local.feed.working_days import WorkingDays

CALENDAR = WorkingDays(date(2016, 1, 4))
SENTENCED_ON = date(2016, 3, 1)


def _drawn(index: int) -> tuple[Person, Order]:
    pen = Pen(1, f"person/{index}", CALENDAR, datetime(2017, 1, 4, tzinfo=UTC))
    person = draw_person(index, pen.rng)
    return person, draw_order(person, pen, SENTENCED_ON)


DRAWN = [_drawn(index) for index in range(600)]


def test_people_bear_numbers_of_the_synthetic_range_each_their_own() -> None:
    people = [person for person, _ in DRAWN]
    assert people[0].crn == "Z000001"
    assert people[0].noms == "Z0000AA"
    assert people[27].noms == "Z0000BB"
    assert len({person.crn for person in people}) == len({person.noms for person in people}) == 600


def test_the_nps_keeps_everyone_with_a_ground_and_nobody_else() -> None:
    for person, _ in DRAWN:
        grounds = (
            person.rosh in ("high", "very-high")
            or person.mappa != "none"
            or float(person.rsr) >= 6.9
            or person.grounds != "none"
        )
        assert person.nps == grounds


def test_an_order_that_runs_its_course_ends_on_its_last_day() -> None:
    for _, order in DRAWN:
        if order.outcome in ("completed", "expired-incomplete") and order.ends_on is not None:
            assert order.ended_on == order.ends_on


def test_an_order_ended_early_would_have_gone_on() -> None:
    for _, order in DRAWN:
        if order.outcome.startswith("revoked-"):
            assert order.ends_on is not None
            assert order.ended_on < order.ends_on
            assert CALENDAR.is_working(order.ended_on)


def test_a_community_sentence_requires_something() -> None:
    for _, order in DRAWN:
        community = order.disposal in ("community-order", "suspended-sentence-order")
        assert bool(order.requirements) == community


def test_a_short_custodial_sentence_falls_under_the_act_of_2014() -> None:
    custody = [order for _, order in DRAWN if order.disposal == "custody"]
    assert custody
    for order in custody:
        assert order.offence_on is not None
        assert order.offence_on < SENTENCED_ON
        assert order.term_months >= 12 or order.offence_on >= ORA_2014


def test_a_deferred_sentence_is_kept_six_months() -> None:
    deferred = [order for _, order in DRAWN if order.disposal == "deferred-sentence"]
    assert all(order.ended_on - SENTENCED_ON == timedelta(days=184) for order in deferred)
