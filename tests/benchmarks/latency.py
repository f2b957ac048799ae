"""`latency`: from publishing a record to what was decided from it being published, live, at a steady rate: one hop
through each of the four services on the sample feed, and four hops through a chain of trivial ones."""

import argparse
import asyncio
from collections.abc import Mapping, Sequence

from rich.console import Console

from deploy.demo import feed
from deploy.history import HistoryRecord
from deploy.services import SERVICES, ready
from deploy.system import running
from shared.domain.service import UPSTREAM
from tests.benchmarks import counted, link, measure, paced
from tests.benchmarks.figures import Cell, Column, FiguresTable, Section, Target
from tests.benchmarks.paced import Answered, Paced, percentile
from tests.benchmarks.rig import Rig, raised
from tests.benchmarks.workload import MONTHS, SEED

ONE_HOP_MS, CHAIN_MS = 150.0, 600.0
"""The targets, for the 99th percentile."""
RECORDS_OF_A_PERSON = 55
CLOSE_SECONDS = 180.0
OUTPUTS = tuple(UPSTREAM)

Latencies = Mapping[str, Sequence[float]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `latency` may be given."""
    parser.add_argument("--rate", type=float, default=200.0, help="records a second (default %(default)s)")
    parser.add_argument("--seconds", type=int, default=60, help="of publishing, each time (default %(default)s)")
    parser.add_argument("--warm", type=int, default=60, help="seconds before, which do not count (default %(default)s)")


async def run(given: argparse.Namespace, console: Console) -> Section:
    """The real services first, then the chain."""
    warm = round(given.rate * given.warm)
    records = warm + round(given.rate * given.seconds)
    history = feed(max(1, records // RECORDS_OF_A_PERSON + 1), MONTHS, SEED)[:records]
    contacts = counted.contacts(records).records[:records]
    async with raised("live") as rig:
        with console.status("the four services on the sample feed …"):
            hop, rate, waited = await one_hop(rig, history, given.rate, warm)
        with console.status("a chain of four …"):
            chain = await through_the_chain(rig, contacts, given.rate, warm)
        note = (
            f"Sent {rate:,.0f} records a second, for {given.warm} s before any counted. Left out: {waited:,} events "
            "whose cause waited in its case for another record, and all that deadlines caused."
        )
        tables = [
            table("One hop: the four services on the sample feed, ms", hop),
            table("Through the chain: four trivial services, ms", chain),
        ]
        targets = [
            Target("p99 of one hop, ms", ONE_HOP_MS, percentile(hop["all"], 0.99), at_most=True),
            Target("p99 through the chain, ms", CHAIN_MS, percentile(chain[LAST_HOP], 0.99), at_most=True),
        ]
        return rig.section(
            "latency", {"rate": given.rate, "seconds": given.seconds, "warm": given.warm}, tables, targets, [note]
        )


async def one_hop(rig: Rig, history: Sequence[HistoryRecord], rate: float, warm: int) -> tuple[Latencies, float, int]:
    """By service, from a record to each event directly caused by it; how fast it went; how many causes had waited."""
    async with running(rig.stack, rig.folder / "logs") as system:
        sent = await paced.publish(rig.stack.bootstrap, history, rig.partitions, rate, warm)
        await system.closed(sent.until, CLOSE_SECONDS)
    found: dict[str, list[float]] = {name: [] for name in (*SERVICES, "all")}
    waited = 0
    for answer in await paced.answers(rig.stack.bootstrap, OUTPUTS):
        if answer.causation_id not in sent.counted:
            continue
        cause = sent.sent[answer.causation_id]
        if answer.logtime != cause.broker:
            waited += 1
            continue
        for row in (UPSTREAM[answer.topic], "all"):
            found[row].append(answer.at - cause.at)
    return found, sent.rate, waited


LAST_HOP = "4 hops, through all"


async def through_the_chain(rig: Rig, contacts: Sequence[HistoryRecord], rate: float, warm: int) -> Latencies:
    """By number of hops, from a record to the event that the last of them published."""
    await rig.fresh_topics()
    async with rig.database(*SERVICES) as database:
        processes = [
            rig.service(name, "tests.benchmarks.link", database.dsns[name], BENCHMARK_LINK=name) for name in SERVICES
        ]
        try:
            for process in processes:
                await process.start()
            await ready(processes)
            sent = await paced.publish(rig.stack.bootstrap, contacts, rig.partitions, rate, warm)

            async def through() -> bool:
                done = await database.conn.fetchval(
                    f"""
                    SELECT (SELECT count(*) FROM "{link.LAST}".journal) >= $1
                           AND NOT EXISTS (SELECT FROM "{link.LAST}".outbox)
                    """,
                    len(sent.sent),
                )
                return bool(done)

            await measure.until_true(processes[-1], through, CLOSE_SECONDS)
        finally:
            await asyncio.gather(*(process.stop() for process in processes))
    return by_hops(sent, await paced.answers(rig.stack.bootstrap, OUTPUTS))


def by_hops(sent: Paced, found: Sequence[Answered]) -> Latencies:
    """Latencies by how many services an event has come through; the correlation id names the record at its root."""
    hops = {topic: n for n, topic in enumerate(OUTPUTS, 1)}
    names = {1: "1 hop", 2: "2 hops", 3: "3 hops", 4: LAST_HOP}
    latencies: dict[str, list[float]] = {name: [] for name in names.values()}
    for answer in found:
        if answer.correlation_id in sent.counted:
            latencies[names[hops[answer.topic]]].append(answer.at - sent.sent[answer.correlation_id].at)
    return latencies


def table(title: str, latencies: Latencies) -> FiguresTable:
    """A row for each kind, where there is any."""
    columns = (Column(""), Column("events"), Column("p50"), Column("p99"), Column("p99.9"), Column("most"))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, len(values), *(percentile(values, share) for share in (0.5, 0.99, 0.999, 1.0)))
        for name, values in latencies.items()
        if values
    )
    return FiguresTable(title, columns, rows)
