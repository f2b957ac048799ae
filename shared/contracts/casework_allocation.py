"""Case management, on allocation: forms, scores, checks, escalations, transfers, assignment, the hub."""

from typing import Literal

from shared.contracts.payload import Part, Payload, event
from shared.contracts.scalars import Code, Day, Id, Instant, Percent
from shared.contracts.values import EscalationDirection, EscalationOutcome, Grade, ProviderKind, Rosh

KnownOrNot = Literal["none", "history", "current", "not-known"]
CheckKind = Literal["domestic-abuse", "child"]
HubDirection = Literal["to-hub", "to-lmc"]


class PriorOfConcern(Part):
    """A prior matter of concern, and whether it was explored."""

    code: Literal["domestic-abuse", "sexual", "child", "weapons", "arson", "stalking", "violence"]
    explored: bool


@event("casework.allocation-form.submitted", readers="ARE")
class AllocationFormSubmitted(Payload):
    """The allocation form, whole. A later form replaces it: its answers clear concerns."""

    form_id: Id
    order_id: Id
    rsr_percent: Percent | None = None
    rsr_calculated_on: Day | None = None
    rosh_level: Rosh | None = None
    rosh_screened_on: Day | None = None
    full_analysis: Literal["required", "not-required", "completed"]
    full_analysis_on: Day | None = None
    mappa_level: Literal["none", "1", "2", "3", "not-known"]
    deportation_liable: bool
    deferred_sentence: bool
    public_interest: bool
    not_known: tuple[
        Literal[
            "rosh-level",
            "rosh-screening",
            "full-analysis",
            "mappa",
            "domestic-abuse",
            "child-safeguarding",
            "priors",
            "accommodation",
            "mental-health",
            "substance-misuse",
            "diversity",
        ],
        ...,
    ]
    priors_of_concern: tuple[PriorOfConcern, ...]
    domestic_abuse: KnownOrNot
    child_safeguarding: KnownOrNot
    risk_review_on: Day | None = None


@event("casework.risk-score.calculated", readers="A")
class RiskScoreCalculated(Payload):
    """A score of the risk of reoffending, or why none is required. RSR is due before any form."""

    kind: Literal["rsr", "ogrs2"]
    percent: Percent | None = None
    calculated_on: Day
    not_required_reason: Literal["already-nps", "exempt-offence"] | None = None


class _SafeguardingCheck(Payload):
    check_id: Id
    kind: CheckKind
    requested_on: Day


@event("casework.safeguarding-check.requested", readers="AE")
class SafeguardingCheckRequested(_SafeguardingCheck):
    """A check with the police or children's services has been asked for."""


@event("casework.safeguarding-check.returned", readers="AE")
class SafeguardingCheckReturned(_SafeguardingCheck):
    """A check has come back."""

    returned_on: Day
    result: Literal["nothing-held", "information-held"]


@event("casework.risk-escalation.requested", readers="AM")
class RiskEscalationRequested(Payload):
    """An escalation has been asked for, by an officer or as the echo of the service's own request."""

    escalation_id: Id
    direction: EscalationDirection
    from_: Rosh
    to: Rosh
    requested_at: Instant


@event("casework.risk-escalation.considered", readers="A")
class RiskEscalationConsidered(Payload):
    """Considered, and not escalated, for this reason."""

    considered_at: Instant
    by_grade: Grade
    reason_code: Literal["risk-managed", "information-wrong", "already-reviewed"]


@event("casework.risk-escalation.decided", readers="AM")
class RiskEscalationDecided(Payload):
    """The NPS has answered an escalation."""

    escalation_id: Id
    outcome: EscalationOutcome
    first_contact_at: Instant | None = None
    decided_at: Instant


@event("casework.transfer.agreed", readers="A")
class TransferAgreed(Payload):
    """The providers have agreed that a case moves. A wrong allocation is corrected, not escalated."""

    transfer_id: Id
    reason: Literal["wrong-allocation", "moved-area"]
    to_provider_code: Code
    to_provider_kind: ProviderKind
    to_office_code: Code | None = None
    agreed_on: Day


@event("casework.assignment.directed", readers="A")
class AssignmentDirected(Payload):
    """A manager has chosen the officer, with the overrides on the record."""

    direction_id: Id
    officer_code: Code
    overrides: tuple[Literal["grade", "competence", "capacity", "continuity"], ...]
    reason_code: Literal["continuity", "specialism", "conflict", "step-down", "step-up"]
    by_grade: Grade
    directed_on: Day


@event("casework.cover.arranged", readers="A")
class CoverArranged(Payload):
    """Another officer covers this one case."""

    officer_code: Code
    cover_officer_code: Code
    from_: Day
    until: Day | None = None


@event("casework.officer-handover.acknowledged", readers="AE")
class OfficerHandoverAcknowledged(Payload):
    """The new officer has acknowledged the hand-over of the case."""

    officer_code: Code
    acknowledged_on: Day


@event("casework.hub-transfer.requested", readers="A")
class HubTransferRequested(Payload):
    """A move to or from the central hub has been asked for and decided."""

    transfer_id: Id
    direction: HubDirection
    requested_on: Day
    by_grade: Grade
    officer_told_on: Day | None = None
    decision: Literal["proceed", "keep"]
    exceptional_reason: Literal["none-needed", "risk", "vulnerability", "continuity"] | None = None


@event("casework.hub-transfer.completed", readers="A")
class HubTransferCompleted(Payload):
    """The case has moved, gated or not."""

    transfer_id: Id
    direction: HubDirection
    moved_on: Day
    officer_told_on: Day | None = None
