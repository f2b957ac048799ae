"""A feed too large for memory: written to disk day by day, person after person, and read back in log order."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from deploy.history import BadLine, HistoryRecord, read
from deploy.local.feed.generate import Feed
from deploy.local.feed.history import TOPIC_RANK, HistoryLine

SHARE = 500
"""People whose lines one worker holds in memory at a time."""


@dataclass(frozen=True, slots=True)
class Spool:
    """A feed on disk: a file for each day and worker's share, lines in the order in which they were written."""

    folder: Path
    lines: int

    def days(self) -> Iterator[list[HistoryRecord]]:
        """The records of one day after another, each day in the order of the log."""
        for day in sorted(self.folder.iterdir()):
            yield in_log_order(day)


def in_log_order(day: Path) -> list[HistoryRecord]:
    """The records of a day's folder: by time, causes before effects, key; a subject's own ties as written."""
    parts = (part.read_bytes().splitlines() for part in sorted(day.iterdir()))
    records = [record for record in read(chain.from_iterable(parts)) if not isinstance(record, BadLine)]
    records.sort(key=lambda record: (record.timestamp, TOPIC_RANK[record.topic], record.key or b""))
    return records


def write(folder: Path, cases: int, months: int, seed: int, workers: int) -> Spool:
    """Write the feed of so many people; the same arguments always give the same records as `generate` does."""
    folder.mkdir(parents=True)
    shares = [range(start, min(start + SHARE, cases)) for start in range(0, cases, SHARE)]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        counts = list(pool.map(partial(_write_share, folder, cases, months, seed), shares))
    area = [line for pen in Feed(cases, months, seed).area.pens for line in pen.lines]
    return Spool(folder, sum(counts) + _write_lines(folder, "area", area))


def _write_share(folder: Path, cases: int, months: int, seed: int, people: range) -> int:
    feed = _feed(cases, months, seed)
    lines = [line for index in people for line in feed.case(index).pen.lines]
    return _write_lines(folder, f"people-{people.start:09d}", lines)


_made: dict[tuple[int, int, int], Feed] = {}


def _feed(cases: int, months: int, seed: int) -> Feed:
    """A worker makes the area once."""
    if (cases, months, seed) not in _made:
        _made[cases, months, seed] = Feed(cases, months, seed)
    return _made[cases, months, seed]


def _write_lines(folder: Path, name: str, lines: list[HistoryLine]) -> int:
    by_day: dict[str, list[bytes]] = {}
    for line in lines:
        by_day.setdefault(f"{line.timestamp:%Y-%m-%d}", []).append(line.dump())
    for day, written in by_day.items():
        place = folder / day
        place.mkdir(exist_ok=True)
        (place / name).write_bytes(b"".join(written))
    return len(lines)
