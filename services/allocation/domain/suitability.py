"""What a case asks of its officer: a grade, competencies it requires, and competencies that would suit it.

PO for complex cases: high or very high harm, current domestic abuse or child protection, MAPPA; PSO otherwise, if
competent (HMI Probation, South Yorkshire 2017, lines 1236-1237; Transforming Rehabilitation 5, line 325).
"""

import msgspec

from services.allocation.domain import risk
from services.allocation.domain.case import Case, Form, Order, case_of
from services.allocation.domain.orders import open_orders, requirement_kinds
from services.allocation.domain.provider import MAPPA_LEVELS, MAPPA_REGISTRATIONS
from shared.domain.policy import Policy, RuleApplied, Value
from shared.domain.step import Step


class Needs(msgspec.Struct, frozen=True, gc=False):
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


class _Stated(msgspec.Struct, frozen=True, gc=False):
    """What is stated of a case that is supervised: its open orders, their forms, the registrations that stand now."""

    orders: list[Order]
    forms: list[Form]
    registered: frozenset[str]

    @property
    def abuse_is_current(self) -> bool:
        """Whether domestic abuse is current, by a form of an open order or a registration."""
        return "domestic-abuse" in self.registered or "current" in [form.domestic_abuse for form in self.forms]

    @property
    def child_is_current(self) -> bool:
        """Whether child protection is current, by a form of an open order or a registration."""
        return "child-protection" in self.registered or "current" in [form.child_safeguarding for form in self.forms]


def _stated(case: Case) -> _Stated:
    orders, forms = open_orders(case), case.forms
    return _Stated(
        [order for _, order in orders],
        [forms[order_id] for order_id, _ in orders if order_id in forms],
        risk.registered_now(case),
    )


def complexities(case: Case) -> tuple[str, ...]:
    """Why a case is complex; empty where it is not."""
    return _complexities(case, _stated(case))


def _complexities(case: Case, stated: _Stated) -> tuple[str, ...]:
    by_form = not MAPPA_LEVELS.isdisjoint([form.mappa for form in stated.forms])
    found = {
        "rosh": risk.is_high(risk.rosh(case)),
        "domestic-abuse": stated.abuse_is_current,
        "child-protection": stated.child_is_current,
        "mappa": by_form or not stated.registered.isdisjoint(MAPPA_REGISTRATIONS),
    }
    return tuple([code for code, holds in found.items() if holds])


def needs_of(case: Case, policy: Policy) -> Needs:
    """What a case asks of its officer, by the policy of its latest sentence."""
    stated = _stated(case)
    on = stated.orders[-1].sentenced_on if stated.orders else None
    if on is None:
        return Needs((), NOTHING, NOTHING)
    strength, traits = policy.at("assignment.competencies", on), _traits(case, stated)
    by_trait = [(each, strength.table.get(each.partition(":")[0])) for each in traits]
    complex_for = _complexities(case, stated)
    grades = policy.at("assignment.grades-for-complex" if complex_for else "assignment.grades", on)
    return Needs(
        grades.codes,
        frozenset([each for each, how in by_trait if how == "required"]),
        frozenset([each for each, how in by_trait if how == "preferred"]),
        complex_for,
        (grades, strength),
    )


NOTHING: frozenset[str] = frozenset()
NEEDS_REST_ON = frozenset(("orders", "forms", "levels", "registrations", "person", "needs", "sex"))


def needs_now(step: Step) -> Needs:
    """What the case asks of its officer, as it stands in this step."""
    return step.worked_out("needs", NEEDS_REST_ON, lambda: needs_of(case_of(step), step.policy))


def _traits(case: Case, stated: _Stated) -> list[str]:
    """The competencies that the case's attributes call for."""
    attributes, registered, orders = risk.attributes(case), stated.registered, stated.orders
    found = {
        "domestic-abuse": stated.abuse_is_current,
        "child-safeguarding": stated.child_is_current,
        "sexual-offending": "sexual-offending" in registered,
        "mental-health": any("mental-health-treatment" in requirement_kinds(order) for order in orders),
        "iom": "iom" in registered,
        "life-sentence": "life-sentence" in registered or any(order.life for order in orders),
        "young-adult": "young-adult" in attributes,
        "women": case.sex == "female",
    }
    languages = [attribute for attribute in attributes if attribute.startswith("interpreter:")]
    return [code for code, holds in found.items() if holds] + languages
