"""What has been delivered of an order's requirements: activity days credited, requirements ended."""

from datetime import date

from services.allocation.domain.case import Case, case_of
from services.allocation.domain.ledgers import Credit, is_withdrawn, keep_latest
from services.allocation.domain.orders import open_orders
from shared.contracts.casework import RarDayCredited, RequirementEnded
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.statement import Dated, put_latest
from shared.domain.step import Step

TO_BE_COMPLETED = frozenset(("rehabilitation-activity", "accredited-programme"))
"""Requirements that are complete before a case goes to the hub."""
REMEMBER_CREDITS = 6
"""Credits that are kept, the latest ones; of older ones only their days.

Rules ask for the days of each requirement, and for the day on which they were complete: where older credits alone are
enough, that was before all that is kept. What is stated again or withdrawn finds its credit among these or not at all.
"""


def take_credit(step: Step, fact: Fact, stated: RarDayCredited) -> Outcome | None:
    """Days of rehabilitation activity."""
    if is_withdrawn(step, "credit", stated.credit_id):
        return ignored("record-withdrawn")
    row = Credit(stated.requirement_id, stated.activity_on, stated.days, fact.at)
    outcome = put_latest(step, "credits", stated.credit_id, row)
    fold(step)
    return outcome


def fold(step: Step) -> None:
    """Let all but the latest credits go; of those that go, the days stay."""
    for _, old in keep_latest(step, "credits", REMEMBER_CREDITS):
        before = case_of(step).days_folded.get(old.requirement, 0)
        step.put("days_folded", old.requirement, before + old.days)


def take_requirement_end(step: Step, fact: Fact, stated: RequirementEnded) -> Outcome | None:
    """A requirement has ended, with whatever outcome: nothing more is to be done for it."""
    if stated.kind not in TO_BE_COMPLETED:
        return ignored("no-rule-reads-such-requirements")
    return put_latest(step, "requirements_ended", stated.requirement_id, Dated(stated.ended_on, fact.at))


def completed_on(case: Case, by: date) -> date | None:
    """When the last activity requirement and programme of the orders made by a day was complete; None: one is not.

    The date of sentence where there is none to complete.
    """
    dates: list[date] = []
    for _, order in open_orders(case):
        if order.sentenced_on is None or order.sentenced_on > by:
            continue
        dates.append(order.sentenced_on)
        days = dict(order.activity_days)
        for requirement, kind in order.requirements:
            if kind not in TO_BE_COMPLETED:
                continue
            ended = case.requirements_ended.get(requirement)
            on = ended.on if ended is not None else _days_done_on(case, requirement, days.get(requirement))
            if on is None:
                return None
            dates.append(on)
    return max(dates, default=None)


def _days_done_on(case: Case, requirement: str, days: int | None) -> date | None:
    if days is None:
        return None
    done = case.days_folded.get(requirement, 0)
    if done >= days:
        return date.min
    for credit in sorted(case.credits.values(), key=lambda each: each.on):
        if credit.requirement != requirement:
            continue
        done += credit.days
        if done >= days:
            return credit.on
    return None
