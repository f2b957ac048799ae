"""`python -m tests.benchmarks [--events N] [--rounds R] [--json FILE] [--service NAME] [--profile]`"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from deploy.local.kafka_jars import what_is_missing
from tests.benchmarks import machine, report, sampling
from tests.benchmarks.measure import Run
from tests.benchmarks.rounds import SYSTEMS, prepared
from tests.benchmarks.workload import COUNTER, cases_for, prepare

SERVICES = ("enforcement", "allocation", "resettlement", "metrics", COUNTER)
IDIOMATIC_SHARE = 20
"""The idiomatic handler is given one event in so many; its rate is for each event."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line."""

    service: str
    events: int
    rounds: int
    json: Path | None
    profile: bool


async def bench(asked: Asked, console: Console) -> int:
    """Prepare, run the rounds, show and keep the figures. Returns the exit code: 1 where a target is missed."""
    if missing := what_is_missing():
        console.print(f"the benchmark needs Apache Kafka: {missing}", style="red")
        return 2
    with console.status("generating the feed, taking it through the model …"):
        cases = cases_for(asked.service, asked.events)
        full = prepare(asked.service, cases)
        small = prepare(asked.service, max(1, cases // IDIOMATIC_SHARE))
    sampler = sampling.__name__ if asked.profile else ""
    rounds: list[dict[str, Run]] = []
    async with prepared(asked.service, full, small, sampler) as bench:
        facts = await machine.facts(bench.stack.admin_dsn)
        if asked.profile:
            run = await bench.run("service")
            own, postgres = (1000 * spent / run.facts for spent in (run.processors.client, run.processors.postgres))
            console.print(
                f"{run.rate:,.0f} events/s while sampled; an event takes {own:.3f} ms, PostgreSQL {postgres:.3f}"
            )
            console.print(sampling.report_of(bench.folder))
            return 0
        for n in range(asked.rounds):
            rounds.append({})
            for system in SYSTEMS:
                with console.status(f"round {n + 1} of {asked.rounds}: {system} …"):
                    run = rounds[-1][system] = await bench.run(system)
                console.print(
                    f"round {n + 1}: {system:10} {run.facts:7,} events in {run.seconds:6.1f} s, {run.rate:9,.0f}/s"
                )
    report.show(console, rounds, full, small)
    if asked.json:
        asked.json.write_text(json.dumps(report.document(rounds, full, small, facts), indent=2) + "\n")
    return 0 if all(target.met for target in report.targets(rounds)) else 1


def parse(arguments: Sequence[str]) -> Asked:
    """The command line. Exits with a message where it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--service", choices=SERVICES, default=SERVICES[0])
    parser.add_argument("--events", type=int, default=40_000, help="about so many events (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--profile", action="store_true", help="one run of the service, sampled: where its time goes")
    given = parser.parse_args(arguments)
    if given.events < 1 or given.rounds < 1:
        parser.error("--events and --rounds are at least 1")
    return Asked(given.service, given.events, given.rounds, given.json, given.profile)


if __name__ == "__main__":
    os.environ.setdefault("KAFKA", "apache")
    raise SystemExit(asyncio.run(bench(parse(sys.argv[1:]), Console())))
