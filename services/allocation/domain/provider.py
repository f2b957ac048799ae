"""Which provider holds a person: the NPS on any of its grounds, else the CRC of the local delivery unit.

Source: HMI Probation, Transforming Rehabilitation 5 (2016), lines 119, 192 and 573-578; South Yorkshire 2017,
line 217. RSR is a two-place decimal; the line is at 6.90 and includes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from services.allocation.domain import risk
from services.allocation.domain.case import Case
from services.allocation.domain.office import Unit
from services.allocation.domain.orders import open_orders
from shared.contracts.allocation import Ground
from shared.contracts.values import ProviderKind
from shared.domain.business_days import local_date
from shared.domain.policy import Policy, RuleApplied

MAPPA_REGISTRATIONS = ("mappa-1", "mappa-2", "mappa-3")
MAPPA_LEVELS = frozenset(("1", "2", "3"))


_HOLDS, _FELL = True, False


class Found(NamedTuple):
    """What one ground looks at: whether it holds, since when it has, or has not, and the record that shows it."""

    holds: bool
    since: date | None
    record: str
    inputs: dict[str, object]


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why the NPS keeps a person, by the facts as they stand; none: the CRC does."""

    codes: tuple[Ground, ...]
    rules: tuple[RuleApplied, ...]
    since: date | None
    """The latest date on which they changed."""
    evidence: tuple[str, ...]
    """The records that show them; where there are none, those that show that there are none."""

    @property
    def kind(self) -> ProviderKind:
        """The kind of provider that these grounds call for."""
        return "nps" if self.codes else "crc"


def grounds(case: Case, policy: Policy, on: date) -> Grounds:
    """The grounds on which the NPS keeps a person, by the policy of a date of sentence."""
    codes: list[Ground] = []
    rules: list[RuleApplied] = []
    looked_at: list[Found] = []
    for code, find in _GROUNDS:
        found = find(case, policy, on)
        if found is None:
            continue
        looked_at.append(found)
        if found.holds:
            codes.append(code)
            rules.append(policy.at(f"nps.{code}", on).applied(**found.inputs))
    if not codes:
        rules.append(policy.at("crc.otherwise", on).applied(**_what_was_seen(case)))
    telling = [found for found in looked_at if found.holds == bool(codes)]
    return Grounds(
        tuple(codes),
        tuple(rules),
        max((found.since for found in telling if found.since is not None), default=None),
        tuple(sorted({found.record for found in telling if found.record})),
    )


def _rosh(case: Case, policy: Policy, on: date) -> Found | None:
    level = risk.rosh(case)
    if level is None:
        return None
    held = level.level in policy.at("nps.rosh", on).codes
    seen: dict[str, object] = {"rosh": level.level, "statedOn": level.on}
    return Found(held, risk.high_or_not_since(case), level.record, seen)


def _mappa(case: Case, _policy: Policy, _on: date) -> Found | None:
    for order_id, _ in open_orders(case):
        form = case.forms.get(order_id)
        if form is not None and form.mappa in MAPPA_LEVELS:
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
    if score is None or score.percent is None:
        return None
    line = policy.at("nps.rsr", on).decimal
    return Found(score.percent >= line, score.on, score.record, {"rsr": score.percent, "atOrAbove": line})


def _stated(field: str) -> Callable[[Case, Policy, date], Found | None]:
    def find(case: Case, _policy: Policy, _on: date) -> Found | None:
        for order_id, _ in open_orders(case):
            form = case.forms.get(order_id)
            if form is not None and getattr(form, field):
                return Found(_HOLDS, local_date(form.at), form.form_id, {"orderId": order_id})
        return None

    return find


def _deferred(case: Case, policy: Policy, on: date) -> Found | None:
    for order_id, order in open_orders(case):
        if order.disposal == "deferred-sentence":
            return Found(_HOLDS, order.sentenced_on, order_id, {"orderId": order_id})
    return _stated("deferred")(case, policy, on)


_GROUNDS: tuple[tuple[Ground, Callable[[Case, Policy, date], Found | None]], ...] = (
    ("rosh", _rosh),
    ("mappa", _mappa),
    ("rsr", _rsr),
    ("deportation", _stated("deportation")),
    ("deferred", _deferred),
    ("public-interest", _stated("public_interest")),
)


def _what_was_seen(case: Case) -> dict[str, object]:
    level, score = risk.rosh(case), risk.rsr(case)
    seen: dict[str, object] = {}
    if level is not None:
        seen["rosh"] = level.level
    if score is not None:
        seen["rsr"] = score.percent if score.percent is not None else "not required"
    return seen


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
