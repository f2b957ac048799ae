"""Which concept takes which fact of allocation, and which aggregates it needs.

Facts that may decide or change who holds a case need its unit and the unit's offices; those that only change what it
weighs, its officer's office; all others, the case alone.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.allocation.domain import (
    allocation_file,
    assignment,
    band,
    closing,
    custody,
    escalation,
    office,
    orders,
    risk,
    route,
    transfer,
    unassigned,
)
from services.allocation.domain.case import CASE, Case, case_of
from services.allocation.domain.office import (
    OFFICE,
    OFFICER_LEFT,
    REASSIGN,
    TRY_AGAIN,
    TRY_AWAITING,
    UNIT,
    Unit,
    office_subject,
    unit_subject,
)
from services.allocation.domain.provider import offices_that_hold_cases
from shared.contracts.casework import (
    AllocationFormSubmitted,
    AssessmentCompleted,
    AssignmentDirected,
    BreachPackSubmitted,
    ConcernAnswered,
    HubTransferCompleted,
    NeedsRecorded,
    OrderEnded,
    PersonLinked,
    RecordWithdrawn,
    RegistrationAdded,
    RegistrationRemoved,
    RiskChanged,
    RiskEscalationDecided,
    RiskEscalationRequested,
    RiskScoreCalculated,
    TransferAgreed,
)
from shared.contracts.court import HearingConcluded, OrderVaried, ReportWrittenUp, SentenceRecorded
from shared.contracts.payload import OfficePayload
from shared.contracts.prison import PrisonerMerged, PrisonerReceived, PrisonerReleased, ReleaseDue
from shared.contracts.workforce import (
    OfficerAbsenceEnded,
    OfficerAbsenceStarted,
    OfficerChanged,
    OfficeRegistered,
    OfficerLeft,
    OfficerRegistered,
)
from shared.domain import prisoner, rulebook
from shared.domain.decision import Decision, Outcome, Rows
from shared.domain.fact import Fact, Passed, Subject
from shared.domain.policy import Policy
from shared.domain.rulebook import Rulebook, Take
from shared.domain.step import Step

PUBLISHER = "allocation"

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
    RecordWithdrawn: risk.take_withdrawal,
    NeedsRecorded: risk.take_needs,
    HearingConcluded: risk.take_significant_event,
    BreachPackSubmitted: risk.take_significant_event,
}
"""Facts that change what a case weighs or asks of its officer, or complete a file that waits."""

NOTED: Mapping[type[Any], Take] = {
    ReportWrittenUp: orders.take_writing_up,
    PrisonerReceived: custody.take_received,
}
"""Facts that change nothing but the case."""

PLACING_DATES: Mapping[str, Take] = {
    TRY_AGAIN: lambda _step, _fact, _passed: None,
    REASSIGN: assignment.take_leaving,
    custody.TWELVE_WEEKS: lambda _step, _fact, _passed: None,
}
"""Dates reached that may change who holds a case."""


def subjects(fact: Fact, rows: Rows) -> tuple[Subject, ...]:
    """The aggregates that a fact needs, as far as the rows loaded tell; the first is its own."""
    if isinstance(fact.payload, OfficePayload):
        served = fact.payload.local_delivery_units if isinstance(fact.payload, OfficeRegistered) else ()
        return (office_subject(fact.payload.office_code), *(unit_subject(code) for code in served))
    prisoners = prisoner.prisoners_of(fact, rows)
    own = _owner(fact, rows)
    if own.kind != CASE:
        return prisoners or (own,)
    first = prisoners if fact.topic == prisoner.PRISON else (own, *prisoners)
    case: Case | None = rows.get(CASE, own.key)
    return tuple(dict.fromkeys((*first, own, *(_around(case, fact, rows) if case is not None else ()))))


def _owner(fact: Fact, rows: Rows) -> Subject:
    """The aggregate that decides: the case; of a prison fact that nobody has linked, the prisoner."""
    if isinstance(fact.payload, Passed):
        return fact.payload.subject
    if isinstance(fact.payload, OfficePayload):
        return office_subject(fact.payload.office_code)
    if fact.topic == prisoner.PRISON:
        crn = prisoner.linked_crn(fact, rows)
        return Subject(CASE, crn) if crn is not None else prisoner.subject_of(fact.key)
    return Subject(CASE, fact.key)


def _around(case: Case, fact: Fact, rows: Rows) -> Iterator[Subject]:
    """The unit and offices that a fact about a case may touch."""
    if case.officer is not None and (_may_place(case, fact) or type(fact.payload) in WEIGHING):
        yield office_subject(case.officer.office)
    if not _may_place(case, fact):
        return
    yield from map(office_subject, _agreed_offices(case, fact.payload))
    unit_code = (
        orders.unit_after_sentence(case, fact.payload)
        if isinstance(fact.payload, SentenceRecorded)
        else orders.unit_of(case)
    )
    if unit_code is not None:
        yield unit_subject(unit_code)
        unit: Unit | None = rows.get(UNIT, unit_code)
        yield from map(office_subject, offices_that_hold_cases(unit) if unit is not None else ())


def _may_place(case: Case, fact: Fact) -> bool:
    if isinstance(fact.payload, Passed):
        return fact.payload.kind in PLACING_DATES
    return type(fact.payload) in PLACING or (type(fact.payload) in WEIGHING and allocation_file.is_pending(case))


def _agreed_offices(case: Case, payload: Any) -> tuple[str, ...]:
    """Offices that the providers have agreed on: where the person has moved, or is about to."""
    found = [case.home.office if case.home else "", case.claim.office if case.claim else ""]
    if isinstance(payload, TransferAgreed):
        found.append(payload.to_office_code or "")
    return tuple(code for code in found if code)


def sums(fact: Fact) -> tuple[Subject, ...]:
    """An officer's leaving needs the sums of their cases."""
    payload = fact.payload
    if isinstance(payload, Passed) and payload.kind == OFFICER_LEFT:
        return (office.officer_tally(payload.ref),)
    return ()


def _then_place(take: Take) -> Take:
    def taken(step: Step, fact: Fact, payload: Any) -> Outcome | None:
        outcome = take(step, fact, payload)
        if outcome is not None and outcome.verdict != "decided":
            return outcome
        return place(step) or outcome

    return taken


def _then_weigh(take: Take) -> Take:
    def taken(step: Step, fact: Fact, payload: Any) -> Outcome | None:
        pending = allocation_file.is_pending(case_of(step))
        outcome = take(step, fact, payload)
        if outcome is not None and outcome.verdict != "decided":
            return outcome
        if closing.close_if_over(step):
            return outcome
        if pending:
            return place(step) or outcome
        follow_risk(step)
        return outcome

    return taken


def place(step: Step) -> Outcome | None:
    """Decide what can be decided: provider, moves, band, route, officer. A direction that cannot be is refused."""
    custody.watch_countdown(step)
    allocation_file.decide_orders(step)
    transfer.apply_claim(step)
    escalation.watch_risk_line(step)
    band.set_band(step)
    route.decide_route(step)
    outcome = assignment.provide_officer(step)
    assignment.reweigh(step)
    return outcome


def follow_risk(step: Step) -> None:
    """Let band, points and escalation follow the risk; nobody is moved for it."""
    escalation.watch_risk_line(step)
    band.set_band(step)
    assignment.reweigh(step)
    assignment.try_tomorrow(step)


def _takes(facts: Mapping[type[Any], Take], wrap: Callable[[Take], Take]) -> dict[type[Any], Take]:
    return {payload: wrap(take) for payload, take in facts.items()}


CASE_BOOK = Rulebook(
    takes={**_takes(PLACING, _then_place), **_takes(WEIGHING, _then_weigh), **NOTED},
    dates={kind: _then_place(take) for kind, take in PLACING_DATES.items()},
    workflows=(allocation_file.FILE,),
    duties=(
        allocation_file.ALLOCATION_OVERDUE,
        unassigned.WARNING,
        unassigned.SERIOUS,
        escalation.ESCALATION_UNANSWERED,
    ),
    conditions=(escalation.WRONG,),
)

OFFICE_BOOK = Rulebook(
    takes={
        OfficeRegistered: office.register_office,
        OfficerRegistered: office.register_officer,
        OfficerChanged: office.register_officer,
        OfficerLeft: office.leave,
        OfficerAbsenceStarted: office.start_absence,
        OfficerAbsenceEnded: office.end_absence,
    },
    dates={TRY_AWAITING: office.let_try_again, OFFICER_LEFT: office.hand_back_cases},
)

BOOKS: Mapping[str, Rulebook] = {
    CASE: CASE_BOOK,
    OFFICE: OFFICE_BOOK,
    prisoner.PRISONER: prisoner.BOOK,
    UNIT: Rulebook(takes={}, dates={TRY_AWAITING: office.let_try_again}),
}

READS: frozenset[str] = frozenset(payload.event_type for book in (CASE_BOOK, OFFICE_BOOK) for payload in book.takes) | {
    ConcernAnswered.event_type
}
"""The event types that allocation decides about."""


def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """Decide one fact about a case, a prisoner, an office or a unit."""
    own = _owner(fact, rows)
    return rulebook.decide(Step(PUBLISHER, own, rows, fact, policy), BOOKS[own.kind])
