"""What the contract takes for a date, an instant, a decimal, a count, an id; and what it does not."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.contracts.scalars import (
    Count,
    Crn,
    CustodialTerm,
    Day,
    Id,
    Instant,
    Month,
    NomsNumber,
    Percent,
    TimeOfDay,
    UnpaidWorkHours,
    WeeklyHours,
)


def read(kind: Any, text: str) -> Any:
    return TypeAdapter(kind).validate_json(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2017-03-01T09:30:00Z", datetime(2017, 3, 1, 9, 30, tzinfo=UTC)),
        ("2017-03-01T09:30Z", datetime(2017, 3, 1, 9, 30, tzinfo=UTC)),
        ("2017-07-01T09:30:00+01:00", datetime(2017, 7, 1, 8, 30, tzinfo=UTC)),
        ("2017-07-01T09:30:00+0100", datetime(2017, 7, 1, 8, 30, tzinfo=UTC)),
        ("2017-03-01T09:30:00.123999Z", datetime(2017, 3, 1, 9, 30, 0, 123000, tzinfo=UTC)),
        ("2017-03-01T09:30:00.123456789Z", datetime(2017, 3, 1, 9, 30, 0, 123000, tzinfo=UTC)),
        ("2017-03-01T00:30:00+01:00", datetime(2017, 2, 28, 23, 30, tzinfo=UTC)),
    ],
)
def test_an_instant_is_utc_and_cut_to_whole_milliseconds(text: str, expected: datetime) -> None:
    instant = read(Instant, f'"{text}"')
    assert instant == expected
    assert instant.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        '"2017-03-01T09:30:00"',
        '"2017-03-01"',
        '"2017-03-01 09:30:00Z"',
        '"20170301T093000Z"',
        '"2017-W09-3T09:30:00Z"',
        '"2017-03-01T24:01:00Z"',
        '"2017-02-29T09:30:00Z"',
        '"2017-03-01T09:30:00,5Z"',
        '"1488360600"',
        "1488360600",
        "true",
        "null",
        '"1899-12-31T23:59:59Z"',
        '"0001-01-01T00:00:00+14:00"',
        '"9999-12-31T23:59:59-14:00"',
        '""',
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read(Instant, text)


def test_a_naive_instant_is_refused_in_python_too() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(datetime(2017, 3, 1))  # noqa: DTZ001


def test_an_instant_of_another_offset_is_utc_in_python_too() -> None:
    summer = datetime(2017, 7, 1, 9, 30, 0, 1999, tzinfo=timezone(timedelta(hours=1)))
    assert TypeAdapter(Instant).validate_python(summer) == datetime(2017, 7, 1, 8, 30, 0, 1000, tzinfo=UTC)


def test_a_date_is_year_month_day() -> None:
    assert read(Day, '"2017-03-01"') == date(2017, 3, 1)


@pytest.mark.parametrize(
    "text",
    [
        '"2017-02-29"',
        '"2017-3-1"',
        '"2017-03-01T00:00:00"',
        '"86400"',
        "86400",
        '"1899-12-31"',
        '"2200-01-01"',
        '"٢٠١٧-٠٣-٠١"',
        '"2017-03-01\\n"',
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read(Day, text)


@pytest.mark.parametrize(
    ("text", "expected"), [('"6.89"', "6.89"), ('"6.90"', "6.90"), ("6", "6"), ('"0"', "0"), ('"100"', "100")]
)
def test_a_percentage_is_a_decimal_that_keeps_its_digits(text: str, expected: str) -> None:
    number = read(Percent, text)
    assert isinstance(number, Decimal)
    assert str(number) == expected
    assert TypeAdapter(Percent).dump_json(number) == f'"{expected}"'.encode()


@pytest.mark.parametrize(
    "text",
    ["6.9", "6.0", "true", "null", '""', '"6,9"', '"1e2"', '"NaN"', '"Infinity"', '"-0.01"', '"100.01"', "101", "-1"],
)
def test_a_float_and_what_is_no_percentage_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read(Percent, text)


def test_a_float_is_refused_in_python_too() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Percent).validate_python(6.9)


@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("Infinity"), Decimal(-1), Decimal("100.1")])
def test_a_decimal_out_of_bounds_is_refused_in_python_too(number: Decimal) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Percent).validate_python(number)


@pytest.mark.parametrize(
    ("kind", "text", "allowed"),
    [
        (UnpaidWorkHours, '"300"', True),
        (UnpaidWorkHours, '"300.5"', False),
        (UnpaidWorkHours, "301", False),
        (UnpaidWorkHours, "0", True),
        (UnpaidWorkHours, '"-0.5"', False),
        (WeeklyHours, '"168"', True),
        (WeeklyHours, '"-1"', False),
        (Count, "0", True),
        (Count, "-1", False),
        (Count, "true", False),
        (Count, '"1"', False),
        (Count, "1.0", False),
        (Count, "1000001", False),
        (Count, "123456789012345678901234567890", False),
        (Crn, '"X123456"', True),
        (Crn, '"x123456"', False),
        (Crn, '"X12345"', False),
        (Crn, '"X1234567"', False),
        (Crn, '"X123456\\n"', False),
        (Crn, '"X١٢٣٤٥٦"', False),
        (NomsNumber, '"A1234BC"', True),
        (NomsNumber, '"A1234B"', False),
        (NomsNumber, '"A12345C"', False),
        (Id, '""', False),
        (Id, '"a"', True),
        (Id, f'"{"a" * 200}"', True),
        (Id, f'"{"a" * 201}"', False),
        (Id, "1", False),
        (Month, '"2017-12"', True),
        (Month, '"2017-13"', False),
        (TimeOfDay, '"23:59"', True),
        (TimeOfDay, '"24:00"', False),
        (CustodialTerm, '"P18M"', True),
        (CustodialTerm, '"life"', True),
        (CustodialTerm, '"P1Y6M"', True),
        (CustodialTerm, '"P1D"', True),
        (CustodialTerm, '"P12W"', True),
        (CustodialTerm, '"P"', False),
        (CustodialTerm, '"18M"', False),
        (CustodialTerm, '"P-1M"', False),
    ],
)
def test_the_boundary_of_each_scalar(kind: Any, text: str, allowed: bool) -> None:
    try:
        read(kind, text)
    except ValidationError:
        assert not allowed
    else:
        assert allowed
