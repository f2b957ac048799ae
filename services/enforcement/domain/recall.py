"""Recall: considered, requested of the authority within hours of the decision, issued or refused."""

from collections.abc import Iterator

from msgspec.structs import replace

from services.enforcement.domain.case import Case, Recall
from services.enforcement.domain.orders import is_open
from shared.contracts.casework import RecallConsidered, RecallDecided, RecallRequested
from shared.contracts.enforcement import RecallConcluded, RecallRaised
from shared.domain.business_days import local_date
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.step import Step
from shared.domain.workflow import Entry, Transition, Workflow

LATE = "recall-late"
"""Parameter and concern: the time from the decision to recall to the request."""

KINDS = "recall-kinds"
"""Parameter: the kinds of recall, and how long a fixed term is."""


def take_considered(step: Step, fact: Fact, considered: RecallConsidered) -> None:
    """Recall was considered: decided on, or an alternative chosen."""
    was = _known(step, considered.recall_id)
    row = replace(
        was,
        order_id=considered.order_id,
        decision=considered.decision,
        decided_at=considered.decided_at,
        fact=str(fact.id),
    )
    step.put("recalls", considered.recall_id, row)


def take_requested(step: Step, _fact: Fact, requested: RecallRequested) -> None:
    """Recall was asked for."""
    was = _known(step, requested.recall_id)
    step.put(
        "recalls", requested.recall_id, replace(was, order_id=requested.order_id, requested_at=requested.requested_at)
    )


def take_decided(step: Step, _fact: Fact, decided: RecallDecided) -> None:
    """The authority has answered."""
    was = _known(step, decided.recall_id)
    row = replace(was, outcome=decided.outcome, kind=decided.kind, answered_at=decided.decided_at)
    step.put("recalls", decided.recall_id, row)


def _known(step: Step, recall_id: str) -> Recall:
    case: Case = step.case
    return case.recalls.get(recall_id, Recall())


def _entries(case: Case, ref: str) -> Iterator[Entry]:
    row = case.recalls.get(ref)
    if row is None or not is_open(case, row.order_id):
        return
    if row.decided_at is not None:
        yield Entry(row.decision, row.decided_at, ref)
    if row.requested_at is not None:
        yield Entry("requested", row.requested_at, ref, 1)
    if row.answered_at is not None and row.outcome is not None:
        on = max(row.answered_at, row.requested_at or row.answered_at)
        yield Entry(row.outcome, on, ref, 2)


def _tell_raised(step: Step, ref: str, _entry: Entry) -> None:
    case: Case = step.case
    row = case.recalls[ref]
    if row.requested_at is None:
        return
    decided_at = row.decided_at or row.requested_at
    rule = step.value(LATE, local_date(decided_at)).applied(decided_at=decided_at, requested_at=row.requested_at)
    step.emit(
        RecallRaised(
            recall_id=ref,
            order_id=row.order_id,
            decided_at=decided_at,
            requested_at=row.requested_at,
            because=step.because(rule),
        )
    )


def _tell_concluded(step: Step, ref: str, _entry: Entry) -> None:
    case: Case = step.case
    row = case.recalls[ref]
    if row.outcome is None or row.answered_at is None:
        return
    on = local_date(row.answered_at)
    rule = step.value(KINDS, on).applied(kind=row.kind or "none", outcome=row.outcome)
    step.emit(
        RecallConcluded(recall_id=ref, outcome=row.outcome, kind=row.kind, concluded_on=on, because=step.because(rule))
    )


RECALL = Workflow(
    name="recall",
    reads=frozenset({"recalls", "ended"}),
    refs=lambda case: case.recalls,
    entries=_entries,
    transitions=(
        Transition(frozenset({"none"}), "alternative", "alternative"),
        Transition(frozenset({"none"}), "recall", "decided"),
        Transition(frozenset({"none", "alternative", "decided"}), "requested", "requested", tells=_tell_raised),
        Transition(frozenset({"requested"}), "refused", "refused", tells=_tell_concluded),
        Transition(frozenset({"requested"}), "issued", "issued", tells=_tell_concluded),
    ),
)


def _decided(case: Case) -> Iterator[Clock]:
    for ref, row in case.recalls.items():
        if row.decision == "recall" and row.decided_at is not None and is_open(case, row.order_id):
            yield Clock(ref, row.decided_at, row.order_id, (row.fact,))


def _requested(case: Case, clock: Clock) -> Done | None:
    requested_at = case.recalls[clock.ref].requested_at
    return None if requested_at is None else Done(local_date(requested_at), requested_at, (clock.ref,))


DUTIES = (Duty(code=LATE, reads=frozenset({"recalls", "ended"}), clocks=_decided, done=_requested, severity="serious"),)
