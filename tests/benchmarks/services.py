"""`services`: each of the four services on the sample feed, end to end, against the idiomatic handler and the raw
limit; and where an event's processor time goes."""

import argparse
import time
from collections.abc import Mapping, Sequence

from rich.console import Console

from deploy.services import SERVICES
from tests.benchmarks import measure, sampling
from tests.benchmarks.figures import Cell, Column, FiguresTable, Section, Spread, Target
from tests.benchmarks.measure import Run
from tests.benchmarks.rounds import IDIOMATIC, RAW_LIMIT, SERVICE, SYSTEMS, Bench, prepared
from tests.benchmarks.workload import Workload, cases_for, prepare

IDIOMATIC_SHARE = 20
"""The idiomatic handler is given one person in so many; its rate is for each event."""
TARGETS = ((IDIOMATIC, 30.0), (RAW_LIMIT, 0.5))
"""The service's rate is to be at least so many times that of a peer."""
UNIT = "An event is a fact decided: an event taken or a deadline passed."

Round = Mapping[str, Run]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `services` may be given."""
    parser.add_argument("--service", choices=SERVICES, action="append", help="one of them (default: all four)")
    parser.add_argument("--events", type=int, default=15_000, help="about so many for each (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="only the profile: no peers, no targets")


async def run(given: argparse.Namespace, console: Console) -> Section:
    """Measure one service after another."""
    began = time.monotonic()
    tables: list[FiguresTable] = []
    targets: list[Target] = []
    profiles: dict[str, Profile] = {}
    names = given.service or list(SERVICES)
    for name in names:
        with console.status(f"{name}: generating the feed, taking it through the model …"):
            cases = cases_for(name, given.events)
            full, small = prepare(name, cases), prepare(name, max(1, cases // IDIOMATIC_SHARE))
        async with prepared(name, full, small) as bench:
            if not given.profile:
                rounds = [await _round(bench, n, given.rounds, console) for n in range(given.rounds)]
                tables.append(table(name, rounds, full, small))
                targets += targets_of(name, rounds)
            with console.status(f"{name}: profile …"):
                profiles[name] = Profile(await bench.run(SERVICE, sampling.__name__), sampling.read(bench.rig.folder))
            if given.profile:
                console.print(sampling.told(sampling.read(bench.rig.folder)))
            rig = bench.rig
    tables.append(profile_table(profiles))
    asked = {"services": names, "events": given.events, "rounds": given.rounds}
    return rig.section("services", asked, tables, targets, [UNIT], began=began)


async def _round(bench: Bench, n: int, of: int, console: Console) -> Round:
    found: dict[str, Run] = {}
    for system in SYSTEMS:
        with console.status(f"{bench.name}, round {n + 1} of {of}: {system} …"):
            each = found[system] = await bench.run(system)
        console.print(f"{bench.name} {n + 1}: {system:10} {each.facts:7,} events, {each.rate:9,.0f}/s")
    return found


def ratio(rounds: Sequence[Round], peer: str) -> Spread:
    """The service's rate over a peer's of the same round."""
    return Spread.of([each[SERVICE].rate / each[peer].rate for each in rounds])


def processor_ratio(rounds: Sequence[Round], peer: str) -> Spread:
    """The same by processor time, client and PostgreSQL: what a machine that others use disturbs least."""

    def spent(run: Run) -> float:
        return run.per_fact("client") + run.per_fact("postgres")

    return Spread.of([spent(each[peer]) / spent(each[SERVICE]) for each in rounds])


def targets_of(name: str, rounds: Sequence[Round]) -> list[Target]:
    """What issue 4 asks of a service."""
    return [Target(f"{name}, events/s over {peer}", wanted, ratio(rounds, peer), digits=2) for peer, wanted in TARGETS]


def table(name: str, rounds: Sequence[Round], full: Workload, small: Workload) -> FiguresTable:
    """Rates, ratios within each round, and processor time."""
    columns = (
        Column("system"),
        Column("events/s"),
        Column("service is so many times as fast", 2),
        Column("the same by CPU", 2),
        Column("client CPU, ms/event", 3),
        Column("PostgreSQL CPU, ms/event", 3),
        Column("Kafka CPU, ms/event", 3),
    )
    rows = tuple(
        (
            system,
            Spread.of([each[system].rate for each in rounds]),
            None if system == SERVICE else ratio(rounds, system),
            None if system == SERVICE else processor_ratio(rounds, system),
            *(Spread.of([each[system].per_fact(whose) for each in rounds]) for whose in measure.WHOSE),
        )
        for system in SYSTEMS
    )
    return FiguresTable(f"{name}: {_told(full)}; idiomatic: {_told(small)}", columns, rows)


def _told(workload: Workload) -> str:
    deadlines = sum(fact.is_deadline for fact, _ in workload.decided)
    return (
        f"{workload.cases:,} people, {workload.facts - deadlines:,} events and {deadlines:,} deadlines, "
        f"{len(workload.result.outputs):,} outputs"
    )


class Profile:
    """A sampled run: what each part of the kernel took of an event."""

    def __init__(self, run: Run, samples: sampling.Samples) -> None:
        total = sum(samples.parts.values()) or 1
        client = 1000 * run.per_fact("client")
        self.micros = {part: client * n / total for part, n in samples.parts.items()}
        self.whole = {whose: 1000 * run.per_fact(whose) for whose in measure.WHOSE}


def profile_table(profiles: Mapping[str, Profile]) -> FiguresTable:
    """Microseconds of processor for an event, by part, most first."""
    parts = {part for profile in profiles.values() for part in profile.micros}
    ordered = sorted(parts, key=lambda part: -sum(each.micros.get(part, 0.0) for each in profiles.values()))

    def row(title: str, figures: Sequence[float]) -> tuple[Cell, ...]:
        return (title, *figures)

    rows = [row(part, [each.micros.get(part, 0.0) for each in profiles.values()]) for part in ordered]
    for whose, title in (("client", "the process in all"), ("postgres", "PostgreSQL"), ("kafka", "Kafka")):
        rows.append(row(title, [each.whole[whose] for each in profiles.values()]))
    columns = (Column("part"), *(Column(name, 1) for name in profiles))
    return FiguresTable("Where the processor time of an event goes, µs (sampled)", columns, tuple(rows))
