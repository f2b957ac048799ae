"""The hours of a band: face-to-face minutes delivered against the least that the band asks for.

Source: HMI Probation, South Yorkshire 2017, lines 303-317: 12 hours for Green, 24 for Yellow, 35 for Blue and Red.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from services.allocation.domain.case import Case
from services.allocation.domain.contact import minutes_face_to_face
from services.allocation.domain.orders import latest_sentence_on
from shared.domain.policy import Policy

HUNDREDTH = Decimal("0.01")


class Hours(NamedTuple):
    """Hours face to face: delivered, the band's minimum, and what is still to come."""

    delivered: Decimal
    minimum: Decimal
    left: Decimal


def hours_of(case: Case, policy: Policy) -> Hours | None:
    """The hours of a case of the CRC in this period of supervision; None where it has no band."""
    on = latest_sentence_on(case) or case.allocated_on
    if case.band is None or on is None:
        return None
    minimum: Decimal = policy.at("band.minimum-hours", on).table[case.band.band]
    delivered = Decimal(minutes_face_to_face(case)) / 60
    left = max(minimum - delivered, Decimal(0))
    return Hours(_shown(delivered), minimum, _shown(left))


def _shown(hours: Decimal) -> Decimal:
    return hours.quantize(HUNDREDTH, ROUND_HALF_UP)
