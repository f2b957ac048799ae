"""Which concept takes which fact of a case, and how far its consequences may reach.

Facts that may decide or change who holds a case need its unit and the unit's offices; those that only change what it
weighs, its officer's office; all others, the case alone.
"""

from collections.abc import Mapping
from typing import Any

from services.allocation.domain import (
    assignment,
    checks,
    compliance,
    contact,
    cover,
    custody,
    delivery,
    escalation,
    form,
    handover,
    hub_transfer,
    mismatch,
    orders,
    plans,
    records,
    risk,
    signals,
    step_down,
    transfer,
)
from services.allocation.domain.office import FOLLOW_OFFICE, REASSIGN, RESTATE, TRY_AGAIN
from shared.contracts.casework import (
    AllocationFormSubmitted,
    AppointmentAttended,
    AppointmentMissed,
    AssessmentCompleted,
    AssignmentDirected,
    BreachPackSubmitted,
    CircumstancesChanged,
    ContactAttempted,
    CoverArranged,
    HubTransferCompleted,
    HubTransferRequested,
    NeedsRecorded,
    OfficerHandoverAcknowledged,
    OrderEnded,
    OversightRecorded,
    PersonLinked,
    PlanCompleted,
    PlanItemClosed,
    PoliceCallOutReported,
    RarDayCredited,
    RecordWithdrawn,
    RegistrationAdded,
    RegistrationRemoved,
    RequirementEnded,
    ReviewCompleted,
    RiskChanged,
    RiskEscalationConsidered,
    RiskEscalationDecided,
    RiskEscalationRequested,
    RiskScoreCalculated,
    SafeguardingCheckRequested,
    SafeguardingCheckReturned,
    TransferAgreed,
    WarningSent,
    WarningWithdrawn,
)
from shared.contracts.court import HearingConcluded, OrderVaried, ReportWrittenUp, SentenceRecorded
from shared.contracts.prison import PrisonerMerged, PrisonerReceived, PrisonerReleased, ReleaseDue
from shared.domain import prisoner
from shared.domain.rulebook import Take

PLACING: Mapping[type[Any], Take] = {
    SentenceRecorded: orders.take_sentence,
    AllocationFormSubmitted: risk.take_form,
    TransferAgreed: transfer.take_transfer,
    RiskEscalationRequested: escalation.take_request,
    RiskEscalationDecided: escalation.take_decision,
    AssignmentDirected: assignment.take_direction,
    HubTransferCompleted: hub_transfer.take_move,
    PersonLinked: custody.take_link,
    PrisonerMerged: prisoner.take_merger,
    PrisonerReleased: custody.take_released,
    ReleaseDue: custody.take_release_date,
}
"""Facts that may decide or change who holds a case."""

WEIGHING: Mapping[type[Any], Take] = {
    OrderEnded: orders.take_end,
    OrderVaried: orders.take_variation,
    RiskScoreCalculated: risk.take_score,
    AssessmentCompleted: risk.take_assessment,
    RiskChanged: risk.take_risk_change,
    RegistrationAdded: risk.take_registration,
    RegistrationRemoved: risk.take_registration,
    RecordWithdrawn: records.take_withdrawal,
    NeedsRecorded: risk.take_needs,
    HearingConcluded: risk.take_significant_event,
    BreachPackSubmitted: risk.take_significant_event,
}
"""Facts that change what a case weighs or asks of its officer, or complete a file that waits."""

NOTED: Mapping[type[Any], Take] = {
    ReportWrittenUp: orders.take_writing_up,
    PrisonerReceived: custody.take_received,
    AppointmentAttended: contact.take_attended,
    AppointmentMissed: contact.take_missed,
    ContactAttempted: contact.take_attempt,
    PlanCompleted: plans.take_plan,
    PlanItemClosed: plans.take_part_closed,
    WarningSent: compliance.take_warning,
    WarningWithdrawn: compliance.take_warning_back,
    OversightRecorded: step_down.take_oversight,
    PoliceCallOutReported: signals.take_call_out,
    CircumstancesChanged: signals.take_change,
    RiskEscalationConsidered: signals.take_considered,
    RarDayCredited: delivery.take_credit,
    RequirementEnded: delivery.take_requirement_end,
    HubTransferRequested: hub_transfer.take_request,
    OfficerHandoverAcknowledged: handover.take_acknowledgement,
    CoverArranged: cover.take_cover,
    SafeguardingCheckRequested: checks.take_check,
    SafeguardingCheckReturned: checks.take_check,
    ReviewCompleted: form.take_review,
}
"""Facts that change nothing but the case."""

PLACING_DATES: Mapping[str, Take] = {
    TRY_AGAIN: lambda _step, _fact, _passed: None,
    REASSIGN: assignment.take_leaving,
    FOLLOW_OFFICE: lambda _step, _fact, _passed: None,
    custody.TWELVE_WEEKS: lambda _step, _fact, _passed: None,
}
"""Dates reached that may change who holds a case."""

NOTED_DATES: Mapping[str, Take] = {
    RESTATE: mismatch.take_officers_terms,
    cover.ABSENCE_TOLD: cover.hear_of_absence,
}
"""Dates reached that change what the case knows of its officer; they need its officer's office."""
