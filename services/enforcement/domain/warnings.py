"""Warnings: sent, withdrawn, in force for 12 months; and overdue where the ladder calls for one that was not sent."""

from collections.abc import Callable
from datetime import date, datetime

from services.enforcement.domain.case import Called, Case, Rung, Warned
from services.enforcement.domain.failures import evidence_of, is_withdrawn
from services.enforcement.domain.ladder import BY_CALLED, all_called, earliest, names
from shared.contracts.casework import WarningSent, WarningWithdrawn
from shared.contracts.enforcement import WarningDue
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty, Moment
from shared.domain.fact import Fact
from shared.domain.policy import RuleApplied
from shared.domain.state import DutyState
from shared.domain.statement import put_latest
from shared.domain.step import Step

IN_FORCE = "warning-in-force"
"""Parameter: how long a warning is in force."""

TOLD = frozenset({"opened", "retimed", "reopened"})


def take_sent(step: Step, fact: Fact, sent: WarningSent) -> Outcome | None:
    """A warning; the policy of its date says until when it is in force."""
    if is_withdrawn(step, "warning", sent.warning_id, fact):
        return ignored("withdrawn")
    row = Warned(
        order_id=sent.order_id,
        failure_ids=tuple(sorted(sent.failure_ids)),
        level=sent.level,
        sent_on=sent.sent_on,
        in_force_before=local_date(step.value(IN_FORCE, sent.sent_on).term.after(sent.sent_on)),
        at=fact.at,
    )
    return put_latest(step, "warnings", sent.warning_id, row)


def take_withdrawn(step: Step, fact: Fact, withdrawn: WarningWithdrawn) -> None:
    """A warning taken back: as if it had never been sent."""
    case: Case = step.case
    key = f"warning:{withdrawn.warning_id}"
    step.put("withdrawn", key, max(fact.at, case.withdrawn.get(key, fact.at)))
    void(step, withdrawn.warning_id, fact.at)


def void(step: Step, warning_id: str, through: datetime) -> None:
    """Drop a warning that was stated by an instant."""
    case: Case = step.case
    row = case.warnings.get(warning_id)
    if row is not None and row.at <= through:
        step.drop("warnings", warning_id)


def _called_for(*rungs: Rung) -> Callable[[Case, str], Clock | None]:
    def clock(case: Case, ref: str) -> Clock | None:
        row = case.called.get(ref)
        if row is None or row.rung not in rungs:
            return None
        return Clock(ref, row.judged_on, row.order_id, evidence_of(case, row.failure_ids))

    return clock


_to_warn = _called_for("first", "final")
_to_recall = _called_for("recall")


def _warned(case: Case, clock: Clock) -> Done | None:
    called = case.called[clock.ref]
    done = [
        (row.sent_on, ref)
        for ref, row in case.warnings.items()
        if row.order_id == called.order_id and names(row, called.failure_ids)
    ]
    done += [
        (row.submitted_on, ref)
        for ref, row in case.packs.items()
        if row.straight and row.order_id == called.order_id and names(row, called.failure_ids)
    ]
    if called.regime == "licence":
        done += _considered(case, called)
    return earliest(done)


def _recall_considered(case: Case, clock: Clock) -> Done | None:
    return earliest(_considered(case, case.called[clock.ref]))


def _considered(case: Case, called: Called) -> list[tuple[date, str]]:
    return [
        (local_date(row.decided_at), ref)
        for ref, row in case.recalls_considered.items()
        if row.order_id == called.order_id and local_date(row.decided_at) >= called.on
    ]


def _tell(step: Step, moment: Moment, clock: Clock, state: DutyState, rule: RuleApplied) -> None:
    if moment not in TOLD or state.due is None:
        return
    case: Case = step.case
    called = case.called[clock.ref]
    counted = step.value("failures-counted", called.on).applied(
        failed_on=called.on, regime=called.regime, since=called.since
    )
    step.emit(
        WarningDue(
            order_id=called.order_id,
            level="final" if called.rung == "final" else "first",
            failure_ids=called.failure_ids,
            due_at=state.due,
            because=step.because(counted, rule),
        )
    )


DUTIES = (
    Duty(
        code="warning-overdue",
        reads=frozenset({"counted", "called", "warnings", "packs", "recalls_considered"}),
        clocks=all_called(_to_warn),
        clock=_to_warn,
        keyed_by=BY_CALLED,
        done=_warned,
        tells=_tell,
    ),
    Duty(
        code="warning-overdue",
        part="recall",
        reads=frozenset({"counted", "called", "recalls_considered"}),
        clocks=all_called(_to_recall),
        clock=_to_recall,
        keyed_by=BY_CALLED,
        done=_recall_considered,
    ),
)
