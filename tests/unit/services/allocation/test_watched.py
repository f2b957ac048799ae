"""The sums that people watch: times, cases that wait and are held by trait, routes, capacity, escalations."""

from datetime import date
from typing import Any

import pytest

from deploy.history import HistoryRecord
from services.allocation.domain.watched import (
    AWAITING,
    ESCALATIONS,
    GAUGES,
    HELD,
    OFFICERS,
    OPEN_ESCALATIONS,
    ROUTES,
    TO_OFFICER,
    TO_PROVIDER,
)
from shared.domain.service import TallyGauge, TallyHistogram
from tests.builders import at
from tests.unit.services.allocation.area import (
    area,
    ended,
    form,
    officer,
    offices,
    risk_changed,
    run,
    sentence,
)

WOMAN: dict[str, Any] = {"sex": "female", "attributes": ["interpreter:pl", "interpreter:ro", "needs-translation"]}


def sums(gauge: TallyGauge | TallyHistogram, *history: HistoryRecord, until: str = "2016-04-01") -> dict[str, int]:
    """A gauge's sums by name, and period where there is one."""
    found = run(history, until=at(until)).simulated.tallies.get(gauge.subject, {})
    return {f"{name} {period}".strip(): n for (name, period), n in found.items()}


@pytest.mark.parametrize(
    ("day", "bucket", "days"),
    [("2016-03-07", "0", 0), ("2016-03-08", "1", 1), ("2016-03-14", "5", 5), ("2016-03-15", "10", 6)],
)
def test_the_time_to_the_provider_is_counted_in_business_days(day: str, bucket: str, days: int) -> None:
    found = sums(TO_PROVIDER, *area(), sentence(), form(when=at(day, "15:00")))
    assert found == {f"crc|{bucket}": 1} | ({"crc|sum": days} if days else {})


def test_the_time_to_the_officer_is_counted_once_and_for_each_trait_apart() -> None:
    late = officer("LMC1-PSO", when=at("2016-03-09", "10:00"))
    found = sums(TO_OFFICER, *offices(), sentence(**WOMAN), form(), late)
    assert found == {
        "provider|crc|3": 1, "provider|crc|sum": 3,
        "sex|female|3": 1, "sex|female|sum": 3,
        "attribute|interpreter|3": 1, "attribute|interpreter|sum": 3,
        "attribute|needs-translation|3": 1, "attribute|needs-translation|sum": 3,
    }  # fmt: skip


def test_a_second_officer_is_no_second_time_to_the_officer() -> None:
    history = [*area(), sentence(), form()]
    left = [*history, risk_changed("high", date(2016, 3, 9))]
    assert sums(TO_OFFICER, *left) == sums(TO_OFFICER, *history)


def test_who_waits_is_shown_by_trait_until_there_is_an_officer() -> None:
    history = [*offices(), sentence(**WOMAN), form()]
    waiting = {"provider|crc": 1, "sex|female": 1, "attribute|interpreter": 1, "attribute|needs-translation": 1}
    assert sums(AWAITING, *history) == waiting
    assert sums(AWAITING, *history, officer("LMC1-PSO", when=at("2016-03-09"))) == {}


def test_cases_held_are_shown_by_grade_and_trait() -> None:
    assert sums(HELD, *area(), sentence(), form()) == {
        "provider|crc|pso": 1,
        "sex|male|pso": 1,
        "attribute|none|pso": 1,
    }


def test_routes_give_the_share_of_the_hub() -> None:
    work = [{"requirement_id": "R", "kind": "unpaid-work", "hours": "40"}]
    people = [sentence(), form(), sentence("A000002", order="O2", requirements=work), form("A000002", order="O2")]
    assert sums(ROUTES, *area(), *people) == {"lmc": 1, "hub": 1}


@pytest.mark.parametrize(
    ("hours", "band"),
    [
        ("0.97", "0-50"),
        ("0.96", "50-80"),
        ("0.48", "100-110"),
        ("0.44", "100-110"),
        ("0.43", "110-140"),
        ("0.34", "over-140"),
    ],
)
def test_officers_are_shown_by_office_grade_and_band_of_capacity(hours: str, band: str) -> None:
    """One case of 1.3 points, given at full hours; then the hours fall, to 2.6 points and 50 % at 0.962 a week."""
    changed = officer("LMC1-PSO", available_hours=hours, when=at("2016-03-20"))
    found = sums(OFFICERS, *offices(), officer("LMC1-PSO"), sentence(), form(rosh_level="low"), changed)
    assert found == {f"LMC1|pso|{band}": 1}


def test_escalations_are_shown_by_state_and_open_ones_by_the_day_they_were_asked_for() -> None:
    history = [*area(), sentence(), form(), risk_changed("high", date(2016, 3, 21))]
    assert sums(ESCALATIONS, *history) == {"crc-to-nps|open": 1}
    assert sums(OPEN_ESCALATIONS, *history) == {"crc-to-nps 2016-03-21": 1}
    fallen = [*history, risk_changed("medium", date(2016, 3, 22), "high")]
    assert sums(ESCALATIONS, *fallen) == {"crc-to-nps|superseded": 1}
    assert sums(OPEN_ESCALATIONS, *fallen) == {}


def test_when_everyone_is_through_nothing_is_left_but_the_officers() -> None:
    risen = risk_changed("high", date(2016, 3, 21))
    history = [*area(), sentence(**WOMAN), form(), risen, ended("A000001", date(2016, 5, 2))]
    assert [gauge for gauge in GAUGES if sums(gauge, *history, until="2016-05-01")] == [
        HELD,
        ROUTES,
        OFFICERS,
        ESCALATIONS,
        OPEN_ESCALATIONS,
    ]
    assert [gauge for gauge in GAUGES if sums(gauge, *history, until="2016-06-01")] == [OFFICERS]
