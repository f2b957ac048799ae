"""The countdown: pre-release work opens 12 weeks before the effective day, and every deadline follows that day."""

from datetime import date, timedelta

import pytest

from tests.builders import at
from tests.unit.services.resettlement.story import (
    RELEASE,
    due,
    inside,
    officer,
    order_ended,
    prepared,
    received,
    released,
    run,
    sentence,
)

START = [sentence(), received()]


def test_pre_release_work_opens_twelve_weeks_before_release() -> None:
    told = run([*START, due()], until=at("2016-06-22", "22:59"))
    assert told.events("pre-release.opened") == []
    told = run([*START, due()], until=at("2016-06-22", "23:00"))
    (opened,) = told.events("pre-release.opened")
    assert (opened["openedOn"], opened["releaseOn"]) == ("2016-06-23", "2016-09-15")


def test_a_release_within_twelve_weeks_opens_at_once() -> None:
    told = run([*START, due(date(2016, 4, 14))], until=at("2016-03-09"))
    assert [opened["openedOn"] for opened in told.events("pre-release.opened")] == ["2016-03-08"]


@pytest.mark.parametrize(
    ("nominal", "effective"),
    [
        ("2016-09-15", "2016-09-15"),
        ("2016-09-17", "2016-09-16"),
        ("2016-09-18", "2016-09-16"),
        ("2016-08-29", "2016-08-26"),
        ("2016-12-26", "2016-12-23"),
    ],
)
def test_release_on_a_day_off_is_on_the_working_day_before(nominal: str, effective: str) -> None:
    told = run([*START, due(date.fromisoformat(nominal))], until=at("2016-10-20"))
    assert told.events("pre-release.opened")[0]["releaseOn"] == effective


def test_a_release_date_that_moves_retimes_every_open_deadline() -> None:
    told = run([*inside(), officer(when=at("2016-03-10")), due(date(2016, 9, 22), at("2016-05-02"))])
    (retimed,) = told.events("deadlines.retimed")
    assert (retimed["releaseOnBefore"], retimed["releaseOnAfter"]) == ("2016-09-15", "2016-09-22")
    moved = {
        each["ruleId"]: (each["dueAtBefore"][:10], each["dueAtAfter"][:10], each["dutyId"])
        for each in retimed["duties"]
    }
    assert {rule: dates[:2] for rule, dates in moved.items()} == {
        "handover-overdue.send": ("2016-09-01", "2016-09-08"),
        "handover-overdue.accept": ("2016-09-08", "2016-09-15"),
        "pre-release-contact-missing": ("2016-08-18", "2016-08-25"),
        "accommodation-unresolved.address": ("2016-09-01", "2016-09-08"),
        "accommodation-unresolved.referral": ("2016-06-23", "2016-06-30"),
    }
    assert len({dates[2] for dates in moved.values()}) == len(moved)


def test_a_release_brought_forward_never_falls_due_sooner_than_short_notice_allows() -> None:
    told = run([*inside(), due(date(2016, 4, 1), at("2016-03-28"))], until=at("2016-03-29"))
    (retimed,) = told.events("deadlines.retimed")
    after = {each["ruleId"]: each["dueAtAfter"][:10] for each in retimed["duties"]}
    assert after["handover-overdue.send"] == "2016-04-01"
    told = run([*inside(), due(date(2016, 4, 20), at("2016-03-29"))], until=at("2016-03-30"))
    after = {each["ruleId"]: each["dueAtAfter"][:10] for each in told.events("deadlines.retimed")[0]["duties"]}
    assert after["handover-overdue.send"] == "2016-04-06"
    assert after["accommodation-unresolved.referral"] == "2016-04-05"


def test_the_same_date_stated_again_gives_no_further_notice_and_retimes_nothing() -> None:
    first = [*START, due(date(2016, 4, 20), at("2016-03-29"))]
    again = [*first, due(date(2016, 4, 20), at("2016-04-04"))]
    one, two = run(first, until=at("2016-04-04", "12:00")), run(again, until=at("2016-04-04", "12:00"))
    assert two.events("deadlines.retimed") == []
    due_once, due_twice = (
        {row: state.due for row, rows in told.case().duties.items() for state in rows.values()} for told in (one, two)
    )
    assert due_once == due_twice


def test_a_release_moved_beyond_twelve_weeks_closes_pre_release_work_until_it_opens_again() -> None:
    told = run([*START, due(), due(date(2016, 12, 15), at("2016-07-01"))], until=at("2016-12-01"))
    (closed,) = told.events("pre-release.closed")
    assert (closed["closedOn"], closed["reason"], closed["releaseOn"]) == ("2016-07-01", "moved", "2016-12-15")
    assert [opened["openedOn"] for opened in told.events("pre-release.opened")] == ["2016-06-23", "2016-09-22"]


def test_no_release_date_closes_pre_release_work_and_suspends_the_duties() -> None:
    told = run([*inside(), due(None, at("2016-07-01"))])
    (closed,) = told.events("pre-release.closed")
    assert closed["reason"] == "withdrawn"
    assert "releaseOn" not in closed
    assert "handover-overdue.send" not in told.case().duties
    (retimed,) = told.events("deadlines.retimed")
    assert (retimed["releaseOnBefore"], retimed["duties"]) == ("2016-09-15", [])
    assert told.concerns("handover-overdue") == []


def test_a_date_stated_late_but_earlier_is_passed_over() -> None:
    late = due(date(2016, 8, 1), at("2016-03-07"), recorded=at("2016-05-01"))
    told = run([*START, due(), late], until=at("2016-06-24"))
    assert told.events("deadlines.retimed") == []
    assert told.events("pre-release.opened")[-1]["releaseOn"] == "2016-09-15"


def test_release_ends_the_countdown_and_its_concerns() -> None:
    told = run([*inside(), released()], until=at("2016-09-15", "12:00"))
    assert told.concerns("handover-overdue")[0][1] == "2016-09-15"
    assert told.stage("countdown") == ["over"]
    assert not any(code in {"handover-overdue", "accommodation-unresolved"} for code, _, _ in told.open())


def test_a_case_that_is_prepared_in_time_raises_nothing() -> None:
    told = run(prepared(), [released()], until=at("2016-09-15", "23:30"))
    assert told.events("concern.raised") == []


def test_a_quashed_sentence_is_counted_down_no_more() -> None:
    told = run([*START, due(), order_ended(date(2016, 5, 2), "quashed")])
    assert told.events("pre-release.opened") == []


@pytest.mark.parametrize(("days", "opened"), [(83, 1), (84, 1), (85, 0)])
def test_a_date_stated_at_the_boundary_of_twelve_weeks(days: int, opened: int) -> None:
    stated = RELEASE - timedelta(days=days)
    told = run([*START, due(when=at(stated))], until=at(stated, "20:00"))
    assert len(told.events("pre-release.opened")) == opened
