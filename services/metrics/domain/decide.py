"""Which concept takes which fact, of a case and of a provider; nothing else."""

from collections.abc import Mapping
from typing import Any

from services.metrics.domain import appointments, breach_referral, initial_contact, ledger, notices, records, reports
from services.metrics.domain.measures import MEASURES
from shared.contracts.allocation import CaseTransferred, ProviderCorrected, ProviderDecided
from shared.contracts.casework import (
    AppointmentArranged,
    AppointmentAttended,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRearranged,
    BreachPackSubmitted,
    DiscretionRecorded,
    OrderEnded,
    PersonMerged,
    RecordWithdrawn,
)
from shared.contracts.court import SentenceRecorded
from shared.contracts.enforcement import AbsenceCounted, BreachDue
from shared.contracts.resettlement import CustodyEntered, CustodyLeft, SupervisionStarted
from shared.domain import merger, rulebook
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Subject
from shared.domain.measure import PROVIDER, REPORT
from shared.domain.policy import Policy
from shared.domain.rulebook import Rulebook
from shared.domain.step import Step

PUBLISHER = "performance"

CASE_BOOK = Rulebook(
    takes={
        SentenceRecorded: ledger.take_sentence,
        ProviderDecided: ledger.take_provider,
        ProviderCorrected: ledger.take_provider,
        CaseTransferred: ledger.take_transfer,
        OrderEnded: ledger.take_ending,
        CustodyEntered: ledger.take_custody_entered,
        CustodyLeft: ledger.take_custody_left,
        SupervisionStarted: initial_contact.take_supervision,
        AppointmentArranged: appointments.take_arranged,
        AppointmentRearranged: appointments.take_rearranged,
        AppointmentAttended: appointments.take_happened,
        AppointmentMissed: appointments.take_happened,
        AppointmentCancelled: appointments.take_cancelled,
        RecordWithdrawn: appointments.take_withdrawn,
        BreachPackSubmitted: breach_referral.take_pack,
        BreachDue: breach_referral.take_breach_due,
        AbsenceCounted: breach_referral.take_absence_counted,
        DiscretionRecorded: breach_referral.take_discretion,
    },
    duties=initial_contact.DUTIES,
    measures=MEASURES,
    closes=reports.closes,
)

PROVIDER_BOOK = Rulebook(
    takes={},
    dates={REPORT: reports.take_report},
    conditions=(notices.BELOW_TARGET, notices.IMPROVEMENT_NOTICE, notices.UNDER_COVERED),
)

BOOKS: Mapping[str, Rulebook] = {"case": CASE_BOOK, PROVIDER: PROVIDER_BOOK}
"""The rows of metrics, by the kind of aggregate that they are about."""

MERGING = merger.Merging(book=CASE_BOOK, ledgers=records.LEDGERS, derived=records.DERIVED, settle=records.settle)

TAKEN: tuple[type[Any], ...] = (*CASE_BOOK.takes, PersonMerged)
READS: frozenset[str] = frozenset(payload.event_type for payload in TAKEN)
"""The event types that some measure reads."""


def subjects(fact: Fact, rows: Rows) -> tuple[Subject, ...]:
    """A deadline's own aggregate; for an event, the case that it is keyed by, and those that stand for it."""
    return merger.cases_of(fact, rows)


def sums(fact: Fact) -> tuple[Subject, ...]:
    """A provider's sums, for the report of a month."""
    return (fact.payload.subject,) if fact.is_deadline and fact.type == REPORT else ()


def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """What follows from a fact about a case, or from a provider's month having settled."""
    owner = merger.owner_of(fact, rows)
    step = Step(publisher=PUBLISHER, owner=owner, rows=rows, fact=fact, policy=policy)
    if isinstance(fact.payload, PersonMerged):
        return merger.merge(step, MERGING)
    return rulebook.decide(step, BOOKS[owner.kind])
