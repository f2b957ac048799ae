"""Records taken back, and two cases that are one person: what was recorded in error, or under another number."""

from collections.abc import Mapping

from services.allocation.domain import (
    assignment,
    checks,
    closing,
    contact,
    custody,
    delivery,
    form,
    hub_transfer,
    ledgers,
    orders,
    plans,
    risk,
    signals,
)
from services.allocation.domain.case import Case, Claim, Home, case_of, set_down
from services.allocation.domain.compliance import REMEMBER_WARNINGS
from shared.contracts.casework import RecordWithdrawn
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.statement import Both, latest
from shared.domain.step import Step

LEDGERS_OF: Mapping[str, tuple[str, ...]] = {
    "registration": ("registrations",),
    "check": ("checks",),
    "review": ("risk_reviews", "reviews"),
    "change": ("signals",),
    "call-out": ("signals",),
    "appointment": ("contacts",),
    "plan": ("plans",),
    "credit": ("credits",),
    "warning": ("warnings",),
}
"""Where a record of that kind may have been taken down; warnings are taken back by a fact of their own."""

WITH_INSTANTS = (
    "forms",
    "levels",
    "harm_tools",
    "risk_reviews",
    "reviews",
    "signals",
    "plans",
    "parts_closed",
    "warnings",
    "credits",
    "requirements_ended",
)
"""Ledgers of which the latest statement of a record stands."""

STATED: Mapping[str, Both] = {
    **dict.fromkeys(WITH_INSTANTS, latest),
    "orders": orders.both,
    "scores": risk.last_scored,
    "checks": checks.checked,
    "contacts": ledgers.last_contact,
    "breaches": ledgers.breached,
    "transfers": ledgers.transferred,
    "registrations": risk.registered,
    "withdrawn": min,
}
"""Ledgers of what was stated, and what two rows of one record come to."""

LEDGERS: Mapping[str, Both] = {
    **STATED,
    "days_folded": lambda one, other: one + other,
    "allocations": lambda stays, _goes: stays,
    "escalations": lambda stays, _goes: stays,
}
"""Those, and what rests on what was known when: of that the case that stays keeps its own."""

PERSON: Mapping[str, Both] = {
    "person": orders.last_said,
    "needs": orders.last_said,
    "motivation": risk.last_assessed,
    "inducted_on": max,
    "significant_on": max,
    "considered_on": max,
    "grade_decided_on": max,
    "rsr_on": min,
    "moved": hub_transfer.last_move,
    "custody": custody.of_both,
}
"""What is stated of the person as such, and what two statements come to; None is none."""

ONLY_ITS_OWN = ("sex", "holder", "suspended_from", "suspended_until", "last_officer")
"""What else a case that goes has no more."""

NEVER_TOLD = Case(key="")


def take_withdrawal(step: Step, _fact: Fact, stated: RecordWithdrawn) -> Outcome | None:
    """A record taken back: it never was, even if it comes later."""
    if stated.kind not in LEDGERS_OF:
        return ignored("no-rule-reads-such-records")
    ledgers.withdraw(step, stated.kind, stated.record_id, stated.withdrawn_on)
    _take_back(step, stated.kind, stated.record_id)
    return None


def _take_back(step: Step, kind: str, record_id: str) -> None:
    for ledger in LEDGERS_OF[kind]:
        step.drop(ledger, record_id)


def united(goes: Case, stays: Case, home: Home | None) -> Case:
    """The orders of two cases that are one person, enough to tell the unit, given where the person has moved."""
    both = dict(stays.orders)
    for order_id, order in goes.orders.items():
        both[order_id] = orders.both(both[order_id], order) if order_id in both else order
    return Case(key=stays.key, orders=both, home=home)


def leave(step: Step) -> None:
    """The case that goes, of two that are one: its officer, if it has one, is free, and no period of it is open."""
    assignment.release(step)
    closing.forget(step)
    set_down(step, **{name: getattr(NEVER_TOLD, name) for name in (*PERSON, *ONLY_ITS_OWN)})


def settle(step: Step, goes: Case) -> None:
    """The case that stays, of two that are one: it takes over what is stated of the person; of what was decided it
    keeps its own; the NPS holds it if either was its."""
    stays = case_of(step)
    for name, both in PERSON.items():
        one, other = getattr(stays, name), getattr(goes, name)
        if other is not None:
            set_down(step, **{name: other if one is None else both(one, other)})
    _bring_in_line(step, goes)
    dates = [case.allocated_on for case in (stays, goes) if case.allocated_on is not None]
    if dates:
        first = min(dates)
        set_down(step, allocated_on=first, needed_from=stays.needed_from or goes.needed_from or first)
        set_down(step, minutes_folded=stays.minutes_folded + goes.minutes_folded)
    set_down(step, holder=stays.holder or goes.holder, last_officer=stays.last_officer or goes.last_officer)
    if stays.holder is not None and goes.holder is not None and stays.holder.kind != goes.holder.kind == "nps":
        set_down(step, claim=Claim("nps", "escalation", goes.holder.since, goes.holder.code))


def _bring_in_line(step: Step, goes: Case) -> None:
    """Bring in line what the ledgers of two cases alone do not tell: what was taken back, and how much is kept."""
    if case_of(step).sex == "not-known":
        set_down(step, sex=goes.sex)
    set_down(step, sex=orders.sex_of(case_of(step)))
    for key in sorted(case_of(step).withdrawn):
        kind, _, record_id = key.partition(":")
        _take_back(step, kind, record_id)
    for order_id in sorted(case_of(step).forms):
        risk.state_of_form(step, order_id)
    risk.forget_levels(step)
    contact.fold(step)
    delivery.fold(step)
    hub_transfer.forget(step)
    for ledger, n in KEPT.items():
        ledgers.keep_latest(step, ledger, n)


KEPT: Mapping[str, int] = {
    "signals": signals.REMEMBER_SIGNALS,
    "plans": plans.REMEMBER_PLANS,
    "parts_closed": plans.REMEMBER_PARTS,
    "warnings": REMEMBER_WARNINGS,
    "reviews": form.REMEMBER_REVIEWS,
}
"""How many rows of a ledger are kept, the latest."""
