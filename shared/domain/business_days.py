"""Business days of England and Wales: not a Saturday, not a Sunday, not a bank holiday.

Bank holidays are those of the `holidays` library; from 2029 they are not proclaimed yet, so they are a
projection (`is_projected`). Outside 2012 to 2040 only weekends are known. A day ends at 23:59:59.999
Europe/London; instants are UTC.
"""

from bisect import bisect_right
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

FIRST_YEAR = 2012
LAST_YEAR = 2040
LAST_PROCLAIMED_YEAR = 2028

LONDON = ZoneInfo("Europe/London")
DAY_END = time(23, 59, 59, 999_000)
FRIDAY_RELEASES_ACT = date(2023, 12, 12)
"""From this date a release may be brought forward to an earlier eligible working day."""

_CACHED_DAYS = 1 << 16
"""Days recur, and so do the terms that are counted from them."""
CACHED_INSTANTS = 1 << 13
"""Instants do not, so a cache of them fills for as long as a service runs: those of the last runs are enough."""

_HOLIDAYS = tuple(
    sorted(
        day.toordinal()
        for day in holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST_YEAR, LAST_YEAR + 1))
        if day.weekday() < 5
    )
)
_IS_HOLIDAY = frozenset(_HOLIDAYS)


def is_projected(year: int) -> bool:
    """Whether the bank holidays of a year are a projection, not yet proclaimed."""
    return not FIRST_YEAR <= year <= LAST_PROCLAIMED_YEAR


def is_bank_holiday(day: date) -> bool:
    """Whether a weekday is a bank holiday in England and Wales."""
    return day.toordinal() in _IS_HOLIDAY


def is_business_day(day: date) -> bool:
    """Whether a day is a business day."""
    ordinal = day.toordinal()
    return (ordinal - 1) % 7 < 5 and ordinal not in _IS_HOLIDAY


def _business_days_through(ordinal: int) -> int:
    """Business days from 0001-01-01 (a Monday) through the day of that ordinal."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5) - bisect_right(_HOLIDAYS, ordinal)


def _ordinal_of(count: int) -> int:
    """The ordinal of the business day that is the `count`-th from 0001-01-01."""
    skipped = 0
    while True:
        weeks, rest = divmod(count + skipped - 1, 5)
        ordinal = weeks * 7 + rest + 1
        passed = bisect_right(_HOLIDAYS, ordinal)
        if passed == skipped:
            return ordinal
        skipped = passed


@lru_cache(_CACHED_DAYS)
def add_business_days(day: date, n: int) -> date:
    """The n-th business day after a date, whatever day that is; the n-th before it where n is negative.

    0 gives the date itself, also on a weekend.
    """
    if n == 0:
        return day
    if n > 0:
        return date.fromordinal(_ordinal_of(_business_days_through(day.toordinal()) + n))
    return date.fromordinal(_ordinal_of(_business_days_through(day.toordinal() - 1) + n + 1))


@lru_cache(_CACHED_DAYS)
def business_days_between(start: date, end: date) -> int:
    """How many business days after `start` come through `end`; negative where `end` is the earlier.

    `add_business_days(start, n) == end` gives n for every business day `end`.
    """
    if end < start:
        return -(_business_days_through(start.toordinal() - 1) - _business_days_through(end.toordinal() - 1))
    return _business_days_through(end.toordinal()) - _business_days_through(start.toordinal())


@lru_cache(_CACHED_DAYS)
def end_of_day(day: date) -> datetime:
    """The last millisecond of a day in Europe/London, in UTC."""
    return datetime.combine(day, DAY_END, LONDON).astimezone(UTC)


@lru_cache(_CACHED_DAYS)
def start_of_day(day: date) -> datetime:
    """Midnight with which a day begins in Europe/London, in UTC."""
    return datetime.combine(day, time(0), LONDON).astimezone(UTC)


@lru_cache(CACHED_INSTANTS)
def local_date(instant: datetime) -> date:
    """The date in Europe/London at an aware instant. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return instant.astimezone(LONDON).date()


def next_local_midnight(instant: datetime) -> datetime:
    """The first midnight in Europe/London after an aware instant, in UTC."""
    return start_of_day(local_date(instant) + timedelta(days=1))


def add_months(day: date, n: int) -> date:
    """The date n months on (or back), at most the last of its month: 31 January + 1 = 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(_CACHED_DAYS)
def release_day(nominal: date) -> date:
    """The day of release for a nominal date of release.

    A weekend or bank holiday moves it to the preceding working day (Criminal Justice Act 1961, section 23).
    From 2023-12-12 (Offenders (Day of Release from Detention) Act 2023), a nominal date on a day off, or on a
    working day that a day off follows, moves to the preceding eligible one: that a working day follows.
    """
    if nominal < FRIDAY_RELEASES_ACT:
        return nominal if is_business_day(nominal) else add_business_days(nominal, -1)
    day = nominal
    while not (is_business_day(day) and is_business_day(day + timedelta(days=1))):
        day -= timedelta(days=1)
    return day
