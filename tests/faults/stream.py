"""Publishers at work while something is broken: they go on at an even rate as long as it takes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain

from deploy.history import HistoryRecord
from deploy.publish import Publisher
from shared.kernel.clock import to_ms
from tests.faults.history import chapters
from tests.running import CLOSED, Rig, until_true

PORTION = 40
PAUSE = 0.2
"""Seconds between two portions: two hundred records a second, until the rest is sent at once."""

BEGINS = datetime(1970, 1, 1, tzinfo=UTC)
"""So early that the longest stream states nothing of the future: all of that would be poison."""


class Stream:
    """An endless seeded history on its way to live topics; `sent` is what has been told of it."""

    def __init__(self, it: Rig, seed: int, least: int, people: int, portion: int) -> None:
        self._it = it
        self._portion = portion
        self._least = least
        self._source = chain.from_iterable(chapters(seed, people, BEGINS))
        self.sent: list[HistoryRecord] = []
        self.hasten = False

    async def run(self) -> None:
        """Send at an even rate until hastened, then what is missing of `least` at once."""
        async with Publisher(self._it.bootstrap) as publisher:
            while not self.hasten or len(self.sent) < self._least:
                portion = [next(self._source) for _ in range(self._portion)]
                self.sent.extend(portion)
                await publisher.live(portion)
                if not self.hasten:
                    await asyncio.sleep(PAUSE)


@asynccontextmanager
async def streaming(
    it: Rig,
    seed: int,
    least: int,
    people: int = 300,
    portion: int = PORTION,
    seconds: float = 120.0,
    watched: bool = True,
) -> AsyncIterator[list[HistoryRecord]]:
    """Publish while the block does its worst; after it, `least` records are sent, decided and published.

    `watched`: the rig knows the processes, and finds it wrong that none runs.
    """
    stream = Stream(it, seed, least, people, portion)
    task = asyncio.create_task(stream.run())
    try:
        yield stream.sent
        stream.hasten = True
        await task
    finally:
        task.cancel()
    end = datetime.now(UTC) + timedelta(seconds=3)
    if watched:
        await it.closed(end, seconds)
    else:
        await until_true(lambda: it.fetchval(CLOSED, to_ms(end)), "all is decided and published", seconds)


async def decided(it: Rig, least: int, seconds: float = 60.0) -> None:
    """Wait until so many decisions are committed."""

    async def enough() -> bool:
        n: int = await it.fetchval("SELECT count(*) FROM journal")
        return n >= least

    await until_true(enough, f"{least} decisions", seconds)


async def decided_more(it: Rig, by: int = 1, seconds: float = 60.0) -> None:
    """Wait until so many more decisions are committed than there are now."""
    await decided(it, await it.fetchval("SELECT count(*) FROM journal") + by, seconds)
