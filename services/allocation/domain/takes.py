"""Which concept takes which fact of a case, and how far its consequences may reach.

Facts that may decide or change who holds a case need its unit and the unit's offices; those that only change what it
weighs, its officer's office; all others, the case alone.
"""

from collections.abc import Mapping
from typing import Any

from services.allocation.domain import (
    assignment,
    checks,
    custody,
    escalation,
    form,
    mismatch,
    orders,
    records,
    risk,
    route,
    transfer,
)
from services.allocation.domain.office import REASSIGN, RESTATE, TRY_AGAIN
from shared.contracts.casework import (
    AllocationFormSubmitted,
    AssessmentCompleted,
    AssignmentDirected,
    BreachPackSubmitted,
    HubTransferCompleted,
    NeedsRecorded,
    OrderEnded,
    PersonLinked,
    RecordWithdrawn,
    RegistrationAdded,
    RegistrationRemoved,
    ReviewCompleted,
    RiskChanged,
    RiskEscalationDecided,
    RiskEscalationRequested,
    RiskScoreCalculated,
    SafeguardingCheckRequested,
    SafeguardingCheckReturned,
    TransferAgreed,
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
    HubTransferCompleted: route.take_move,
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
    SafeguardingCheckRequested: checks.take_check,
    SafeguardingCheckReturned: checks.take_check,
    ReviewCompleted: form.take_review,
}
"""Facts that change nothing but the case."""

PLACING_DATES: Mapping[str, Take] = {
    TRY_AGAIN: lambda _step, _fact, _passed: None,
    REASSIGN: assignment.take_leaving,
    custody.TWELVE_WEEKS: lambda _step, _fact, _passed: None,
}
"""Dates reached that may change who holds a case."""

NOTED_DATES: Mapping[str, Take] = {RESTATE: mismatch.take_officers_terms}
"""Dates reached that change what the case knows of its officer."""
