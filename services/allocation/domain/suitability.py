"""What a case asks of its officer: a grade, competencies it requires, and competencies that would suit it.

PO for complex cases: high or very high harm, current domestic abuse or child protection, MAPPA; PSO otherwise, if
competent (HMI Probation, South Yorkshire 2017, lines 1236-1237; Transforming Rehabilitation 5, line 325).
"""

from dataclasses import dataclass

from services.allocation.domain import risk
from services.allocation.domain.case import Case, Form
from services.allocation.domain.orders import latest_sentence_on, open_orders, requirement_kinds
from services.allocation.domain.provider import MAPPA_LEVELS, MAPPA_REGISTRATIONS
from shared.domain.policy import Policy, RuleApplied, Value


@dataclass(frozen=True, slots=True)
class Needs:
    """What a case asks of its officer; grades are in order of preference."""

    grades: tuple[str, ...]
    required: frozenset[str]
    preferred: frozenset[str]
    complex_for: tuple[str, ...] = ()
    by: tuple[Value, ...] = ()
    """The rules for grades and for competencies."""

    @property
    def rules(self) -> tuple[RuleApplied, ...]:
        """The rules as applied."""
        if not self.by:
            return ()
        grades, strength = self.by
        return (
            grades.applied(complexFor=self.complex_for),
            strength.applied(required=sorted(self.required), preferred=sorted(self.preferred)),
        )


def complexities(case: Case) -> tuple[str, ...]:
    """Why a case is complex; empty where it is not."""
    forms = _forms(case)
    found = {
        "rosh": risk.is_high(risk.rosh(case)),
        "domestic-abuse": _abuse_is_current(case, forms),
        "child-protection": _child_is_current(case, forms),
        "mappa": risk.is_registered(case, *MAPPA_REGISTRATIONS) or any(form.mappa in MAPPA_LEVELS for form in forms),
    }
    return tuple([code for code, holds in found.items() if holds])


def _forms(case: Case) -> list[Form]:
    """The forms of the open orders."""
    return [case.forms[order_id] for order_id, _ in open_orders(case) if order_id in case.forms]


def _abuse_is_current(case: Case, forms: list[Form]) -> bool:
    """Whether domestic abuse is current, by a form of an open order or a registration."""
    return risk.is_registered(case, "domestic-abuse") or any(form.domestic_abuse == "current" for form in forms)


def _child_is_current(case: Case, forms: list[Form]) -> bool:
    """Whether child protection is current, by a form of an open order or a registration."""
    return risk.is_registered(case, "child-protection") or any(form.child_safeguarding == "current" for form in forms)


def needs_of(case: Case, policy: Policy) -> Needs:
    """What a case asks of its officer, by the policy of its latest sentence."""
    on = latest_sentence_on(case)
    if on is None:
        return Needs((), frozenset(), frozenset())
    strength, traits = policy.at("assignment.competencies", on), _traits(case)
    by_trait = strength.table
    complex_for = complexities(case)
    grades = policy.at("assignment.grades-for-complex" if complex_for else "assignment.grades", on)
    return Needs(
        grades.codes,
        frozenset([each for each in traits if by_trait.get(each.partition(":")[0]) == "required"]),
        frozenset([each for each in traits if by_trait.get(each.partition(":")[0]) == "preferred"]),
        complex_for,
        (grades, strength),
    )


def _traits(case: Case) -> frozenset[str]:
    """The competencies that the case's attributes call for."""
    orders, forms = [order for _, order in open_orders(case)], _forms(case)
    stated = risk.attributes(case)
    found = {
        "domestic-abuse": _abuse_is_current(case, forms),
        "child-safeguarding": _child_is_current(case, forms),
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
