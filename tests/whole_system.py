"""The four services as processes on the test's servers: what they run on, what they were told, what they said."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.digest import Line
from deploy.history import HistoryRecord
from deploy.outcome import journaled, published
from deploy.publish import Publisher
from deploy.services import SERVICES
from deploy.system import System
from tests.servers import Database

AFTER = timedelta(days=60)
"""Log time goes on so long after the last fact."""


@dataclass(frozen=True)
class ServersOfTheTest:
    """The test's database and topics, as what the services run on."""

    database: Database
    bootstrap: str
    time: str = "replay"
    kafka_kind: str = "apache"

    @property
    def owner_dsn(self) -> str:
        return self.database.owner_dsn

    @property
    def reader_dsn(self) -> str:
        return self.database.reader_dsn

    def dsn(self, service: str) -> str:
        return self.database.dsn(service)


async def found(system: System) -> list[Line]:
    """What the real system published and journaled."""
    outputs = await published(system.stack.bootstrap)
    return [*outputs, *await journaled(system.stack.reader_dsn, SERVICES)]


def first_difference(real: list[Line], model: list[Line]) -> str:
    """Where two outcomes part, for a reader of a failed test."""
    for one, other in zip(sorted(real), sorted(model), strict=False):
        if one != other:
            return f"real {one}\nmodel {other}"
    return f"{len(real)} lines, and {len(model)} of the model"


async def tell(system: System, history: list[HistoryRecord]) -> datetime:
    """Publish a history and close time after it."""
    until = history[-1].timestamp + AFTER
    async with Publisher(system.stack.bootstrap) as publisher:
        await publisher.replay(history, until)
    return until
