"""Who may hold a case: the offices of its provider that serve its unit, and their officers, with what speaks against
each. Nobody is chosen here."""

from decimal import Decimal
from typing import Literal, NamedTuple

from services.allocation.domain import workload
from services.allocation.domain.case import case_of
from services.allocation.domain.office import NO_LOAD, Load, Office, Officer, away_on, office_subject, unit_subject
from services.allocation.domain.orders import home_of, unit_of
from services.allocation.domain.provider import OFFICE_KINDS, offices_that_hold_cases
from services.allocation.domain.suitability import Needs
from shared.contracts.values import Grade
from shared.domain.step import Step

Rejection = Literal["grade", "competence", "absent", "capacity", "burst"]


class Candidate(NamedTuple):
    """An officer of one of the offices that may hold the case, with all that speaks against them."""

    code: str
    office: str
    grade: Grade
    against: tuple[Rejection, ...]
    unsuited: int
    """How far grade and competencies are from what suits best."""
    points: Decimal
    """What they hold, once they hold the case."""
    available: Decimal
    new: int
    """Cases given to them today."""

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


class _Measured:
    """What every officer is measured by, for one case on one day."""

    __slots__ = ("bereft", "burst", "by_grade", "limit", "needs", "ranks", "today", "weight")

    def __init__(self, step: Step, needs: Needs) -> None:
        self.today = step.today
        self.needs = needs
        self.ranks = {grade: 100 * n for n, grade in enumerate(needs.grades)}
        self.weight = workload.points_of(case_of(step), step.policy)
        self.by_grade = step.value("workload.points-by-grade", self.today).table
        self.limit = step.value("workload.overload", self.today).decimal
        self.burst = step.value("assignment-burst", self.today).number
        self.bereft = bool(case_of(step).left_by)

    def candidate(self, officer: str, office: str, terms: Officer, load: Load, *, away: bool) -> Candidate:
        """An officer as a candidate.

        A case whose officer has left finds another at that midnight, however many others do: it is no new case.
        """
        points, available = load.points + self.weight, workload.points_available(terms, self.by_grade)
        rank, new, against = self.ranks.get(terms.grade), workload.new_on(load, self.today), NOTHING
        if rank is None:
            against += ("grade",)
        if self.needs.required and not self.needs.required.issubset(terms.competencies):
            against += ("competence",)
        if away or terms.left_on is not None:
            against += ("absent",)
        if workload.is_over(points, available, self.limit):
            against += ("capacity",)
        if new >= self.burst and not self.bereft:
            against += ("burst",)
        unsuited = 100 * len(self.ranks) if rank is None else rank
        if self.needs.preferred:
            unsuited += len(self.needs.preferred.difference(terms.competencies))
        return Candidate(officer, office, terms.grade, against, unsuited, points, available, new)


NOTHING: tuple[Rejection, ...] = ()


def candidates(step: Step, offices: tuple[str, ...], needs: Needs) -> list[Candidate]:
    """Every officer of the offices, by office and code, with what speaks against them."""
    measured, found = _Measured(step, needs), []
    for code in offices:
        office: Office = step.state(office_subject(code))
        away = away_on(office, measured.today)
        for officer, terms in sorted(office.officers.items()):
            load = office.loads.get(officer, NO_LOAD)
            found.append(measured.candidate(officer, code, terms, load, away=officer in away))
    return found
