"""`verify`: the proof of a journal, made by the model and copied into the tables, as `throughcare verify` has it."""

import argparse
import time

import asyncpg
from rich.console import Console

from deploy.demo import feed
from deploy.services import SERVICES
from deploy.simulate import Simulated, simulate
from deploy.verify import verify, verify_all
from shared.kernel.clock import to_ms
from shared.kernel.process import policy_of
from tests.benchmarks.figures import Column, FiguresTable, Section, Target
from tests.benchmarks.rig import BenchmarkDatabase, Rig, raised
from tests.benchmarks.workload import MONTHS, SEED, service_of

LINES_OF_A_PERSON = 140
MILLION = 1_000_000
MINUTES = 3.0


class UnsoundJournalError(Exception):
    """The proof of a sound journal found something amiss; the message says what."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `verify` may be given."""
    parser.add_argument("--lines", type=int, default=200_000, help="about so many (default %(default)s)")


async def run(given: argparse.Namespace, console: Console) -> Section:
    """Make the journals, then prove them."""
    with console.status("taking the feed through the model …"):
        people = max(1, given.lines // LINES_OF_A_PERSON)
        chain = [(service, policy_of(service, "")) for service in map(service_of, SERVICES)]
        history = feed(people, MONTHS, SEED)
        found = simulate(history, chain, max(record.timestamp for record in history))
        del history
    async with raised() as rig, rig.database(*SERVICES) as database:
        for name in SERVICES:
            await _write(rig, database, found[name])
        found.clear()
        rows, lines = [], 0
        for service, policy in chain:
            began = time.monotonic()
            (proved,) = await verify(database.reader_dsn, [(service, policy)])
            seconds = time.monotonic() - began
            if not proved.well or proved.decided_again != proved.lines:
                raise UnsoundJournalError("; ".join(proved.problems) or f"{service.name}: not all was decided again")
            rows.append((service.name, proved.lines, seconds, proved.lines / seconds))
            lines += proved.lines
        began = time.monotonic()
        await verify_all(database.reader_dsn)
        took = time.monotonic() - began
        rows.append(("all, side by side", lines, took, lines / took))
        columns = (Column("journal"), Column("lines"), Column("s", 1), Column("lines/s"))
        tables = [FiguresTable("Proof of the journals: every hash, every decision again", columns, tuple(rows))]
        target = Target("minutes for a million lines", MINUTES, took / 60 * MILLION / lines, at_most=True, digits=2)
        return rig.section("verify", {"lines": given.lines}, tables, [target])


async def _write(rig: Rig, database: BenchmarkDatabase, result: Simulated) -> None:
    """The journal as the service would have left it, and the head of each aggregate's."""
    name = result.service.name
    conn = await asyncpg.connect(
        rig.stack.postgres.admin_dsn_of(database.name), server_settings={"search_path": name}, command_timeout=600
    )
    try:
        await conn.copy_records_to_table(
            "journal",
            columns=["kind", "key", "seq", "at", "fact_id", "content", "content_hash", "hash"],
            records=(
                (*line.subject, line.seq, to_ms(line.at), line.fact_id, line.content.decode(), line.content_hash,
                 line.hash)
                for line in result.journal
            ),
        )  # fmt: skip
        heads = {line.subject: line for line in result.journal}
        await conn.copy_records_to_table(
            "aggregate",
            columns=["kind", "key", "seq", "hash"],
            records=[(*subject, line.seq, line.hash) for subject, line in heads.items()],
        )
        await conn.execute("ANALYZE journal")
    finally:
        await conn.close()
