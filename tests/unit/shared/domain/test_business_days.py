"""The calendar of business days, days and months, at its boundaries and against the published bank holidays."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.business_days import (
    add_business_days,
    add_months,
    business_days_between,
    end_of_day,
    is_bank_holiday,
    is_business_day,
    is_projected,
    local_date,
    next_local_midnight,
    release_day,
    start_of_day,
)

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def d(text: str) -> date:
    return date.fromisoformat(text)


def test_every_weekday_from_2014_to_2028_is_as_the_government_published_it() -> None:
    published = {
        holiday["date"] for holiday in BankHolidays(use_cached_holidays=True).get_holidays("england-and-wales")
    }
    first, last = date(2014, 1, 1), date(2028, 12, 31)
    assert min(published) <= first
    assert max(published).year >= last.year
    weekdays = [day for n in range((last - first).days + 1) if (day := first + timedelta(days=n)).weekday() < 5]
    assert [day for day in weekdays if is_bank_holiday(day) != (day in published)] == []


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2017-03-03", True),
        ("2017-03-04", False),
        ("2017-03-05", False),
        ("2017-03-06", True),
        ("2017-04-14", False),
        ("2017-04-17", False),
        ("2017-08-28", False),
        ("2022-06-02", False),
        ("2022-09-19", False),
        ("2023-05-08", False),
        ("2021-12-27", False),
        ("2021-12-28", False),
    ],
)
def test_a_business_day_is_no_weekend_and_no_bank_holiday(day: str, expected: bool) -> None:
    assert is_business_day(d(day)) is expected


@pytest.mark.parametrize(("year", "expected"), [(2011, True), (2012, False), (2028, False), (2029, True), (2041, True)])
def test_years_that_are_not_proclaimed_are_projected(year: int, expected: bool) -> None:
    assert is_projected(year) is expected


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2017-03-06", 0, "2017-03-06"),
        ("2017-03-04", 0, "2017-03-04"),
        ("2017-03-06", 1, "2017-03-07"),
        ("2017-03-03", 1, "2017-03-06"),
        ("2017-03-04", 1, "2017-03-06"),
        ("2017-03-05", 1, "2017-03-06"),
        ("2017-03-04", 2, "2017-03-07"),
        ("2017-03-06", 5, "2017-03-13"),
        ("2017-04-13", 1, "2017-04-18"),
        ("2017-04-14", 1, "2017-04-18"),
        ("2017-04-13", 2, "2017-04-19"),
        ("2016-12-23", 1, "2016-12-28"),
        ("2017-03-06", -1, "2017-03-03"),
        ("2017-03-05", -1, "2017-03-03"),
        ("2017-03-04", -1, "2017-03-03"),
        ("2017-04-18", -1, "2017-04-13"),
        ("2017-04-18", -10, "2017-03-31"),
        ("2017-03-01", 15, "2017-03-22"),
    ],
)
def test_the_nth_business_day_after_or_before_a_date(start: str, n: int, expected: str) -> None:
    assert add_business_days(d(start), n) == d(expected)


def step_by_step(day: date, n: int) -> date:
    while n:
        day += timedelta(days=1 if n > 0 else -1)
        if is_business_day(day):
            n -= 1 if n > 0 else -1
    return day


@given(days, st.integers(-60, 60))
def test_adding_is_the_same_as_walking_day_by_day(day: date, n: int) -> None:
    assert add_business_days(day, n) == step_by_step(day, n)


@given(days, st.integers(1, 60))
def test_the_days_between_are_those_that_were_added(day: date, n: int) -> None:
    assert business_days_between(day, add_business_days(day, n)) == n
    assert business_days_between(day, add_business_days(day, -n)) == -n


@given(days)
def test_there_is_no_business_day_between_a_day_and_itself(day: date) -> None:
    assert business_days_between(day, day) == 0


@pytest.mark.parametrize(
    ("day", "end", "start"),
    [
        ("2017-01-15", "2017-01-15T23:59:59.999+00:00", "2017-01-15T00:00:00+00:00"),
        ("2017-07-15", "2017-07-15T22:59:59.999+00:00", "2017-07-14T23:00:00+00:00"),
        ("2017-03-26", "2017-03-26T22:59:59.999+00:00", "2017-03-26T00:00:00+00:00"),
        ("2017-10-29", "2017-10-29T23:59:59.999+00:00", "2017-10-28T23:00:00+00:00"),
    ],
)
def test_a_day_begins_and_ends_in_london(day: str, end: str, start: str) -> None:
    assert end_of_day(d(day)) == datetime.fromisoformat(end)
    assert start_of_day(d(day)) == datetime.fromisoformat(start)
    assert end_of_day(d(day)).tzinfo is UTC


@given(days)
def test_a_day_ends_a_millisecond_before_the_next_begins(day: date) -> None:
    assert start_of_day(day + timedelta(days=1)) - end_of_day(day) == timedelta(milliseconds=1)
    assert local_date(start_of_day(day)) == local_date(end_of_day(day)) == day


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2017-01-15T23:59:59.999+00:00", "2017-01-15"),
        ("2017-07-15T22:59:59.999+00:00", "2017-07-15"),
        ("2017-07-15T23:00:00+00:00", "2017-07-16"),
        ("2017-07-16T01:00:00+02:00", "2017-07-16"),
    ],
)
def test_the_local_date_of_an_instant(instant: str, expected: str) -> None:
    assert local_date(datetime.fromisoformat(instant)) == d(expected)


def test_the_local_date_of_a_naive_instant_is_an_error() -> None:
    with pytest.raises(ValueError, match="offset"):
        local_date(datetime(2017, 3, 1))  # noqa: DTZ001


def test_equal_instants_of_different_offsets_have_one_local_date() -> None:
    instant = datetime(2017, 7, 15, 23, 30, tzinfo=UTC)
    assert local_date(instant) == local_date(instant.astimezone(timezone(timedelta(hours=-5)))) == date(2017, 7, 16)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2017-01-15T12:00:00+00:00", "2017-01-16T00:00:00+00:00"),
        ("2017-07-15T12:00:00+00:00", "2017-07-15T23:00:00+00:00"),
        ("2017-07-15T23:00:00+00:00", "2017-07-16T23:00:00+00:00"),
    ],
)
def test_the_next_local_midnight(instant: str, expected: str) -> None:
    assert next_local_midnight(datetime.fromisoformat(instant)) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        ("2017-01-31", 1, "2017-02-28"),
        ("2016-01-31", 1, "2016-02-29"),
        ("2016-02-29", 12, "2017-02-28"),
        ("2017-12-15", 1, "2018-01-15"),
        ("2017-01-15", -1, "2016-12-15"),
        ("2017-03-31", -1, "2017-02-28"),
        ("2017-03-15", 0, "2017-03-15"),
        ("2017-03-15", 12, "2018-03-15"),
    ],
)
def test_a_month_on_is_at_most_the_end_of_its_month(day: str, n: int, expected: str) -> None:
    assert add_months(d(day), n) == d(expected)


@pytest.mark.parametrize(
    ("nominal", "expected"),
    [
        ("2017-03-08", "2017-03-08"),
        ("2017-03-10", "2017-03-10"),
        ("2017-03-11", "2017-03-10"),
        ("2017-03-12", "2017-03-10"),
        ("2017-04-17", "2017-04-13"),
        ("2023-12-09", "2023-12-08"),
        ("2023-12-11", "2023-12-11"),
        ("2023-12-12", "2023-12-12"),
        ("2023-12-14", "2023-12-14"),
        ("2023-12-15", "2023-12-14"),
        ("2023-12-16", "2023-12-14"),
        ("2023-12-17", "2023-12-14"),
        ("2023-12-25", "2023-12-21"),
        ("2023-12-27", "2023-12-27"),
        ("2024-03-28", "2024-03-27"),
        ("2024-04-01", "2024-03-27"),
    ],
)
def test_a_release_moves_off_days_off_and_from_december_2023_off_the_day_before_them(
    nominal: str, expected: str
) -> None:
    assert release_day(d(nominal)) == d(expected)


@given(days)
def test_a_release_is_never_late_and_always_on_a_business_day(day: date) -> None:
    released = release_day(day)
    assert released <= day
    assert is_business_day(released)
