"""Which concept takes which fact, of a case and of a prisoner; nothing else."""

from typing import Any

from services.resettlement.domain import (
    activity,
    aftercare,
    contact,
    copies,
    custody,
    handover,
    history,
    holding,
    home,
    licence,
    movements,
    orders,
    preparation,
    records,
    screening,
    supervision,
)
from services.resettlement.domain.case import CASE
from services.resettlement.domain.countdown import countdown
from services.resettlement.domain.records import unless_withdrawn
from shared.contracts.allocation import (
    CaseTransferred,
    OfficerAssigned,
    OfficerChanged,
    ProviderCorrected,
    ProviderDecided,
)
from shared.contracts.casework import (
    AllocationFormSubmitted,
    AppointmentArranged,
    AppointmentAttended,
    AppointmentCancelled,
    AppointmentRearranged,
    ConcernAnswered,
    ContactAttempted,
    HomeVisitCompleted,
    LicenceIssued,
    LicenceVaried,
    NeedsRecorded,
    OrderEnded,
    OversightRecorded,
    PersonLinked,
    PersonMerged,
    PlanCompleted,
    RarDayCredited,
    RecallDecided,
    RecordWithdrawn,
    ReferralMade,
    ReferralStarted,
    RegistrationAdded,
    RegistrationRemoved,
    ReleaseAddressConfirmed,
    ReleaseAddressWithdrawn,
    ReleaseHandoverAccepted,
    ReleaseHandoverReturned,
    ReleaseHandoverSent,
    ReviewCompleted,
    SafeguardingNoticeSent,
)
from shared.contracts.court import SentenceRecorded
from shared.contracts.prison import (
    PrisonerMerged,
    PrisonerReceived,
    PrisonerReleased,
    ReleaseDue,
    ResettlementScreeningCompleted,
)
from shared.domain import prisoner, rulebook
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Passed, Subject
from shared.domain.merger import Merging, cases_of, merge, standing_cases
from shared.domain.policy import Policy
from shared.domain.rulebook import Rulebook
from shared.domain.step import Step

PUBLISHER = "resettlement"

COUNTDOWN_DUTIES = (
    handover.SEND,
    handover.ACCEPT,
    contact.PRE_RELEASE_CONTACT,
    preparation.ADDRESS,
    preparation.REFERRAL,
    preparation.NOTICE,
)
"""What is due before release, and moves with its date."""

CASE_BOOK = Rulebook(
    takes={
        SentenceRecorded: orders.take_sentence,
        OrderEnded: orders.take_end,
        PersonLinked: records.take_link,
        PrisonerReceived: movements.take_received,
        PrisonerReleased: movements.take_released,
        PrisonerMerged: prisoner.take_merger,
        ReleaseDue: movements.take_release_due,
        ResettlementScreeningCompleted: screening.take_screening,
        RecallDecided: movements.take_recall,
        ReleaseHandoverSent: handover.take_sent,
        ReleaseHandoverReturned: handover.take_returned,
        ReleaseHandoverAccepted: handover.take_accepted,
        AppointmentArranged: unless_withdrawn("appointment", lambda p: p.appointment_id, contact.take_arranged),
        AppointmentRearranged: unless_withdrawn("appointment", lambda p: p.appointment_id, contact.take_arranged),
        AppointmentCancelled: unless_withdrawn("appointment", lambda p: p.appointment_id, contact.take_cancelled),
        AppointmentAttended: unless_withdrawn("appointment", lambda p: p.appointment_id, contact.take_attended),
        ContactAttempted: contact.take_attempt,
        HomeVisitCompleted: contact.take_visit,
        OfficerAssigned: holding.take_officer,
        OfficerChanged: holding.take_officer,
        ProviderDecided: holding.take_provider,
        ProviderCorrected: holding.take_provider,
        CaseTransferred: holding.take_provider,
        PlanCompleted: unless_withdrawn("plan", lambda p: p.plan_id, screening.take_plan),
        ReviewCompleted: unless_withdrawn("review", lambda p: p.review_id, aftercare.take_review),
        OversightRecorded: copies.take_oversight,
        ReleaseAddressConfirmed: home.take_address,
        ReleaseAddressWithdrawn: home.take_address_withdrawn,
        SafeguardingNoticeSent: preparation.take_notice,
        ReferralMade: unless_withdrawn("referral", lambda p: p.referral_id, preparation.take_referral),
        ReferralStarted: unless_withdrawn("referral", lambda p: p.referral_id, activity.take_referral_started),
        RarDayCredited: unless_withdrawn("credit", lambda p: p.credit_id, activity.take_rar_day),
        AllocationFormSubmitted: history.take_form,
        NeedsRecorded: home.take_needs,
        RegistrationAdded: unless_withdrawn("registration", lambda p: p.registration_id, history.take_registration),
        RegistrationRemoved: unless_withdrawn("registration", lambda p: p.registration_id, history.take_registration),
        LicenceIssued: licence.take_licence,
        LicenceVaried: licence.take_licence,
        RecordWithdrawn: records.take_withdrawal,
    },
    views=(custody.EPISODES, supervision.SUPERVISIONS),
    workflows=(custody.CUSTODY, countdown(COUNTDOWN_DUTIES), handover.HANDOVER, supervision.SUPERVISION),
    duties=(
        *COUNTDOWN_DUTIES,
        screening.SCREENING_OVERDUE,
        screening.PLAN_OVERDUE,
        contact.FIRST_APPOINTMENT,
        preparation.RELEASED_WITHOUT_PLAN,
        preparation.RELEASED_WITHOUT_ADDRESS,
        preparation.RELEASED_WITHOUT_APPOINTMENT,
        aftercare.POST_RELEASE_REVIEW,
        aftercare.DRIFT,
        aftercare.OUT_OF_AREA,
    ),
    conditions=(copies.PLAN_COPIED, licence.IGNORES_HISTORY, licence.VARIATION_UNAUTHORISED),
)

MERGING = Merging(book=CASE_BOOK, ledgers=records.LEDGERS, settle=records.settle)

TAKEN: tuple[type[Any], ...] = (*CASE_BOOK.takes, *prisoner.BOOK.takes, PersonMerged, ConcernAnswered)
READS: frozenset[str] = frozenset(payload.event_type for payload in TAKEN)
"""The event types that resettlement decides about."""


def subjects(fact: Fact, rows: Rows) -> tuple[Subject, ...]:
    """The aggregates that a fact needs, as far as the rows loaded tell; the first is its own."""
    if isinstance(fact.payload, Passed):
        return (fact.payload.subject,)
    prisoners = prisoner.prisoners_of(fact, rows)
    if fact.topic == prisoner.PRISON:
        crn = prisoner.linked_crn(fact, rows)
        return (*prisoners, *(standing_cases(crn, rows) if crn is not None else ()))
    return (*cases_of(fact, rows), *prisoners)


def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """Decide one fact on the case that it is about, or on the prisoner while nobody knows whose it is."""
    owner = _owner(fact, rows)
    step = Step(PUBLISHER, owner, rows, fact, policy)
    if isinstance(fact.payload, PersonMerged):
        return merge(step, MERGING)
    return rulebook.decide(step, CASE_BOOK if owner.kind == CASE else prisoner.BOOK)


def _owner(fact: Fact, rows: Rows) -> Subject:
    if isinstance(fact.payload, Passed):
        return fact.payload.subject
    if fact.topic != prisoner.PRISON:
        return standing_cases(fact.key, rows)[-1]
    crn = prisoner.linked_crn(fact, rows)
    return standing_cases(crn, rows)[-1] if crn is not None else prisoner.standing(rows, fact.key)
