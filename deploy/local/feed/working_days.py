"""The calendar of the feed: business days of England (no Saturday, Sunday or bank holiday), working hours
in London, and instants in UTC with whole milliseconds, as the published language writes them.
"""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
YEARS = 21
"""Enough for the longest feed (`MOST_MONTHS` in `generate.py`) and for what it plans beyond its end."""


class WorkingDays:
    """Business days from two years before `start` to `YEARS` after it."""

    def __init__(self, start: date) -> None:
        years = range(start.year - 2, start.year + YEARS)
        closed = frozenset(holidays.country_holidays("GB", subdiv="ENG", years=years))
        first = date(start.year - 2, 1, 1)
        every = (first + timedelta(days=n) for n in range((date(start.year + YEARS, 1, 1) - first).days))
        self.days = [day for day in every if day.weekday() < 5 and day not in closed]
        self._offsets: dict[date, timedelta] = {}

    def is_working(self, day: date) -> bool:
        """True for a business day."""
        at = bisect_left(self.days, day)
        return self.days[at] == day

    def after(self, day: date, n: int) -> date:
        """The n-th business day after `day` (n ≥ 1), whatever day that is; n = 0: `day` or the next one."""
        if n == 0:
            return self.on_or_after(day)
        return self.days[bisect_right(self.days, day) + n - 1]

    def before(self, day: date, n: int) -> date:
        """The n-th business day before `day` (n ≥ 1)."""
        return self.days[bisect_left(self.days, day) - n]

    def on_or_after(self, day: date) -> date:
        """`day` itself if it is a business day, else the next one."""
        return self.days[bisect_left(self.days, day)]

    def on_or_before(self, day: date) -> date:
        """`day` itself if it is a business day, else the one before."""
        return self.days[bisect_right(self.days, day) - 1]

    def between(self, start: date, end: date) -> list[date]:
        """The business days from `start` up to, not including, `end`."""
        return self.days[bisect_left(self.days, start) : bisect_left(self.days, end)]

    def instant(self, day: date, milliseconds: int) -> datetime:
        """The UTC instant `milliseconds` after midnight on London's clock of `day` (its offset at noon)."""
        offset = self._offsets.get(day)
        if offset is None:
            offset = datetime(day.year, day.month, day.day, 12, tzinfo=LONDON).utcoffset() or timedelta(0)
            self._offsets[day] = offset
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return midnight - offset + timedelta(milliseconds=milliseconds)


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def iso(instant: datetime) -> str:
    """An aware UTC instant as text with whole milliseconds and `Z`."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
