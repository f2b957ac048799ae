"""Who may hold a case: the offices of its provider that serve its unit, and their officers, with what speaks against
each. Nobody is chosen here."""

import sys
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec

from services.allocation.domain import workload
from services.allocation.domain.case import case_of
from services.allocation.domain.office import (
    NO_LOAD,
    PER_CENT,
    Load,
    Office,
    Officer,
    away_on,
    office_subject,
    unit_subject,
)
from services.allocation.domain.orders import home_of, unit_of
from services.allocation.domain.provider import OFFICE_KINDS, offices_that_hold_cases
from services.allocation.domain.suitability import Needs
from shared.contracts.values import Grade
from shared.domain.step import Step

Rejection = Literal["grade", "competence", "absent", "capacity", "burst"]


class Alike(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What a case finds in every officer of one office, of one grade, with the same competencies and share of full
    hours."""

    grade: Grade
    against: tuple[Rejection, ...]
    """What speaks against all of them, whatever they hold."""
    unsuited: int
    """How far grade and competencies are from what suits best."""
    available: Decimal
    room: Decimal
    """Points that one of them may hold already, and still take the case."""
    weight: Decimal
    """Points of the case."""


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """An officer of one of the offices that may hold the case, with all that speaks against them."""

    code: str
    office: str
    alike: Alike
    load: Load
    """What they hold before the case."""
    against: tuple[Rejection, ...]

    @property
    def grade(self) -> Grade:
        """Their grade."""
        return self.alike.grade

    @property
    def unsuited(self) -> int:
        """How far grade and competencies are from what suits best."""
        return self.alike.unsuited

    @property
    def available(self) -> Decimal:
        """Points that they have available."""
        return self.alike.available

    @property
    def points(self) -> Decimal:
        """What they hold, once they hold the case."""
        return self.load.points + self.alike.weight

    @property
    def capacity(self) -> Decimal:
        """In percent, as shown, once they hold the case."""
        return workload.capacity(self.points, self.available)


def offices_for(step: Step) -> tuple[str, ...]:
    """The offices that may hold the case now: of its provider, serving its unit, hub or centre by route."""
    case = case_of(step)
    unit_code, home = unit_of(case), home_of(case)
    if case.holder is None or unit_code is None:
        return ()
    if home is not None and home.office and is_the_holders(step, home.office):
        return (home.office,)
    unit = step.state(unit_subject(unit_code))
    return tuple(code for code in offices_that_hold_cases(unit) if _serves(step, code, unit_code))


def is_the_holders(step: Step, code: str) -> bool:
    holder = case_of(step).holder
    provider = step.state(office_subject(code)).provider
    return holder is not None and provider is not None and provider.on(step.today)[0] == holder.code


def _serves(step: Step, code: str, unit: str) -> bool:
    case = case_of(step)
    office: Office = step.state(office_subject(code))
    if case.holder is None or office.provider is None or not is_the_holders(step, code):
        return False
    right_kind = office.provider.kind in OFFICE_KINDS[case.holder.kind]
    return right_kind and unit in office.units and case.route in (None, office.provider.kind)


WITHOUT_END = sys.maxsize
"""New cases on one day where no limit counts."""


class _Measure:
    """What every officer is measured by, for one case on one day.

    Most of it is the same for all officers who are alike, and is looked at once for all of them.
    """

    __slots__ = ("burst", "by_grade", "limit", "needs", "today", "weight")

    def __init__(self, step: Step, needs: Needs) -> None:
        case, self.today, self.needs = case_of(step), step.today, needs
        self.weight = workload.points_now(step)
        self.by_grade = step.value("workload.points-by-grade", self.today).table
        self.limit = step.value("workload.overload", self.today).decimal
        # A case whose officer has left finds another at that midnight, however many others do: it is no new case.
        self.burst = WITHOUT_END if case.left_by else step.value("assignment-burst", self.today).number

    def officers(self, code: str, office: Office) -> list[Candidate]:
        """The officers of an office as candidates, by code."""
        by_competence = bool(self.needs.required or self.needs.preferred)
        kinds, members = _by_kind(_Staff(office.officers), by_competence)
        alike_of = [self._of(terms) for terms in kinds]
        away, load_of, burst = away_on(office, self.today), office.loads.get, self.burst
        found: list[Candidate] = []
        for officer, kind, leaves in members:
            load, alike = load_of(officer, NO_LOAD), alike_of[kind]
            against = alike.against
            if leaves or load.points > alike.room or load.new >= burst or officer in away:  # else nothing more
                against += self._against(load, alike, absent=leaves or officer in away)
            found.append(Candidate(officer, code, alike, load, against))
        return found

    def _against(self, load: Load, alike: Alike, *, absent: bool) -> tuple[Rejection, ...]:
        """What speaks against one officer alone."""
        against: tuple[Rejection, ...] = ("absent",) if absent else ()
        if load.points > alike.room:
            against += ("capacity",)
        if workload.new_on(load, self.today) >= self.burst:
            against += ("burst",)
        return against

    def _of(self, terms: Officer) -> Alike:
        against: tuple[Rejection, ...] = ()
        grades, needs = self.needs.grades, self.needs
        if terms.grade not in grades:
            against += ("grade",)
        if not needs.required.issubset(terms.competencies):
            against += ("competence",)
        rank = grades.index(terms.grade) if terms.grade in grades else len(grades)
        unsuited = 100 * rank + len(needs.preferred.difference(terms.competencies))
        available = workload.points_available(terms, self.by_grade)
        room = self.limit * available / PER_CENT - self.weight if available else NONE_AT_ALL
        return Alike(terms.grade, against, unsuited, available, room, self.weight)


class _Staff:
    """The officers of an office, known again by identity: what a step changes it copies first."""

    __slots__ = ("officers",)

    def __init__(self, officers: Mapping[str, Officer]) -> None:
        self.officers = officers

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Staff) and other.officers is self.officers

    def __hash__(self) -> int:
        return id(self.officers)


class _Member(NamedTuple):
    code: str
    kind: int
    leaves: bool


@lru_cache(1 << 6)
def _by_kind(staff: _Staff, by_competence: bool) -> tuple[tuple[Officer, ...], tuple[_Member, ...]]:
    """One officer of each kind, and all officers by code. HR restates them far less often than cases are given."""
    kinds: dict[tuple[object, ...], int] = {}
    first: list[Officer] = []
    members: list[_Member] = []
    for code, terms in sorted(staff.officers.items()):
        kind = (terms.grade, workload.share(terms), terms.competencies if by_competence else ())
        if kind not in kinds:
            kinds[kind] = len(first)
            first.append(terms)
        members.append(_Member(code, kinds[kind], terms.left_on is not None))
    return tuple(first), tuple(members)


NONE_AT_ALL = Decimal(-1)
"""Nobody without points takes a case, not even one that weighs nothing."""


def candidates(step: Step, offices: tuple[str, ...], needs: Needs) -> list[Candidate]:
    """Every officer of the offices, by office and code, with what speaks against each."""
    measure = _Measure(step, needs)
    return [each for code in offices for each in measure.officers(code, step.state(office_subject(code)))]
