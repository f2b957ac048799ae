"""The figures of all rounds: medians with their range, ratios taken within each round, the two targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from tests.benchmarks.measure import Run
from tests.benchmarks.workload import Workload

Round = Mapping[str, Run]

TARGETS = (("idiomatic", 20.0), ("raw limit", 0.35))
"""The service's rate is to be at least so many times that of a peer."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with its range."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of one figure for each round."""
        return cls(median(values), min(values), max(values))

    def text(self, digits: int = 0) -> str:
        """As a cell of the table."""
        return f"{self.median:,.{digits}f} ({self.least:,.{digits}f}–{self.most:,.{digits}f})"

    def told(self) -> dict[str, float]:
        """For the JSON file."""
        return {"median": round(self.median, 4), "min": round(self.least, 4), "max": round(self.most, 4)}


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked of the service, and what it came to."""

    against: str
    wanted: float
    found: Spread

    @property
    def met(self) -> bool:
        """By the median."""
        return self.found.median >= self.wanted


def rates(rounds: Sequence[Round], system: str) -> Spread:
    """Facts decided in a second."""
    return Spread.of([each[system].rate for each in rounds])


def ratio(rounds: Sequence[Round], system: str, peer: str) -> Spread:
    """A system's rate over a peer's of the same round."""
    return Spread.of([each[system].rate / each[peer].rate for each in rounds])


def processor_ratio(rounds: Sequence[Round], system: str, peer: str) -> Spread:
    """The same by processor time, client and PostgreSQL: what a machine that others use disturbs least."""

    def spent(run: Run) -> float:
        return (run.processors.client + run.processors.postgres) / run.facts

    return Spread.of([spent(each[peer]) / spent(each[system]) for each in rounds])


def processor_ms(rounds: Sequence[Round], system: str, whose: str) -> Spread:
    """Milliseconds of processor for a fact: `client`, `postgres` or `kafka`."""
    return Spread.of([1000 * getattr(run.processors, whose) / run.facts for run in (each[system] for each in rounds)])


def targets(rounds: Sequence[Round]) -> list[Target]:
    """The targets and what was found."""
    return [Target(peer, wanted, ratio(rounds, "service", peer)) for peer, wanted in TARGETS]


def show(console: Console, rounds: Sequence[Round], full: Workload, small: Workload) -> None:
    """Print the table and the targets."""
    table = Table(title=f"{full.service.name}: {len(rounds)} interleaved rounds, median (least–most)")
    table.add_column("system")
    for heading in (
        "events/s",
        "× idiomatic",
        "× raw limit",
        "client ms",
        "PG ms",
        "Kafka ms",
    ):
        table.add_column(heading, justify="right")
    for system in rounds[0]:
        table.add_row(
            system,
            rates(rounds, system).text(),
            ratio(rounds, system, "idiomatic").text(1),
            ratio(rounds, system, "raw limit").text(2),
            *(processor_ms(rounds, system, whose).text(3) for whose in ("client", "postgres", "kafka")),
        )
    console.print(table)
    console.print(
        f"An event is a fact decided: an event taken or a deadline passed. {_told(full)}; idiomatic: {_told(small)}."
    )
    for target in targets(rounds):
        colour, word = ("green", "met") if target.met else ("red", "missed")
        console.print(
            f"at least {target.wanted:g} × {target.against}: {target.found.text(2)} [bold {colour}]{word}[/] "
            f"(by processor time {processor_ratio(rounds, 'service', target.against).text(2)})"
        )


def _told(workload: Workload) -> str:
    deadlines = sum(fact.is_deadline for fact, _ in workload.decided)
    return (
        f"{workload.cases:,} people, {len(workload.history):,} records, {workload.facts - deadlines:,} events "
        f"and {deadlines:,} deadlines decided, {len(workload.result.outputs):,} outputs"
    )


def document(
    rounds: Sequence[Round], full: Workload, small: Workload, machine: Mapping[str, object]
) -> dict[str, object]:
    """Everything, for the JSON file."""
    return {
        "service": full.service.name,
        "machine": machine,
        "workload": {"full": _told(full), "idiomatic": _told(small)},
        "systems": {
            system: {
                "eventsPerSecond": rates(rounds, system).told(),
                "ofIdiomatic": ratio(rounds, system, "idiomatic").told(),
                "ofRawLimit": ratio(rounds, system, "raw limit").told(),
                "ofIdiomaticByProcessor": processor_ratio(rounds, system, "idiomatic").told(),
                "ofRawLimitByProcessor": processor_ratio(rounds, system, "raw limit").told(),
                "processorMsPerEvent": {
                    whose: processor_ms(rounds, system, whose).told() for whose in ("client", "postgres", "kafka")
                },
            }
            for system in rounds[0]
        },
        "targets": [
            {"against": each.against, "wanted": each.wanted, "found": each.found.told(), "met": each.met}
            for each in targets(rounds)
        ],
        "rounds": [
            {system: {"facts": run.facts, "seconds": round(run.seconds, 3)} for system, run in each.items()}
            for each in rounds
        ],
    }
