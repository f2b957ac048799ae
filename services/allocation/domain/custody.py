"""Custody, as far as allocation reads it: until 12 weeks before release a person in prison has no officer yet.

Source: rules of Through the Gate: pre-release work starts, an officer is named and the case leaves the hub 12 weeks
before release.
"""

from datetime import date

from services.allocation.domain.case import Case, case_of, set_down
from services.allocation.domain.orders import open_orders
from shared.domain.business_days import local_date, release_day, start_of_day
from shared.domain.duty import Clock, Pause
from shared.domain.step import Step

TWELVE_WEEKS = "pre-release"
"""Parameter and deadline: how long before release a case leaves the hub and has its officer."""


def in_custody_since(case: Case) -> date | None:
    """Since when the person serves a sentence in prison; None where they do not, or no more."""
    dates = [order.sentenced_on for _, order in open_orders(case) if order.custody and order.sentenced_on]
    sentenced_on = min(dates, default=None)
    if sentenced_on is None:
        return None
    received, released = case.custody.received_at, case.custody.released_at
    if released is None or local_date(released) < sentenced_on:
        return sentenced_on
    return local_date(received) if received is not None and received > released else None


def opens_on(step: Step) -> date | None:
    """The day on which pre-release work starts: 12 weeks before the effective day of release; None: no date."""
    release_on = case_of(step).custody.release_on
    if release_on is None:
        return None
    effective = release_day(release_on)
    return local_date(step.value(TWELVE_WEEKS, effective).term.before(effective))


def is_suspended(step: Step) -> bool:
    """Whether the person is in prison and not within 12 weeks of release."""
    if in_custody_since(case_of(step)) is None:
        return False
    opens = opens_on(step)
    return opens is None or step.today < opens


def watch_countdown(step: Step) -> None:
    """Note the days that do not count, and set the deadline of the day on which pre-release work starts."""
    since = in_custody_since(case_of(step))
    opens = opens_on(step)
    if since is not None:
        set_down(step, suspended_from=since, suspended_until=opens)
    elif case_of(step).suspended_from is not None:
        released = case_of(step).custody.released_at
        ended = local_date(released) if released is not None else case_of(step).suspended_from
        until = case_of(step).suspended_until
        set_down(step, suspended_until=min(ended, until) if ended and until else ended)
    waits = since is not None and opens is not None and step.today < opens
    if waits or case_of(step).suspended_from is not None:
        step.deadline(TWELVE_WEEKS, "", start_of_day(opens) if waits and opens is not None else None)


def pauses(case: Case, _clock: Clock) -> tuple[Pause, ...]:
    """The days in prison that do not count: until 12 weeks before release, or release if that is earlier."""
    return (Pause(case.suspended_from, case.suspended_until),) if case.suspended_from is not None else ()
