"""How much a case weighs and how much an officer can hold: points, never floats.

Capacity % = points held / points available x 100; available = the grade's points x hours available / contracted x
(1 - reductions). Weights are dated rows, by band for the CRC and by risk of harm for the NPS, by requirement and by
stage; all are defaults.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.allocation.domain import risk
from services.allocation.domain.case import Case, case_of
from services.allocation.domain.custody import in_custody_since
from services.allocation.domain.office import NO_LOAD, PER_CENT, Load, Office, Officer, share_of
from services.allocation.domain.orders import latest_sentence_on, open_orders
from shared.domain.policy import Policy, RuleApplied, Value
from shared.domain.step import Step

TENTH = Decimal("0.1")
BY_REQUIREMENT, BY_STAGE = "workload.points-by-requirement", "workload.percent-by-stage"
UNBOUNDED = Decimal("999999.9")
"""Capacity of an officer who has no points available and holds some."""


def points_of(case: Case, policy: Policy) -> Decimal:
    """How many points a case weighs: by band or risk, more for some requirements, less in prison."""
    on = latest_sentence_on(case)
    if on is None:
        return Decimal(0)
    row, by_row = _row(case, policy, on)
    more = policy.at(BY_REQUIREMENT, on).table
    points: Decimal = by_row.table[row] + sum(more[kind] for kind in _requirements(case, more))
    share: Decimal = policy.at(BY_STAGE, on).table[_stage(case)]
    return points if share == PER_CENT else points * share / PER_CENT


POINTS_REST_ON = frozenset(("orders", "band", "levels", "custody"))


def points_now(step: Step) -> Decimal:
    """How many points the case weighs, as it stands in this step."""
    return step.worked_out("points", POINTS_REST_ON, lambda: points_of(case_of(step), step.policy))


def weight_of(case: Case, policy: Policy, points: Decimal) -> tuple[RuleApplied, ...]:
    """The rules by which a case weighs its points (as `points_of` finds them), as events name them."""
    on = latest_sentence_on(case)
    if on is None:
        return ()
    row, by_row = _row(case, policy, on)
    rules = [by_row.applied(weighs=row, points=points)]
    by_requirement, by_stage = policy.at(BY_REQUIREMENT, on), policy.at(BY_STAGE, on)
    heavier = _requirements(case, by_requirement.table)
    if heavier:
        rules.append(by_requirement.applied(requirements=heavier))
    stage = _stage(case)
    if by_stage.table[stage] != PER_CENT:
        rules.append(by_stage.applied(stage=stage, percent=by_stage.table[stage]))
    return tuple(rules)


def _row(case: Case, policy: Policy, on: date) -> tuple[str, Value]:
    """The row and the table of a case: its band, or its risk of harm where it has none."""
    if case.band is not None:
        return case.band.band, policy.at("workload.points-by-band", on)
    level = risk.rosh(case)
    return level.level if level is not None else "medium", policy.at("workload.points-by-rosh", on)


def _requirements(case: Case, more: Mapping[str, Any]) -> tuple[str, ...]:
    """The kinds of requirement of the open orders that weigh something, each once."""
    return tuple(sorted({kind for _, order in open_orders(case) for _, kind in order.requirements if kind in more}))


def _stage(case: Case) -> str:
    return "custody" if in_custody_since(case) is not None else "community"


def points_available(terms: Officer, by_grade: Mapping[str, Any]) -> Decimal:
    """How many points an officer can hold, by the points of their grade; 0 for a grade that holds no cases."""
    return Decimal(by_grade.get(terms.grade, 0)) * share(terms)


def share(terms: Officer) -> Decimal:
    """Of a full officer's points, what an officer's hours and reductions leave."""
    known = terms.share
    return known if known is not None else share_of(terms.contracted, terms.available, terms.reductions)


def load_of(office: Office, officer: str) -> Load:
    """What an officer holds now."""
    return office.loads.get(officer, NO_LOAD)


def capacity(points: Decimal, available: Decimal) -> Decimal:
    """Capacity in percent, to a tenth."""
    if not available:
        return UNBOUNDED if points else Decimal("0.0")
    return min((points / available * PER_CENT).quantize(TENTH, ROUND_HALF_UP), UNBOUNDED)


def is_over(points: Decimal, available: Decimal, limit: Decimal) -> bool:
    """Whether points are above a limit in percent: compared exactly, not as shown."""
    return points * PER_CENT > limit * available


def new_on(load: Load, day: date) -> int:
    """How many cases an officer has been given on a day (or on a later one: log time may step back a little)."""
    return load.new if load.day is not None and load.day >= day else 0
