"""`replicas`: what an event costs with 1, 2 and 4 replicas of one service that share its partitions, live; and with the
four services at once, in replay."""

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from rich.console import Console

from deploy.publish import Publisher
from deploy.services import RunningService, ServiceFailed, ready
from tests.benchmarks import counted, measure, together
from tests.benchmarks.counted import Contacts
from tests.benchmarks.figures import Column, FiguresTable, Section, Target
from tests.benchmarks.measure import Processors
from tests.benchmarks.rig import Rig, raised

PARTITIONS = 8
MOST = 1.3
"""An event may cost so many times one replica's processor time, all replicas and PostgreSQL together."""
SETTLE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Found:
    """So many replicas, and what they took."""

    replicas: int
    events: int
    seconds: float
    processors: Processors

    @property
    def cost(self) -> float:
        """Milliseconds of processor for an event, replicas and PostgreSQL."""
        return 1000 * (self.processors.client + self.processors.postgres) / self.events


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `replicas` may be given."""
    parser.add_argument("--events", type=int, default=40_000, help="contacts to count (default %(default)s)")
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--people", type=int, default=300, help="of the four services' feed (default %(default)s)")


async def run(given: argparse.Namespace, console: Console) -> Section:
    """The counter with so many replicas each, then the four services together."""
    began = time.monotonic()
    contacts = counted.contacts(given.events)
    found = []
    async with raised("live", PARTITIONS) as rig:
        for replicas in given.replicas:
            with console.status(f"{replicas} replicas of the counter …"):
                found.append(await _share(rig, contacts, replicas))
            console.print(f"{replicas} replicas: {found[-1].cost:.3f} ms/event")
    async with raised() as rig:
        with console.status("four services together …"):
            four = await together.year(rig, given.people)
        asked = {"events": given.events, "replicas": given.replicas, "people": given.people}
        return rig.section("replicas", asked, [table(found), together.table(four)], targets(found), began=began)


async def _share(rig: Rig, contacts: Contacts, replicas: int) -> Found:
    await rig.fresh_topics()
    name = counted.SERVICE.name
    async with rig.database(name) as database:
        processes = [
            rig.service(f"replica {n}", "tests.benchmarks.counted", database.dsns[name]) for n in range(replicas)
        ]
        try:
            for process in processes:
                await process.start()
            await ready(processes)
            await _shared_out(processes)
            before, at = _spent(rig, processes), time.monotonic()
            async with Publisher(rig.stack.bootstrap) as publisher:
                await publisher.live(contacts.records)

            async def finished() -> bool:
                return bool(
                    await database.conn.fetchval(
                        f"""
                        SELECT (SELECT count(*) FROM "{name}".journal) >= $1
                               AND NOT EXISTS (SELECT FROM "{name}".outbox)
                        """,
                        contacts.events,
                    )
                )

            await measure.until_true(processes[0], finished)
            return Found(replicas, contacts.events, time.monotonic() - at, _spent(rig, processes).less(before))
        finally:
            await asyncio.gather(*(process.stop() for process in processes))


async def _shared_out(processes: Sequence[RunningService]) -> None:
    """Wait until every replica holds its share of the partitions. Raises `ServiceFailed`."""
    give_up = time.monotonic() + SETTLE_SECONDS
    while True:
        pages = [await process.page("/health/ready") for process in processes]
        held = [orjson.loads(body).get("partitions", 0) if status == 200 else 0 for status, body in pages]
        if min(held) == max(held) == PARTITIONS // len(processes):
            return
        if time.monotonic() > give_up:
            raise ServiceFailed(f"the partitions are not shared out after {SETTLE_SECONDS:.0f} s: {held}")
        await asyncio.sleep(0.1)


def _spent(rig: Rig, processes: Sequence[RunningService]) -> Processors:
    each = [rig.servers.processors(process.pid) for process in processes]
    return Processors(sum(one.client for one in each), each[-1].postgres, each[-1].kafka)


def table(found: Sequence[Found]) -> FiguresTable:
    """A row for each number of replicas."""
    columns = (
        Column("replicas"),
        Column("events/s"),
        Column("replicas' CPU, ms/event", 3),
        Column("PostgreSQL CPU, ms/event", 3),
        Column("of one replica's", 2),
    )
    rows = tuple(
        (
            str(each.replicas),
            each.events / each.seconds,
            1000 * each.processors.client / each.events,
            1000 * each.processors.postgres / each.events,
            each.cost / found[0].cost,
        )
        for each in found
    )
    return FiguresTable(f"The counter, live, {PARTITIONS} partitions, {found[0].events:,} events", columns, rows)


def targets(found: Sequence[Found]) -> list[Target]:
    """What issue 4 asks of several replicas."""
    return [
        Target(f"CPU of an event with {each.replicas} replicas, over {found[0].replicas}", MOST,
               each.cost / found[0].cost, at_most=True, digits=2)
        for each in found[1:]
    ]  # fmt: skip
