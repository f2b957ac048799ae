"""What a case asks of its officer: a grade, competencies it requires, and competencies that would suit it.

PO for complex cases: high or very high harm, current domestic abuse or child protection, MAPPA; PSO otherwise, if
competent (HMI Probation, South Yorkshire 2017, lines 1236-1237; Transforming Rehabilitation 5, line 325).
"""

from dataclasses import dataclass

from services.allocation.domain import risk
from services.allocation.domain.case import Case, Form, Order
from services.allocation.domain.orders import open_orders, requirement_kinds
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
    return _complexities(case, _forms(case, open_orders(case)))


def _complexities(case: Case, forms: list[Form]) -> tuple[str, ...]:
    found = {
        "rosh": risk.is_high(risk.rosh(case)),
        "domestic-abuse": _abuse_is_current(case, forms),
        "child-protection": _child_is_current(case, forms),
        "mappa": risk.is_registered(case, *MAPPA_REGISTRATIONS) or _is_under_mappa(forms),
    }
    return tuple([code for code, holds in found.items() if holds])


def _forms(case: Case, orders: list[tuple[str, Order]]) -> list[Form]:
    """The forms of the open orders."""
    return [case.forms[order_id] for order_id, _ in orders if order_id in case.forms]


def _is_under_mappa(forms: list[Form]) -> bool:
    return not MAPPA_LEVELS.isdisjoint([form.mappa for form in forms])


def _abuse_is_current(case: Case, forms: list[Form]) -> bool:
    """Whether domestic abuse is current, by a form of an open order or a registration."""
    return risk.is_registered(case, "domestic-abuse") or "current" in [form.domestic_abuse for form in forms]


def _child_is_current(case: Case, forms: list[Form]) -> bool:
    """Whether child protection is current, by a form of an open order or a registration."""
    return risk.is_registered(case, "child-protection") or "current" in [form.child_safeguarding for form in forms]


def needs_of(case: Case, policy: Policy) -> Needs:
    """What a case asks of its officer, by the policy of its latest sentence."""
    orders = open_orders(case)
    on = orders[-1][1].sentenced_on if orders else None
    if on is None:
        return Needs((), NOTHING, NOTHING)
    forms = _forms(case, orders)
    strength, traits = policy.at("assignment.competencies", on), _traits(case, orders, forms)
    by_trait = strength.table
    complex_for = _complexities(case, forms)
    grades = policy.at("assignment.grades-for-complex" if complex_for else "assignment.grades", on)
    return Needs(
        grades.codes,
        frozenset([each for each in traits if by_trait.get(each.partition(":")[0]) == "required"]),
        frozenset([each for each in traits if by_trait.get(each.partition(":")[0]) == "preferred"]),
        complex_for,
        (grades, strength),
    )


NOTHING: frozenset[str] = frozenset()


def _traits(case: Case, orders: list[tuple[str, Order]], forms: list[Form]) -> list[str]:
    """The competencies that the case's attributes call for."""
    stated, rows = risk.attributes(case), [order for _, order in orders]
    found = {
        "domestic-abuse": _abuse_is_current(case, forms),
        "child-safeguarding": _child_is_current(case, forms),
        "sexual-offending": risk.is_registered(case, "sexual-offending"),
        "mental-health": any("mental-health-treatment" in requirement_kinds(order) for order in rows),
        "iom": risk.is_registered(case, "iom"),
        "life-sentence": risk.is_registered(case, "life-sentence") or any(order.life for order in rows),
        "young-adult": "young-adult" in stated,
        "women": case.sex == "female",
    }
    languages = [attribute for attribute in stated if attribute.startswith("interpreter:")]
    return [code for code, holds in found.items() if holds] + languages
