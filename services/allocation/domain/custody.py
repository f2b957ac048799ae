"""Custody, as far as allocation reads it: until 12 weeks before release a person in prison has no officer yet.

Source: rules of Through the Gate: pre-release work starts, an officer is named and the case leaves the hub 12 weeks
before release.
"""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from services.allocation.domain.case import Case, Custody, Order, case_of, set_down
from services.allocation.domain.orders import open_orders
from shared.contracts.casework import PersonLinked
from shared.contracts.prison import PrisonerReceived, PrisonerReleased, ReleaseDue
from shared.domain.business_days import local_date, release_day, start_of_day
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Pause
from shared.domain.fact import Fact
from shared.domain.prisoner import link
from shared.domain.statement import UNDATED
from shared.domain.step import Step

PASSED_OVER_CODES = "prison.passed-over-codes"
"""Parameter: movement codes of a release that is none, each with the reason why."""

TWELVE_WEEKS = "pre-release"
"""Parameter and deadline: how long before release a case leaves the hub and has its officer."""


def take_received(_step: Step, _fact: Fact, stated: PrisonerReceived) -> Outcome | None:
    """A reception changes nothing: the sentence tells that the person is in prison."""
    return ignored("the-sentence-tells" if stated.reason == "ADMISSION" else "no-admission")


def take_released(step: Step, fact: Fact, stated: PrisonerReleased) -> Outcome | None:
    """A release for good; of several the latest counts."""
    if stated.reason != "RELEASED":
        return ignored("not-released-for-good")
    passed_over = step.value(PASSED_OVER_CODES, local_date(fact.at)).table
    if stated.nomis_movement_reason_code in passed_over:
        return ignored(str(passed_over[stated.nomis_movement_reason_code]))
    return _state(step, Custody(released_at=fact.at))


def _releases(custody: Custody) -> tuple[datetime, ...]:
    return (*custody.released_before, custody.released_at) if custody.released_at is not None else ()


def _with_releases(custody: Custody, releases: Iterable[datetime]) -> Custody:
    *before, latest = sorted(releases)
    return replace(custody, released_at=latest, released_before=tuple(before))


def take_release_date(step: Step, fact: Fact, stated: ReleaseDue) -> Outcome | None:
    """The release date, or that there is none now; what was stated later stands."""
    return _state(step, Custody(release_on=stated.release_on, stated_at=fact.at))


def _state(step: Step, stated: Custody) -> Outcome | None:
    known = case_of(step).custody
    if of_both(known, stated) == known:
        return ignored("superseded")
    set_down(step, custody=of_both(known, stated))
    return None


def take_link(step: Step, fact: Fact, stated: PersonLinked) -> Outcome | None:
    """The NOMS number is known: what the prisons stated before is taken up."""
    link(step, stated.noms_number, fact)
    return None


def of_both(one: Custody, other: Custody) -> Custody:
    """What the prisons state of a person with two numbers: the release date stated last, the releases of both."""
    stated = max(one, other, key=lambda each: (each.stated_at or UNDATED, each.release_on or date.min))
    releases = {*_releases(one), *_releases(other)}
    return _with_releases(stated, releases) if releases else stated


def in_custody_since(case: Case) -> date | None:
    """Since when the person has been in prison for a sentence that they have not been released from.

    A recall leaves the officer and the route as they are.
    """
    released = case.custody.released_at
    released_on = local_date(released) if released is not None else date.min
    dates = [
        order.sentenced_on
        for _, order in open_orders(case)
        if order.custody and order.sentenced_on is not None and order.sentenced_on > released_on
    ]
    return min(dates, default=None)


class Stay(NamedTuple):
    """Days in prison for a sentence, from the sentence to the release."""

    since: date
    left: date


def last_stay(case: Case) -> Stay | None:
    """The last stay for an order of this period of supervision that a release has ended, recorded in either order."""
    sentences = [
        order.sentenced_on
        for order in case.orders.values()
        if order.custody and order.sentenced_on is not None and _is_of_this_period(case, order)
    ]
    days = [local_date(each) for each in _releases(case.custody)] if sentences else []
    for before, left in reversed(list(pairwise((date.min, *days)))):
        since = min((on for on in sentences if before < on < left), default=None)
        if since is not None:
            return Stay(since, left)
    return None


def _is_of_this_period(case: Case, order: Order) -> bool:
    return order.ended_on is None or (case.allocated_on is not None and order.ended_on >= case.allocated_on)


def opens_on(step: Step, since: date | None) -> date | None:
    """When pre-release work starts for who is in prison since a day: 12 weeks before the effective day of release.

    None: no date has been stated since.
    """
    stated = case_of(step).custody
    release_on = stated.release_on
    if release_on is None or stated.stated_at is None or since is None or local_date(stated.stated_at) < since:
        return None
    effective = release_day(release_on)
    return local_date(step.value(TWELVE_WEEKS, effective).term.before(effective))


def is_suspended(step: Step) -> bool:
    """Whether the person is in prison and not within 12 weeks of release."""
    since = in_custody_since(case_of(step))
    if since is None:
        return False
    opens = opens_on(step, since)
    return opens is None or step.today < opens


def watch_countdown(step: Step) -> None:
    """Note the days that do not count, and set the deadline of the day on which pre-release work starts."""
    case = case_of(step)
    since = in_custody_since(case)
    if since is not None:
        opens = opens_on(step, since)
        set_down(step, suspended_from=since, suspended_until=opens)
        ahead = opens is not None and step.today < opens
        step.deadline(TWELVE_WEEKS, "", start_of_day(opens) if opens is not None and ahead else None)
        return
    stay = last_stay(case)
    if stay is not None:
        set_down(step, suspended_from=stay.since, suspended_until=_opened_on(step, stay))
    elif case.suspended_from is not None:
        set_down(step, suspended_from=None, suspended_until=None)
    if stay is not None or case.suspended_from is not None:
        step.deadline(TWELVE_WEEKS, "", None)


def _opened_on(step: Step, stay: Stay) -> date:
    """When a stay that is over was within 12 weeks of release: a release date stated after it is another stay's."""
    case = case_of(step)
    stated, released = case.custody.stated_at, case.custody.released_at
    known = case.suspended_until if case.suspended_from == stay.since else None
    in_time = stated is not None and released is not None and stated <= released
    opened = opens_on(step, stay.since) if in_time else None
    return min(on for on in (stay.left, known, opened) if on is not None)


def pauses(case: Case, _clock: Clock) -> tuple[Pause, ...]:
    """The days in prison that do not count: until 12 weeks before release, or release if that is earlier."""
    return (Pause(case.suspended_from, case.suspended_until),) if case.suspended_from is not None else ()
