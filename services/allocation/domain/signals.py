"""Signals of risk that add up and nobody has looked: call-outs, changes in the person's life, registrations, rises.

Signals count from the last review, escalation or recorded "considered, not escalated"; at the latest from allocation.
Source: HMI Probation, Suffolk 2017, lines 587-595; Transforming Rehabilitation 5 (2016), line 308. Weights and
threshold are ours.
"""

from datetime import date
from typing import NamedTuple

from services.allocation.domain import risk
from services.allocation.domain.case import Case, case_of, set_down
from services.allocation.domain.ledgers import Signal, is_withdrawn, keep_latest
from services.allocation.domain.orders import latest_sentence_on
from shared.contracts.casework import (
    CircumstancesChanged,
    PoliceCallOutReported,
    RiskEscalationConsidered,
)
from shared.domain.business_days import local_date
from shared.domain.condition import Condition, Held
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.statement import put_latest
from shared.domain.step import Step

UNESCALATED, WEIGHTS = "risk-signals-unescalated", "risk-signals.weights"
REMEMBER_SIGNALS = 20
"""Signals that are kept, the latest ones."""


def take_call_out(step: Step, fact: Fact, stated: PoliceCallOutReported) -> Outcome | None:
    """The police were called out to the person."""
    if stated.person_role == "witness":
        return ignored("only-a-witness")
    return _signal(
        step, "call-out", stated.call_out_id, Signal(stated.called_on, (f"call-out.{stated.kind}",), fact.at)
    )


def take_change(step: Step, fact: Fact, stated: CircumstancesChanged) -> Outcome | None:
    """Something in the person's life has changed."""
    kinds = tuple(sorted(f"change.{kind}" for kind in stated.kinds))
    return _signal(step, "change", stated.change_id, Signal(stated.changed_on, kinds, fact.at))


def take_considered(step: Step, _fact: Fact, stated: RiskEscalationConsidered) -> Outcome | None:
    """Considered, and not escalated."""
    on = local_date(stated.considered_at)
    set_down(step, considered_on=max(on, case_of(step).considered_on or on))
    return None


def _signal(step: Step, kind: str, record: str, row: Signal) -> Outcome | None:
    if is_withdrawn(step, kind, record):
        return ignored("record-withdrawn")
    outcome = put_latest(step, "signals", record, row)
    keep_latest(step, "signals", REMEMBER_SIGNALS)
    return outcome


class Told(NamedTuple):
    """A signal, wherever it was stated: its date, its record, its kind."""

    on: date
    record: str
    kind: str


def signals_of(case: Case) -> list[Told]:
    """Every signal that is still on the record: call-outs, changes, registrations, rises of the risk of harm."""
    found = [Told(row.on, record, kind) for record, row in case.signals.items() for kind in row.kinds]
    found += [
        Told(row.since, record, f"registration.{row.code}")
        for record, row in case.registrations.items()
        if row.since is not None and row.until is None
    ]
    found += [Told(level.on, level.record, f"risk.{level.level}") for level in risk.rises(case)]
    return sorted(found)


def looked_at_on(case: Case) -> date | None:
    """The last day on which someone looked: allocated, reviewed, escalated, or considered."""
    escalated = [local_date(row.requested_at) for row in case.escalations.values() if row.requested_at is not None]
    days = (case.allocated_on, case.considered_on, *(row.on for row in case.reviews.values()), *escalated)
    return max((on for on in days if on is not None), default=None)


def _unescalated(step: Step, _ref: str) -> Held | None:
    case, on = case_of(step), latest_sentence_on(case_of(step))
    stated = signals_of(case)
    since = looked_at_on(case) if stated else None
    if on is None or since is None:
        return None
    weights = step.value(WEIGHTS, on).table
    counted = [told for told in stated if told.on > since and weights.get(told.kind)]
    weight = sum(weights[told.kind] for told in counted)
    if not counted or weight < step.value(UNESCALATED, on).decimal:
        return None
    inputs = {
        "weight": f"{weight:f}",
        "signals": ", ".join(sorted(told.kind for told in counted)),
        "lookedAtOn": since.isoformat(),
    }
    return Held(tuple(sorted({told.record for told in counted})), on, "serious", inputs=inputs)


RISK_SIGNALS_UNESCALATED = Condition(
    code=UNESCALATED,
    reads=frozenset(
        ("signals", "registrations", "levels", "reviews", "escalations", "considered_on", "holder", "allocated_on")
    ),
    refs=lambda case: (case.key,) if case.holder is not None and case.holder.kind == "crc" else (),
    holds=_unescalated,
    owner="spo",
)
