"""The scene of most faults: the counter in mid-stream on a history of the past; at the end, all as modelled."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploy.history import HistoryRecord
from deploy.services import RunningService
from tests.counter.histories import CANARY, ends
from tests.faults import table
from tests.faults.comparison import compare
from tests.faults.extent import extent
from tests.faults.history import eventful
from tests.faults.stream import decided
from tests.running import LONG_AGO, Rig, rig
from tests.servers import Broker, Database

EVENTS = extent(2_500, 20_000)


@dataclass
class Scene:
    """A service that has begun, with most of its history still to come."""

    it: Rig
    service: RunningService
    history: list[HistoryRecord]
    until: datetime

    async def ends_well(self, fault: str, injected: int) -> None:
        """Decide what is left; then everything is as the model has it, and the process is still the first."""
        await self.it.closed(self.until, 150)
        assert self.service.running
        table.tell(fault, len(self.history), injected, await compare(self.it, self.history, self.until))
        assert CANARY not in self.it.logs()


@asynccontextmanager
async def scene(database: Database, kafka: Broker, folder: Path, seed: int, **settings: str) -> AsyncIterator[Scene]:
    """Publish a history, start the counter, wait until it is at work."""
    history = eventful(LONG_AGO, EVENTS, people=200, seed=seed)
    until = ends(history)
    async with rig(database, kafka, folder, THROUGHCARE_RUN_LIMIT="25") as it:
        it.settings = {**it.settings, **settings}
        await it.publish(history, until)
        service = await it.start()
        await decided(it, 50)
        yield Scene(it, service, history, until)


async def is_ready(service: RunningService) -> bool:
    """It says that it works."""
    return (await service.page("/health/ready"))[0] == 200


async def is_red(service: RunningService) -> bool:
    """It says that it cannot work now."""
    return (await service.page("/health/ready"))[0] == 503


async def has_said(service: RunningService, words: str) -> bool:
    """Whether its log holds these words."""
    return words in service.log.read_text()
