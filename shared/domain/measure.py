"""Measures: what a contract counts. One row counts settled duties or stated endings; sums are tallies that only add.

A measurement stands for one case, measure and episode. A changed answer supersedes it and takes its counts back
from the month that it was in, so late data restates old months and no sum is ever recounted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from msgspec.structs import replace

from shared.contracts.performance import MeasurementRecorded
from shared.contracts.values import Clock
from shared.domain.fact import Subject
from shared.domain.identifiers import stable_id
from shared.domain.state import Measured
from shared.domain.step import Step

PROVIDER = "provider"
"""The kind of aggregate that closes the months."""

REPORT = "report"
"""The kind of the deadline at which a provider reports a month; its ref is the month."""

WITHDRAWN = "withdrawn"
"""The exclusion of a unit that turned out to be none: it is in no sum, not even among the exclusions."""

Closes = Callable[[Step, str], datetime]
"""The instant at which a period is to be reported (or reported again), as seen from a step."""


class Unit(msgspec.Struct, frozen=True, gc=False):
    """One unit of a measure: an episode (`ref`), its clock, and the answer as it stands (`met` None: still open).

    It counts in the month of its clock, or of `ended_on` where an ending is counted. `exclusion` names why it does
    not count; `known` is whether everything that the measure needs is known.
    """

    ref: str
    provider: str
    clock_start_on: date
    due_at: datetime
    settled_at: datetime | None = None
    met: bool | None = None
    exclusion: str | None = None
    known: bool = True
    ended_on: date | None = None

    @property
    def counts_on(self) -> date:
        """The date whose month it counts in, and whose policy it is judged by."""
        return self.ended_on or self.clock_start_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure row. `clock` is the contract's name for what starts it; `parameter` names the rule that it applies."""

    code: str
    clock: Clock
    reads: frozenset[str]
    units: Callable[[Step], Iterable[Unit]]
    parameter: str


def period_of(day: date) -> str:
    """The calendar month of a date, `YYYY-MM`."""
    return f"{day.year:04d}-{day.month:02d}"


def first_day_of(period: str) -> date:
    """The first day of a calendar month. Raises ValueError where it is not `YYYY-MM`."""
    return date.fromisoformat(f"{period}-01")


def reconcile(step: Step, measure: Measure, closes: Closes) -> None:
    """Record what changed of a measure's units, and move the sums of their providers.

    `closes` gives the instant at which a period is (or is again) to be reported.
    """
    known: dict[str, Measured] = step.case.measured.get(measure.code, {})
    units = {unit.ref: unit for unit in measure.units(step)}
    for ref in sorted(known.keys() | units.keys()):
        unit, was = units.get(ref), known.get(ref)
        answer = _answer(unit) if unit is not None else _none(known[ref])
        if was is not None and replace(answer, measurement_id=was.measurement_id, n=was.n) == was:
            continue
        n = was.n + 1 if was is not None else 1
        measurement_id = str(stable_id("measurement", step.owner.key, measure.code, ref, str(n)))
        stands = replace(answer, measurement_id=measurement_id, n=n)
        step.put_in("measured", measure.code, ref, stands)
        _count(step, measure.code, was, stands, closes)
        _tell(step, measure, unit, was, stands)


def _answer(unit: Unit) -> Measured:
    return Measured(
        measurement_id="",
        provider=unit.provider,
        period=period_of(unit.counts_on),
        start=unit.clock_start_on,
        due_at=unit.due_at,
        met=unit.met,
        exclusion=unit.exclusion,
        known=unit.known,
    )


def _none(was: Measured) -> Measured:
    return replace(was, met=None, exclusion=WITHDRAWN, known=True)


def _tell(step: Step, measure: Measure, unit: Unit | None, was: Measured | None, stands: Measured) -> None:
    judged_on = unit.counts_on if unit is not None else first_day_of(stands.period)
    rule = step.value(measure.parameter, judged_on).applied(clock=stands.start, measure=measure.code)
    step.emit(
        MeasurementRecorded(
            measurement_id=stands.measurement_id,
            measure_code=measure.code,
            provider_code=stands.provider,
            period=stands.period,
            clock=measure.clock,
            clock_start_on=stands.start,
            due_at=stands.due_at,
            settled_at=unit.settled_at if unit is not None else None,
            met=stands.met,
            exclusion=stands.exclusion,
            supersedes=was.measurement_id if was is not None else None,
            because=step.because(rule),
        )
    )


def _count(step: Step, code: str, was: Measured | None, stands: Measured, closes: Closes) -> None:
    sums: dict[tuple[str, str, str], int] = {}
    for measured, sign in ((was, -1), (stands, +1)):
        if measured is None:
            continue
        for name in counts(measured):
            place = (measured.provider, measured.period, name)
            sums[place] = sums.get(place, 0) + sign
    for (provider, period, name), n in sorted(sums.items()):
        if n:
            subject = Subject(PROVIDER, provider)
            step.tally(subject, f"{code}.{name}", period, n)
            step.deadline(REPORT, period, closes(step, period), subject)


def counts(measured: Measured) -> tuple[str, ...]:
    """The sums that a measurement is part of: `starts`, `known`, and one of `excluded`, `met`, `missed`, `open`."""
    if measured.exclusion == WITHDRAWN:
        return ()
    answer = "excluded" if measured.exclusion else {True: "met", False: "missed", None: "open"}[measured.met]
    return ("starts", "known", answer) if measured.known else ("starts", answer)
