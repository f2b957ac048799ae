"""Records taken back, and two cases that are one person: what was recorded in error, or under another number."""

import copy
from collections.abc import Mapping

from services.allocation.domain import assignment, closing, custody
from services.allocation.domain.case import Case, Claim, case_of, set_down
from shared.contracts.casework import RecordWithdrawn
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact, Subject
from shared.domain.step import Step
from shared.domain.waiting import move_waiting

LEDGERS_OF: Mapping[str, tuple[str, ...]] = {
    "registration": ("registrations",),
    "check": ("checks",),
    "review": ("risk_reviews", "reviews"),
    "change": ("signals",),
    "call-out": ("signals",),
    "appointment": ("contacts",),
    "plan": ("plans",),
    "credit": ("credits",),
}
"""Where a record of that kind may have been taken down."""

STATED = (
    "orders",
    "forms",
    "scores",
    "levels",
    "harm_tools",
    "checks",
    "risk_reviews",
    "reviews",
    "signals",
    "contacts",
    "plans",
    "parts_closed",
    "warnings",
    "breaches",
    "credits",
    "days_folded",
    "requirements_ended",
    "transfers",
    "registrations",
    "withdrawn",
    "allocations",
    "escalations",
)
"""Ledgers that move to another case when two are one person."""

KEPT_IF_NONE = (
    "person",
    "needs",
    "motivation",
    "inducted_on",
    "significant_on",
    "moved",
    "rsr_on",
    "holder",
    "considered_on",
    "grade_decided_on",
)
"""What the case that stays takes over where it has none of its own."""

ONLY_ITS_OWN = ("sex", "custody", "suspended_from", "suspended_until", "last_officer")
"""What else a case that goes has no more."""

NEVER_TOLD = Case(key="")


def take_withdrawal(step: Step, _fact: Fact, stated: RecordWithdrawn) -> Outcome | None:
    """A record taken back: it never was, even if it comes later."""
    ledgers = LEDGERS_OF.get(stated.kind)
    if ledgers is None:
        return ignored("no-rule-reads-such-records")
    step.put("withdrawn", stated.record_id, stated.withdrawn_on)
    for ledger in ledgers:
        step.drop(ledger, stated.record_id)
    return None


def united(goes: Case, stays: Case) -> Case:
    """The orders of two cases that are one person, enough to tell the unit."""
    return Case(key=stays.key, orders={**goes.orders, **stays.orders}, home=stays.home)


def leave_bare(step: Step, stays: Subject) -> Case:
    """Take everything off the case that goes; its officer, if it has one, is free. Returns it as it was."""
    goes = copy.copy(case_of(step))
    assignment.release(step)
    closing.forget(step)
    for ledger in STATED:
        for row_id in sorted(getattr(goes, ledger)):
            step.drop(ledger, row_id)
    move_waiting(step, step.owner, stays)
    set_down(step, **{name: getattr(NEVER_TOLD, name) for name in (*KEPT_IF_NONE, *ONLY_ITS_OWN)})
    return goes


def take_over(step: Step, goes: Case) -> None:
    """Take what was stated of the other case; what both have under one id stays. The NPS holds if either was its."""
    stays = case_of(step)
    for ledger in STATED:
        kept = getattr(stays, ledger)
        for row_id, row in sorted(getattr(goes, ledger).items()):
            if row_id not in kept:
                step.put(ledger, row_id, row)
    set_down(step, **{name: getattr(stays, name) or getattr(goes, name) for name in KEPT_IF_NONE})
    if stays.sex == "not-known":
        set_down(step, sex=goes.sex)
    set_down(step, custody=custody.of_both(stays.custody, goes.custody))
    dates = [case.allocated_on for case in (stays, goes) if case.allocated_on is not None]
    if dates:
        first = min(dates)
        set_down(step, allocated_on=first, needed_from=stays.needed_from or goes.needed_from or first)
    set_down(step, last_officer=stays.last_officer or goes.last_officer)
    if stays.holder is not None and goes.holder is not None and stays.holder.kind != goes.holder.kind == "nps":
        set_down(step, claim=Claim("nps", "escalation", goes.holder.since, goes.holder.code))
