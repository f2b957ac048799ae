"""Concerns about a provider's measures: below target in the last closed month, an improvement notice after several in
a row, and figures that rest on too few of the cases to say much."""

from collections.abc import Iterator
from datetime import date

from services.metrics.domain.measures import MEASURES
from services.metrics.domain.provider import Provider, Reported
from services.metrics.domain.reports import judged_months
from shared.contracts.performance import ImprovementNoticeRecommended
from shared.domain.business_days import add_months
from shared.domain.condition import Condition, Held
from shared.domain.measure import first_day_of, period_of
from shared.domain.step import Step

MONTHS = frozenset(f"months.{measure.code}" for measure in MEASURES)
"""What the concerns about a provider read: the reported months of each measure."""

NOTICE = "improvement-notice-recommended"
"""Parameter: so many consecutive months below target recommend a notice."""

COVERAGE = "measure-under-covered"
"""Parameter: the least coverage, in percent, of a closed month."""

RECOVERED = "improvement-notice-cleared"
"""Parameter: so many consecutive months at target end it."""


def is_below(month: Reported) -> bool:
    """Whether a judged month is below its target."""
    return month.attainment is not None and month.target is not None and month.attainment < month.target


def below_target(step: Step, code: str) -> Held | None:
    """The last closed month that has figures is below target."""
    months = judged_months(step.case, code)
    if not months or not is_below(months[-1][1]):
        return None
    first, last = months[-1]
    return Held(
        evidence=(month_ref(code, first),),
        on=first,
        parameter=f"target.{code}",
        inputs={"measure": code, "period": period_of(first), "attainment": f"{last.attainment}"},
    )


def notice_due(step: Step, code: str) -> Held | None:
    """A run of consecutive months below target, not yet made good by a run at target.

    A month without figures breaks a run, either way.
    """
    months = judged_months(step.case, code)
    if not months:
        return None
    on = months[-1][0]
    needed, enough = step.value(NOTICE, on).number, step.value(RECOVERED, on).number
    periods: tuple[date, ...] = ()
    for below, run in _runs(months):
        if below and (periods or len(run) >= needed):
            periods = (*periods, *run)
        elif not below and len(run) >= enough:
            periods = ()
    if not periods:
        return None
    return Held(
        evidence=tuple(month_ref(code, first) for first in periods),
        on=on,
        severity="serious",
        inputs={"measure": code, "periods": ", ".join(period_of(first) for first in periods)},
    )


def _runs(months: list[tuple[date, Reported]]) -> Iterator[tuple[bool, list[date]]]:
    """Consecutive months on one side of the target, oldest first."""
    run: list[date] = []
    side = False
    for first, month in months:
        below = is_below(month)
        if run and (below != side or first != add_months(run[-1], 1)):
            yield side, run
            run = []
        side = below
        run.append(first)
    if run:
        yield side, run


def recommend(step: Step, code: str, held: Held) -> None:
    """Recommend an improvement notice, for the months that brought it."""
    rule = step.value(NOTICE, held.on).applied(**held.inputs)
    step.emit(
        ImprovementNoticeRecommended(
            provider_code=step.owner.key,
            measure_code=code,
            periods=tuple(ref.rpartition(" ")[2] for ref in held.evidence),
            because=step.because(rule),
        )
    )


def under_covered(step: Step, code: str) -> Held | None:
    """In the last closed month in which something began, too little of it could be judged."""
    provider: Provider = step.case
    covered = [(period, row.coverage) for period, row in provider.months[code].items() if row.coverage is not None]
    if not covered:
        return None
    period, coverage = max(covered)
    first = first_day_of(period)
    if coverage >= step.value(COVERAGE, first).decimal:
        return None
    inputs = {"measure": code, "period": period, "coverage": f"{coverage}"}
    return Held(evidence=(month_ref(code, first),), on=first, inputs=inputs)


def month_ref(code: str, first: date) -> str:
    """How evidence names a month of a measure: `SL008 2016-03`."""
    return f"{code} {period_of(first)}"


def measures_of(provider: Provider) -> tuple[str, ...]:
    """The measures that a provider has reported."""
    return tuple(sorted(provider.months))


BELOW_TARGET = Condition(
    code="service-level-below-target",
    reads=MONTHS,
    refs=measures_of,
    holds=below_target,
    owner="performance-team",
)

UNDER_COVERED = Condition(
    code=COVERAGE,
    reads=MONTHS,
    refs=measures_of,
    holds=under_covered,
    owner="performance-team",
)

IMPROVEMENT_NOTICE = Condition(
    code=NOTICE,
    reads=MONTHS,
    refs=measures_of,
    holds=notice_due,
    owner="contract-manager",
    tells=recommend,
)
