"""The end of a period of supervision: the last order has ended, and with it everything that was decided for it."""

from services.allocation.domain import assignment, custody
from services.allocation.domain.case import case_of, set_down
from services.allocation.domain.hours import hours_of
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
    _tell_hours(step)
    assignment.release(step)
    forget(step)
    return True


def _tell_hours(step: Step) -> None:
    """The journal says what the band asked for and what was delivered."""
    hours = hours_of(case_of(step), step.policy)
    if hours is not None:
        step.note(f"hours face to face: {hours.delivered:f} of {hours.minimum:f}")


def forget(step: Step) -> None:
    """Forget what was decided for a period of supervision."""
    set_down(
        step,
        holder=None,
        claim=None,
        home=None,
        band=None,
        route=None,
        direction=None,
        officers=(),
        allocated_on=None,
        needed_from=None,
        provided_on=None,
        suspended_from=None,
        suspended_until=None,
        awaiting_since=None,
        cover=None,
        left_by="",
        minutes_folded=0,
    )
    step.deadline(TRY_AGAIN, "", None)
    step.deadline(custody.TWELVE_WEEKS, "", None)
