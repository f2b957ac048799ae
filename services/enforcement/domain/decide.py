"""Which concept takes which fact, and the rows that look again after it."""

from typing import Any

from services.enforcement.domain import (
    absences,
    breach,
    breach_stages,
    contact,
    earlier,
    failures,
    ladder,
    orders,
    recall,
    records,
    warnings,
)
from shared.contracts import allocation, casework, court, resettlement
from shared.domain import merger, rulebook
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Subject
from shared.domain.policy import Policy
from shared.domain.rulebook import Rulebook
from shared.domain.step import Step

CASE = "case"
TOPIC = "enforcement"

BOOK = Rulebook(
    takes={
        court.SentenceRecorded: orders.take_sentence,
        court.OrderVaried: orders.take_varied,
        court.InformationLaid: breach.take_laid,
        court.HearingListed: breach.take_listed,
        court.HearingConcluded: breach.take_concluded,
        allocation.ProviderDecided: orders.take_provider,
        allocation.ProviderCorrected: orders.take_provider,
        allocation.CaseTransferred: orders.take_transfer,
        allocation.BandSet: orders.take_band,
        allocation.RouteDecided: orders.take_route,
        resettlement.CustodyEntered: orders.take_custody_entered,
        resettlement.CustodyLeft: orders.take_custody_left,
        resettlement.SupervisionStarted: contact.take_supervision_started,
        resettlement.SupervisionEnded: orders.take_supervision_ended,
        casework.OrderEnded: orders.take_order_ended,
        casework.AppointmentArranged: contact.take_arranged,
        casework.AppointmentRearranged: contact.take_rearranged,
        casework.AppointmentCancelled: contact.take_cancelled,
        casework.AppointmentAttended: contact.take_attended,
        casework.AppointmentMissed: contact.take_missed,
        casework.HomeVisitCompleted: contact.take_home_visit,
        casework.FailureReported: failures.take_reported,
        casework.AbsenceJudged: failures.take_judged,
        casework.UnpaidWorkStoodDown: failures.take_stood_down,
        casework.OversightRecorded: absences.take_oversight,
        casework.WarningSent: warnings.take_sent,
        casework.WarningWithdrawn: warnings.take_withdrawn,
        casework.DiscretionRecorded: breach.take_discretion,
        casework.BreachPackSubmitted: breach.take_pack,
        casework.BreachPackReturned: breach.take_returned,
        casework.BreachPackAccepted: breach.take_accepted,
        casework.RecallConsidered: recall.take_considered,
        casework.RecallRequested: recall.take_requested,
        casework.RecallDecided: recall.take_decided,
        casework.RecordWithdrawn: records.take_withdrawn,
    },
    views=(absences.COUNTING, ladder.LADDER, earlier.FOLDING),
    workflows=(breach_stages.BREACH, recall.RECALL),
    duties=(
        *contact.DUTIES,
        *failures.DUTIES,
        *warnings.DUTIES,
        *breach.DUTIES,
        *breach_stages.DUTIES,
        *recall.DUTIES,
    ),
    conditions=absences.CONDITIONS,
)

MERGING = merger.Merging(book=BOOK, ledgers=records.LEDGERS, derived=records.DERIVED, settle=records.settle)

TAKEN: tuple[type[Any], ...] = (*BOOK.takes, casework.ConcernAnswered, casework.PersonMerged)
READS = frozenset(payload.event_type for payload in TAKEN)
"""The event types that enforcement decides about."""


def subjects(fact: Fact, rows: Rows) -> tuple[Subject, ...]:
    """The case, and those that stand for it after mergers."""
    return merger.cases_of(fact, rows)


def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """Everything that follows from one fact about a case."""
    step = Step(TOPIC, merger.owner_of(fact, rows), rows, fact, policy)
    if isinstance(fact.payload, casework.PersonMerged):
        return merger.merge(step, MERGING)
    return rulebook.decide(step, BOOK)
