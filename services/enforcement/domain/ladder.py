"""The ladder: which failures call for a warning, which for breach or for recall to be considered.

A pure function of the case, asked again whenever something that it reads has changed. Failures on one date are one
failure; they are counted since the later of the order's start and the end of the last breach. A warning of date D is
in force for failures after D and before D plus 12 months (Criminal Justice Act 2003, Schedule 8 paragraphs 5 and 6).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.enforcement.domain.case import Case, Warned
from services.enforcement.domain.failures import JUDGING, judged_as
from services.enforcement.domain.orders import RUNNING, Phase, phase_of

LADDER = RUNNING | JUDGING | {"warnings", "discretions", "packs", "informations", "results"}
"""Ledgers that the ladder reads."""

STILL_OPEN = frozenset({"adjourned", "warrant-issued"})
"""Outcomes of a breach hearing after which the breach goes on."""

Rung = Literal["first", "final", "recall", "breach"]


@dataclass(frozen=True, slots=True)
class FailureDay:
    """The unacceptable failures of one date: one failure."""

    on: date
    failure_ids: tuple[str, ...]
    aware_on: date
    judged_on: date
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Called:
    """What a day's failure calls for, and the warning in force that day."""

    day: FailureDay
    rung: Rung
    warning_id: str | None = None

    def ref(self, order_id: str) -> str:
        """The name of the duty that follows: the order and the date of the failure."""
        return f"{order_id}|{self.day.on.isoformat()}"


@dataclass(frozen=True, slots=True)
class Ladder:
    """Where an order stands: since when failures count, on which days, and what each of them calls for."""

    order_id: str
    phase: Phase
    since: date
    days: tuple[FailureDay, ...]
    called: tuple[Called, ...]

    def rungs(self, *rungs: Rung) -> Iterator[Called]:
        """What is called for, of these kinds."""
        return (each for each in self.called if each.rung in rungs)


def ladders(case: Case) -> Iterator[Ladder]:
    """The ladder of every order that runs and has an unacceptable failure; orders in the order of their ids."""
    for order_id in sorted({order for row in case.failures.values() for order in row.order_ids}):
        found = ladder(case, order_id)
        if found is not None and found.days:
            yield found


def ladder(case: Case, order_id: str) -> Ladder | None:
    """Where an order stands; None where it is not enforced now."""
    phase = phase_of(case, order_id)
    if phase is None:
        return None
    ended = last_breach_end(case, order_id)
    since = max(phase.start, ended) if ended is not None else phase.start
    days = tuple(day for day in _days(case, order_id, phase.start) if ended is None or day.on > ended)
    return Ladder(order_id, phase, since, days, tuple(_called(case, order_id, phase, days, ended)))


def last_breach_end(case: Case, order_id: str) -> date | None:
    """When the last breach of an order was concluded."""
    ends = (
        row.held_on
        for row in case.results.values()
        if row.order_id == order_id and row.purpose == "breach" and row.outcome not in STILL_OPEN
    )
    return max(ends, default=None)


def opened_on(case: Case, order_id: str, ended: date | None) -> date | None:
    """When breach was first referred or laid since the last one ended."""
    packs = (row.submitted_on for row in case.packs.values() if row.order_id == order_id)
    laid = (row.laid_on for row in case.informations.values() if row.order_id == order_id)
    return min((day for day in (*packs, *laid) if ended is None or day > ended), default=None)


def _days(case: Case, order_id: str, start: date) -> list[FailureDay]:
    by_date: dict[date, list[tuple[str, date, date, str, str]]] = {}
    for row, judged, ref in judged_as(case, order_id, "unacceptable"):
        if row.on >= start:
            by_date.setdefault(row.on, []).append((ref, row.aware_on, judged.on, row.fact, judged.fact))
    return [
        FailureDay(
            on=on,
            failure_ids=tuple(each[0] for each in same),
            aware_on=min(each[1] for each in same),
            judged_on=min(each[2] for each in same),
            evidence=tuple(sorted(fact for each in same for fact in each[3:])),
        )
        for on, same in sorted(by_date.items())
    ]


def _called(
    case: Case, order_id: str, phase: Phase, days: tuple[FailureDay, ...], ended: date | None
) -> Iterator[Called]:
    if not days:
        return
    left = {each for row in case.discretions.values() if row.order_id == order_id for each in row.failure_ids}
    warnings = sorted(
        (row.sent_on, ref) for ref, row in case.warnings.items() if row.order_id == order_id and _counts(row, ended)
    )
    opened = opened_on(case, order_id, ended)
    for day in days:
        if not left.isdisjoint(day.failure_ids):
            continue
        in_force = [ref for _, ref in warnings if _in_force(case.warnings[ref], day)]
        if phase.regime == "licence":
            yield _licence_rung(case, day, in_force)
            continue
        if opened is not None and opened < day.on:
            return
        if in_force:
            yield Called(day, "breach", in_force[-1])
            return
        yield Called(day, "first")


def _licence_rung(case: Case, day: FailureDay, in_force: list[str]) -> Called:
    if any(case.warnings[ref].level == "final" for ref in in_force):
        return Called(day, "recall", in_force[-1])
    return Called(day, "final", in_force[-1]) if in_force else Called(day, "first")


def _counts(warning: Warned, ended: date | None) -> bool:
    """The ladder starts again when a breach ends: what was sent before no longer counts."""
    return ended is None or warning.sent_on > ended


def _in_force(warning: Warned, day: FailureDay) -> bool:
    return warning.sent_on < day.on < warning.in_force_before and not names(warning.failure_ids, day)


def names(failure_ids: tuple[str, ...], day: FailureDay) -> bool:
    """Whether a record names one of a date's failures: what is said of one covers all of its date."""
    return not set(failure_ids).isdisjoint(day.failure_ids)
