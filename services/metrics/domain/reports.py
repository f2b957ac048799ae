"""Monthly service levels: a provider's sums become figures when a month has settled, and again when late data has
moved them. Nothing is counted here: the sums are those that the cases fed."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from msgspec.structs import replace

from services.metrics.domain.provider import Provider, Reported, Shown
from shared.contracts.performance import ServiceLevelReported
from shared.domain.business_days import add_months, next_local_midnight
from shared.domain.decision import Outcome, Tallies, ignored
from shared.domain.fact import Fact, Passed, Subject
from shared.domain.measure import first_day_of
from shared.domain.policy import NotInForce, UnknownParameter, Value
from shared.domain.step import Step

SETTLEMENT_LAG = "report-settlement-lag"
"""Parameter: how long after its end a month is first reported."""

ATTAINMENT_SHOWN = Subject("gauge", "service-level")
TARGET_SHOWN = Subject("gauge", "service-level-target")
"""Sums by `measure|provider`, in tenths of a percent: the last judged month, and its target."""

TENTH, NOTHING = Decimal("0.1"), Decimal("0.0")


def closes(step: Step, period: str) -> datetime:
    """When a month is reported: once settled; restated at the next local midnight if that has passed."""
    last_day = add_months(first_day_of(period), 1) - timedelta(days=1)
    settled = step.value(SETTLEMENT_LAG, last_day).term.after(last_day)
    return settled if settled >= step.now else next_local_midnight(step.now)


def percent(part: int, whole: int) -> Decimal:
    """A share in percent, one decimal, rounded down: what is shown as at target is at target."""
    return (Decimal(part * 100) / Decimal(whole)).quantize(TENTH, rounding=ROUND_FLOOR)


def target_of(step: Step, code: str, period: str) -> Value | None:
    """A measure's target in force at the start of a month; None where it has none."""
    try:
        return step.value(f"target.{code}", first_day_of(period))
    except (UnknownParameter, NotInForce):
        return None


def take_report(step: Step, _fact: Fact, passed: Passed) -> Outcome | None:
    """A month has settled, or settled sums have moved: report each measure whose figures changed."""
    period = passed.ref
    provider: Provider = step.case
    moved = False
    by_measure = _sums_of(step.tallies(step.owner), period)
    reported = {code for code, months in provider.months.items() if period in months}
    for code in sorted(by_measure.keys() | reported):
        target = target_of(step, code, period)
        figures = _figures(by_measure.get(code, {}), target)
        was = provider.months.get(code, {}).get(period)
        if was is not None:
            figures = replace(figures, revision=was.revision)
            if figures == was:
                continue
            figures = replace(figures, revision=was.revision + 1)
        step.put_in("months", code, period, figures)
        _publish(step, code, period, figures, target)
        _show(step, code)
        moved = True
    return None if moved else ignored("no-figure-changed")


def _sums_of(tallies: Tallies, period: str) -> Mapping[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (name, month), n in tallies.items():
        if month == period and n:
            code, _, sum_name = name.rpartition(".")
            found.setdefault(code, {})[sum_name] = n
    return found


def _figures(sums: Mapping[str, int], target: Value | None) -> Reported:
    starts, met = sums.get("starts", 0), sums.get("met", 0)
    denominator = met + sums.get("missed", 0)
    return Reported(
        numerator=met,
        denominator=denominator,
        exclusions=sums.get("excluded", 0),
        coverage=percent(sums.get("known", 0), starts) if starts else None,
        attainment=percent(met, denominator) if denominator else None,
        target=target.decimal if target is not None else None,
        target_status="none" if target is None else "confirmed" if target.confirmed else "default",
    )


def _publish(step: Step, code: str, period: str, figures: Reported, target: Value | None) -> None:
    rules = [step.value(SETTLEMENT_LAG, first_day_of(period)).applied(period=period)]
    if target is not None:
        rules.append(target.applied(measure=code, period=period))
    step.emit(
        ServiceLevelReported(
            provider_code=step.owner.key,
            measure_code=code,
            period=period,
            numerator=figures.numerator,
            denominator=figures.denominator,
            exclusions=figures.exclusions,
            coverage_percent=figures.coverage if figures.coverage is not None else NOTHING,
            attainment_percent=figures.attainment,
            target_percent=figures.target,
            target_status=figures.target_status,
            as_known_at=step.now,
            revision=figures.revision,
            because=step.because(*rules),
        )
    )


def _show(step: Step, code: str) -> None:
    provider: Provider = step.case
    judged = [(month, row) for month, row in provider.months[code].items() if row.attainment is not None]
    last = max(judged, default=None, key=lambda each: each[0])
    shown = provider.shown.get(code, Shown())
    is_now = Shown(_tenths(last[1].attainment), _tenths(last[1].target)) if last is not None else Shown()
    step.put("shown", code, is_now)
    label = f"{code}|{step.owner.key}"
    for subject, before, after in (
        (ATTAINMENT_SHOWN, shown.attainment, is_now.attainment),
        (TARGET_SHOWN, shown.target, is_now.target),
    ):
        if after != before:
            step.tally(subject, label, "", after - before)


def _tenths(number: Decimal | None) -> int:
    return int(number * 10) if number is not None else 0


def judged_months(provider: Provider, code: str) -> list[tuple[date, Reported]]:
    """The months of a measure that have figures and a target, oldest first, by their first day."""
    return [
        (first_day_of(period), row)
        for period, row in sorted(provider.months.get(code, {}).items())
        if row.attainment is not None and row.target is not None
    ]
