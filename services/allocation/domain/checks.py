"""Safeguarding checks with the police and children's services: expected in every case, asked for at allocation.

Source: HMI Probation, Transforming Rehabilitation 5 (2016), lines 44 and 183.
"""

from collections.abc import Iterable
from datetime import date
from typing import get_args

from services.allocation.domain.case import Case, Check, case_of
from services.allocation.domain.orders import open_orders
from shared.contracts.casework import SafeguardingCheckRequested, SafeguardingCheckReturned
from shared.contracts.casework_allocation import CheckKind
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.step import Step

OUTSTANDING = "safeguarding-check-outstanding"
READS = frozenset(("orders", "allocations", "checks"))


def take_check(
    step: Step, _fact: Fact, stated: SafeguardingCheckRequested | SafeguardingCheckReturned
) -> Outcome | None:
    """A check asked for, or come back; the answer states the request, too."""
    case = case_of(step)
    if stated.check_id in case.withdrawn:
        return ignored("record-withdrawn")
    known = case.checks.get(stated.check_id)
    returned_on: date | None = known.returned_on if known is not None else None
    if isinstance(stated, SafeguardingCheckReturned):
        returned_on = stated.returned_on
    step.put("checks", stated.check_id, Check(stated.kind, stated.requested_on, returned_on))
    return None


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
