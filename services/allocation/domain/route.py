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
    forms = case.forms.values()
    known = ("current", "history")
    holds = {
        "domestic-abuse": any(form.domestic_abuse in known for form in forms)
        or risk.was_ever_registered(case, "domestic-abuse"),
        "child-safeguarding": any(form.child_safeguarding in known for form in forms)
        or risk.was_ever_registered(case, "child-protection", "child-in-need"),
        "iom": risk.was_ever_registered(case, "iom"),
        "drug-rehabilitation": any("drug-rehabilitation" in requirement_kinds(o) for o in case.orders.values()),
    }
    stated = risk.attributes(case)
    waived = policy.at("hub.exclusions-waived", on).codes if is_standalone_unpaid_work(case) else ()
    return tuple(
        code
        for code in policy.at("hub.exclusions", on).codes
        if (holds.get(code) or code in stated) and code not in waived
    )
