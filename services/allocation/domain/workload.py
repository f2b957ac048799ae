"""How much a case weighs and how much an officer can hold: points, never floats.

Capacity % = points held / points available x 100; available = the grade's points x hours available / contracted x
(1 - reductions). Weights are dated rows, by band for the CRC and by risk of harm for the NPS; all are defaults.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.allocation.domain import risk
from services.allocation.domain.case import Case
from services.allocation.domain.office import Load, Office, Officer
from services.allocation.domain.orders import latest_sentence_on
from shared.domain.policy import Policy, RuleApplied

TENTH = Decimal("0.1")
PER_CENT = Decimal(100)
UNBOUNDED = Decimal("999999.9")
"""Capacity of an officer who has no points available and holds some."""


def points_of(case: Case, policy: Policy) -> Decimal:
    """How many points a case weighs, by its band, or by its risk of harm where it has none."""
    on = latest_sentence_on(case)
    return _weight(case, policy, on)[0] if on is not None else Decimal(0)


def weight_of(case: Case, policy: Policy) -> tuple[RuleApplied, ...]:
    """The rule by which a case weighs its points, as events name it."""
    on = latest_sentence_on(case)
    return (_weight(case, policy, on)[1],) if on is not None else ()


def _weight(case: Case, policy: Policy, on: date) -> tuple[Decimal, RuleApplied]:
    level = risk.rosh(case)
    row: str = level.level if level is not None else "medium"
    value = policy.at("workload.points-by-rosh", on)
    if case.band is not None:
        row, value = case.band.band, policy.at("workload.points-by-band", on)
    points = Decimal(value.table[row])
    return points, value.applied(weighs=row, points=points)


def points_available(terms: Officer, by_grade: Mapping[str, Any]) -> Decimal:
    """How many points an officer can hold, by the points of their grade; 0 for a grade that holds no cases."""
    if not terms.contracted:
        return Decimal(0)
    grade = Decimal(by_grade.get(terms.grade, 0))
    return grade * terms.available / terms.contracted * (PER_CENT - terms.reductions) / PER_CENT


def load_of(office: Office, officer: str) -> Load:
    """What an officer holds now."""
    return office.loads.get(officer, Load())


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
