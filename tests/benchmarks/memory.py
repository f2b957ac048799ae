"""`memory`: the largest resident size of each service while it decides, with very many cases in its tables."""

import argparse

from rich.console import Console

from deploy.services import SERVICES
from tests.benchmarks.figures import Column, FiguresTable, Section, Target
from tests.benchmarks.rig import raised
from tests.benchmarks.scale import at_sizes

MOST_MIB = 250.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `memory` may be given."""
    parser.add_argument("--service", choices=SERVICES, action="append", help="default: all four")
    parser.add_argument("--cases", type=int, default=1_000_000, help="in the tables (default %(default)s)")
    parser.add_argument("--people", type=int, default=200, help="whose stretch is decided (default %(default)s)")
    parser.add_argument("--events", type=int, default=5_000, help="about so many in it (default %(default)s)")


async def run(given: argparse.Namespace, console: Console) -> Section:
    """Measure one service after another."""
    names = given.service or list(SERVICES)
    rows, targets = [], []
    async with raised() as rig:
        for name in names:
            (found,) = await at_sizes(rig, name, [given.cases], given.people, given.events, console)
            resident = found.cost.resident / 2**20
            rows.append((name, found.cost.facts, found.deadlines, resident))
            targets.append(Target(f"{name}, MiB resident with {given.cases:,} cases", MOST_MIB, resident, at_most=True))
        columns = (Column("service"), Column("events decided"), Column("open deadlines"), Column("MiB", 1))
        asked = {"services": names, "cases": given.cases, "people": given.people, "events": given.events}
        tables = [FiguresTable(f"Largest resident size with {given.cases:,} cases", columns, tuple(rows))]
        return rig.section("memory", asked, tables, targets)
