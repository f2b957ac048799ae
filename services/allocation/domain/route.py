"""Where a CRC supervises: the central hub or a local management centre, and what keeps a person out of the hub.

Straight to the hub go standalone unpaid work and people in custody not due for imminent release (HMI Probation, South
Yorkshire 2017, line 339); exclusions are tested on history too (Suffolk 2017, line 321). Later moves are people's.
"""

from datetime import date

from services.allocation.domain import custody, hub_transfer, risk
from services.allocation.domain.case import Case, RouteTo, case_of, set_down
from services.allocation.domain.orders import latest_sentence_on, open_orders, requirement_kinds
from shared.contracts.allocation import Gate, RouteDecided
from shared.domain.policy import Policy
from shared.domain.step import Step

UNPAID_WORK = frozenset(("unpaid-work",))
KNOWN = frozenset(("current", "history"))
"""Answers of a form that tell of abuse, now or once."""


def decide_route(step: Step) -> None:
    """Publish where a case of the CRC is supervised, where that has changed."""
    case = case_of(step)
    on = latest_sentence_on(case)
    if case.holder is None or case.holder.kind != "crc" or on is None:
        set_down(step, route=None)
        return
    excluded = exclusions(case, step.policy, on) if not custody.is_suspended(step) else ()
    route, reason = _route(step, case, excluded)
    if route == case.route:
        return
    set_down(step, route=route)
    rules = [step.value("hub.straight-to", on).applied(reason=reason)]
    if excluded:
        rules.append(step.value("hub.exclusions", on).applied(exclusions=excluded))
    unmet = _unmet_gates(case) if reason == "moved" and route == "hub" else ()
    step.emit(RouteDecided(route=route, exclusions=excluded, unmet_gates=unmet, because=step.because(*rules)))


def _unmet_gates(case: Case) -> tuple[Gate, ...]:
    found = hub_transfer.latest_move(case)
    return hub_transfer.unmet_gates(case, found[1]) if found is not None else ()


def _route(step: Step, case: Case, excluded: tuple[str, ...]) -> tuple[RouteTo, str]:
    if custody.is_suspended(step):
        return "hub", "in-custody"
    left_prison = case.suspended_until
    moved = hub_transfer.move_of_this_period(case)
    if moved is not None and (left_prison is None or moved.on >= left_prison):
        return ("hub" if moved.direction == "to-hub" else "lmc"), "moved"
    if is_standalone_unpaid_work(case) and not excluded:
        return "hub", "standalone-unpaid-work"
    return "lmc", "excluded" if excluded else "supervised"


def is_standalone_unpaid_work(case: Case) -> bool:
    """Whether unpaid work is all that the person's open orders ask for."""
    found = open_orders(case)
    return bool(found) and all(requirement_kinds(order) == UNPAID_WORK for _, order in found)


def exclusions(case: Case, policy: Policy, on: date) -> tuple[str, ...]:
    """What keeps the person out of the hub, now or in history; abuse is waived for standalone unpaid work."""
    forms, registered = case.forms.values(), {row.code for row in case.registrations.values()}
    holds = {
        "domestic-abuse": not KNOWN.isdisjoint([form.domestic_abuse for form in forms])
        or "domestic-abuse" in registered,
        "child-safeguarding": not KNOWN.isdisjoint([form.child_safeguarding for form in forms])
        or not registered.isdisjoint(("child-protection", "child-in-need")),
        "iom": "iom" in registered,
        "drug-rehabilitation": any("drug-rehabilitation" in requirement_kinds(o) for o in case.orders.values()),
    }
    holds |= dict.fromkeys(risk.attributes(case), True)
    found = [code for code in policy.at("hub.exclusions", on).codes if holds.get(code)]
    if not found or not is_standalone_unpaid_work(case):
        return tuple(found)
    waived = policy.at("hub.exclusions-waived", on).codes
    return tuple([code for code in found if code not in waived])
