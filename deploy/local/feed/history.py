"""A history is a list of lines, each one record of the log: topic, timestamp, key and envelope. A `Pen`
writes the lines of one subject (a person, an office) with its own seeded randomness and its own ids, so
that no subject's history depends on another's. A line's timestamp is when the log took the fact down;
`occurredAt` is when its publisher says that it came about; a publisher that is late has the first after the
second.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID, uuid5

import orjson

from deploy.local.feed.rates import DUPLICATED, Rate
from deploy.local.feed.working_days import WorkingDays, iso

NAMESPACE = UUID("7a1c6a52-3f6e-5c0b-9a53-0d8f3f1b6c11")
TOPIC_RANK = {"workforce": 0, "court": 1, "prison": 2, "casework": 3}
HOUR = 3_600_000


class HistoryLine(NamedTuple):
    """One record: the topic it stands on, when the log took it down (UTC), its key and its value."""

    topic: str
    timestamp: datetime
    key: str
    value: dict[str, Any]

    def dump(self) -> bytes:
        """The line as one JSON object, newline included; the same line always gives the same bytes."""
        whole = {
            "topic": self.topic,
            "timestamp": iso(self.timestamp),
            "key": self.key,
            "value": self.value,
        }
        return orjson.dumps(whole, option=orjson.OPT_APPEND_NEWLINE)


class Pen:
    """Writes the history of one subject up to `horizon`; what would be recorded from then on is left out."""

    def __init__(self, seed: int, subject: str, days: WorkingDays, horizon: datetime) -> None:
        self.rng = Random(f"{seed}/{subject}")
        self.days = days
        self.horizon = horizon
        self.lines: list[HistoryLine] = []
        self.closed_after: date | None = None
        self._name = f"{seed}/{subject}"
        self._ids = 0

    def fresh_id(self) -> str:
        """The subject's next id: UUIDv5 of seed, subject and ordinal."""
        self._ids += 1
        return str(uuid5(NAMESPACE, f"{self._name}/{self._ids}"))

    def happens(self, rate: Rate) -> bool:
        """Draw once: does something of this rate happen?"""
        return self.rng.random() < rate.value

    def during(self, day: date, earliest: float = 9.0, latest: float = 17.0) -> datetime:
        """A random instant of `day` between two hours of London's clock."""
        return self.days.instant(day, self.rng.randrange(int(earliest * HOUR), int(latest * HOUR)))

    def write(
        self,
        event_type: str,
        key: str,
        at: datetime,
        information: dict[str, Any],
        *,
        recorded: datetime | None = None,
        identifiers: tuple[tuple[str, str], ...] = (),
    ) -> str:
        """Write one event in our own envelope; returns its id. `recorded` is later than `at` if it was late."""
        event_id = self.fresh_id()
        value: dict[str, Any] = {
            "eventId": event_id,
            "eventType": event_type,
            "version": 1,
            "occurredAt": iso(at),
            "personReference": {"identifiers": [{"type": kind, "value": code} for kind, code in identifiers]},
            "additionalInformation": information,
        }
        if not identifiers:
            del value["personReference"]
        topic = event_type.partition(".")[0].partition("-")[0]
        self.record(topic, key, recorded or at, value)
        return event_id

    def record(self, topic: str, key: str, recorded: datetime, value: dict[str, Any]) -> None:
        """Put a value on the log as it is, now and then twice: publishers send the same message again."""
        line = HistoryLine(topic, recorded, key, value)
        self._keep(line)
        if self.happens(DUPLICATED):
            again = recorded + timedelta(milliseconds=self.rng.randrange(500, 36 * HOUR))
            self._keep(line._replace(timestamp=again))

    def _keep(self, line: HistoryLine) -> None:
        if line.timestamp < self.horizon:
            self.lines.append(line)


def in_order(lines: Iterable[HistoryLine]) -> list[HistoryLine]:
    """All lines in the log's order: time, causes before effects, key; a subject's own ties stay as written."""
    return sorted(lines, key=lambda line: (line.timestamp, TOPIC_RANK[line.topic], line.key))


def dump(lines: Iterable[HistoryLine], to: BinaryIO) -> int:
    """Write lines as JSON lines and return how many there were."""
    count = 0
    for line in lines:
        to.write(line.dump())
        count += 1
    return count
