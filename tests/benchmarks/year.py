"""`year`: the national year, or a part of it, from an empty database to the last report."""

import argparse

from rich.console import Console

from tests.benchmarks import together
from tests.benchmarks.figures import Section, Target
from tests.benchmarks.rig import raised

PEOPLE = 250_000
LEAST_EVENTS = 5_000_000
MINUTES = 60.0
MOST_MIB = 250.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `year` may be given."""
    parser.add_argument("--scale", type=float, default=0.1, help="share of the 250,000 people (default %(default)s)")


async def run(given: argparse.Namespace, console: Console) -> Section:
    """Run it, and judge it; a part of the year is judged by what all of it would take at that rate."""
    people = max(1, round(PEOPLE * given.scale))
    async with raised() as rig:
        with console.status(f"{people:,} people over a year, four services …"):
            found = await together.year(rig, people)
        targets = [
            Target(
                f"minutes for {LEAST_EVENTS:,} events" + ("" if given.scale == 1 else ", at the rate of this part"),
                MINUTES, found.seconds / 60 * LEAST_EVENTS / found.records, at_most=True,
            ),
            *(
                Target(f"{name}, MiB resident", MOST_MIB, each.resident / 2**20, at_most=True)
                for name, each in found.services.items()
            ),
        ]  # fmt: skip
        note = (
            f"All {PEOPLE:,} people at this rate: {found.seconds / 60 * PEOPLE / people:,.0f} minutes, "
            f"{found.records * PEOPLE / people:,.0f} records, {found.disk * PEOPLE / people / 2**30:,.0f} GiB of disk."
        )
        return rig.section("year", {"scale": given.scale, "people": people}, [together.table(found)], targets, [note])
