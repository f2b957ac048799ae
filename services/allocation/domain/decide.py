"""What follows from a fact of allocation: it is taken down, then provider, band, route and officer are decided, and
every row that reads what has changed looks again.
"""

from collections.abc import Callable, Mapping
from typing import Any

from services.allocation.domain import (
    allocation_file,
    assignment,
    band,
    checks,
    closing,
    contact,
    cover,
    custody,
    escalation,
    form,
    handover,
    hub_transfer,
    mismatch,
    office,
    overload,
    records,
    route,
    signals,
    step_down,
    transfer,
    unassigned,
    watched,
)
from services.allocation.domain.aggregates import owner_of
from services.allocation.domain.case import CASE, case_of
from services.allocation.domain.office import OFFICE, OFFICER_LEFT, OFFICER_RESTATED, TRY_AWAITING, UNIT
from services.allocation.domain.takes import NOTED, NOTED_DATES, PLACING, PLACING_DATES, WEIGHING
from shared.contracts.casework import ConcernAnswered, PersonMerged
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
from shared.domain.fact import Fact
from shared.domain.merger import Merging, merge
from shared.domain.policy import Policy
from shared.domain.rulebook import Rulebook, Take, View
from shared.domain.step import Step

PUBLISHER = "allocation"


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
    transfer.follow_office(step)
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
    dates={
        **{kind: _then_place(take) for kind, take in PLACING_DATES.items()},
        **NOTED_DATES,
    },
    views=(View(reads=frozenset(("holder", "officer", "orders", "home")), derive=transfer.count_unplaced),),
    workflows=(allocation_file.FILE, handover.ASSIGNMENT),
    duties=(
        allocation_file.ALLOCATION_OVERDUE,
        unassigned.WARNING,
        unassigned.SERIOUS,
        escalation.ESCALATION_UNANSWERED,
        escalation.RISK_FALL_UNANSWERED,
        form.RSR_MISSING,
        form.SCREENING_MISSING,
        form.ANALYSIS_MISSING,
        form.REPORT_NOT_WRITTEN_UP,
        form.RISK_REVIEW_OVERDUE,
        checks.NOT_REQUESTED,
        checks.NOT_RETURNED,
        cover.COVER_MISSING,
        hub_transfer.HUB_TRANSFER_UNGATED,
    ),
    conditions=(
        escalation.WRONG,
        form.FORM_INCOMPLETE,
        mismatch.MISMATCH,
        mismatch.OFFICER_CHURN,
        mismatch.IN_THE_HUB,
        mismatch.RISEN_IN_THE_HUB,
        contact.HUB_NON_RESPONSE,
        step_down.STEP_DOWN_CANDIDATE,
        signals.RISK_SIGNALS_UNESCALATED,
    ),
)

OFFICE_BOOK = Rulebook(
    takes={
        OfficeRegistered: office.register_office,
        OfficerRegistered: office.register_officer,
        OfficerChanged: office.register_officer,
        OfficerLeft: office.leave,
        OfficerAbsenceStarted: cover.start_absence,
        OfficerAbsenceEnded: cover.end_absence,
    },
    dates={
        TRY_AWAITING: office.let_try_again,
        OFFICER_LEFT: office.hand_back_cases,
        OFFICER_RESTATED: office.restate_to_cases,
        office.OFFICE_PASSES: office.pass_officers_on,
        office.OFFICER_PASSES: office.pass_cases_on,
        cover.STILL_ABSENT: cover.tell_absence,
    },
    conditions=(overload.OFFICER_OVERLOADED, overload.ASSIGNMENT_BURST),
)

MERGING = Merging(book=CASE_BOOK, ledgers=records.LEDGERS, leaves=records.leave, settle=records.settle, decides=place)

BOOKS: Mapping[str, Rulebook] = {
    CASE: CASE_BOOK,
    OFFICE: OFFICE_BOOK,
    prisoner.PRISONER: prisoner.BOOK,
    UNIT: Rulebook(takes={}, dates={TRY_AWAITING: office.let_try_again, office.OFFICE_PASSES: office.pass_unplaced_on}),
}

READS: frozenset[str] = frozenset(payload.event_type for book in (CASE_BOOK, OFFICE_BOOK) for payload in book.takes) | {
    ConcernAnswered.event_type,
    PersonMerged.event_type,
}
"""The event types that allocation decides about."""


def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """Decide one fact about a case, a prisoner, an office or a unit."""
    step = Step(PUBLISHER, owner_of(fact, rows), rows, fact, policy)
    merged = type(fact.payload) is PersonMerged
    decision = merge(step, MERGING) if merged else rulebook.decide(step, BOOKS[step.owner.kind])
    return watched.watch(decision, rows, policy, step.today, observe=not merged)
