"""Outcomes: measures that count how something ended, in the month of the ending."""

from collections.abc import Iterator

from services.metrics.domain.case import Case
from services.metrics.domain.ledger import (
    COMMUNITY,
    EXCLUDED_ENDINGS,
    SUPERVISING,
    disposal_of,
    provider_on,
)
from shared.domain.business_days import end_of_day
from shared.domain.measure import Measure, Unit
from shared.domain.step import Step

POSITIVE_ENDINGS = "SL008.positive-endings"
"""Parameter: the endings of an order that count as its successful completion."""


def orders_ended(step: Step) -> Iterator[Unit]:
    """Community and suspended sentence orders that ended under a CRC."""
    case: Case = step.case
    for order_id, ending in case.endings.items():
        allocation = case.allocations.get(order_id)
        held = provider_on(case, order_id, ending.ended_on)
        if allocation is None or held is None or held[1] != "crc":
            continue
        if disposal_of(case, order_id) not in COMMUNITY:
            continue
        ended_at = end_of_day(ending.ended_on)
        left_out = ending.outcome in step.value(EXCLUDED_ENDINGS, ending.ended_on).codes
        positive = ending.outcome in step.value(POSITIVE_ENDINGS, ending.ended_on).codes
        yield Unit(
            ref=order_id,
            provider=held[0],
            clock_start_on=allocation.sentenced_on,
            due_at=ended_at,
            settled_at=ended_at,
            met=None if left_out else positive,
            exclusion=ending.outcome if left_out else None,
            ended_on=ending.ended_on,
        )


COMPLETION = Measure(
    code="SL008",
    clock="sentence",
    reads=SUPERVISING | {"endings"},
    units=orders_ended,
    parameter=POSITIVE_ENDINGS,
)
