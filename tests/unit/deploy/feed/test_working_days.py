"""The feed's calendar: business days of England, months, and London's clock in UTC."""

from datetime import UTC, date, datetime

import pytest

from deploy.local.feed.working_days import WorkingDays, add_months, iso

CALENDAR = WorkingDays(date(2016, 1, 4))
GOOD_FRIDAY, EASTER_MONDAY = date(2016, 3, 25), date(2016, 3, 28)


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2016, 3, 24), 1, date(2016, 3, 29)),
        (GOOD_FRIDAY, 1, date(2016, 3, 29)),
        (date(2016, 3, 27), 2, date(2016, 3, 30)),
        (date(2016, 12, 23), 1, date(2016, 12, 28)),
        (date(2016, 3, 29), 0, date(2016, 3, 29)),
        (EASTER_MONDAY, 0, date(2016, 3, 29)),
    ],
)
def test_the_nth_business_day_after_any_day(day: date, n: int, expected: date) -> None:
    assert CALENDAR.after(day, n) == expected


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [(date(2016, 3, 29), 1, date(2016, 3, 24)), (EASTER_MONDAY, 2, date(2016, 3, 23))],
)
def test_the_nth_business_day_before_any_day(day: date, n: int, expected: date) -> None:
    assert CALENDAR.before(day, n) == expected


def test_a_bank_holiday_is_no_business_day() -> None:
    assert not CALENDAR.is_working(EASTER_MONDAY)
    assert CALENDAR.is_working(date(2016, 3, 29))
    assert CALENDAR.on_or_before(EASTER_MONDAY) == date(2016, 3, 24)


def test_days_between_leave_out_the_last() -> None:
    assert CALENDAR.between(date(2016, 3, 23), date(2016, 3, 29)) == [date(2016, 3, 23), date(2016, 3, 24)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2016, 1, 4), "2016-01-04T09:00:00.000Z"), (date(2016, 7, 4), "2016-07-04T08:00:00.000Z")],
)
def test_nine_in_london_is_eight_in_summer(day: date, expected: str) -> None:
    assert iso(CALENDAR.instant(day, 9 * 3_600_000)) == expected


def test_instants_are_written_with_milliseconds() -> None:
    assert iso(datetime(2016, 3, 4, 10, 12, 0, 70_999, tzinfo=UTC)) == "2016-03-04T10:12:00.070Z"


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2016, 1, 31), 1, date(2016, 2, 29)),
        (date(2016, 11, 15), 14, date(2018, 1, 15)),
        (date(2016, 2, 29), 12, date(2017, 2, 28)),
    ],
)
def test_months_later_keep_the_day_or_take_the_last(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected
