"""Which officer holds a case: by grade, competence, presence, capacity and burst; always the same for the same facts.

Of those who may, the one who last held the person; then the grade and competencies that suit best; then the lowest
capacity; then the officer code. Every candidate who was rejected is named with a reason. A manager's direction goes
before all that, and before the hard limits where it records the override.
"""

from typing import Any

from msgspec.structs import replace

from services.allocation.domain import choice, custody, overload, step_down, suitability, workload
from services.allocation.domain.candidates import (
    Candidate,
    candidates,
    is_the_holders,
    offices_for,
)
from services.allocation.domain.case import Direction, Holding, case_of, set_down
from services.allocation.domain.office import (
    TRY_AGAIN,
    Awaiting,
    Load,
    holding_ref,
    office_subject,
    officer_tally,
    unit_subject,
    wake,
)
from services.allocation.domain.orders import unit_of
from shared.contracts.allocation import OfficerAssigned, OfficerChanged, RejectedOfficer
from shared.contracts.casework import AssignmentDirected
from shared.domain.business_days import next_local_midnight
from shared.domain.decision import Outcome, ignored, refused
from shared.domain.fact import Fact, Passed
from shared.domain.policy import RuleApplied
from shared.domain.step import Step


def take_direction(step: Step, fact: Fact, stated: AssignmentDirected) -> Outcome | None:
    """A manager has chosen the officer; it is followed at once, or when the case first needs an officer."""
    overrides = tuple(sorted(stated.overrides))
    row = Direction(stated.direction_id, stated.officer_code, stated.directed_on, fact.at, overrides)
    case = case_of(step)
    if case.orders and not any(order.ended_on is None for order in case.orders.values()):
        return ignored("no-open-order")
    if case.direction is not None and (row.on, row.at) < (case.direction.on, case.direction.at):
        return ignored("superseded")
    step_down.note_decision(step, stated.directed_on)
    set_down(step, direction=row)
    return None


def take_leaving(step: Step, _fact: Fact, passed: Passed) -> Outcome | None:
    """The officer has left: the case goes back, and looks for another one."""
    held = case_of(step).officer
    if held is None or passed.ref != holding_ref(held.office, held.code):
        return ignored("already-with-another")
    release(step)
    set_down(step, needed_from=step.today, provided_on=None, left_by=held.code)
    return None


def provide_officer(step: Step) -> Outcome | None:
    """Give the case the officer that it needs, or let it wait; a direction that cannot be followed is refused.

    In prison, until 12 weeks before release, nobody is given and nobody is taken away.
    """
    case = case_of(step)
    if case.holder is None:
        return None
    suspended = custody.is_suspended(step)
    offices = offices_for(step)
    if case.officer is not None and not _still_fits(step, case.officer, () if suspended else offices):
        release(step)
        set_down(step, needed_from=step.today, provided_on=None)
    if suspended:
        return None
    outcome = _follow_direction(step, offices) if case_of(step).direction is not None else None
    if case_of(step).officer is None:
        _choose(step, offices)
    return outcome


def _still_fits(step: Step, held: Holding, offices: tuple[str, ...]) -> bool:
    """Whether the officer may keep the case: at an office that may hold it, or while there is none, its provider's."""
    return held.office in offices if offices else is_the_holders(step, held.office)


def _follow_direction(step: Step, offices: tuple[str, ...]) -> Outcome | None:
    case = case_of(step)
    direction = case.direction
    if direction is None:
        return None
    set_down(step, direction=None)
    found = candidates(step, offices, suitability.needs_now(step))
    chosen = next((each for each in found if each.code == direction.officer), None)
    if chosen is None:
        return _not_followed(step, direction, "no-such-officer-here")
    if case.officer is not None and (case.officer.code, case.officer.office) == (chosen.code, chosen.office):
        set_down(step, officer=replace(case.officer, overrides=direction.overrides))
        return None
    if "absent" in chosen.against:
        return _not_followed(step, direction, "officer-absent")
    if {"capacity", "burst"} & set(chosen.against) and "capacity" not in direction.overrides:
        return _not_followed(step, direction, "capacity-without-override")
    rule = step.value("assignment.direction", direction.on).applied(
        directionId=direction.direction_id, overrides=direction.overrides, against=chosen.against
    )
    _assign(step, offices, chosen, (), (rule,), direction.overrides)
    return None


def _not_followed(step: Step, direction: Direction, reason: str) -> Outcome:
    step.note(f"direction {direction.direction_id} not followed: {reason}")
    return refused(reason)


def _choose(step: Step, offices: tuple[str, ...]) -> None:
    case = case_of(step)
    needs = suitability.needs_now(step)
    found = candidates(step, offices, needs)
    free = [each for each in found if not each.against]
    if not free:
        _wait(step, offices, found)
        return
    best = choice.best_of(free, case.last_officer)
    limit, burst = step.value("workload.overload", step.today), step.value("assignment-burst", step.today)
    chosen = "continuity" if best.code == case.last_officer else "suited, then lowest capacity, then code"
    passed_over = choice.passed_over(free, best, case.last_officer)
    rules = (
        *needs.rules,
        limit.applied(capacity=best.capacity, chosenBy=chosen, candidates=len(found), **passed_over),
        burst.applied(
            newToday=workload.new_on(best.load, step.today), exempt="officer-left" if case.left_by else "none"
        ),
    )
    _assign(step, offices, best, choice.rejected(found), rules, ())


def _wait(step: Step, offices: tuple[str, ...], found: list[Candidate]) -> None:
    """Wait where something may change; if only today's burst is in the way, until tomorrow."""
    case = case_of(step)
    since = case.awaiting_since or step.now
    set_down(step, awaiting_since=since)
    reasons = sorted({each.against[0] for each in found})
    step.note("no officer: " + (", ".join(reasons) or "no office of the provider"))
    for code in offices:
        step.put("awaiting", case.key, Awaiting(since), office_subject(code))
    if not offices:
        wait_in_unit(step)
    if "burst" in reasons:
        step.deadline(TRY_AGAIN, "", next_local_midnight(step.now))


def wait_in_unit(step: Step) -> None:
    """Wait until an office of the unit is registered."""
    case = case_of(step)
    unit_code = unit_of(case)
    if unit_code is not None:
        unit = unit_subject(unit_code)
        known = step.state(unit).awaiting.get(case.key)
        step.put("awaiting", case.key, known or Awaiting(case.awaiting_since or step.now), unit)


def _assign(
    step: Step,
    offices: tuple[str, ...],
    chosen: Candidate,
    rejected: tuple[RejectedOfficer, ...],
    rules: tuple[RuleApplied, ...],
    overrides: tuple[str, ...],
) -> None:
    if case_of(step).officer is not None:
        release(step)
    case = case_of(step)
    before = case.last_officer if case.officers else ""
    points = chosen.alike.weight
    office = office_subject(chosen.office)
    load = workload.load_of(step.state(office), chosen.code)
    new = workload.new_on(load, step.today)
    given = Load(load.points + points, load.cases + 1, max(step.today, load.day or step.today), new + 1)
    overload.set_load(step, office, chosen.code, given)
    step.tally(officer_tally(chosen.code), case.key, "", +1)
    competencies = step.state(office).officers[chosen.code].competencies
    held = Holding(chosen.code, chosen.office, chosen.grade, points, step.today, competencies, overrides)
    officers = case.officers if chosen.code in case.officers else (*case.officers, chosen.code)
    set_down(
        step,
        officer=held,
        officers=officers,
        last_officer=chosen.code,
        awaiting_since=None,
        left_by="",
        provided_on=case.provided_on or step.today,
    )
    _stop_waiting(step, offices)
    weight = workload.weight_of(case, step.policy, points)
    told: dict[str, Any] = {
        "officer_code": chosen.code,
        "office_code": chosen.office,
        "grade": chosen.grade,
        "assigned_on": step.today,
        "capacity_percent": chosen.capacity,
        "rejected": rejected,
        "because": step.because(*rules, *weight),
    }
    if before:
        step.emit(OfficerChanged(**told, from_officer_code=before, officer_count=len(officers)))
    else:
        step.emit(OfficerAssigned(**told))


def _stop_waiting(step: Step, offices: tuple[str, ...]) -> None:
    for code in offices:
        step.drop("awaiting", step.owner.key, office_subject(code))
    step.deadline(TRY_AGAIN, "", None)


def release(step: Step) -> None:
    """Take the case off its officer's load; who waits at that office may have the room."""
    case = case_of(step)
    held = case.officer
    if held is None:
        return
    office = office_subject(held.office)
    load = workload.load_of(step.state(office), held.code)
    left = replace(load, points=load.points - held.points, cases=load.cases - 1)
    if left.cases == 0 and held.code not in step.state(office).officers:
        step.drop("loads", held.code, office)
    else:
        overload.set_load(step, office, held.code, left)
    step.tally(officer_tally(held.code), case.key, "", -1)
    set_down(step, officer=None)
    for absence_id in sorted(case.away):
        step.drop("away", absence_id)
    wake(step, office)


def reweigh(step: Step) -> None:
    """The case weighs more or less than when it was given: its officer's points follow."""
    case = case_of(step)
    if case.officer is None:
        return
    points = workload.points_now(step)
    if points == case.officer.points:
        return
    office = office_subject(case.officer.office)
    load = workload.load_of(step.state(office), case.officer.code)
    overload.set_load(step, office, case.officer.code, replace(load, points=load.points - case.officer.points + points))
    if points < case.officer.points:
        wake(step, office)
    set_down(step, officer=replace(case.officer, points=points))


def try_tomorrow(step: Step) -> None:
    """What a waiting case asks of an officer may have changed: it tries again at the next local midnight."""
    case = case_of(step)
    if case.holder is not None and case.officer is None and case.awaiting_since is not None:
        step.deadline(TRY_AGAIN, "", next_local_midnight(step.now))
