"""Screening and resettlement plan: the prison screens within 72 hours of reception, the provider then plans.

Source: Through the Gate guidance (screening 1, secondary); 002:424 and the contract's SL019 for the plan (default).
"""

from collections.abc import Iterator
from datetime import date, datetime

from services.resettlement.domain.case import Case, Plan, Screening, case_of, duty_id
from services.resettlement.domain.custody import episode_on, open_episodes
from shared.contracts.casework import PlanCompleted as CaseworkPlan
from shared.contracts.prison import ResettlementScreeningCompleted
from shared.contracts.resettlement import PlanCompleted, PlanDue
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome
from shared.domain.duty import Clock, Done, Duty, Moment
from shared.domain.fact import Fact
from shared.domain.policy import RuleApplied
from shared.domain.state import DutyState
from shared.domain.statement import put_latest
from shared.domain.step import Step

PLAN = "resettlement-plan-overdue"


def take_screening(step: Step, fact: Fact, screened: ResettlementScreeningCompleted) -> Outcome | None:
    """The basic custody screening has been done."""
    needs_home = "accommodation" in screened.needs
    row = Screening(screened.completed_at, screened.resettlement_provider_code, fact.at, needs_home)
    return put_latest(step, "screenings", screened.screening_id, row)


def take_plan(step: Step, fact: Fact, plan: CaseworkPlan) -> Outcome | None:
    """A plan of any kind, with its fingerprint."""
    row = Plan(plan.kind, plan.completed_on, fact.at, plan.copy_.text_hash, plan.copy_.text_simhash or "")
    return put_latest(step, "plans", plan.plan_id, row)


def _reception_clocks(case: Case) -> Iterator[Clock]:
    """From reception, or from the end of the day of sentence where that came later."""
    for ref, episode in open_episodes(case):
        start: date | datetime = episode.entered_at
        if episode.sentenced_on is not None and episode.sentenced_on > local_date(episode.entered_at):
            start = episode.sentenced_on
        yield Clock(ref, start, episode.order_id, (episode.fact_id,))


def _screened(case: Case, clock: Clock) -> Done | None:
    entered_at = case.episodes[clock.ref].entered_at
    found = [
        (row.completed_at, screening_id)
        for screening_id, row in case.screenings.items()
        if row.completed_at >= entered_at
    ]
    if not found:
        return None
    at, screening_id = min(found)
    return Done(local_date(at), at, (screening_id,))


def _screening_clocks(case: Case) -> Iterator[Clock]:
    for _, episode in open_episodes(case):
        for screening_id, row in case.screenings.items():
            if row.completed_at >= episode.entered_at:
                yield Clock(screening_id, local_date(row.completed_at), episode.order_id, (screening_id,))


def _planned(case: Case, clock: Clock) -> Done | None:
    """The first resettlement plan of the stay that the screening was made in."""
    stay = episode_on(case, clock.started_on)
    since = local_date(stay[1].entered_at) if stay is not None else clock.started_on
    found = [(row.on, plan_id) for plan_id, row in case.plans.items() if row.kind == "resettlement" and row.on >= since]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def _tell_plan(step: Step, moment: Moment, clock: Clock, state: DutyState, rule: RuleApplied) -> None:
    case = case_of(step)
    screening = case.screenings.get(clock.ref)
    if screening is None or state.due is None:
        return
    named = {
        "duty_id": duty_id(case.key, PLAN, clock.ref),
        "screened_at": screening.completed_at,
        "due_at": state.due,
        "resettlement_provider_code": screening.provider,
    }
    done = _planned(case, clock)
    if moment in ("opened", "retimed", "reopened"):
        step.emit(PlanDue.model_validate({**named, "because": step.because(rule)}))
    elif done is not None and moment in ("met", "missed", "cleared"):
        settled = {"plan_id": done.evidence[0], "completed_on": done.on, "met": moment == "met"}
        step.emit(PlanCompleted.model_validate({**named, **settled, "because": step.because(rule)}))


SCREENING_OVERDUE = Duty(
    code="screening-overdue",
    reads=frozenset({"episodes", "screenings"}),
    clocks=_reception_clocks,
    done=_screened,
    owner="prison",
)

PLAN_OVERDUE = Duty(
    code=PLAN,
    reads=frozenset({"episodes", "screenings", "plans"}),
    clocks=_screening_clocks,
    done=_planned,
    owner="through-the-gate-provider",
    tells=_tell_plan,
)
