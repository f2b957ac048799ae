"""Copied plans: a plan whose text is an earlier plan's, or nearly, until someone has looked at it.

Source: 17-11 (plans cut and pasted). Similarity is 1 − differing bits / 64 of the texts' fingerprints.
"""

from decimal import Decimal

from services.resettlement.domain.case import Case, Cleared, Plan, case_of
from shared.contracts.casework import OversightRecorded
from shared.domain.condition import Condition, Held
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.statement import put_latest
from shared.domain.step import Step

COPIED = "plan-copied"
"""Parameter and code: the similarity above which a plan counts as copied."""

BITS = 64


def take_oversight(step: Step, fact: Fact, oversight: OversightRecorded) -> Outcome | None:
    """Oversight of copied work names the records that it has looked at."""
    if oversight.trigger != "copied-work":
        return ignored("not-about-copied-work")
    return put_latest(step, "cleared_copies", oversight.oversight_id, Cleared(oversight.trigger_event_ids, fact.at))


def similarity(one: str, other: str) -> Decimal:
    """How alike two texts are, from their 64-bit fingerprints in hex: 1 for the same, 0 for opposite bits."""
    return 1 - Decimal((int(one, 16) ^ int(other, 16)).bit_count()) / BITS


def _copied(step: Step, plan_id: str) -> Held | None:
    case = case_of(step)
    plan = case.plans[plan_id]
    above = step.value(COPIED, plan.on).decimal
    for earlier_id, earlier in sorted(case.plans.items(), key=lambda item: (item[1].on, item[0])):
        if (earlier.on, earlier_id) >= (plan.on, plan_id):
            return None
        if _alike(plan, earlier, above) and not _looked_at(case, plan_id):
            return Held((plan_id, earlier_id), plan.on, inputs={"earlier": earlier_id})
    return None


def _alike(plan: Plan, earlier: Plan, above: Decimal) -> bool:
    if plan.text_hash and plan.text_hash == earlier.text_hash:
        return True
    return bool(plan.simhash and earlier.simhash) and similarity(plan.simhash, earlier.simhash) > above


def _looked_at(case: Case, plan_id: str) -> bool:
    reviewed = any(plan_id in review.reviewed for review in case.reviews.values())
    return reviewed or any(plan_id in looked_at.records for looked_at in case.cleared_copies.values())


PLAN_COPIED = Condition(
    code=COPIED,
    reads=frozenset({"plans", "reviews", "cleared_copies"}),
    refs=lambda case: case.plans if len(case.plans) > 1 else (),
    holds=_copied,
    owner="spo",
)
