"""Too much for one officer: points, cases, new cases in a day; each limit at its boundary, and cleared below it."""

from datetime import date
from typing import Any

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import (
    LMC,
    MONDAY,
    NPS,
    Told,
    directed,
    ended,
    form,
    officer,
    officer_changed,
    offices,
    run,
    sentence,
)

CODES = ("officer-overloaded", "assignment-burst")


def people(n: int, day: date = MONDAY, first: int = 1, **answers: Any) -> list[HistoryRecord]:
    """People sentenced on one day, their forms, and a manager who gives each to officer A whatever the limits say."""
    found = []
    for index in range(first, first + n):
        crn, minute = f"A{index:06d}", f"{index % 60:02d}"
        found.append(sentence(crn, day, when=at(day, f"13:{minute}")))
        found.append(directed("A", at(day, f"14:{minute}"), ["capacity"], crn=crn))
        found.append(form(crn, at(day, f"15:{minute}"), **answers))
    return found


def about_officers(told: Told) -> dict[str, str]:
    return {code: severity for code, severity in told.open_concerns().items() if code in CODES}


@pytest.mark.parametrize(
    ("hours", "severity"),
    [
        ("0.6055", None),  # 1.8 points of 1.63649: 109.99 %
        ("0.6054", "warning"),  # 1.8 points of 1.63622: 110.01 %
        ("0.4758", "warning"),  # 1.8 points of 1.28595: 139.97 %
        ("0.4757", "serious"),  # 1.8 points of 1.28568: 140.00 % and a little
    ],
)
def test_an_officer_is_overloaded_above_110_percent_and_seriously_above_140(hours: str, severity: str | None) -> None:
    told = run(offices(), officer("A", available_hours=hours), people(1))
    assert about_officers(told).get("officer-overloaded") == severity


def test_the_concern_is_about_the_officer_and_told_by_the_office() -> None:
    told = run(offices(), officer("A", available_hours="0.6"), people(1))
    raised = told.last("concern.raised", LMC)
    assert raised["subject"] == {"kind": "officer", "code": "A"}
    assert (raised["ownerRole"], raised["thresholdConfirmed"]) == ("lmc-manager", False)
    assert {"points": "1.8", "cases": "1"}.items() <= raised["because"][0]["inputs"].items()


def test_overload_ends_with_the_case_that_made_it() -> None:
    told = run(offices(), officer("A", available_hours="0.6"), people(1), ended("A000001", date(2016, 5, 2)))
    assert about_officers(told) == {}
    assert told.last("concern.cleared", LMC)["subject"] == {"kind": "officer", "code": "A"}


def test_hours_that_shrink_overload_and_parental_leave_leaves_none() -> None:
    shorter = officer_changed("A", LMC, at("2016-05-02"), available_hours="0.4")
    told = run(offices(), officer("A"), people(1), shorter)
    assert about_officers(told) == {"officer-overloaded": "serious"}
    leave = officer_changed("A", LMC, at("2016-05-02"), reductions_percent="100")
    told = run(offices(), officer("A"), people(1), leave, officer_changed("A", LMC, at("2016-11-02")))
    assert [each["severity"] for each in told.events("concern.raised", LMC)] == ["serious"]
    assert about_officers(told) == {}


def weeks(cases: int) -> list[HistoryRecord]:
    """Low-risk cases over many days, five a day at most."""
    found = []
    for n in range(0, cases, 5):
        day = date.fromordinal(MONDAY.toordinal() + n // 5)
        found += people(min(5, cases - n), day, first=n + 1, rosh_level="low")
    return found


@pytest.mark.parametrize(("cases", "held"), [(70, {}), (71, {"officer-overloaded": "warning"})])
def test_more_than_70_cases_are_too_many_in_a_local_centre(cases: int, held: dict[str, str]) -> None:
    told = run(offices(), officer("A", available_hours="168", contracted_hours="37"), weeks(cases))
    assert told.office().loads["A"].cases == cases
    assert about_officers(told) == held


def test_the_nps_has_no_limit_of_cases() -> None:
    many = [each for each in weeks(71) if b"allocation-form" not in (each.value or b"")]
    forms = [
        form(
            f"A{n:06d}", at(date.fromordinal(MONDAY.toordinal() + (n - 1) // 5), f"15:{n % 60:02d}"), rosh_level="high"
        )
        for n in range(1, 72)
    ]
    told = run(offices(), officer("A", NPS, grade="po", available_hours="168"), many, forms)
    assert told.office(NPS).loads["A"].cases == 71
    assert about_officers(told) == {}


@pytest.mark.parametrize(("cases", "raised"), [(5, 0), (6, 1), (7, 1)])
def test_more_than_five_new_cases_in_a_day_are_a_burst_until_the_next_day(cases: int, raised: int) -> None:
    told = run(offices(), officer("A"), people(cases))
    bursts = [each for each in told.events("concern.raised", LMC) if each["code"] == "assignment-burst"]
    cleared = [each for each in told.events("concern.cleared", LMC) if each["code"] == "assignment-burst"]
    assert (len(bursts), len(cleared)) == (raised, raised)
    if raised:
        assert told.when("concern.cleared")[-1] == at("2016-03-08", "00:00")
        assert bursts[0]["because"][0]["inputs"]["new"] == "6"


def test_a_leaver_is_no_longer_overloaded() -> None:
    gone = fact(
        "workforce.officer.left", LMC, at("2016-05-02"), officer_code="A", office_code=LMC, left_on=date(2016, 5, 2)
    )
    told = run(offices(), officer("A", available_hours="0.6"), officer("B"), people(1), gone)
    assert about_officers(told) == {}
