"""The end of a period of supervision: the last order has ended, and with it everything that was decided for it."""

from services.allocation.domain import assignment, custody
from services.allocation.domain.case import case_of, set_down
from services.allocation.domain.office import TRY_AGAIN
from services.allocation.domain.orders import open_orders
from shared.domain.step import Step


def close_if_over(step: Step) -> bool:
    """Release the officer's load and forget what was decided, once no order is open."""
    case = case_of(step)
    if open_orders(case) or not any(order.ended_on for order in case.orders.values()):
        return False
    if case.holder is None and case.direction is None and case.claim is None:
        return True
    assignment.release(step)
    forget(step)
    return True


def forget(step: Step) -> None:
    """Forget what was decided for a period of supervision."""
    set_down(
        step,
        holder=None,
        claim=None,
        home=None,
        band=None,
        route=None,
        moved=None,
        direction=None,
        officers=(),
        allocated_on=None,
        needed_from=None,
        provided_on=None,
        awaiting_since=None,
    )
    step.deadline(TRY_AGAIN, "", None)
    step.deadline(custody.TWELVE_WEEKS, "", None)
