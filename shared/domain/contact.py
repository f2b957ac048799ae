"""Contact: what counts as face to face, and for which days an appointment was arranged, read the same by every service.

An appointment was *arranged* for a day (ARR) where it stands, where it happened or was missed, and where the person
moved or cancelled it: the provider had offered it. What the provider itself moved or cancelled was not arranged.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Literal

from msgspec.structs import replace

from shared.domain.state import Row
from shared.domain.step import Step

FACE_TO_FACE_CHANNELS = "face-to-face-channels"
"""Parameter: the channels on which contact is face to face, by date."""

MOST = 128
"""Appointments that a ledger keeps, whatever their age: more than one a day in three months."""

ChangedBy = Literal["", "person", "provider"]


class Plan(Row, frozen=True, array_like=True):
    """An appointment as arranged at an instant for a day; `by` says who moved it there, if anyone."""

    at: datetime
    on: date
    face_to_face: bool = True
    by: ChangedBy = ""


class Arrangement(Row, frozen=True, array_like=True):
    """The plans of one appointment in the order of their own instants, and its cancellation."""

    order_ids: tuple[str, ...] = ()
    plans: tuple[Plan, ...] = ()
    cancelled_at: datetime | None = None
    cancelled_by: ChangedBy = ""


def is_face_to_face(step: Step, channel: str, on: date) -> bool:
    """Whether contact on a channel is face to face, by the policy of that day."""
    return channel in step.value(FACE_TO_FACE_CHANNELS, on).codes


def planned(was: Arrangement | None, order_ids: tuple[str, ...], plan: Plan) -> Arrangement:
    """An appointment with one more plan; of two of one instant the greater stands. Its orders are the last plan's."""
    order_ids = tuple(sorted(order_ids))
    if was is None:
        return Arrangement(order_ids, (plan,))
    rival = next((each for each in was.plans if each.at == plan.at), None)
    if rival is not None:
        rival_orders = was.order_ids if rival is was.plans[-1] else order_ids
        if _weight(rival, rival_orders) > _weight(plan, order_ids):
            return was
    kept = [each for each in was.plans if each is not rival]
    plans = tuple(sorted((*kept, plan), key=lambda each: each.at))
    return replace(was, plans=plans, order_ids=order_ids if plans[-1] is plan else was.order_ids)


def _weight(plan: Plan, order_ids: tuple[str, ...]) -> tuple[date, bool, str, tuple[str, ...]]:
    return plan.on, plan.face_to_face, plan.by, order_ids


def cancelled(was: Arrangement | None, at: datetime, by: ChangedBy) -> Arrangement:
    """An appointment with its cancellation; of several, the last one counts."""
    was = was or Arrangement()
    if was.cancelled_at is not None and (was.cancelled_at, was.cancelled_by) > (at, by):
        return was
    return replace(was, cancelled_at=at, cancelled_by=by)


def united(was: Arrangement | None, other: Arrangement) -> Arrangement:
    """What was stated of one appointment under two numbers, as one."""
    for plan in other.plans:
        was = planned(was, other.order_ids, plan)
    if other.cancelled_at is not None:
        was = cancelled(was, other.cancelled_at, other.cancelled_by)
    return was or other


def without(was: Arrangement, through: datetime) -> Arrangement | None:
    """An appointment without what was stated of it through an instant; None where nothing is left."""
    plans = tuple(plan for plan in was.plans if plan.at > through)
    late_cancellation = was.cancelled_at is not None and was.cancelled_at > through
    if not plans and not late_cancellation:
        return None
    order_ids = was.order_ids if plans else ()
    if late_cancellation:
        return replace(was, plans=plans, order_ids=order_ids)
    return Arrangement(order_ids, plans)


def kept_since(horizon: date, days: Collection[date]) -> date:
    """The day before which appointments are forgotten, given the days of all: later than the horizon where they are
    more than `MOST`."""
    return horizon if len(days) <= MOST else max(horizon, sorted(days)[-MOST])


def arranged_days(appointment: Arrangement) -> tuple[date, ...]:
    """The days for which a face-to-face appointment was arranged (ARR), the days that the person gave up included."""
    days: list[date] = []
    standing: date | None = None
    for plan in appointment.plans:
        if plan.by == "person" and standing is not None:
            days.append(standing)
        standing = plan.on if plan.face_to_face else None
    if standing is not None and (appointment.cancelled_by != "provider" or _planned_again(appointment)):
        days.append(standing)
    return tuple(days)


def _planned_again(appointment: Arrangement) -> bool:
    """Whether the last plan came after the cancellation."""
    return appointment.cancelled_at is not None and appointment.plans[-1].at > appointment.cancelled_at
