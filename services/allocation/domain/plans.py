"""Plans and their main parts: what is to be done in a case, and whether that is done."""

from datetime import date

from services.allocation.domain.case import Case
from services.allocation.domain.ledgers import PartClosed, Plan, is_withdrawn, keep_latest
from shared.contracts.casework import PlanCompleted, PlanItemClosed
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.statement import put_latest
from shared.domain.step import Step

OF_SUPERVISION = frozenset(("sentence", "release"))
REMEMBER_PLANS, REMEMBER_PARTS = 2, 12
"""Plans, and parts closed, that are kept, the latest ones."""


def take_plan(step: Step, fact: Fact, stated: PlanCompleted) -> Outcome | None:
    """A sentence or release plan; resettlement and risk-management plans have no parts that count here."""
    if stated.kind not in OF_SUPERVISION:
        return ignored("no-plan-of-supervision")
    if is_withdrawn(step, "plan", stated.plan_id):
        return ignored("record-withdrawn")
    main = tuple(sorted(item.item_id for item in stated.items if item.main))
    outcome = put_latest(step, "plans", stated.plan_id, Plan(stated.completed_on, main, fact.at))
    keep_latest(step, "plans", REMEMBER_PLANS)
    return outcome


def take_part_closed(step: Step, fact: Fact, stated: PlanItemClosed) -> Outcome | None:
    """A part of a plan is done or withdrawn."""
    row = PartClosed(stated.closed_on, stated.outcome == "completed", fact.at)
    outcome = put_latest(step, "parts_closed", _part(stated.plan_id, stated.item_id), row)
    keep_latest(step, "parts_closed", REMEMBER_PARTS)
    return outcome


def _part(plan_id: str, item_id: str) -> str:
    return f"{plan_id}|{item_id}"


def main_parts_done_on(case: Case) -> date | None:
    """When the last main part of the latest plan was closed; None while one is open or none has been completed."""
    if not case.plans:
        return None
    plan_id, plan = max(case.plans.items(), key=lambda item: (item[1].on, item[0]))
    closed = [case.parts_closed.get(_part(plan_id, item_id)) for item_id in plan.main]
    done = [part for part in closed if part is not None]
    if len(done) < len(closed) or not any(part.completed for part in done):
        return None
    return max(part.on for part in done)
