"""Too much for one officer: points above what they have available, too many cases, too many new ones in a day.

A case's decision changes its officer's load; only where that crosses a limit is the office asked to look, by a
deadline of its own at that same instant, so that the concern is the office's and costs nothing below the limits.
Source: HMI Probation, Suffolk 2017, lines 349 and 495; South Yorkshire 2017, line 418.
"""

from datetime import date
from typing import NamedTuple

from services.allocation.domain import workload
from services.allocation.domain.office import Load, Office
from shared.domain.business_days import next_local_midnight
from shared.domain.condition import Condition, Held
from shared.domain.fact import Subject
from shared.domain.policy import Policy, Value
from shared.domain.state import Severity
from shared.domain.step import Step

OVERLOADED, BURST = "officer-overloaded", "assignment-burst"
OVER, FAR_OVER, MANY_CASES = "workload.overload", "workload.overload-severe", "workload.caseload-limit"


class Signs(NamedTuple):
    """Which limits an officer's load is above: of points, of cases, of new cases on a day."""

    points: Severity | None
    cases: bool
    burst: bool


def signs(office: Office, officer: str, load: Load, policy: Policy, on: date) -> Signs:
    """The limits, by the policy of a day, that a load of an officer is above on it."""
    terms = office.officers.get(officer)
    if terms is None or not load.points:
        return Signs(None, cases=False, burst=False)
    available = workload.points_available(terms, policy.at("workload.points-by-grade", on).table)
    points: Severity | None = None
    if workload.is_over(load.points, available, policy.at(OVER, on).decimal):
        far = workload.is_over(load.points, available, policy.at(FAR_OVER, on).decimal)
        points = "serious" if far else "warning"
    centre = office.provider is not None and office.provider.kind == "lmc"
    return Signs(
        points,
        cases=centre and load.cases > policy.at(MANY_CASES, on).number,
        burst=workload.new_on(load, on) > policy.at(BURST, on).number,
    )


def set_load(step: Step, office: Subject, officer: str, load: Load) -> None:
    """An officer holds another load; the office looks where that crosses a limit, either way."""
    row: Office = step.state(office)
    before = signs(row, officer, workload.load_of(row, officer), step.policy, step.today)
    after = signs(row, officer, load, step.policy, step.today)
    step.put("loads", officer, load, office)
    if step.owner == office:
        return
    if (before.points, before.cases) != (after.points, after.cases):
        step.deadline(OVERLOADED, officer, step.now, office)
    if before.burst != after.burst:
        step.deadline(BURST, officer, step.now, office)


def _overloaded(step: Step, officer: str) -> Held | None:
    office: Office = step.case
    load = workload.load_of(office, officer)
    found = signs(office, officer, load, step.policy, step.today)
    if found.points is None and not found.cases:
        return None
    by_grade = step.value("workload.points-by-grade", step.today).table
    available = workload.points_available(office.officers[officer], by_grade)
    inputs = {
        "points": f"{load.points:f}",
        "capacity": f"{workload.capacity(load.points, available):f}",
        "cases": str(load.cases),
    }
    limit = MANY_CASES if found.points is None else FAR_OVER if found.points == "serious" else OVER
    return Held((), step.today, found.points or "warning", inputs=inputs, parameter=limit)


def _burst(step: Step, officer: str) -> Held | None:
    office: Office = step.case
    load = workload.load_of(office, officer)
    limit: Value = step.value(BURST, step.today)
    new = workload.new_on(load, step.today)
    if new <= limit.number:
        return None
    return Held((), step.today, until=next_local_midnight(step.now), inputs={"new": str(new)})


OFFICER_OVERLOADED = Condition(
    code=OVERLOADED,
    reads=frozenset(("loads", "officers", "provider")),
    refs=lambda office: office.loads,
    holds=_overloaded,
    parameter=OVER,
    owner="lmc-manager",
    about="officer",
)
ASSIGNMENT_BURST = Condition(
    code=BURST,
    reads=frozenset(("loads", "officers")),
    refs=lambda office: office.loads,
    holds=_burst,
    owner="lmc-manager",
    about="officer",
)
