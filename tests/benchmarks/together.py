"""The four services at once on the sample feed, in replay, from an empty database to the last report."""

import asyncio
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg

from deploy.demo import CLOSE_AFTER
from deploy.publish import Publisher
from deploy.services import SERVICES, RunningService
from deploy.system import System, running
from tests.benchmarks import cost, spool
from tests.benchmarks.figures import Cell, Column, FiguresTable
from tests.benchmarks.measure import Processors
from tests.benchmarks.rig import Rig
from tests.benchmarks.spool import Spool

MONTHS, SEED = 12, 1
MOST_SECONDS = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class ServiceSpent:
    """One service's share."""

    decided: int
    published: int
    client: float
    """Processor seconds of its process."""
    resident: int
    disk: int
    """Bytes of its schema, indexes included."""


@dataclass(frozen=True, slots=True)
class Together:
    """What the four services did with a feed."""

    people: int
    records: int
    seconds: float
    servers: Processors
    """Of PostgreSQL and Kafka; `client` is the publisher's."""
    services: Mapping[str, ServiceSpent]
    kafka_disk: int
    postgres_disk: int

    @property
    def decided(self) -> int:
        """Facts decided by all services."""
        return sum(each.decided for each in self.services.values())

    @property
    def disk(self) -> int:
        """Bytes on disk, Kafka and PostgreSQL with its write-ahead log."""
        return self.kafka_disk + self.postgres_disk


async def year(rig: Rig, people: int) -> Together:
    """Write the feed of so many people to disk; then start the clock, publish it, and wait for the last report."""
    await rig.fresh_topics()
    written = await asyncio.to_thread(spool.write, rig.folder / "feed", people, MONTHS, SEED, os.cpu_count() or 1)
    async with running(rig.stack, rig.folder / "logs") as system:
        before = {name: rig.servers.processors(process.pid) for name, process in system.services.items()}
        publisher, began = time.process_time(), time.monotonic()
        await _work(rig, written, system)
        seconds = time.monotonic() - began
        after = {name: rig.servers.processors(process.pid) for name, process in system.services.items()}
        published_by = time.process_time() - publisher
        spent = {name: after[name].less(before[name]) for name in SERVICES}
        services = {
            name: await _of_service(rig, name, process, spent[name].client) for name, process in system.services.items()
        }
        whole = spent[SERVICES[-1]]
        servers = Processors(published_by, whole.postgres, whole.kafka)
    shutil.rmtree(written.folder)
    stack = rig.stack.folder
    return Together(
        people, written.lines, seconds, servers, services, _size(stack / "kafka"), _size(stack / "postgres")
    )


async def _work(rig: Rig, written: Spool, system: System) -> None:
    """Publish while the services work, and wait until log time has come to its end everywhere."""
    until = await _publish(rig, written)
    await system.closed(until, MOST_SECONDS)


async def _publish(rig: Rig, written: Spool) -> datetime:
    async with Publisher(rig.stack.bootstrap) as publisher:
        last = None
        for records in written.days():
            last = records[-1].timestamp
            await publisher.replay(records)
        if last is None:
            raise ValueError("the feed is empty")
        await publisher.replay([], last + CLOSE_AFTER)
        return last + CLOSE_AFTER


async def _of_service(rig: Rig, name: str, process: RunningService, client: float) -> ServiceSpent:
    conn = await asyncpg.connect(rig.stack.admin_dsn)
    try:
        decided = await conn.fetchval(f'SELECT count(*) FROM "{name}".journal')
        published = await conn.fetchval(
            f'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "{name}".outbox_id_seq'
        )
        disk = await conn.fetchval(
            f"""
            SELECT sum(pg_total_relation_size(oid))::bigint
            FROM pg_class
            WHERE relkind = 'r' AND relnamespace = '"{name}"'::regnamespace
            """
        )
    finally:
        await conn.close()
    return ServiceSpent(decided, published, client, cost.largest_resident(process.pid), disk)


def _size(folder: Path) -> int:
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


def table(found: Together) -> FiguresTable:
    """A row for each service, and the sums."""
    columns = (
        Column(""),
        Column("decided"),
        Column("published"),
        Column("CPU, s"),
        Column("CPU, ms/event", 3),
        Column("largest resident size, MiB"),
        Column("disk, MiB"),
    )
    rows: list[tuple[Cell, ...]] = [
        (name, each.decided, each.published, each.client, 1000 * each.client / max(1, each.decided),
         each.resident / 2**20, each.disk / 2**20)
        for name, each in found.services.items()
    ]  # fmt: skip
    servers = found.servers
    rows += [
        (
            "PostgreSQL",
            None,
            None,
            servers.postgres,
            1000 * servers.postgres / found.decided,
            None,
            found.postgres_disk / 2**20,
        ),
        ("Kafka", None, None, servers.kafka, 1000 * servers.kafka / found.decided, None, found.kafka_disk / 2**20),
        ("publisher", found.records, found.records, servers.client, 1000 * servers.client / found.decided, None, None),
    ]
    whole = sum(each.client for each in found.services.values()) + servers.postgres + servers.kafka + servers.client
    rows.append(("all", found.decided, None, whole, 1000 * whole / found.decided, None, found.disk / 2**20))
    title = (
        f"Four services together: {found.people:,} people, {found.records:,} records in {found.seconds:,.0f} s, "
        f"{found.decided / found.seconds:,.0f} events/s"
    )
    return FiguresTable(title, columns, tuple(rows))
