"""The walk: one history in many stretches, and a service that is killed at one step after another on its way.

First a life is lived through without a kill, and writes down its steps. Then each step becomes kill points: the first
times that it is met, at three moments each. A life that comes to the end of a stretch alive is given the next one.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any

import asyncpg

from deploy.history import HistoryRecord
from deploy.local.ports import free_port
from deploy.publish import Publisher
from shared.kernel.clock import to_ms
from shared.kernel.settings import Settings
from tests.faults.group import expel_all
from tests.faults.history import chapters, stretches
from tests.faults.nursery import Nursery
from tests.faults.steps import MOMENTS, KillPoint
from tests.running import CLOSED, Rig

STRETCH = 40
RUN_LIMIT = "10"
USUAL_RUN_LIMIT = str(Settings("", "", "replay").run_limit)
MOST_STRETCHES = 4
"""A life that has met its step in none of so many stretches is ended: the step was not met."""
NOT_STEPS_OF_A_RUN = (
    "gauges",
    "operator_request",
    "FetchRequest",
    "HeartbeatRequest",
    "MetadataRequest",
    "ApiVersionRequest",
)
"""Met by the clock rather than by the work; a kill there is a kill at a random instant."""
PATIENCE = 60.0


@dataclass
class Walk:
    """A service on its rig, the history that it has been told so far, and what became of its lives."""

    rig: Rig
    nursery: Nursery
    publisher: Publisher
    watch: Any
    """A connection to the service's schema."""
    rest: Iterator[tuple[list[HistoryRecord], datetime]]
    told: list[HistoryRecord] = field(default_factory=list)
    until: datetime | None = None
    kills: Counter[str] = field(default_factory=Counter)
    unmet: list[KillPoint] = field(default_factory=list)

    async def steps(self, folder: Path, lives: int = 3) -> Counter[str]:
        """The steps of whole lives, each through a few stretches and asked to stop at the end.

        By how often every life met them; one that not every life met counts as met once.
        """
        traces: list[Counter[str]] = []
        for n in range(lives):
            trace = folder / f"steps-{n}"
            await self._born(trace=trace)
            for _ in range(MOST_STRETCHES):
                await self._told_more()
                await self._decided()
            self.nursery.signal(SIGTERM)
            assert await self.nursery.ended() == 0, "a life that was asked to stop ended otherwise"
            traces.append(Counter(trace.read_text().splitlines()))
        return Counter({step: max(1, min(trace[step] for trace in traces)) for trace in traces for step in trace})

    async def kill_at(self, point: KillPoint) -> None:
        """Live until that step kills, however many stretches it takes (up to a limit)."""
        await self._born(point)
        ending = asyncio.ensure_future(self.nursery.ended())
        for _ in range(MOST_STRETCHES):
            await self._told_more()
            deciding = asyncio.ensure_future(self._decided())
            await asyncio.wait([ending, deciding], return_when=asyncio.FIRST_COMPLETED)
            deciding.cancel()
            await asyncio.gather(deciding, return_exceptions=True)
            if ending.done():
                break
        if not ending.done():
            self.unmet.append(point)
            self.nursery.signal(SIGKILL)
        code = await ending
        assert code == -SIGKILL, f"not killed but ended with {code}: see {self.log}"
        self.kills[point.step] += 1
        await expel_all(self.rig.bootstrap, f"throughcare-{self.rig.service.name}")

    async def kill_after(self, seconds: float) -> None:
        """Live so long on a stretch that has just been told, and be killed wherever that is."""
        await self._born()
        await self._told_more()
        await asyncio.sleep(seconds)  # the random instant
        self.nursery.signal(SIGKILL)
        assert await self.nursery.ended() == -SIGKILL, f"ended before it was killed: see {self.log}"
        self.kills["at a random instant"] += 1
        await expel_all(self.rig.bootstrap, f"throughcare-{self.rig.service.name}")

    async def finish(self) -> datetime:
        """A last life decides all that is left, in runs of the usual size, and time goes on for a month.

        Returns the end of time.
        """
        until = (self.until or self.told[-1].timestamp) + timedelta(days=30)
        await self._born(run_limit=USUAL_RUN_LIMIT)
        await self.publisher.tell_time(until)
        self.until = until
        await self._decided()
        self.nursery.signal(SIGTERM)
        assert await self.nursery.ended() == 0
        return until

    @property
    def log(self) -> Path:
        """What all lives have said."""
        return self.rig.folder / "lives.log"

    async def _born(
        self, point: KillPoint | None = None, trace: Path | None = None, run_limit: str = RUN_LIMIT
    ) -> None:
        environment = {
            **self.rig.environment(),
            "THROUGHCARE_RUN_LIMIT": run_limit,
            "THROUGHCARE_HTTP_PORT": str(free_port()),
        }
        await self.nursery.begin(self.rig.service, environment, self.log, point, trace)

    async def _told_more(self) -> None:
        part, self.until = next(self.rest)
        await self.publisher.replay(part, self.until)
        self.told.extend(part)

    async def _decided(self) -> None:
        """Everything told is decided and published."""
        until = to_ms(self.until or self.told[-1].timestamp)
        async with asyncio.timeout(PATIENCE):
            while not await self.watch.fetchval(CLOSED, until):  # noqa: ASYNC110 - PostgreSQL has to be asked
                await asyncio.sleep(0.02)


@asynccontextmanager
async def walking(
    rig: Rig, nursery: Nursery, publisher: Publisher, seed: int, people: int, stretch: int = STRETCH
) -> AsyncIterator[Walk]:
    """A walk on which nothing is told yet, and nobody born. A `stretch` is so many records."""
    parts = chain.from_iterable(stretches(chapter, stretch) for chapter in chapters(seed, people))
    watch = await asyncpg.connect(rig.database.owner_dsn, server_settings={"search_path": rig.service.name})
    try:
        yield Walk(rig, nursery, publisher, watch, parts)
    finally:
        await watch.close()


def kill_points(steps: Counter[str], ordinals: Sequence[int], chance: random.Random) -> list[KillPoint]:
    """Each step's first times and its last, at each moment, in a random order."""
    found = [
        KillPoint(step, nth, moment)
        for step, times in sorted(steps.items())
        if not any(name in step for name in NOT_STEPS_OF_A_RUN)
        for nth in ordinals
        if nth <= times
        for moment in MOMENTS
    ]
    chance.shuffle(found)
    return found
