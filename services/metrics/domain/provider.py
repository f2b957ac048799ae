"""What metrics keeps of a provider: the months that it has reported, and what the gauges show of it."""
# ruff: noqa: RUF012 - msgspec gives each state its own empty mapping

from decimal import Decimal
from typing import Literal

from shared.domain.state import Aggregate, Row

TargetStatus = Literal["confirmed", "default", "none"]


class Reported(Row, frozen=True):
    """A measure's month as last reported. Percentages have one decimal, rounded down."""

    numerator: int
    denominator: int
    exclusions: int
    coverage: Decimal | None = None
    """Absent where nothing began."""
    attainment: Decimal | None = None
    """Absent where nothing counted."""
    target: Decimal | None = None
    target_status: TargetStatus = "none"
    revision: int = 1


class Shown(Row, frozen=True):
    """What the gauges show of a measure, in tenths of a percent."""

    attainment: int = 0
    target: int = 0


class Provider(Aggregate, omit_defaults=True):
    """A provider, by code: `months` by measure and `YYYY-MM`."""

    months: dict[str, dict[str, Reported]] = {}
    shown: dict[str, Shown] = {}
