"""Safeguarding checks with the police and children's services: expected in every case, asked for at allocation.

Source: HMI Probation, Transforming Rehabilitation 5 (2016), lines 44 and 183.
"""

from collections.abc import Iterable
from datetime import date
from typing import get_args

from msgspec.structs import replace

from services.allocation.domain.case import Case, Check
from services.allocation.domain.ledgers import is_withdrawn
from services.allocation.domain.orders import open_orders
from shared.contracts.casework import SafeguardingCheckRequested, SafeguardingCheckReturned
from shared.contracts.casework_allocation import CheckKind
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.statement import UNDATED, put_both
from shared.domain.step import Step

OUTSTANDING = "safeguarding-check-outstanding"
READS = frozenset(("orders", "allocations", "checks"))


def take_check(
    step: Step, fact: Fact, stated: SafeguardingCheckRequested | SafeguardingCheckReturned
) -> Outcome | None:
    """A check asked for, or come back; the answer states the request, too."""
    if is_withdrawn(step, "check", stated.check_id):
        return ignored("record-withdrawn")
    row = Check(stated.kind, stated.requested_on, at=fact.at)
    if isinstance(stated, SafeguardingCheckReturned):
        row = replace(row, returned_on=stated.returned_on, returned_at=fact.at)
    return put_both(step, "checks", stated.check_id, row, checked)


def checked(one: Check, other: Check) -> Check:
    """A check of which both was stated: request and return, each as stated last."""
    rows = (one, other)
    requested = max(rows, key=lambda row: (row.at, row.kind, row.requested_on))
    returned = max(rows, key=lambda row: (row.returned_at or UNDATED, row.returned_on or date.min))
    return replace(requested, returned_on=returned.returned_on, returned_at=returned.returned_at)


def _to_request(case: Case) -> Iterable[Clock]:
    return [
        Clock(f"{order_id}|{kind}", case.allocations[order_id].on, order_id)
        for order_id, _ in open_orders(case)
        if order_id in case.allocations
        for kind in get_args(CheckKind)
    ]


def _requested(case: Case, clock: Clock) -> Done | None:
    kind = clock.ref.rpartition("|")[2]
    found = [(check.requested_on, check_id) for check_id, check in case.checks.items() if check.kind == kind]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def _to_return(case: Case) -> Iterable[Clock]:
    """Checks are waited for while an order is open, once it is allocated."""
    if not any(order_id in case.allocations for order_id, _ in open_orders(case)):
        return []
    return [Clock(check_id, check.requested_on, evidence=(check_id,)) for check_id, check in case.checks.items()]


def _returned(case: Case, clock: Clock) -> Done | None:
    on = case.checks[clock.ref].returned_on
    return Done(on) if on is not None else None


NOT_REQUESTED = Duty(
    code=OUTSTANDING, part="request", reads=READS, clocks=_to_request, done=_requested, owner="allocator"
)
NOT_RETURNED = Duty(code=OUTSTANDING, part="return", reads=READS, clocks=_to_return, done=_returned, owner="officer")
