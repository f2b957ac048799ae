"""Eventful histories for the counter: duplicates, ties between topics, all kinds of poison, people parked by a bug."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count

import orjson

from deploy.history import HistoryRecord
from tests.builders import fact
from tests.counter.histories import contact, mixed, person, sentence
from tests.running import LONG_AGO

CHAPTER = 2000
"""Records; with six hours from one to the next at most, they take less than the time to the next chapter."""
CHAPTER_TAKES = timedelta(days=200)
MILLISECOND = timedelta(milliseconds=1)


def eventful(
    start: datetime, records: int, people: int, seed: int, step: timedelta = timedelta(hours=6)
) -> list[HistoryRecord]:
    """A seeded history of about that many records, in the order of time."""
    chance = random.Random(seed)
    history: list[HistoryRecord] = []
    for n, record in enumerate(mixed(start, records, people, seed, step)):
        history.append(record)
        now, key, what = record.timestamp, person(chance.randrange(people)), chance.random()
        if what < 0.01:
            history.append(_with_another_content(record))
        elif what < 0.02:
            history.append(_from_the_future(key, now, n))
        elif what < 0.08:
            history.append(contact(key, now, records + n, "text"))
        elif what < 0.09:
            history.append(sentence(person(chance.randrange(people // 20 + 1)), now, f"broken-{n}", "BROKEN"))
    return history


def chapters(seed: int, people: int, start: datetime = LONG_AGO) -> Iterator[list[HistoryRecord]]:
    """Eventful histories without end, one after another."""
    for n in count():
        yield eventful(start + n * CHAPTER_TAKES, CHAPTER, people, seed * 1000 + n)


def stretches(history: Sequence[HistoryRecord], size: int) -> Iterator[tuple[list[HistoryRecord], datetime]]:
    """A history in parts of at least `size` records, each with the instant through which time is told after it."""
    begun = 0
    for n in range(1, len(history)):
        if n - begun >= size and history[n].timestamp > history[n - 1].timestamp:
            yield list(history[begun:n]), history[n].timestamp - MILLISECOND
            begun = n
    yield list(history[begun:]), history[-1].timestamp


def _with_another_content(record: HistoryRecord) -> HistoryRecord:
    """The id of an event that was sent, on one that says something else; a record that is no event stays as it is."""
    try:
        told = orjson.loads(record.value or b"")
        told["additionalInformation"]["channel"] = "letter"
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return record
    return HistoryRecord(record.topic, record.timestamp, record.key, orjson.dumps(told))


def _from_the_future(key: str, now: datetime, n: int) -> HistoryRecord:
    """A publisher whose clock is three days ahead."""
    ahead = now + timedelta(days=3)
    return fact(
        "casework.contact.attempted", key, now, occurred=ahead, contact_id=f"ahead-{n}", at=ahead,
        channel="telephone", purpose="induction", answered=True,
    )  # fmt: skip
