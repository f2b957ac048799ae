"""Offices and the units that they serve, as HR states them, with the load that each officer holds.

An office knows its officers, their points, cases and assignments of the day, never the list of its cases. Cases that
found no officer (or no office) wait in a ledger here; whatever may help them wakes them at the next local midnight.
"""
# ruff: noqa: RUF012 - msgspec gives each state its own empty mapping

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from msgspec.structs import replace

from shared.contracts.values import Grade, ProviderKind
from shared.contracts.workforce import (
    OfficerChanged,
    OfficeRegistered,
    OfficerLeft,
    OfficerRegistered,
)
from shared.domain.business_days import local_date, next_local_midnight, start_of_day
from shared.domain.decision import Outcome, ignored, refused
from shared.domain.fact import Fact, Passed, Subject
from shared.domain.state import Aggregate, Row
from shared.domain.step import Step

UNIT, OFFICE, OFFICER = "unit", "office", "officer"
TRY_AWAITING, TRY_AGAIN, OFFICER_LEFT, REASSIGN = "try-awaiting", "try-again", "officer-left", "reassign"
OFFICER_RESTATED, RESTATE = "officer-restated", "restate"
OFFICE_PASSES, OFFICER_PASSES, FOLLOW_OFFICE = "office-passes", "officer-passes", "follow-office"
PER_CENT = Decimal(100)
OfficeKind = Literal["lmc", "hub", "nps-unit", "court-team"]


class Tenure(Row, frozen=True, array_like=True):
    """Whose an office was, from a day on."""

    code: str
    provider_kind: ProviderKind
    since: date | None


class Provider(Row, frozen=True):
    """An office as a unit sees it: whose it is, of what kind, from when; and whose it was before."""

    code: str
    provider_kind: ProviderKind
    kind: OfficeKind
    at: datetime
    since: date | None = None
    earlier: tuple[Tenure, ...] = ()
    """Whose it was before, the latest last."""

    def on(self, day: date) -> tuple[str, ProviderKind]:
        """The provider, and its kind, on a day; the first one that is known where none was yet."""
        if self.since is None or day >= self.since or not self.earlier:
            return self.code, self.provider_kind
        found = [each for each in self.earlier if each.since is None or each.since <= day]
        tenure = found[-1] if found else self.earlier[0]
        return tenure.code, tenure.provider_kind

    def take_overs(self) -> frozenset[date]:
        """The days from which another provider has it than before."""
        days = [each.since for each in self.earlier[1:]] + ([self.since] if self.earlier else [])
        return frozenset(day for day in days if day is not None)

    def taken_over_from(self, code: str, day: date) -> date | None:
        """Since when another provider of the same kind has had it, by that day, after that one; None: it has not."""
        now, kind = self.on(day)
        tenures = (*self.earlier, Tenure(self.code, self.provider_kind, self.since))
        was = any(each.code == code and each.provider_kind == kind for each in tenures)
        since = max(
            (each.since or date.min for each in tenures if each.code == now and (each.since or date.min) <= day),
            default=None,
        )
        return since if was and now != code else None

    def followed_by(self, row: "Provider") -> "Provider":
        """The office as it is stated now: another provider follows from its date on, whatever was planned after it."""
        if row.code == self.code and row.provider_kind == self.provider_kind:
            return replace(row, since=row.since or self.since, earlier=self.earlier)
        since = row.since or local_date(row.at)
        tenures = (*self.earlier, Tenure(self.code, self.provider_kind, self.since))
        earlier = tuple(each for each in tenures if each.since is None or each.since < since)
        return replace(row, since=since, earlier=earlier)


class Awaiting(Row, frozen=True):
    """A case that waits for an office or an officer."""

    since: datetime


class Officer(Row, frozen=True):
    """An officer's terms, as last stated."""

    grade: Grade
    contracted: Decimal
    available: Decimal
    reductions: Decimal
    competencies: tuple[str, ...]
    at: datetime
    left_on: date | None = None
    share: Decimal | None = None
    """Of a full officer's points, what hours and reductions leave."""


class Load(Row, frozen=True):
    """What an officer holds: points, cases, and the cases given to them on their latest day of assignments."""

    points: Decimal = Decimal(0)
    cases: int = 0
    day: date | None = None
    new: int = 0


NO_LOAD = Load()


class Absence(Row, frozen=True):
    """An absence; the officer is back on `ended_on`."""

    officer: str
    started_on: date | None = None
    ended_on: date | None = None
    cover: str = ""
    cover_on: date | None = None
    """When that cover was found."""
    told: bool = False
    """Whether the officer's cases have heard of it."""


class Unit(Aggregate, omit_defaults=True):
    """A local delivery unit: which offices serve it, and the cases that wait for one."""

    offices: dict[str, Provider] = {}
    awaiting: dict[str, Awaiting] = {}


class Office(Aggregate, omit_defaults=True):
    """An office: its provider and units, its officers and their loads, the cases that wait for one of them."""

    provider: Provider | None = None
    units: tuple[str, ...] = ()
    officers: dict[str, Officer] = {}
    loads: dict[str, Load] = {}
    absences: dict[str, Absence] = {}
    awaiting: dict[str, Awaiting] = {}


def unit_subject(code: str) -> Subject:
    """The unit of a code."""
    return Subject(UNIT, code)


def office_subject(code: str) -> Subject:
    """The office of a code."""
    return Subject(OFFICE, code)


def officer_tally(code: str) -> Subject:
    """The sums of an officer: one for each case that they hold, by CRN."""
    return Subject(OFFICER, code)


def posts_tally(officer: str) -> Subject:
    """The sums of an officer's posts: one for each office where they are registered and not said to leave."""
    return Subject("posts", officer)


def unplaced_tally(unit: str) -> Subject:
    """The sums of a unit: one for each case that a provider holds and no officer, by CRN."""
    return Subject("unplaced", unit)


def register_office(step: Step, fact: Fact, stated: OfficeRegistered) -> Outcome | None:
    """Take an office down, on its own row and on the units that it serves; wake who waits there."""
    office: Office = step.case
    known = office.provider
    if known is not None and fact.at < known.at:
        return ignored("superseded")
    row = Provider(stated.provider_code, stated.provider_kind, stated.kind, fact.at, stated.from_)
    if known is not None:
        row = known.followed_by(row)
        _pass_on(step, known, row)
    own = step.edit()
    own.provider, own.units = row, tuple(sorted(stated.local_delivery_units))
    step.touch_all("provider", "units")
    for code in own.units:
        unit = unit_subject(code)
        step.put("offices", stated.office_code, row, unit)
        wake(step, unit)
        if stated.from_ is not None:
            wake_on(step, unit, stated.from_)
    wake(step, step.owner)
    return None


def _pass_on(step: Step, was: Provider, row: Provider) -> None:
    """Another provider follows: from its midnight on the cases of the office and of its units follow, too."""
    before, now = was.take_overs(), row.take_overs()
    for day in sorted(before ^ now):
        due = max(step.now, start_of_day(day)) if day in now else None
        step.deadline(OFFICE_PASSES, day.isoformat(), due)
        for code in step.case.units:
            step.deadline(OFFICE_PASSES, f"{day.isoformat()}|{step.owner.key}", due, unit_subject(code))


def pass_officers_on(step: Step, _fact: Fact, _passed: Passed) -> Outcome | None:
    """The office is another provider's from now on: one officer after another hands that on to their cases."""
    for officer, load in sorted(step.case.loads.items()):
        if load.cases:
            step.deadline(OFFICER_PASSES, officer, step.now)
    return None


def pass_cases_on(step: Step, _fact: Fact, passed: Passed) -> Outcome | None:
    """The cases of an officer whose office is another provider's follow it at this same instant."""
    tell_cases(step, FOLLOW_OFFICE, passed.ref)
    return None


def pass_unplaced_on(step: Step, _fact: Fact, _passed: Passed) -> Outcome | None:
    """The cases of the unit that have no officer follow, too, at this same instant."""
    tallies = step.tallies(unplaced_tally(step.owner.key))
    for crn in sorted(name for (name, _), n in tallies.items() if n > 0):
        step.deadline(FOLLOW_OFFICE, step.owner.key, step.now, Subject("case", crn))
    return None


def register_officer(step: Step, fact: Fact, stated: OfficerRegistered | OfficerChanged) -> Outcome | None:
    """Take an officer's terms down; what was stated later stands. Nobody works at two offices."""
    office: Office = step.case
    known = office.officers.get(stated.officer_code)
    if known is not None and fact.at < known.at:
        return ignored("superseded")
    here = step.owner.key
    if any(n > 0 and code != here for (code, _), n in step.tallies(posts_tally(stated.officer_code)).items()):
        return refused("registered-at-another-office")
    returns = known is None or isinstance(stated, OfficerRegistered)
    if known is None or (returns and known.left_on is not None):
        step.tally(posts_tally(stated.officer_code), here, "", +1)
    row = Officer(
        grade=stated.grade,
        contracted=stated.contracted_hours,
        available=stated.available_hours,
        reductions=stated.reductions_percent,
        competencies=tuple(sorted(stated.competencies)),
        at=fact.at,
        left_on=None if returns or known is None else known.left_on,
        share=share_of(stated.contracted_hours, stated.available_hours, stated.reductions_percent),
    )
    if returns:
        step.deadline(OFFICER_LEFT, stated.officer_code, None)
    step.put("officers", stated.officer_code, row)
    if known is not None and (known.grade, known.competencies) != (row.grade, row.competencies):
        step.deadline(OFFICER_RESTATED, stated.officer_code, next_local_midnight(step.now))
    wake(step, step.owner)
    return None


def share_of(contracted: Decimal, available: Decimal, reductions: Decimal) -> Decimal:
    """Of a full officer's points, what hours and reductions (in percent) leave; nothing without a contract."""
    return available / contracted * (PER_CENT - reductions) / PER_CENT if contracted else Decimal(0)


def leave(step: Step, fact: Fact, stated: OfficerLeft) -> Outcome | None:
    """An officer leaves: no new cases from now on, and theirs go to others at the midnight after the last day."""
    office: Office = step.case
    known = office.officers.get(stated.officer_code)
    if known is None:
        return ignored("no-such-officer")
    if fact.at < known.at:
        return ignored("superseded")
    if known.left_on is None:
        step.tally(posts_tally(stated.officer_code), step.owner.key, "", -1)
    step.put("officers", stated.officer_code, replace(known, left_on=stated.left_on, at=fact.at))
    after = max(next_local_midnight(step.now), start_of_day(stated.left_on + timedelta(days=1)))
    step.deadline(OFFICER_LEFT, stated.officer_code, after)
    return None


def hand_back_cases(step: Step, _fact: Fact, passed: Passed) -> Outcome | None:
    """The leaver's cases, as their sums tell them, each look for another officer at this same instant."""
    tell_cases(step, REASSIGN, passed.ref)
    step.drop("officers", passed.ref)
    if step.case.loads.get(passed.ref) == Load():
        step.drop("loads", passed.ref)
    return None


def restate_to_cases(step: Step, _fact: Fact, passed: Passed) -> Outcome | None:
    """The cases of an officer whose grade or competencies have changed take them over at this same instant."""
    tell_cases(step, RESTATE, passed.ref)
    return None


def tell_cases(step: Step, kind: str, officer: str, *more: str) -> None:
    """Set a deadline of that kind, now, on each case of an officer, as their sums tell them."""
    ref = "|".join((holding_ref(step.owner.key, officer), *more))
    for crn in sorted(name for (name, _), n in step.tallies(officer_tally(officer)).items() if n > 0):
        step.deadline(kind, ref, step.now, Subject("case", crn))


def holding_ref(office: str, officer: str) -> str:
    """Names an officer at an office: one code may have worked at two."""
    return f"{office}|{officer}"


def is_away(office: Office, officer: str, on: date) -> bool:
    """Whether an officer has left, has said that they leave, or is absent on a day."""
    terms = office.officers.get(officer)
    return terms is None or terms.left_on is not None or officer in away_on(office, on)


def away_on(office: Office, on: date) -> frozenset[str]:
    """The officers who are absent on a day."""
    return frozenset(
        absence.officer
        for absence in office.absences.values()
        if absence.started_on is not None
        and absence.started_on <= on
        and (absence.ended_on is None or on < absence.ended_on)
    )


def wake(step: Step, subject: Subject) -> None:
    """Something may help the cases that wait there: let them try again at the next local midnight."""
    if step.state(subject).awaiting:
        step.deadline(TRY_AWAITING, "", next_local_midnight(step.now), subject)


def wake_on(step: Step, subject: Subject, day: date) -> None:
    """Something will help on a day to come whoever waits there by then."""
    if day > step.today:
        step.deadline(TRY_AWAITING, day.isoformat(), start_of_day(day), subject)


def let_try_again(step: Step, _fact: Fact, _passed: Passed) -> Outcome | None:
    """Every case that waits here tries again, who has waited longest first."""
    waiting = sorted(step.case.awaiting.items(), key=lambda item: (item[1].since, item[0]))
    for place, (crn, _) in enumerate(waiting):
        # Deadlines of one instant go by key; a millisecond apart, they go by who came first.
        step.deadline(TRY_AGAIN, "", step.now + timedelta(milliseconds=place), Subject("case", crn))
        step.drop("awaiting", crn)
    return None
