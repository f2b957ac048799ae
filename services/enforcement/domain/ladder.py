"""The ladder: which failures call for a warning, which for breach or for recall to be considered.

A pure function of the case, kept beside it as the ledger `called`. Failures on one date are one failure; they count
since the later of the order's start and the end of the last breach. A warning of date D is in force for failures after
D and before D plus 12 months (Criminal Justice Act 2003, Schedule 8 paragraphs 5 and 6).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from services.enforcement.domain.case import Called, Case, Counted, Information, Pack, Rung, Warned
from services.enforcement.domain.orders import RUNNING, Phase, phase_of
from shared.domain.duty import Clock, Done
from shared.domain.rulebook import View
from shared.domain.step import Key, Step, by_id

STILL_OPEN = frozenset({"adjourned", "warrant-issued"})
"""Outcomes of a breach hearing after which the breach goes on."""

Day = tuple[date, list[tuple[str, Counted]]]
"""A date and its unacceptable failures, by id: one failure."""


READS = RUNNING | {"counted", "warnings", "discretions", "packs", "informations", "results"}


def derive(step: Step) -> None:
    """Bring `called` in line with the ledgers that it follows from, for each order that they may have touched."""
    case: Case = step.case
    touched = step.touched(READS, KEYED_BY)
    if touched is None:
        touched = {row.order_id for row in case.called.values()}
        for failure_id, counted in case.counted.items():
            touched.update(_failed_orders(case, failure_id, counted))
    if not touched:
        return
    called = {ref: row for order_id in sorted(touched) for ref, row in climb(case, order_id)}
    for ref in sorted(ref for ref, row in case.called.items() if row.order_id in touched and ref not in called):
        step.drop("called", ref)
    for ref, row in called.items():
        step.put("called", ref, row)


def _failed_orders(_case: Case, _failure_id: str, counted: Counted) -> tuple[str, ...]:
    return counted.order_ids if counted.judgement == "unacceptable" else ()


KEYED_BY: Mapping[str, Key] = {"counted": _failed_orders}

LADDER = View(reads=READS, derive=derive)


def _called_for(case: Case, failure_id: str, _counted: Counted) -> list[str]:
    return [ref for ref, row in case.called.items() if failure_id in row.failure_ids]


BY_CALLED: Mapping[str, Key] = {"called": by_id, "counted": _called_for}
"""On which duties a row of `called` bears, and a failure that it names."""


def all_called(clock: Callable[[Case, str], Clock | None]) -> Callable[[Case], Iterator[Clock]]:
    """The clocks of a duty that what the ladder calls for starts, given that of one."""
    return lambda case: (found for ref in case.called if (found := clock(case, ref)) is not None)


def climb(case: Case, order_id: str) -> Iterator[tuple[str, Called]]:
    """What each date's failure calls for on an order that is enforced now, by the name of the duty that follows."""
    phase = phase_of(case, order_id)
    if phase is None:
        return
    ended = last_breach_end(case, order_id)
    left = {each for row in case.discretions.values() if row.order_id == order_id for each in row.failure_ids}
    opened = opened_on(case, order_id, ended)
    warnings = _warnings_that_count(case, order_id, ended)
    for on, failures in failure_days(case, order_id, phase, ended):
        refs = tuple(ref for ref, _ in failures)
        if not left.isdisjoint(refs):
            continue
        in_force = [
            (ref, row) for ref, row in warnings if row.sent_on < on < row.in_force_before and not names(row, refs)
        ]
        rung = _licence_rung(in_force) if phase.regime == "licence" else _community_rung(in_force)
        if phase.regime != "licence" and opened is not None and opened < on:
            return
        yield (
            f"{order_id}|{on.isoformat()}",
            Called(
                order_id=order_id,
                rung=rung,
                on=on,
                aware_on=min(row.aware_on for _, row in failures),
                judged_on=min(row.judged_on for _, row in failures),
                since=counted_since(phase, ended),
                regime=phase.regime,
                failure_ids=refs,
                warning_id=in_force[-1][0] if in_force else None,
            ),
        )
        if rung == "breach":
            return


def failure_days(case: Case, order_id: str, phase: Phase, ended: date | None) -> list[Day]:
    """The dates of unacceptable failures that count: from the start of the phase, after the end of the last breach."""
    by_date: dict[date, list[tuple[str, Counted]]] = {}
    counting = [
        (row.on, ref, row)
        for ref, row in case.counted.items()
        if row.judgement == "unacceptable"
        and order_id in row.order_ids
        and row.on >= phase.start
        and (ended is None or row.on > ended)
    ]
    for on, ref, row in sorted(counting):
        by_date.setdefault(on, []).append((ref, row))
    return list(by_date.items())


def counted_since(phase: Phase, ended: date | None) -> date:
    """The later of the order's start and the end of its last breach."""
    return phase.start if ended is None else max(phase.start, ended)


def last_breach_end(case: Case, order_id: str) -> date | None:
    """When the last breach of an order was concluded."""
    if not case.results:
        return None
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


def names(record: Warned | Pack | Information, refs: tuple[str, ...]) -> bool:
    """Whether a record names one of a date's failures: what is said of one covers all of its date."""
    return not set(refs).isdisjoint(record.failure_ids)


def earliest(found: Iterable[tuple[date, str]]) -> Done | None:
    """What settles a duty: the first of the records (date and id) that do."""
    first = min(found, default=None)
    return None if first is None else Done(first[0], evidence=(first[1],))


def _warnings_that_count(case: Case, order_id: str, ended: date | None) -> list[tuple[str, Warned]]:
    """The warnings of an order, oldest first; the ladder starts again when a breach ends."""
    found = [
        (ref, row)
        for ref, row in case.warnings.items()
        if row.order_id == order_id and (ended is None or row.sent_on > ended)
    ]
    return sorted(found, key=lambda each: (each[1].sent_on, each[0]))


def _community_rung(in_force: list[tuple[str, Warned]]) -> Rung:
    return "breach" if in_force else "first"


def _licence_rung(in_force: list[tuple[str, Warned]]) -> Rung:
    if not in_force:
        return "first"
    return "recall" if any(row.level == "final" for _, row in in_force) else "final"
