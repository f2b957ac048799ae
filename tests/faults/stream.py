"""Publishers at work while something is broken: they go on at an even rate as long as it takes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from deploy.history import HistoryRecord
from deploy.publish import Publisher
from tests.faults.history import eventful
from tests.running import LONG_AGO, Rig, until_true

PORTION = 40
PAUSE = 0.2
"""Seconds between two portions: two hundred records a second, until the rest is sent at once."""
CHAPTER = 2000


class Stream:
    """An endless seeded history on its way to live topics; `sent` is what has been told of it."""

    def __init__(self, it: Rig, seed: int, least: int, people: int) -> None:
        self._it = it
        self._least = least
        self._source = _endless(seed, people)
        self.sent: list[HistoryRecord] = []
        self.hasten = False

    async def run(self) -> None:
        """Send at an even rate until hastened, then what is missing of `least` at once."""
        async with Publisher(self._it.bootstrap) as publisher:
            while not self.hasten or len(self.sent) < self._least:
                portion = [next(self._source) for _ in range(PORTION)]
                self.sent.extend(portion)
                await publisher.live(portion)
                if not self.hasten:
                    await asyncio.sleep(PAUSE)


@asynccontextmanager
async def streaming(
    it: Rig, seed: int, least: int, people: int = 300, seconds: float = 120.0
) -> AsyncIterator[list[HistoryRecord]]:
    """Publish while the block does its worst; after it, `least` records are sent, decided and published."""
    stream = Stream(it, seed, least, people)
    task = asyncio.create_task(stream.run())
    try:
        yield stream.sent
        stream.hasten = True
        await task
    finally:
        task.cancel()
    await it.closed(datetime.now(UTC) + timedelta(seconds=3), seconds)


async def decided(it: Rig, least: int, seconds: float = 60.0) -> None:
    """Wait until so many decisions are committed."""

    async def enough() -> bool:
        n: int = await it.fetchval("SELECT count(*) FROM journal")
        return n >= least

    await until_true(enough, f"{least} decisions", seconds)


async def decided_more(it: Rig, by: int = 1, seconds: float = 60.0) -> None:
    """Wait until so many more decisions are committed than there are now."""
    await decided(it, await it.fetchval("SELECT count(*) FROM journal") + by, seconds)


def _endless(seed: int, people: int) -> Iterator[HistoryRecord]:
    for chapter in count():
        yield from eventful(LONG_AGO + timedelta(days=1000 * chapter), CHAPTER, people, seed * 1000 + chapter)
