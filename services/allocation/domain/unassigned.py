"""A person needs a responsible officer: one business day after allocation, at the latest five after sentence.

The clock is held in custody until 12 weeks before release. Where an officer goes and nobody follows, it starts anew.
"""

from collections.abc import Iterable
from datetime import date

from services.allocation.domain.case import Case
from services.allocation.domain.custody import pauses
from services.allocation.domain.orders import open_orders
from shared.domain.duty import Clock, Done, Duty

UNASSIGNED = "officer-unassigned"
READS = frozenset(("orders", "holder", "needed_from", "provided_on", "suspended_from", "suspended_until"))


def _clock(case: Case, start: date | None) -> Iterable[Clock]:
    return (Clock(case.key, start),) if case.holder is not None and start is not None else ()


def _since_needed(case: Case) -> Iterable[Clock]:
    return _clock(case, case.needed_from)


def _since_sentence(case: Case) -> Iterable[Clock]:
    """From the sentence of the first allocated order; for a next officer, from when one was needed."""
    allocated = [order.sentenced_on for order_id, order in open_orders(case) if order_id in case.allocations]
    first = allocated[0] if allocated and case.needed_from == case.allocated_on else case.needed_from
    return _clock(case, first)


def _provided(case: Case, _clock: Clock) -> Done | None:
    return Done(case.provided_on) if case.provided_on is not None else None


WARNING = Duty(
    code=UNASSIGNED,
    part="warning",
    reads=READS,
    clocks=_since_needed,
    done=_provided,
    pauses=pauses,
    severity="warning",
    owner="lmc-manager",
)

SERIOUS = Duty(
    code=UNASSIGNED,
    part="serious",
    reads=READS,
    clocks=_since_sentence,
    done=_provided,
    pauses=pauses,
    severity="serious",
    owner="lmc-manager",
)
