"""Case management, on planning: assessments, plans, reviews and management oversight."""

from typing import Literal

from shared.contracts.payload import Part, Payload, event
from shared.contracts.scalars import Code, Count, Day, Id, Percent
from shared.contracts.values import Copy, Grade, Rosh, Service

Restriction = Literal["no-unsupervised-childcare", "no-child-contact", "no-victim-contact", "residence", "exclusion"]
ReviewPurpose = Literal["routine", "change", "risk-review", "post-release", "hub-gate", "step-down"]
OversightTrigger = Literal[
    "acceptable-absences",
    "risk",
    "child-protection",
    "step-down",
    "enforcement",
    "retrospective-judgement",
    "copied-work",
    "other",
]


@event("casework.assessment.completed", readers="AREM")
class AssessmentCompleted(Payload):
    """An assessment has been completed; its stage gives the band's status."""

    assessment_id: Id
    tool: Literal[
        "justice-star",
        "oasys-1",
        "oasys-3",
        "rosh-screening",
        "rosh-full-analysis",
        "custody-screening-2",
        "other",
    ]
    stage: Literal["intake", "induction", "review"]
    completed_on: Day
    officer_code: Code | None = None
    ogrs2_percent: Percent | None = None
    motivation: Literal["low", "high"] | None = None
    rosh_level: Rosh | None = None
    needs: tuple[Service, ...]
    person_involved: bool
    copy_: Copy


class PlanItem(Part):
    """A part of a plan: the service that meets the need, and whether it needs a referral."""

    item_id: Id
    service: Service
    main: bool
    referral_needed: bool
    requirement_id: Id | None = None


@event("casework.plan.completed", readers="AREM")
class PlanCompleted(Payload):
    """A plan has been completed."""

    plan_id: Id
    order_ids: tuple[Id, ...]
    kind: Literal["sentence", "resettlement", "release", "risk-management"]
    completed_on: Day
    officer_code: Code | None = None
    objective_count: Count
    person_involved: bool
    contingency: bool
    review_triggers: bool
    rar_days_planned: Count | None = None
    restrictions: tuple[Restriction, ...]
    items: tuple[PlanItem, ...]
    copy_: Copy


@event("casework.plan-item.closed", readers="AE")
class PlanItemClosed(Payload):
    """A part of a plan is done or withdrawn."""

    plan_id: Id
    item_id: Id
    closed_on: Day
    outcome: Literal["completed", "withdrawn"]


@event("casework.review.completed", readers="AREM")
class ReviewCompleted(Payload):
    """A review has been completed: what set it off, what was reviewed, whether the plan changed."""

    review_id: Id
    purposes: tuple[ReviewPurpose, ...]
    trigger_event_ids: tuple[Id, ...]
    reviewed_ids: tuple[Id, ...]
    """Plans, assessments and reviews."""
    completed_on: Day
    officer_code: Code | None = None
    plan_changed: bool
    no_change_reason: Literal["plan-adequate", "risk-lower", "awaiting-information"] | None = None
    person_involved: bool
    copy_: Copy


class OversightAction(Part):
    """Something that oversight asked for, by a date."""

    action_id: Id
    due_on: Day


@event("casework.oversight.recorded", readers="ARE")
class OversightRecorded(Payload):
    """A manager has overseen the case."""

    oversight_id: Id
    trigger: OversightTrigger
    trigger_event_ids: tuple[Id, ...]
    decision: Literal["agreed", "keep", "change", "no-action"]
    by_grade: Grade
    recorded_on: Day
    actions: tuple[OversightAction, ...]


@event("casework.oversight-action.closed", readers="E")
class OversightActionClosed(Payload):
    """An action of oversight is done or withdrawn."""

    oversight_id: Id
    action_id: Id
    closed_on: Day
    outcome: Literal["done", "withdrawn"]
