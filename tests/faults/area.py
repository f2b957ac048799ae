"""A probation area's year for the four services: the sample feed with what real topics hold besides facts.

It runs from January to January, so a run crosses month ends, a leap day, two clock changes and every midnight.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from deploy.catalogue import with_policies
from deploy.demo import feed
from deploy.history import HistoryRecord
from deploy.simulate import Simulated, simulate
from tests.faults.extent import extent

PEOPLE, MONTHS = extent((40, 6), (370, 12))
"""In full more than twenty thousand facts."""
AFTER = timedelta(days=60)
POISON = (b"\x00", b"{", b'{"eventType":"casework.contact.attempted","version":1}', None, b"[]" * 500)


def eventful_year(seed: int) -> list[HistoryRecord]:
    """The feed, with records sent again (some of them months later) and poison of every sort, in order of time."""
    chance, history = random.Random(seed), feed(PEOPLE, MONTHS, seed)
    more: list[HistoryRecord] = []
    for record in history:
        drawn = chance.random()
        if drawn < 0.05:
            more.append(replace(record, timestamp=record.timestamp + timedelta(hours=chance.randrange(2000))))
        elif drawn < 0.07:
            more.append(replace(record, value=chance.choice(POISON)))
        elif drawn < 0.08 and record.value:
            more.append(replace(record, value=record.value[: chance.randrange(len(record.value))]))
    last = history[-1].timestamp
    return in_order(record for record in (*history, *more) if record.timestamp <= last)


def late(history: Sequence[HistoryRecord], topic: str, by: timedelta) -> list[HistoryRecord]:
    """The same, with one publisher that is late with everything; what its facts state stays as it was."""
    return in_order(
        replace(record, timestamp=record.timestamp + by) if record.topic == topic else record for record in history
    )


def in_order(history: Iterable[HistoryRecord]) -> list[HistoryRecord]:
    """Stably sorted by time, as it will be published."""
    return sorted(history, key=lambda record: record.timestamp)


def closes(history: Sequence[HistoryRecord]) -> datetime:
    """When time ends for a history."""
    return history[-1].timestamp + AFTER


@cache
def model_of(seed: int) -> dict[str, Simulated]:
    """What the four services decide over the eventful year of that seed."""
    history = eventful_year(seed)
    return simulate(history, with_policies(), closes(history))
