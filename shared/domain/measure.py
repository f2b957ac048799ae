"""Measures: what a contract counts. One row counts settled duties or stated endings; sums are tallies that only add.

A measurement stands for one case, measure and episode. A changed answer supersedes it and takes its counts back
from the month that it was in, so late data restates old months and no sum is ever recounted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from shared.contracts.performance import MeasurementRecorded
from shared.contracts.values import Clock
from shared.domain.fact import Subject
from shared.domain.identifiers import stable_id
from shared.domain.policy import RuleApplied
from shared.domain.state import Measured
from shared.domain.step import Step

PROVIDER = "provider"
"""The kind of aggregate that closes the months."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a measure: an episode (`ref`), its clock, and the answer as it stands (`met` None: still open).

    `exclusion` names why it does not count; `known` is whether everything that the measure needs is known.
    """

    ref: str
    provider: str
    clock_start_on: date
    due_at: datetime
    settled_at: datetime | None = None
    met: bool | None = None
    exclusion: str | None = None
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure row. `clock` is the contract's name for what starts it; the period is the month of that date."""

    code: str
    clock: Clock
    reads: frozenset[str]
    units: Callable[[Step], Iterable[Unit]]
    parameter: str


def period_of(day: date) -> str:
    """The calendar month of a date, `YYYY-MM`."""
    return f"{day.year:04d}-{day.month:02d}"


def reconcile(step: Step, measure: Measure, closes: Callable[[Step, str], datetime]) -> None:
    """Record what changed of a measure's units, and move the sums of their providers.

    `closes` gives the instant at which a period is (or is again) to be reported.
    """
    known: dict[str, Measured] = step.case.measured.get(measure.code, {})
    units = {unit.ref: unit for unit in measure.units(step)}
    for ref in sorted(known.keys() | units.keys()):
        _record(step, measure, ref, units.get(ref), known.get(ref), closes)


def _record(
    step: Step,
    measure: Measure,
    ref: str,
    unit: Unit | None,
    was: Measured | None,
    closes: Callable[[Step, str], datetime],
) -> None:
    if unit is None:
        if was is not None:
            _count(step, measure, was, -1, closes)
            step.drop_in("measured", measure.code, ref)
        return
    period = period_of(unit.clock_start_on)
    answer = (unit.provider, period, unit.met, unit.exclusion, unit.known)
    if was is not None and answer == (was.provider, was.period, was.met, was.exclusion, was.known):
        return
    n = was.n + 1 if was is not None else 1
    identity = (step.owner.key, measure.code, ref, str(n))
    is_now = Measured(
        measurement_id=str(stable_id("measurement", *identity)),
        provider=unit.provider,
        period=period,
        met=unit.met,
        exclusion=unit.exclusion,
        known=unit.known,
        n=n,
    )
    if was is not None:
        _count(step, measure, was, -1, closes)
    _count(step, measure, is_now, +1, closes)
    step.put_in("measured", measure.code, ref, is_now)
    rule: RuleApplied = step.value(measure.parameter, unit.clock_start_on).applied(
        clock=unit.clock_start_on.isoformat(), measure=measure.code
    )
    step.emit(
        MeasurementRecorded(
            measurement_id=is_now.measurement_id,
            measure_code=measure.code,
            provider_code=unit.provider,
            period=period,
            clock=measure.clock,
            clock_start_on=unit.clock_start_on,
            due_at=unit.due_at,
            settled_at=unit.settled_at,
            met=unit.met,
            exclusion=unit.exclusion,
            supersedes=was.measurement_id if was is not None else None,
            because=step.because(rule),
        )
    )


def _count(
    step: Step, measure: Measure, measured: Measured, sign: int, closes: Callable[[Step, str], datetime]
) -> None:
    subject = Subject(PROVIDER, measured.provider)
    for name in counts(measured):
        step.tally(subject, f"{measure.code}.{name}", measured.period, sign)
    step.deadline("report", measured.period, closes(step, measured.period), subject)


def counts(measured: Measured) -> tuple[str, ...]:
    """The sums that a measurement is part of: `starts`, `known`, and one of `excluded`, `met`, `missed`, `open`."""
    answer = "excluded" if measured.exclusion else {True: "met", False: "missed", None: "open"}[measured.met]
    return ("starts", "known", answer) if measured.known else ("starts", answer)
