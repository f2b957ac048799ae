"""`python -m tests.benchmarks.assignment`: what it costs to give each case of one large office its officer.

200 officers and 14,000 cases by default, allocated over as many days as the guard against bursts needs. Only the fact
that assigns is timed, in processor time: the decision alone, and with its events and its line of the journal. Needs
neither Kafka nor PostgreSQL. Exit code 1 where a case costs more than it may.
"""

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median, quantiles
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from deploy.history import HistoryRecord
from deploy.simulate import Memory
from services.allocation.app import SERVICE
from shared.contracts.decoding import decode
from shared.contracts.envelope import Event
from shared.domain.business_days import add_business_days
from shared.domain.fact import Fact, Subject, event_fact
from shared.domain.policy import Policy
from shared.kernel.collector import leave_the_living_alone
from tests.builders import fact

MOST_MS = 1.0
UNIT, OFFICE, BURST = "LDU1", "LMC1", 5
FIRST_DAY = date(2016, 3, 7)
COMPETENCIES = ("domestic-abuse", "child-safeguarding", "mental-health", "iom", "life-sentence")


class Taken(NamedTuple):
    """Milliseconds of processor time that one assignment took."""

    decided: float
    """The decision alone."""
    written: float
    """The decision, its events and its line of the journal."""


def office(officers: int) -> Iterator[HistoryRecord]:
    """A local centre: a quarter of its officers are POs, and half of the PSOs lack a competence."""
    opened = datetime(2016, 1, 4, 8, tzinfo=UTC)
    yield fact(
        "workforce.office.registered",
        OFFICE,
        opened,
        office_code=OFFICE,
        provider_code="C01",
        provider_kind="crc",
        kind="lmc",
        local_delivery_units=[UNIT],
    )
    for n in range(officers):
        yield fact(
            "workforce.officer.registered",
            OFFICE,
            opened,
            officer_code=f"{OFFICE}-{n:03d}",
            office_code=OFFICE,
            grade="po" if n % 4 == 0 else "pso",
            contracted_hours="37",
            available_hours="37",
            reductions_percent="0",
            competencies=list(COMPETENCIES if n % 2 else COMPETENCIES[:2]),
        )


def people(cases: int, officers: int) -> Iterator[tuple[HistoryRecord, HistoryRecord]]:
    """Each person's sentence and form; every eighth case is complex and can go to no PSO."""
    for n in range(cases):
        crn, place = f"A{n:06d}", n % (BURST * officers * 9 // 10)
        day = add_business_days(FIRST_DAY, n // (BURST * officers * 9 // 10))
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(seconds=20 * place)
        yield _sentence(crn, day, at), _form(crn, at + timedelta(seconds=10), n)


def _sentence(crn: str, day: date, at: datetime) -> HistoryRecord:
    return fact(
        "court.sentence.recorded",
        crn,
        at,
        order_id="O1",
        court_code="MAG01",
        sentenced_on=day,
        disposal="community-order",
        requirements=[{"requirement_id": "R1", "kind": "rehabilitation-activity", "days": 20}],
        report={"kind": "standard"},
        local_delivery_unit=UNIT,
        office_code="COURT1",
        sex="male",
        attributes=[],
    )


def _form(crn: str, at: datetime, n: int) -> HistoryRecord:
    return fact(
        "casework.allocation-form.submitted",
        crn,
        at,
        form_id=f"F-{crn}",
        order_id="O1",
        rsr_percent="1.20",
        rosh_level="medium" if n % 4 == 0 else "low",
        full_analysis="not-required",
        mappa_level="none",
        deportation_liable=False,
        deferred_sentence=False,
        public_interest=False,
        not_known=[],
        priors_of_concern=[],
        domestic_abuse="current" if n % 8 == 0 else "none",
        child_safeguarding="none",
    )


def read(record: HistoryRecord) -> Fact:
    """A record as the kernel decodes it. Raises ValueError for one that cannot be decoded."""
    key = (record.key or b"").decode()
    event = decode(record.topic, record.key, record.value)
    if not isinstance(event, Event):
        raise ValueError(f"the benchmark's own record cannot be decoded: {event}")
    return event_fact(event, record.topic, key, record.timestamp)


def assign_all(officers: int, cases: int) -> tuple[Memory, list[Taken]]:
    """Give every case its officer; returns what was decided, and what each assignment took."""
    memory = Memory(SERVICE, Policy.load(*SERVICE.policy))
    for record in office(officers):
        given = read(record)
        memory.decide(given, memory.rows(given)[0])
    taken = []
    for sentence, form in people(cases, officers):
        first, second = read(sentence), read(form)
        memory.decide(first, memory.rows(first)[0])
        rows, _ = memory.rows(second)
        started = time.process_time_ns()
        SERVICE.decide(rows, second, memory.policy)
        decided = time.process_time_ns()
        memory.decide(second, rows)
        written = time.process_time_ns()
        taken.append(Taken((decided - started) / 1e6, (written - decided) / 1e6))
    return memory, taken


def assigned(memory: Memory) -> int:
    """How many cases have an officer."""
    return sum(row.cases for row in memory.states[Subject("office", OFFICE)].loads.values())


def main() -> int:
    """Run it and say what it took. 1 where a case costs more than it may."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.assignment")
    parser.add_argument("--officers", type=int, default=200)
    parser.add_argument("--cases", type=int, default=14_000)
    given = parser.parse_args()
    leave_the_living_alone()  # as a service does
    memory, taken = assign_all(given.officers, given.cases)
    table = Table(title=f"{assigned(memory):,} of {given.cases:,} cases given to {given.officers} officers")
    for heading in ("milliseconds of processor time", "mean", "median", "95 %", "most"):
        table.add_column(heading, justify="right")
    for name in Taken._fields:
        values = [getattr(each, name) for each in taken]
        figures = (sum(values) / len(values), median(values), quantiles(values, n=20)[-1], max(values))
        table.add_row(name, *(f"{figure:.3f}" for figure in figures))
    console = Console()
    console.print(table)
    mean = sum(each.written for each in taken) / len(taken)
    met = mean <= MOST_MS and assigned(memory) == given.cases
    console.print(f"an assignment: at most {MOST_MS} ms, found {mean:.3f}: {'met' if met else 'missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
