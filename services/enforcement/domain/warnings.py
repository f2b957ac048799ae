"""Warnings: sent, withdrawn, in force for 12 months; and overdue where the ladder calls for one that was not sent."""

from collections.abc import Callable, Iterator
from datetime import date

from services.enforcement.domain.case import Case, Warned
from services.enforcement.domain.failures import is_withdrawn
from services.enforcement.domain.ladder import LADDER, Called, Ladder, Rung, ladders, names
from services.enforcement.domain.orders import put_latest
from shared.contracts.casework import WarningSent, WarningWithdrawn
from shared.contracts.enforcement import WarningDue
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty, Moment
from shared.domain.fact import Fact
from shared.domain.policy import RuleApplied
from shared.domain.state import DutyState
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
    row = case.warnings.get(withdrawn.warning_id)
    if row is not None and row.at <= fact.at:
        step.drop("warnings", withdrawn.warning_id)


def _called(*rungs: Rung) -> Callable[[Case], Iterator[Clock]]:
    def clocks(case: Case) -> Iterator[Clock]:
        for found in ladders(case):
            for called in found.rungs(*rungs):
                day = called.day
                yield Clock(called.ref(found.order_id), day.judged_on, found.order_id, day.evidence)

    return clocks


def _where(case: Case, clock: Clock) -> tuple[Ladder, Called] | None:
    """The ladder and the rung that a clock was made from."""
    return next(
        (
            (found, called)
            for found in ladders(case)
            for called in found.called
            if called.ref(found.order_id) == clock.ref
        ),
        None,
    )


def _warned(case: Case, clock: Clock) -> Done | None:
    where = _where(case, clock)
    if where is None:
        return None
    found, called = where
    done = [
        (row.sent_on, ref)
        for ref, row in case.warnings.items()
        if row.order_id == found.order_id and names(row.failure_ids, called.day)
    ]
    done += [
        (row.submitted_on, ref)
        for ref, row in case.packs.items()
        if row.straight and row.order_id == found.order_id and names(row.failure_ids, called.day)
    ]
    if found.phase.regime == "licence":
        done += _considered(case, found, called)
    return Done(min(done)[0], evidence=(min(done)[1],)) if done else None


def _recall_considered(case: Case, clock: Clock) -> Done | None:
    where = _where(case, clock)
    done = _considered(case, *where) if where is not None else []
    return Done(min(done)[0], evidence=(min(done)[1],)) if done else None


def _considered(case: Case, found: Ladder, called: Called) -> list[tuple[date, str]]:
    return [
        (local_date(row.decided_at), ref)
        for ref, row in case.recalls.items()
        if row.order_id == found.order_id and row.decided_at is not None and local_date(row.decided_at) >= called.day.on
    ]


def _tell(step: Step, moment: Moment, clock: Clock, state: DutyState, rule: RuleApplied) -> None:
    where = _where(step.case, clock)
    if moment not in TOLD or state.due is None or where is None:
        return
    found, called = where
    counted = step.value("failures-counted", called.day.on).applied(
        failed_on=called.day.on, since=found.since, regime=found.phase.regime
    )
    step.emit(
        WarningDue(
            order_id=found.order_id,
            level="final" if called.rung == "final" else "first",
            failure_ids=called.day.failure_ids,
            due_at=state.due,
            because=step.because(counted, rule),
        )
    )


DUTIES = (
    Duty(
        code="warning-overdue",
        reads=LADDER | {"recalls"},
        clocks=_called("first", "final"),
        done=_warned,
        tells=_tell,
    ),
    Duty(
        code="warning-overdue",
        part="recall",
        reads=LADDER | {"recalls"},
        clocks=_called("recall"),
        done=_recall_considered,
    ),
)
