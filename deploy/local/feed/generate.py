"""Puts the feed together: the area first, then one person after another, each from their own randomness,
then all lines in the order of the log. The same arguments always give the same bytes; more people add lines
and change none of those who were there before.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from deploy.local.feed.area import Area
from deploy.local.feed.case import Case
from deploy.local.feed.community import write_community
from deploy.local.feed.custody import write_custody
from deploy.local.feed.history import HistoryLine, Pen, dump, in_order
from deploy.local.feed.orders import draw_order
from deploy.local.feed.people import draw_person
from deploy.local.feed.sentence import write_allocation_file, write_sentence
from deploy.local.feed.working_days import WorkingDays, add_months

CASES, MONTHS, SEED = 1500, 12, 1
START = date(2016, 1, 4)
MOST_MONTHS = 120


class Feed:
    """A feed of `cases` people sentenced within `months` from `start`: its area, its people, its lines."""

    def __init__(self, cases: int = CASES, months: int = MONTHS, seed: int = SEED, start: date = START) -> None:
        if cases < 0 or not 1 <= months <= MOST_MONTHS:
            raise ValueError(f"cases must be at least 0, and months from 1 to {MOST_MONTHS}")
        self.cases, self.seed = cases, seed
        self.days = WorkingDays(start)
        self.start = self.days.on_or_after(start)
        end = add_months(self.start, months)
        self.horizon = datetime(end.year, end.month, end.day, tzinfo=UTC)
        self.area = Area(cases, seed, self.days, self.start, self.horizon)
        self._sentencing = self.days.between(self.start, end - timedelta(days=3))

    def case(self, index: int) -> Case:
        """The whole history of the `index`-th person, from their own randomness alone."""
        pen = Pen(self.seed, f"person/{index}", self.days, self.horizon)
        person = draw_person(index, pen.rng)
        sentenced_on = pen.rng.choice(self._sentencing)
        case = Case(person, draw_order(person, pen, sentenced_on), pen, self.area, sentenced_on)
        passed = write_sentence(case)
        write_allocation_file(case)
        if case.order.disposal == "custody":
            write_custody(case, passed)
        else:
            write_community(case, passed)
        return case

    def lines(self) -> list[HistoryLine]:
        """All lines in the order of the log."""
        lines = [line for pen in self.area.pens for line in pen.lines]
        for index in range(self.cases):
            lines += self.case(index).pen.lines
        return in_order(lines)


def generate(cases: int = CASES, months: int = MONTHS, seed: int = SEED, start: date = START) -> Iterator[HistoryLine]:
    """The lines of a feed in the order of the log. Raises ValueError for arguments out of range."""
    return iter(Feed(cases, months, seed, start).lines())


def write(path: Path, cases: int = CASES, months: int = MONTHS, seed: int = SEED, start: date = START) -> int:
    """Write a feed to a history file, JSON lines; returns the number of lines."""
    with path.open("wb") as file:
        return dump(generate(cases, months, seed, start), file)
