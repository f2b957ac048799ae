"""Custody, as far as allocation reads it: until 12 weeks before release a person in prison has no officer yet.

Source: rules of Through the Gate: pre-release work starts, an officer is named and the case leaves the hub 12 weeks
before release.
"""

from datetime import date

from msgspec.structs import replace

from services.allocation.domain.case import Case, Custody, case_of, set_down
from shared.contracts.casework import PersonLinked
from shared.contracts.prison import PrisonerReceived, PrisonerReleased, ReleaseDue
from shared.domain.business_days import local_date, release_day, start_of_day
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Pause
from shared.domain.fact import Fact
from shared.domain.prisoner import link
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
    known = case_of(step).custody
    if known.released_at is not None and fact.at < known.released_at:
        return ignored("superseded")
    set_down(step, custody=replace(known, released_at=fact.at))
    return None


def take_release_date(step: Step, fact: Fact, stated: ReleaseDue) -> Outcome | None:
    """The release date, or that there is none now; what was stated later stands."""
    known = case_of(step).custody
    if known.stated_at is not None and fact.at < known.stated_at:
        return ignored("superseded")
    set_down(step, custody=replace(known, release_on=stated.release_on, stated_at=fact.at))
    return None


def take_link(step: Step, fact: Fact, stated: PersonLinked) -> Outcome | None:
    """The NOMS number is known: what the prisons stated before is taken up."""
    link(step, stated.noms_number, fact.at)
    return None


def of_both(one: Custody, other: Custody) -> Custody:
    """What the prisons state of a person with two numbers: the release date stated last, the latest release."""
    stated = max((one, other), key=lambda each: (each.stated_at is not None, each.stated_at))
    releases = [each.released_at for each in (one, other) if each.released_at is not None]
    return replace(stated, released_at=max(releases, default=None))


def in_custody_since(case: Case) -> date | None:
    """Since when the person has been in prison for a sentence that they have not been released from.

    A recall leaves the officer and the route as they are.
    """
    released = case.custody.released_at
    released_on = local_date(released) if released is not None else date.min
    dates = [
        order.sentenced_on
        for order in case.orders.values()
        if order.custody and order.sentenced_on is not None and not order.ended_on and order.sentenced_on > released_on
    ]
    return min(dates, default=None)


def opens_on(step: Step) -> date | None:
    """The day on which pre-release work starts: 12 weeks before the effective day of release; None: no date."""
    stated = case_of(step).custody
    release_on, since = stated.release_on, in_custody_since(case_of(step))
    if release_on is None or stated.stated_at is None or since is None or local_date(stated.stated_at) < since:
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
    case = case_of(step)
    since, opens = in_custody_since(case), opens_on(step)
    if since is not None:
        set_down(step, suspended_from=since, suspended_until=opens)
        ahead = opens is not None and step.today < opens
        step.deadline(TWELVE_WEEKS, "", start_of_day(opens) if opens is not None and ahead else None)
    elif case.suspended_from is not None:
        released = case.custody.released_at
        left = local_date(released) if released is not None else case.suspended_from
        if left > case.suspended_from:
            set_down(step, suspended_until=min(left, case.suspended_until or left))
        else:
            set_down(step, suspended_from=None, suspended_until=None)
        step.deadline(TWELVE_WEEKS, "", None)


def pauses(case: Case, _clock: Clock) -> tuple[Pause, ...]:
    """The days in prison that do not count: until 12 weeks before release, or release if that is earlier."""
    return (Pause(case.suspended_from, case.suspended_until),) if case.suspended_from is not None else ()
