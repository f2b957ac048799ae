"""Which provider holds a person: the NPS on any of its grounds, else the CRC of the local delivery unit.

Source: HMI Probation, Transforming Rehabilitation 5 (2016), lines 119, 192 and 573-578; South Yorkshire 2017,
line 217. RSR is a two-place decimal; the line is at 6.90 and includes it.
"""

from datetime import date
from typing import NamedTuple

import msgspec

from services.allocation.domain import risk
from services.allocation.domain.case import Case, Form, Order, case_of
from services.allocation.domain.office import Unit
from services.allocation.domain.orders import open_orders
from shared.contracts.allocation import Ground
from shared.contracts.values import ProviderKind
from shared.domain.business_days import local_date
from shared.domain.policy import Policy, RuleApplied
from shared.domain.step import Step

MAPPA_REGISTRATIONS = ("mappa-1", "mappa-2", "mappa-3")
MAPPA_LEVELS = frozenset(("1", "2", "3"))


_HOLDS, _FELL = True, False


class Found(NamedTuple):
    """What one ground looks at: whether it holds, since when it has, or has not, and the record that shows it."""

    holds: bool
    since: date | None
    record: str
    inputs: dict[str, object]


class Grounds(msgspec.Struct, frozen=True, gc=False):
    """Why the NPS keeps a person, by the facts as they stand; none: the CRC does."""

    codes: tuple[Ground, ...]
    telling: tuple[Found, ...]
    """What the grounds rest on; where there are none, what shows that there are none."""

    @property
    def kind(self) -> ProviderKind:
        """The kind of provider that these grounds call for."""
        return "nps" if self.codes else "crc"

    @property
    def since(self) -> date | None:
        """The latest date on which they changed."""
        return max((found.since for found in self.telling if found.since is not None), default=None)

    @property
    def evidence(self) -> tuple[str, ...]:
        """The records that show them."""
        return tuple(sorted({found.record for found in self.telling if found.record}))

    def rules(self, policy: Policy, on: date) -> tuple[RuleApplied, ...]:
        """The rules as applied, by the policy of a date of sentence."""
        if not self.codes:
            seen = {name: value for found in self.telling for name, value in found.inputs.items()}
            return (policy.at("crc.otherwise", on).applied(**seen),)
        return tuple(
            policy.at(f"nps.{code}", on).applied(**found.inputs)
            for code, found in zip(self.codes, self.telling, strict=True)
        )


def grounds(case: Case, policy: Policy, on: date) -> Grounds:
    """The grounds on which the NPS keeps a person, by the policy of a date of sentence."""
    orders = open_orders(case)
    forms = [(order_id, case.forms[order_id]) for order_id, _ in orders if order_id in case.forms]
    looked_at: tuple[tuple[Ground, Found | None], ...] = (
        ("rosh", _rosh(case, policy, on)),
        ("mappa", _mappa(case, forms)),
        ("rsr", _rsr(case, policy, on)),
        ("deportation", _stated(forms, "deportation")),
        ("deferred", _deferred(orders) or _stated(forms, "deferred")),
        ("public-interest", _stated(forms, "public_interest")),
    )
    holding = [(code, found) for code, found in looked_at if found is not None and found.holds]
    if holding:
        return Grounds(tuple([code for code, _ in holding]), tuple([found for _, found in holding]))
    return Grounds((), tuple([found for _, found in looked_at if found is not None]))


GROUNDS_REST_ON = frozenset(("orders", "forms", "levels", "scores", "registrations"))


def grounds_now(step: Step, on: date) -> Grounds:
    """The grounds on which the NPS keeps the person, as the case stands in this step."""
    return step.worked_out(("grounds", on), GROUNDS_REST_ON, lambda: grounds(case_of(step), step.policy, on))


def is_complete(case: Case, found: Grounds) -> bool:
    """Whether a file says enough: a ground, or both RSR and risk of harm."""
    return bool(found.codes) or (risk.rosh(case) is not None and risk.rsr(case) is not None)


Forms = list[tuple[str, Form]]
"""The forms of the open orders."""


def _rosh(case: Case, policy: Policy, on: date) -> Found | None:
    level = risk.rosh(case)
    if level is None:
        return None
    held = level.level in policy.at("nps.rosh", on).codes
    return Found(held, risk.high_or_not_since(case), level.record, {"rosh": level.level, "statedOn": level.on})


def _mappa(case: Case, forms: Forms) -> Found | None:
    for _, form in forms:
        if form.mappa in MAPPA_LEVELS:
            return Found(_HOLDS, local_date(form.at), form.form_id, {"mappaLevel": form.mappa})
    last: Found | None = None
    for record, row in sorted(case.registrations.items()):
        if row.code not in MAPPA_REGISTRATIONS:
            continue
        if row.since is not None and row.until is None:
            return Found(_HOLDS, row.since, record, {"registration": row.code})
        if row.until is not None and (last is None or last.since is None or row.until > last.since):
            last = Found(_FELL, row.until, record, {})
    return last


def _rsr(case: Case, policy: Policy, on: date) -> Found | None:
    score = risk.rsr(case)
    if score is None:
        return None
    if score.percent is None:
        return Found(_FELL, None, "", {"rsr": "not required"})
    line = policy.at("nps.rsr", on).decimal
    return Found(score.percent >= line, score.on, score.record, {"rsr": score.percent, "atOrAbove": line})


def _stated(forms: Forms, field: str) -> Found | None:
    for order_id, form in forms:
        if getattr(form, field):
            return Found(_HOLDS, local_date(form.at), form.form_id, {"orderId": order_id})
    return None


def _deferred(orders: list[tuple[str, Order]]) -> Found | None:
    for order_id, order in orders:
        if order.disposal == "deferred-sentence":
            return Found(_HOLDS, order.sentenced_on, order_id, {"orderId": order_id})
    return None


OFFICE_KINDS: dict[ProviderKind, frozenset[str]] = {
    "nps": frozenset(("nps-unit",)),
    "crc": frozenset(("lmc", "hub")),
}
"""The kinds of office that hold cases; a court team holds none."""


def offices_that_hold_cases(unit: Unit) -> tuple[str, ...]:
    """The offices of a unit that may hold cases, by code."""
    return tuple(code for code, row in sorted(unit.offices.items()) if row.kind != "court-team")


def provider_of_unit(unit: Unit, kind: ProviderKind, on: date) -> str | None:
    """The provider of a kind that serves a unit on a day: of the offices that hold cases, the latest to come."""
    found = [
        (row.since or date.min, row.at, code)
        for row in unit.offices.values()
        for code, its_kind in (row.on(on),)
        if its_kind == kind and row.kind in OFFICE_KINDS[kind]
    ]
    return max(found)[2] if found else None
