"""Recall: considered, requested of the authority within hours of the decision, issued or refused."""

from collections.abc import Iterator

from services.enforcement.domain.case import Case, RecallAnswered, RecallConsidered, RecallRequested
from services.enforcement.domain.orders import is_open
from shared.contracts import casework
from shared.contracts.enforcement import RecallConcluded, RecallRaised
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.identifiers import uuid_text
from shared.domain.statement import put_latest
from shared.domain.step import Step
from shared.domain.workflow import Entry, Transition, Workflow

LATE = "recall-late"
"""Parameter and concern: the time from the decision to recall to the request."""

KINDS = "recall-kinds"
"""Parameter: the kinds of recall, and how long a fixed term is."""


READS = frozenset({"recalls_considered", "recalls_requested", "ended"})


def take_considered(step: Step, fact: Fact, considered: casework.RecallConsidered) -> Outcome | None:
    """Recall was considered: decided on, or an alternative chosen."""
    row = RecallConsidered(considered.order_id, considered.decision, considered.decided_at, fact.at, uuid_text(fact.id))
    return put_latest(step, "recalls_considered", considered.recall_id, row)


def take_requested(step: Step, fact: Fact, requested: casework.RecallRequested) -> Outcome | None:
    """Recall was asked for."""
    row = RecallRequested(requested.order_id, requested.requested_at, fact.at)
    return put_latest(step, "recalls_requested", requested.recall_id, row)


def take_decided(step: Step, fact: Fact, decided: casework.RecallDecided) -> Outcome | None:
    """The authority has answered."""
    row = RecallAnswered(decided.outcome, decided.decided_at, fact.at, decided.kind)
    return put_latest(step, "recalls_answered", decided.recall_id, row)


def order_of(case: Case, recall_id: str) -> str | None:
    """The order that a recall is about, as last stated; None while only its answer is known."""
    stated = (case.recalls_considered.get(recall_id), case.recalls_requested.get(recall_id))
    known = [(row.at, row.order_id) for row in stated if row is not None]
    return max(known)[1] if known else None


def _entries(case: Case, ref: str) -> Iterator[Entry]:
    order_id = order_of(case, ref)
    if order_id is None or not is_open(case, order_id):
        return
    considered, requested = case.recalls_considered.get(ref), case.recalls_requested.get(ref)
    if considered is not None:
        yield Entry(considered.decision, considered.decided_at, ref)
    if requested is not None:
        yield Entry("requested", requested.requested_at, ref, 1)
    answered = case.recalls_answered.get(ref)
    if answered is not None:
        on = answered.decided_at if requested is None else max(answered.decided_at, requested.requested_at)
        yield Entry(answered.outcome, on, ref, 2)


def _tell_raised(step: Step, ref: str, _entry: Entry) -> None:
    case: Case = step.case
    requested, considered = case.recalls_requested[ref], case.recalls_considered.get(ref)
    decided_at = considered.decided_at if considered is not None else requested.requested_at
    rule = step.value(LATE, local_date(decided_at)).applied(decided_at=decided_at, requested_at=requested.requested_at)
    step.emit(
        RecallRaised(
            recall_id=ref,
            order_id=requested.order_id,
            decided_at=decided_at,
            requested_at=requested.requested_at,
            because=step.because(rule),
        )
    )


def _tell_concluded(step: Step, ref: str, _entry: Entry) -> None:
    case: Case = step.case
    row = case.recalls_answered[ref]
    on = local_date(row.decided_at)
    rule = step.value(KINDS, on).applied(kind=row.kind or "none", outcome=row.outcome)
    step.emit(
        RecallConcluded(recall_id=ref, outcome=row.outcome, kind=row.kind, concluded_on=on, because=step.because(rule))
    )


RECALL = Workflow(
    name="recall",
    reads=READS | {"recalls_answered"},
    refs=lambda case: {*case.recalls_considered, *case.recalls_requested},
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
    for ref, row in case.recalls_considered.items():
        if row.decision == "recall" and is_open(case, row.order_id):
            yield Clock(ref, row.decided_at, row.order_id, (row.fact,))


def _requested(case: Case, clock: Clock) -> Done | None:
    row = case.recalls_requested.get(clock.ref)
    return None if row is None else Done(local_date(row.requested_at), row.requested_at, (clock.ref,))


DUTIES = (Duty(code=LATE, reads=READS, clocks=_decided, done=_requested, severity="serious"),)
