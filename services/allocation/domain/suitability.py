"""What a case asks of its officer: a grade, competencies it requires, and competencies that would suit it.

PO for complex cases: high or very high harm, current domestic abuse or child protection, MAPPA; PSO otherwise, if
competent (HMI Probation, South Yorkshire 2017, lines 1236-1237; Transforming Rehabilitation 5, line 325).
"""

from dataclasses import dataclass

from services.allocation.domain import risk
from services.allocation.domain.case import Case
from services.allocation.domain.orders import latest_sentence_on, open_orders, requirement_kinds
from services.allocation.domain.provider import MAPPA_LEVELS, MAPPA_REGISTRATIONS
from shared.domain.policy import Policy, RuleApplied


@dataclass(frozen=True, slots=True)
class Needs:
    """What a case asks of its officer; grades are in order of preference."""

    grades: tuple[str, ...]
    required: frozenset[str]
    preferred: frozenset[str]
    rules: tuple[RuleApplied, ...]


def complexities(case: Case) -> tuple[str, ...]:
    """Why a case is complex; empty where it is not."""
    forms = [case.forms[order_id] for order_id, _ in open_orders(case) if order_id in case.forms]
    found = {
        "rosh": risk.is_high(risk.rosh(case)),
        "domestic-abuse": abuse_is_current(case),
        "child-protection": child_is_current(case),
        "mappa": risk.is_registered(case, *MAPPA_REGISTRATIONS) or any(form.mappa in MAPPA_LEVELS for form in forms),
    }
    return tuple(code for code, holds in found.items() if holds)


def abuse_is_current(case: Case) -> bool:
    """Whether domestic abuse is current, by a form of an open order or a registration."""
    return risk.is_registered(case, "domestic-abuse") or any(
        case.forms[order_id].domestic_abuse == "current" for order_id, _ in open_orders(case) if order_id in case.forms
    )


def child_is_current(case: Case) -> bool:
    """Whether child protection is current, by a form of an open order or a registration."""
    return risk.is_registered(case, "child-protection") or any(
        case.forms[order_id].child_safeguarding == "current"
        for order_id, _ in open_orders(case)
        if order_id in case.forms
    )


def needs_of(case: Case, policy: Policy) -> Needs:
    """What a case asks of its officer, by the policy of its latest sentence."""
    on = latest_sentence_on(case)
    if on is None:
        return Needs((), frozenset(), frozenset(), ())
    complex_for = complexities(case)
    grades = policy.at("assignment.grades-for-complex" if complex_for else "assignment.grades", on)
    strength = policy.at("assignment.competencies", on)
    traits = _traits(case)
    required = frozenset(t for t in traits if strength.table.get(t.partition(":")[0]) == "required")
    preferred = frozenset(t for t in traits if strength.table.get(t.partition(":")[0]) == "preferred")
    return Needs(
        tuple(grades.codes),
        required,
        preferred,
        (
            grades.applied(complexFor=complex_for),
            strength.applied(required=sorted(required), preferred=sorted(preferred)),
        ),
    )


def _traits(case: Case) -> frozenset[str]:
    """The competencies that the case's attributes call for."""
    orders = [order for _, order in open_orders(case)]
    stated = risk.attributes(case)
    found = {
        "domestic-abuse": abuse_is_current(case),
        "child-safeguarding": child_is_current(case),
        "sexual-offending": risk.is_registered(case, "sexual-offending"),
        "mental-health": any("mental-health-treatment" in requirement_kinds(order) for order in orders),
        "iom": risk.is_registered(case, "iom"),
        "life-sentence": risk.is_registered(case, "life-sentence") or any(order.life for order in orders),
        "young-adult": "young-adult" in stated,
        "women": case.sex == "female",
    }
    return frozenset(code for code, holds in found.items() if holds) | frozenset(
        attribute for attribute in stated if attribute.startswith("interpreter:")
    )
