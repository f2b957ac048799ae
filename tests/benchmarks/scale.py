"""`scale`: what an event costs with more and more cases in the tables, and an open deadline for each."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import asyncpg
from rich.console import Console

from deploy.services import SERVICES, ServiceFailed
from shared.domain.fact import Subject
from shared.kernel.database import Connection
from tests.benchmarks import cost, measure, preload, standing
from tests.benchmarks.cost import Cost, Meters
from tests.benchmarks.figures import Column, FiguresTable, Section, Target
from tests.benchmarks.rig import Rig, raised
from tests.benchmarks.rounds import WrongResultError
from tests.benchmarks.standing import Split
from tests.benchmarks.workload import module_of, prepare

FLAT = 1.2
"""An event may cost so many times as much in the largest tables as in the smallest."""
NOTE = (
    "Bytes written to the log include whole pages at their first change after a checkpoint: the more pages the cases "
    "lie on, the more of them, once. The checkpoint is just before the first event."
)


@dataclass(frozen=True, slots=True)
class Found:
    """One size of the tables, and what an event cost there."""

    service: str
    cases: int
    deadlines: int
    cost: Cost


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `scale` may be given."""
    parser.add_argument("--service", choices=SERVICES, action="append", help="default: enforcement")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="cases in the tables"
    )
    parser.add_argument("--people", type=int, default=4000, help="whose stretch is decided (default %(default)s)")
    parser.add_argument("--events", type=int, default=60_000, help="about so many in it (default %(default)s)")


async def run(given: argparse.Namespace, console: Console) -> Section:
    """Measure every size, service after service."""
    names = given.service or ["enforcement"]
    sizes = sorted(given.sizes)
    async with raised() as rig:
        found = {name: await at_sizes(rig, name, sizes, given.people, given.events, console) for name in names}
        asked = {"services": names, "sizes": sizes, "people": given.people, "events": given.events}
        tables = [table(name, each) for name, each in found.items()]
        targets = [target for name, each in found.items() for target in targets_of(name, each)]
        return rig.section("scale", asked, tables, targets, [NOTE])


async def at_sizes(
    rig: Rig, name: str, sizes: Sequence[int], people: int, events: int, console: Console
) -> list[Found]:
    """One service at several sizes of its tables."""
    with console.status(f"{name}: generating the feed, taking it through the model …"):
        cut = standing.split(prepare(name, people), events, rig.partitions)
    await rig.fresh_topics()
    await preload.publish(rig.stack.bootstrap, cut.stretch, rig.partitions)
    found = []
    for cases in sizes:
        with console.status(f"{name}: {cases:,} cases …"):
            each = await at_size(rig, name, cut, cases)
        found.append(each)
        console.print(f"{name}: {cases:9,} cases, {each.cost.per_fact('client'):.3f} ms/event, PostgreSQL "
                      f"{each.cost.per_fact('postgres'):.3f}")  # fmt: skip
    return found


async def at_size(rig: Rig, name: str, cut: Split, cases: int) -> Found:
    """Fill, decide the stretch, and hold what was decided against the model."""
    await preload.empty_output(rig.stack.bootstrap, cut.stretch.service, rig.partitions)
    async with rig.database(name) as database:
        filling = await asyncpg.connect(
            rig.stack.postgres.admin_dsn_of(database.name), server_settings={"search_path": name}, command_timeout=1800
        )
        deadlines = await standing.fill(filling, cut.standing, cases, rig.partitions)
        await filling.close()
        meters = await Meters.on(rig, database.name, database.conn)
        base = await database.conn.fetchval(f'SELECT max(position) FROM "{name}".journal')
        process = rig.service(name, module_of(name), database.dsns[name])
        try:
            await process.start()
            await measure.began(process)
            before = await meters.read(process.pid)
            await measure.until_true(process, lambda: _decided(database.conn, name, base + cut.facts))
            after = await meters.read(process.pid)
            spent = cost.between(before, after, cut.facts, process.pid)
        finally:
            with suppress(ServiceFailed):
                await process.stop()
        await _check(database.conn, cut)
        return Found(name, cases, deadlines, spent)


async def _decided(conn: Connection, name: str, position: int) -> bool:
    return bool(
        await conn.fetchval(
            f"""
            SELECT (SELECT max(position) FROM "{name}".journal) >= $1 AND NOT EXISTS (SELECT FROM "{name}".outbox)
            """,
            position,
        )
    )


async def _check(conn: Connection, cut: Split) -> None:
    """The head of every original's journal: that of the model."""
    rows = await conn.fetch(
        f"""
        SELECT kind, key, seq, hash FROM "{cut.stretch.service.name}".aggregate
        WHERE seq > 0 AND position($1 IN key) = 0
        """,
        standing.COPY_MARK,
    )
    heads = {Subject(row["kind"], row["key"]): (row["seq"], row["hash"]) for row in rows}
    wrong = [subject for subject, head in cut.stretch.heads.items() if heads.get(subject) != head]
    if wrong:
        raise WrongResultError(
            f"{cut.stretch.service.name}: {len(wrong)} journals of {len(heads)} differ from the model's"
        )


def table(name: str, found: Sequence[Found]) -> FiguresTable:
    """A row for each size."""
    columns = (
        Column("cases"),
        Column("open deadlines"),
        Column("service CPU, ms/event", 3),
        Column("PostgreSQL CPU, ms/event", 3),
        Column("statements/1,000 events", 1),
        Column("log bytes/event"),
        Column("wall, ms/event", 3),
        Column("largest resident size, MiB"),
    )
    rows = tuple(
        (
            f"{each.cases:,}",
            each.deadlines,
            each.cost.per_fact("client"),
            each.cost.per_fact("postgres"),
            1000 * each.cost.statements / each.cost.facts,
            each.cost.wal / each.cost.facts,
            1000 * each.cost.seconds / each.cost.facts,
            each.cost.resident / 2**20,
        )
        for each in found
    )
    return FiguresTable(f"{name}: an event among so many cases ({found[0].cost.facts:,} events)", columns, rows)


def targets_of(name: str, found: Sequence[Found]) -> list[Target]:
    """Flat: the largest tables against the smallest. None where there is but one size."""
    small, large = found[0].cost, found[-1].cost
    if small is large:
        return []
    ratios = (
        ("service CPU", large.per_fact("client") / small.per_fact("client")),
        ("PostgreSQL CPU", large.per_fact("postgres") / small.per_fact("postgres")),
        ("statements", (large.statements / large.facts) / (small.statements / small.facts)),
        ("bytes written", large.wal / small.wal),
    )
    sizes = f"{found[-1].cases:,} cases over {found[0].cases:,}"
    return [Target(f"{name}, {what} an event, {sizes}", FLAT, ratio, at_most=True, digits=2) for what, ratio in ratios]
