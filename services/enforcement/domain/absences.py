"""Absences: counted once judged, counted again when re-judged, and brought to a manager when too many were accepted."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from services.enforcement.domain import earlier
from services.enforcement.domain.case import Case, Counted, Oversight
from services.enforcement.domain.failures import accepted, judgements_of, standing
from services.enforcement.domain.ladder import counted_since, failure_days, last_breach_end
from services.enforcement.domain.orders import RUNNING, Phase, is_open, phases
from shared.contracts.casework import OversightRecorded
from shared.contracts.enforcement import AbsenceCounted, OversightDue
from shared.domain.condition import Condition, Held
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.rulebook import View
from shared.domain.state import Severity
from shared.domain.statement import put_latest
from shared.domain.step import Key, Step, by_id

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


BY_FAILURE: Mapping[str, Key] = {"counted": by_id}

# -- counted, and told --------------------------------------------------------------------------


def tell(step: Step) -> None:
    """Tell each judged failure once on each order that it counts on; again when it is judged otherwise."""
    case: Case = step.case
    touched = step.touched(COUNTING.reads, BY_FAILURE)
    running = phases(case)
    for failure_id in sorted(case.counted if touched is None else touched):
        row = case.counted.get(failure_id)
        if row is None:
            continue
        orders = tuple(filter(running.__contains__, row.order_ids))
        if orders == row.told:
            continue
        step.put("counted", failure_id, replace(row, told=orders))
        for order_id in orders:
            if order_id not in row.told:
                _tell_counted(step, order_id, running[order_id], failure_id, row)


def _tell_counted(step: Step, order_id: str, phase: Phase, failure_id: str, row: Counted) -> None:
    case: Case = step.case
    ended = last_breach_end(case, order_id)
    days = [on for on, _ in failure_days(case, order_id, phase, ended)]
    acceptable = earlier.acceptable(case, order_id) + len(accepted(case, order_id))
    since = counted_since(phase, ended)
    rule = step.value(COUNTED, row.on).applied(
        acceptable_count=acceptable, failed_on=row.on, failure_dates=days, judgement=row.judgement, since=since
    )
    step.emit(
        AbsenceCounted(
            order_id=order_id,
            failure_id=failure_id,
            judgement_id=row.judgement_id,
            judgement=row.judgement,
            acceptable_count=acceptable,
            failure_dates=earlier.dates(case, order_id, ended, days),
            since=since,
            because=step.because(rule),
        )
    )


COUNTING = View(reads=RUNNING | {"counted"}, derive=tell)


# -- too many acceptable absences ---------------------------------------------------------------


def _accepted_on(_case: Case, _failure_id: str, counted: Counted) -> tuple[str, ...]:
    return counted.order_ids if counted.judgement == "acceptable" else ()


def _orders(case: Case) -> set[str]:
    accepted_on = {order_id for ref, row in case.counted.items() for order_id in _accepted_on(case, ref, row)}
    return accepted_on - case.ended.keys()


def _since_oversight(step: Step, order_id: str) -> Held | None:
    case: Case = step.case
    if not is_open(case, order_id):
        return None
    last = max([row.on for row in case.oversights.values() if row.trigger == ACCEPTABLE], default=None)
    since = {ref: row for ref, row in accepted(case, order_id).items() if last is None or row.judged_on > last}
    if not since:
        return None
    on = max([row.judged_on for row in since.values()])
    if len(since) < step.value("oversight-due", on).number:
        return None
    return Held(
        evidence=judgements_of(case, since),
        on=on,
        order_id=order_id,
        inputs={"acceptable": str(len(since)), "since_oversight_of": last.isoformat() if last else "never"},
    )


def _tell_oversight(step: Step, order_id: str, held: Held) -> None:
    rule = step.value("oversight-due", held.on).applied(**held.inputs)
    step.emit(OversightDue(order_id=order_id, acceptable_count=len(held.evidence), because=step.because(rule)))


def _too_many(step: Step, order_id: str) -> Held | None:
    case: Case = step.case
    kept = accepted(case, order_id) if is_open(case, order_id) else {}
    if not kept:
        return None
    on = max([row.judged_on for row in kept.values()])
    limits = step.value(TOO_MANY, on).table
    n = earlier.acceptable(case, order_id) + len(kept)
    if n <= limits["warning"]:
        return None
    severity: Severity = "serious" if n > limits["serious"] else "warning"
    return Held(
        evidence=judgements_of(case, kept),
        on=on,
        severity=severity,
        order_id=order_id,
        inputs={"acceptable": str(n)},
    )


# -- judged otherwise, after something rested on it ---------------------------------------------


def _rejudged_refs(case: Case) -> Iterator[str]:
    return (ref for ref in case.counted if _is_rejudged(case, ref))


def _is_rejudged(case: Case, failure_id: str) -> bool:
    """Whether a failure of an order that runs was judged more than once."""
    if len(case.judgements.get(failure_id, ())) < 2 or failure_id not in case.counted:
        return False
    return any(is_open(case, each) for each in case.counted[failure_id].order_ids)


def _rejudged(step: Step, failure_id: str) -> Held | None:
    case: Case = step.case
    stands = standing(case, failure_id) if _is_rejudged(case, failure_id) else None
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
        reads=frozenset({"counted", "oversights", "ended"}),
        refs=_orders,
        holds=_since_oversight,
        keyed_by={"counted": _accepted_on},
        owner="spo",
        tells=_tell_oversight,
    ),
    Condition(
        code=TOO_MANY,
        reads=frozenset({"counted", "ended"}),
        refs=_orders,
        holds=_too_many,
        keyed_by={"counted": _accepted_on},
        owner="spo",
    ),
    Condition(
        code="absence-rejudged",
        reads=frozenset({"counted", "warnings", "packs", "oversights", "ended"}),
        refs=_rejudged_refs,
        holds=_rejudged,
        keyed_by=BY_FAILURE,
        parameter=COUNTED,
        owner="spo",
    ),
)
