"""Absences: counted once judged, counted again when re-judged, and brought to a manager when too many were accepted."""

from collections.abc import Iterator
from datetime import datetime

from services.enforcement.domain.case import Case, Oversight
from services.enforcement.domain.failures import JUDGING, judged_as, standing
from services.enforcement.domain.ladder import ladder
from services.enforcement.domain.orders import RUNNING, is_open, phase_of, put_latest
from shared.contracts.casework import OversightRecorded
from shared.contracts.enforcement import AbsenceCounted, OversightDue
from shared.domain.business_days import start_of_day
from shared.domain.condition import Condition, Held
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.state import Severity
from shared.domain.step import Step
from shared.domain.workflow import Entry, Transition, Workflow

COUNTED = "failures-counted"
"""Parameter: how failures are counted."""

ACCEPTABLE = "acceptable-absences"
REJUDGED = "retrospective-judgement"
"""What oversight may be about, as far as absences go."""

TOO_MANY = "acceptable-absences-high"
"""Parameter and concern: so many acceptable absences on an order that the performance team looks."""


def take_oversight(step: Step, fact: Fact, recorded: OversightRecorded) -> Outcome | None:
    """A manager has looked at the acceptable absences, or at a judgement that was changed afterwards."""
    if recorded.trigger not in (ACCEPTABLE, REJUDGED):
        return ignored("not-about-absences")
    return put_latest(
        step, "oversights", recorded.oversight_id, Oversight(recorded.trigger, recorded.recorded_on, fact.at)
    )


# -- the absence as a workflow ------------------------------------------------------------------


def _refs(case: Case) -> Iterator[str]:
    return (
        f"{order_id}|{failure_id}"
        for failure_id, row in case.failures.items()
        if not row.excused
        for order_id in row.order_ids
        if is_open(case, order_id)
    )


def _entries(case: Case, ref: str) -> Iterator[Entry]:
    order_id, _, failure_id = ref.partition("|")
    row = case.failures.get(failure_id)
    phase = phase_of(case, order_id)
    if row is None or row.excused or phase is None or order_id not in row.order_ids:
        return
    on: datetime = start_of_day(row.on)
    yield Entry("failed", on, failure_id)
    stands = standing(case, failure_id)
    made = [each for each in case.judgements.get(failure_id, ()) if each is not stands]
    for rank, judged in enumerate([*made, stands] if stands is not None else made, 1):
        on = max(on, start_of_day(judged.on))
        yield Entry(judged.judgement, on, judged.judgement_id, rank)


def _count(step: Step, ref: str, entry: Entry) -> None:
    order_id, _, failure_id = ref.partition("|")
    case: Case = step.case
    stands = standing(case, failure_id)
    now = ladder(case, order_id)
    if stands is None or stands.judgement_id != entry.id or now is None:
        return
    acceptable = len(judged_as(case, order_id, "acceptable"))
    rule = step.value(COUNTED, case.failures[failure_id].on).applied(
        acceptable_count=acceptable, failure_dates=tuple(day.on for day in now.days), since=now.since, order=order_id
    )
    step.emit(
        AbsenceCounted(
            order_id=order_id,
            failure_id=failure_id,
            judgement_id=stands.judgement_id,
            judgement=stands.judgement,
            acceptable_count=acceptable,
            failure_dates=len(now.days),
            since=now.since,
            because=step.because(rule),
        )
    )


_ANY = frozenset({"unjudged", "pending", "acceptable", "unacceptable"})

ABSENCE = Workflow(
    name="absence",
    reads=RUNNING | JUDGING,
    refs=_refs,
    entries=_entries,
    transitions=(
        Transition(frozenset({"none"}), "failed", "unjudged"),
        Transition(_ANY, "pending-evidence", "pending"),
        Transition(_ANY, "acceptable", "acceptable", tells=_count),
        Transition(_ANY, "unacceptable", "unacceptable", tells=_count),
    ),
)


# -- too many acceptable absences ---------------------------------------------------------------


def _orders_with_failures(case: Case) -> set[str]:
    return {each for row in case.failures.values() if not row.excused for each in row.order_ids if is_open(case, each)}


def _since_oversight(step: Step, order_id: str) -> Held | None:
    case: Case = step.case
    last = max((row.on for row in case.oversights.values() if row.trigger == ACCEPTABLE), default=None)
    accepted = [
        (judged, row.fact)
        for row, judged, _ in judged_as(case, order_id, "acceptable")
        if last is None or judged.on > last
    ]
    if not accepted:
        return None
    on = max(judged.on for judged, _ in accepted)
    if len(accepted) < step.value("oversight-due", on).number:
        return None
    return Held(
        evidence=tuple(judged.fact for judged, _ in accepted),
        on=on,
        order_id=order_id,
        inputs={"acceptable": str(len(accepted)), "since_oversight_of": last.isoformat() if last else "never"},
    )


def _tell_oversight(step: Step, order_id: str, held: Held) -> None:
    rule = step.value("oversight-due", held.on).applied(**held.inputs)
    step.emit(OversightDue(order_id=order_id, acceptable_count=len(held.evidence), because=step.because(rule)))


def _too_many(step: Step, order_id: str) -> Held | None:
    accepted = judged_as(step.case, order_id, "acceptable")
    if not accepted:
        return None
    on = max(judged.on for _, judged, _ in accepted)
    limits = step.value(TOO_MANY, on).table
    if len(accepted) <= limits["warning"]:
        return None
    severity: Severity = "serious" if len(accepted) > limits["serious"] else "warning"
    return Held(
        evidence=tuple(judged.fact for _, judged, _ in accepted),
        on=on,
        severity=severity,
        order_id=order_id,
        inputs={"acceptable": str(len(accepted))},
    )


# -- judged otherwise, after something rested on it ---------------------------------------------


def _rejudged_refs(case: Case) -> Iterator[str]:
    return (ref for ref, made in case.judgements.items() if len(made) > 1 and _runs(case, ref))


def _runs(case: Case, failure_id: str) -> bool:
    row = case.failures.get(failure_id)
    return row is not None and not row.excused and any(is_open(case, each) for each in row.order_ids)


def _rejudged(step: Step, failure_id: str) -> Held | None:
    case: Case = step.case
    stands = standing(case, failure_id)
    if stands is None or all(each.judgement == stands.judgement for each in case.judgements[failure_id]):
        return None
    rested = [(row.sent_on, ref, row.order_id) for ref, row in case.warnings.items() if failure_id in row.failure_ids]
    rested += [
        (row.submitted_on, ref, row.order_id) for ref, row in case.packs.items() if failure_id in row.failure_ids
    ]
    before = [each for each in rested if each[0] <= stands.on]
    overseen = any(row.trigger == REJUDGED and row.on >= stands.on for row in case.oversights.values())
    if not before or overseen:
        return None
    _, record, order_id = min(before)
    return Held(
        evidence=(stands.fact, case.failures[failure_id].fact),
        on=stands.on,
        order_id=order_id,
        parameter=COUNTED,
        inputs={"judgement": stands.judgement, "judged_on": stands.on.isoformat(), "rested": record},
    )


CONDITIONS = (
    Condition(
        code="oversight-due",
        reads=JUDGING | {"oversights", "ended"},
        refs=_orders_with_failures,
        holds=_since_oversight,
        owner="SPO",
        tells=_tell_oversight,
    ),
    Condition(
        code=TOO_MANY,
        reads=JUDGING | {"ended"},
        refs=_orders_with_failures,
        holds=_too_many,
        owner="SPO",
    ),
    Condition(
        code="absence-rejudged",
        reads=JUDGING | {"warnings", "packs", "oversights", "ended"},
        refs=_rejudged_refs,
        holds=_rejudged,
        parameter=COUNTED,
        owner="SPO",
    ),
)
