"""The stages of a breach, one at a time for an order: what moved it on, what is told of it, where it got stuck."""

from collections.abc import Iterator
from datetime import date

from services.enforcement.domain.case import Case
from services.enforcement.domain.ladder import STILL_OPEN
from services.enforcement.domain.orders import is_open
from shared.contracts.enforcement import BreachConcluded, BreachRaised
from shared.domain.business_days import local_date, start_of_day
from shared.domain.duty import Clock, Duty
from shared.domain.identifiers import stable_id
from shared.domain.step import Step
from shared.domain.workflow import Entry, Transition, Workflow

REFERRED = "breach-referred"
"""Parameter: who refers a breach, and who presents it."""

RESTARTS = "failures-counted"
"""Parameter: how failures are counted, from the end of the last breach on."""

IDLE = frozenset({"none", "due", "not-pursued", "concluded"})
AT_COURT = frozenset({"laid", "listed", "adjourned", "warrant"})
OPEN = AT_COURT | {"due", "submitted", "returned", "accepted"}

RANKS = 10
"""Ranks that one submission of a pack takes."""
AFTER_PACKS = 10_000_000
"""A rank above that of every submission."""


def _refs(case: Case) -> set[str]:
    named = {row.order_id for row in case.packs.values()}
    named.update(row.order_id for row in case.informations.values())
    named.update(row.order_id for row in case.results.values() if row.purpose == "breach")
    named.update(row.order_id for row in case.hearings.values() if row.purpose == "breach")
    named.update(row.order_id for row in case.called.values() if row.rung == "breach")
    return {each for each in named if is_open(case, each)}


def _entries(case: Case, order_id: str) -> Iterator[Entry]:
    if not is_open(case, order_id):
        return
    for called in case.called.values():
        if called.order_id == order_id and called.rung == "breach":
            yield Entry("ladder", start_of_day(called.judged_on), called.on.isoformat())
    for ref, discretion in case.discretions.items():
        if discretion.order_id == order_id:
            yield Entry("discretion", start_of_day(discretion.on), ref, 1)
    yield from _pack_entries(case, order_id)
    yield from _court_entries(case, order_id)


def _pack_entries(case: Case, order_id: str) -> Iterator[Entry]:
    for key, pack in case.packs.items():
        if pack.order_id != order_id:
            continue
        rank = RANKS * pack.submission
        yield Entry("submitted", start_of_day(pack.submitted_on), key, rank, pack)
        for trigger, answer, add in (("returned", case.returned.get(key), 1), ("accepted", case.accepted.get(key), 2)):
            if answer is not None:
                yield Entry(trigger, start_of_day(max(answer.on, pack.submitted_on)), key, rank + add)


def _court_entries(case: Case, order_id: str) -> Iterator[Entry]:
    for ref, laid in case.informations.items():
        if laid.order_id == order_id:
            yield Entry("laid", start_of_day(laid.laid_on), ref, AFTER_PACKS, laid)
    for ref, hearing in case.hearings.items():
        if hearing.order_id == order_id and hearing.purpose == "breach":
            later = AFTER_PACKS + (1 if hearing.hearing_on <= hearing.listed_on else 3)
            yield Entry("listed", start_of_day(hearing.listed_on), ref, later)
    for ref, result in case.results.items():
        if result.order_id == order_id and result.purpose == "breach":
            if result.outcome == "adjourned":
                trigger = "relisted" if result.next_on is not None else "adjourned"
            else:
                trigger = result.outcome if result.outcome in STILL_OPEN else "concluded"
            yield Entry(trigger, start_of_day(result.held_on), ref, AFTER_PACKS + 2, result)


def _raised_by(case: Case, order_id: str, through: date) -> tuple[str, date, str | None, date] | None:
    """The record that raised the breach that ran on a day: its id, date, pack and awareness."""
    ended = max(
        (
            row.held_on
            for row in case.results.values()
            if row.order_id == order_id
            and row.purpose == "breach"
            and row.outcome not in STILL_OPEN
            and row.held_on < through
        ),
        default=None,
    )
    raising: list[tuple[date, int, str, str | None, date]] = [
        (row.submitted_on, row.submission, row.pack_id, row.pack_id, row.aware_on)
        for row in case.packs.values()
        if row.order_id == order_id
    ]
    raising += [
        (row.laid_on, AFTER_PACKS, ref, row.pack_id, row.aware_on or row.laid_on)
        for ref, row in case.informations.items()
        if row.order_id == order_id
    ]
    within = [each for each in raising if each[0] <= through and (ended is None or each[0] > ended)]
    if not within:
        return None
    on, _, record, pack_id, aware_on = min(within, key=lambda each: each[:3])
    return record, on, pack_id, aware_on


def _breach_id(case: Case, order_id: str, record: str) -> str:
    return str(stable_id("breach", case.key, order_id, record))


def _tell_raised(step: Step, order_id: str, entry: Entry) -> None:
    case: Case = step.case
    raised_on = local_date(entry.on)
    raised = _raised_by(case, order_id, raised_on)
    if raised is None:
        return
    record, on, pack_id, aware_on = raised
    rule = step.value(REFERRED, on).applied(aware_on=aware_on, raised_on=on, record=record)
    step.emit(
        BreachRaised(
            breach_id=_breach_id(case, order_id, record),
            order_id=order_id,
            pack_id=pack_id,
            aware_on=aware_on,
            raised_on=on,
            because=step.because(rule),
        )
    )


def _tell_concluded(step: Step, order_id: str, entry: Entry) -> None:
    case: Case = step.case
    result = entry.data
    raised = _raised_by(case, order_id, result.held_on)
    rule = step.value(RESTARTS, result.held_on).applied(concluded_on=result.held_on, outcome=result.outcome)
    step.emit(
        BreachConcluded(
            breach_id=_breach_id(case, order_id, raised[0] if raised is not None else entry.id),
            outcome=result.outcome,
            concluded_on=result.held_on,
            because=step.because(rule),
        )
    )


BREACH = Workflow(
    name="breach",
    reads=frozenset(
        {"called", "discretions", "packs", "returned", "accepted", "informations", "hearings", "results", "ended"}
    ),
    refs=_refs,
    entries=_entries,
    transitions=(
        Transition(frozenset({"none", "not-pursued", "concluded"}), "ladder", "due"),
        Transition(frozenset({"due"}), "discretion", "not-pursued"),
        Transition(IDLE, "submitted", "submitted", tells=_tell_raised),
        Transition(frozenset({"returned"}), "submitted", "submitted"),
        Transition(frozenset({"submitted"}), "returned", "returned"),
        Transition(frozenset({"submitted", "returned"}), "accepted", "accepted"),
        Transition(IDLE, "laid", "laid", tells=_tell_raised),
        Transition(frozenset({"submitted", "accepted"}), "laid", "laid"),
        Transition(AT_COURT | {"accepted"}, "listed", "listed"),
        Transition(AT_COURT, "relisted", "listed"),
        Transition(AT_COURT, "adjourned", "adjourned"),
        Transition(AT_COURT, "warrant-issued", "warrant"),
        Transition(OPEN, "concluded", "concluded", tells=_tell_concluded),
    ),
)


def _stuck_clocks(case: Case) -> Iterator[Clock]:
    for order_id, stage in case.stages.get("breach", {}).items():
        if stage.stage in LIMITED:
            yield Clock(
                f"{order_id}|{stage.stage}",
                local_date(stage.since),
                order_id,
                parameter=f"breach-stuck.{stage.stage}",
            )


LIMITED = frozenset({"submitted", "returned", "accepted", "laid", "listed", "adjourned"})
"""Stages with a limit of their own."""

DUTIES = (
    Duty(
        code="breach-stuck",
        reads=frozenset({"stages.breach"}),
        clocks=_stuck_clocks,
        owner="enforcement-manager",
    ),
)
