"""Who may hold a case: the offices of its provider that serve its unit, and their officers, with what speaks against
each. Nobody is chosen here."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from services.allocation.domain import workload
from services.allocation.domain.case import case_of
from services.allocation.domain.office import Office, is_away, office_subject, unit_subject
from services.allocation.domain.orders import home_of, unit_of
from services.allocation.domain.provider import OFFICE_KINDS, offices_that_hold_cases
from services.allocation.domain.suitability import Needs
from shared.contracts.values import Grade
from shared.domain.step import Step

Rejection = Literal["grade", "competence", "capacity", "burst", "absent"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An officer of one of the offices that may hold the case, with all that speaks against them."""

    code: str
    office: str
    grade: Grade
    capacity: Decimal
    """In percent, once they hold the case."""
    against: tuple[Rejection, ...]
    unsuited: int
    """How far grade and competencies are from what suits best."""
    new: int
    """Cases given to them today."""


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


def candidates(step: Step, offices: tuple[str, ...], needs: Needs) -> list[Candidate]:
    """Every officer of the offices, by office and code, with what speaks against them.

    A case whose officer has left finds another at that midnight, however many others do: it is no new case.
    """
    weight = workload.points_of(case_of(step), step.policy)
    by_grade = step.value("workload.points-by-grade", step.today).table
    limit = step.value("workload.overload", step.today).decimal
    burst, bereft = step.value("assignment-burst", step.today).number, bool(case_of(step).left_by)
    found = []
    for code in offices:
        office: Office = step.state(office_subject(code))
        for officer, terms in sorted(office.officers.items()):
            load = workload.load_of(office, officer)
            available = workload.points_available(terms, by_grade)
            after, new = load.points + weight, workload.new_on(load, step.today)
            against: list[Rejection] = []
            if terms.grade not in needs.grades:
                against.append("grade")
            if not needs.required <= set(terms.competencies):
                against.append("competence")
            if is_away(office, officer, step.today):
                against.append("absent")
            if workload.is_over(after, available, limit):
                against.append("capacity")
            if new >= burst and not bereft:
                against.append("burst")
            found.append(
                Candidate(
                    officer,
                    code,
                    terms.grade,
                    workload.capacity(after, available),
                    tuple(against),
                    needs.distance(terms.grade, terms.competencies),
                    new,
                )
            )
    return found
