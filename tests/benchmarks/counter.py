"""`counter`: the trivial service on the kernel, with all of its guarantees, against FastStream handlers that do less.

Interleaved rounds on the same records; each system's counts and outputs are checked. The kernel keeps log order across
partitions, a hash-chained journal and exactly-once effects through crashes; the peers keep dedupe, count and outbox.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from rich.console import Console

from deploy import topics
from deploy.consume import is_time_record, whole
from deploy.publish import Publisher
from deploy.services import RunningService
from shared.kernel.database import Connection
from tests.benchmarks import counted, counter_peer_tables, measure, peer, preload
from tests.benchmarks.counted import ALL, FEW, Contacts
from tests.benchmarks.figures import Column, FiguresTable, Section, Spread, Target
from tests.benchmarks.measure import Run
from tests.benchmarks.rig import PARTITIONS, BenchmarkDatabase, Rig, raised

KERNEL, BATCH, ONE_BY_ONE, AT_ONCE = "kernel", "batch", "one by one", "one by one, 4 at once"
SLOW_SHARE = 25
"""The handlers of single messages are given one event in so many; rates are for each event."""


class WrongCountError(Exception):
    """A system counted or published something else; its time means nothing."""


@dataclass(frozen=True, slots=True)
class System:
    """One way to count: where it keeps its counts, and what it is given."""

    name: str
    module: str
    topic: str
    counts: str
    finished: str
    """SQL: whether so many contacts are counted, and nothing waits to be published."""
    environment: Mapping[str, str]


def _peer(name: str, module: str, topic: str, workers: int = 1) -> System:
    environment = {"BENCHMARK_TOPIC": topic, "BENCHMARK_WORKERS": str(workers)}
    return System(
        name,
        f"tests.benchmarks.{module}",
        topic,
        "SELECT person, n FROM peer.counted",
        "SELECT coalesce(sum(n), 0) >= $1 AND NOT EXISTS (SELECT FROM peer.outbox) FROM peer.counted",
        environment,
    )


SYSTEMS = (
    System(
        KERNEL,
        "tests.benchmarks.counted",
        counted.INPUT,
        """
        SELECT key, (convert_from(state, 'UTF8')::json ->> 'n')::bigint
        FROM enforcement.aggregate WHERE state IS NOT NULL
        """,
        """
        SELECT last_value >= $1 AND (SELECT count(*) FROM enforcement.journal) >= $1
               AND NOT EXISTS (SELECT FROM enforcement.outbox)
        FROM enforcement.journal_position_seq
        """,
        {},
    ),
    _peer(BATCH, "counter_batch", ALL),
    _peer(ONE_BY_ONE, "counter_one_by_one", FEW),
    _peer(AT_ONCE, "counter_one_by_one", FEW, workers=PARTITIONS),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `counter` may be given."""
    parser.add_argument("--events", type=int, default=60_000, help="contacts to count (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3)


async def run(given: argparse.Namespace, console: Console) -> Section:
    """Measure all systems, round after round."""
    full = counted.contacts(given.events)
    few = counted.contacts(max(1, given.events // SLOW_SHARE))
    rounds: list[dict[str, Run]] = []
    async with raised() as rig:
        await _preload(rig, full, few)
        for n in range(given.rounds):
            rounds.append({})
            for system in SYSTEMS:
                contacts = few if system.topic == FEW else full
                with console.status(f"counter, round {n + 1} of {given.rounds}: {system.name} …"):
                    found = rounds[-1][system.name] = await _timed(rig, system, contacts)
                console.print(f"counter {n + 1}: {system.name:22} {found.facts:8,} events, {found.rate:9,.0f}/s")
        asked = {"events": given.events, "rounds": given.rounds}
        return rig.section("counter", asked, [table(rounds)], targets(rounds))


def table(rounds: list[dict[str, Run]]) -> FiguresTable:
    """Rates, ratios within each round, and processor time."""
    columns = (
        Column("system"),
        Column("events/s"),
        Column("kernel is so many times as fast", 1),
        Column("client CPU, ms/event", 3),
        Column("PostgreSQL CPU, ms/event", 3),
        Column("Kafka CPU, ms/event", 3),
    )
    rows = tuple(
        (
            name,
            Spread.of([each[name].rate for each in rounds]),
            None if name == KERNEL else ratio(rounds, name),
            *(Spread.of([each[name].per_fact(whose) for each in rounds]) for whose in measure.WHOSE),
        )
        for name in rounds[0]
    )
    return FiguresTable("The counter: each contact counted, and the count published", columns, rows)


def ratio(rounds: list[dict[str, Run]], name: str) -> Spread:
    """The kernel's rate over a peer's of the same round."""
    return Spread.of([each[KERNEL].rate / each[name].rate for each in rounds])


def targets(rounds: list[dict[str, Run]]) -> list[Target]:
    """What issue 4 asks of the counter."""
    return [
        Target("events/s over one message, one transaction", 100, ratio(rounds, ONE_BY_ONE)),
        Target("events/s over one batch, one transaction", 1.5, ratio(rounds, BATCH), digits=2),
    ]


async def _preload(rig: Rig, full: Contacts, few: Contacts) -> None:
    async with topics.admin(rig.stack.bootstrap) as admin:
        await topics.create(admin, [ALL, FEW], "replay", rig.partitions, 1)
    async with Publisher(rig.stack.bootstrap) as publisher:
        await publisher.replay(full.records, full.records[-1].timestamp + timedelta(days=1))
    for topic, contacts in ((ALL, full), (FEW, few)):
        await preload.publish_keyed(rig.stack.bootstrap, topic, contacts.records, rig.partitions)


async def _timed(rig: Rig, system: System, contacts: Contacts) -> Run:
    await preload.empty_output(rig.stack.bootstrap, counted.SERVICE, rig.partitions)
    async with rig.database(counted.SERVICE.name) as database:
        process = await _process(rig, system, database)

        async def finished() -> bool:
            return bool(await database.conn.fetchval(system.finished, contacts.events))

        try:
            found = await measure.timed(process, rig.servers, contacts.events, finished)
        finally:
            await process.stop()
        await _check(rig, system, database.conn, contacts)
        return found


async def _process(rig: Rig, system: System, database: BenchmarkDatabase) -> RunningService:
    if system.name == KERNEL:
        return rig.service(system.name, system.module, database.dsns[counted.SERVICE.name])
    await database.conn.execute(counter_peer_tables.TABLES)
    group = f"benchmark-{uuid4().hex}"
    given = peer.PeerSettings(
        counted.SERVICE.name, rig.stack.bootstrap, rig.stack.postgres.admin_dsn_of(database.name), group,
        rig.folder / "none", rig.partitions,
    )  # fmt: skip
    return rig.process(system.name, system.module, {**given.environment(), **system.environment})


async def _check(rig: Rig, system: System, conn: Connection, contacts: Contacts) -> None:
    counts = {row[0]: row[1] for row in await conn.fetch(system.counts)}
    ids = [
        dict(record.headers)["ce_id"]
        async for record in whole(rig.stack.bootstrap, [counted.OUTPUT])
        if not is_time_record(record)
    ]
    if counts != contacts.counts:
        raise WrongCountError(f"{system.name}: {sum(counts.values())} counted of {contacts.events}")
    if len(ids) != contacts.events or len(set(ids)) != contacts.events:
        raise WrongCountError(f"{system.name}: {len(ids)} outputs ({len(set(ids))} ids) of {contacts.events}")
