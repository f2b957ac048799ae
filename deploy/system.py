"""The whole system on this machine: the local stack, the schemas, the four services; and where to find what runs."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import asyncpg

from deploy.local.state import state_folder, write_private
from deploy.migrations import migrate_all
from deploy.services import SERVICES, RunningService, ServiceFailed, ready
from shared.kernel.clock import to_ms

POLL_SECONDS = 0.2
RUNNING = "running.json"


class Ground(Protocol):
    """What services run on: a started stack, or the servers of a test."""

    @property
    def bootstrap(self) -> str: ...
    @property
    def time(self) -> str: ...
    @property
    def kafka_kind(self) -> str: ...
    @property
    def owner_dsn(self) -> str: ...
    @property
    def reader_dsn(self) -> str: ...
    def dsn(self, service: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running system is: brokers, databases, pages. The file that holds it is its owner's alone."""

    kafka: str
    kafka_kind: str
    time: str
    reader_dsn: str
    owner_dsn: str
    dsns: Mapping[str, str]
    pages: Mapping[str, str]
    pid: int

    def write(self, name: str) -> None:
        """Remember it as the system `name` of this user."""
        write_private(state_folder(name) / RUNNING, json.dumps(asdict(self)))


def find(name: str) -> Addresses | None:
    """The system `name` that runs (or ran last) on this machine."""
    file = state_folder(name) / RUNNING
    return Addresses(**json.loads(file.read_text())) if file.exists() else None


class System:
    """A stack with its services. Reading it needs no service to run."""

    def __init__(self, stack: Ground, services: dict[str, RunningService]) -> None:
        self.stack = stack
        self.services = services

    def addresses(self, pid: int) -> Addresses:
        """Where everything is."""
        return Addresses(
            kafka=self.stack.bootstrap,
            kafka_kind=self.stack.kafka_kind,
            time=self.stack.time,
            reader_dsn=self.stack.reader_dsn,
            owner_dsn=self.stack.owner_dsn,
            dsns={name: self.stack.dsn(name) for name in self.services},
            pages={name: service.address for name, service in self.services.items()},
            pid=pid,
        )

    async def closed(self, until: datetime, seconds: float) -> None:
        """Wait until every service has decided and published everything through `until`. Raises `ServiceFailed`."""
        wanted, give_up = to_ms(until), time.monotonic() + seconds
        conn = await asyncpg.connect(self.stack.reader_dsn)
        try:
            while not await _all_closed(conn, list(self.services), wanted):
                for service in self.services.values():
                    if not service.running:
                        raise ServiceFailed(f"{service.name} ended: {service.last_words()}")
                if time.monotonic() > give_up:
                    raise ServiceFailed(f"log time has not come to {until.isoformat()} within {seconds:.0f} s")
                await asyncio.sleep(POLL_SECONDS)
        finally:
            await conn.close()


@asynccontextmanager
async def running(
    stack: Ground, logs: Path, services: tuple[str, ...] = SERVICES, settings: Mapping[str, str] | None = None
) -> AsyncIterator[System]:
    """Migrate, then run services on a started stack until the block ends."""
    await migrate_all(stack.owner_dsn, services)
    processes = {
        name: RunningService(
            name,
            {
                "THROUGHCARE_KAFKA": stack.bootstrap,
                "THROUGHCARE_DSN": stack.dsn(name),
                "THROUGHCARE_TIME": stack.time,
                **(settings or {}),
            },
            logs / f"{name}.log",
        )
        for name in services
    }
    try:
        for process in processes.values():
            await process.start()
        await ready(processes.values())
        yield System(stack, processes)
    finally:
        await asyncio.gather(*(process.stop() for process in processes.values()))


async def _all_closed(conn: asyncpg.Connection, services: list[str], wanted: int) -> bool:
    for service in services:
        row = await conn.fetchrow(
            f"""
            SELECT (SELECT CASE WHEN bool_and(through IS NOT NULL) THEN min(through) END FROM "{service}".progress),
                   EXISTS (SELECT FROM "{service}".outbox),
                   EXISTS (SELECT FROM "{service}".due WHERE NOT held AND fires_at <= $1)
            """,
            wanted,
        )
        through, undelivered, due = row or (None, True, True)
        if through is None or through < wanted or undelivered or due:
            return False
    return True
