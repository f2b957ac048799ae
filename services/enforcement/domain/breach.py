"""Breach: due by the ladder, referred, returned or accepted, laid before the court, listed, heard, concluded.

Only the NPS presents a breach to court; a CRC refers by a pack (Criminal Justice Act 2003, Schedule 12 paragraph 1A).
The system says what is due and by when; people refer, and a recorded discretion not to is as good as doing it.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Literal

from services.enforcement.domain.case import Case, Discretion, Hearing, Information, Pack, Result
from services.enforcement.domain.ladder import LADDER, Called, Ladder, ladders, names
from services.enforcement.domain.orders import holder_on, put_latest
from shared.contracts.casework import (
    BreachPackAccepted,
    BreachPackReturned,
    BreachPackSubmitted,
    DiscretionRecorded,
)
from shared.contracts.court import HearingConcluded, HearingListed, InformationLaid
from shared.contracts.enforcement import BreachDue
from shared.contracts.values import ProviderKind
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome
from shared.domain.duty import Clock, Done, Duty, Moment
from shared.domain.fact import Fact
from shared.domain.policy import RuleApplied
from shared.domain.state import DutyState
from shared.domain.step import Step

TOLD = frozenset({"opened", "retimed", "reopened"})
HOLDING = frozenset({"allocated", "transfers"})


def take_discretion(step: Step, fact: Fact, recorded: DiscretionRecorded) -> Outcome | None:
    """A decision not to enforce, with its reason."""
    row = Discretion(recorded.order_id, tuple(sorted(recorded.failure_ids)), recorded.recorded_on, fact.at)
    return put_latest(step, "discretions", recorded.discretion_id, row)


def take_pack(step: Step, fact: Fact, submitted: BreachPackSubmitted) -> Outcome | None:
    """A breach pack has gone to the NPS, for the first time or again."""
    row = Pack(
        order_id=submitted.order_id,
        pack_id=submitted.pack_id,
        submission=submitted.submission,
        failure_ids=tuple(sorted(submitted.failure_ids)),
        aware_on=submitted.aware_on,
        submitted_on=submitted.submitted_on,
        at=fact.at,
        straight=submitted.straight_to_breach_reason is not None,
    )
    return put_latest(step, "packs", submission_key(submitted.pack_id, submitted.submission), row)


def take_returned(step: Step, _fact: Fact, returned: BreachPackReturned) -> None:
    """The NPS has sent a pack back."""
    step.put("returned", submission_key(returned.pack_id, returned.submission), returned.returned_on)


def take_accepted(step: Step, _fact: Fact, accepted: BreachPackAccepted) -> None:
    """The NPS has accepted a pack."""
    step.put("accepted", submission_key(accepted.pack_id, accepted.submission), accepted.accepted_on)


def take_laid(step: Step, fact: Fact, laid: InformationLaid) -> Outcome | None:
    """The NPS has laid an information."""
    row = Information(
        order_id=laid.order_id,
        failure_ids=tuple(sorted(laid.failure_ids)),
        laid_on=laid.laid_on,
        at=fact.at,
        aware_on=laid.aware_on,
        pack_id=laid.pack_id,
    )
    return put_latest(step, "informations", laid.information_id, row)


def take_listed(step: Step, fact: Fact, listed: HearingListed) -> Outcome | None:
    """A hearing has been listed, or listed for another day."""
    row = Hearing(
        order_id=listed.order_id,
        purpose=listed.purpose,
        listed_on=listed.listed_on or local_date(fact.at),
        hearing_on=listed.hearing_on,
        at=fact.at,
        fact=str(fact.id),
    )
    return put_latest(step, "hearings", listed.hearing_id, row)


def take_concluded(step: Step, fact: Fact, concluded: HearingConcluded) -> Outcome | None:
    """A hearing has ended, with this outcome."""
    row = Result(
        order_id=concluded.order_id,
        purpose=concluded.purpose,
        held_on=concluded.held_on,
        outcome=concluded.outcome,
        at=fact.at,
        next_on=concluded.next_hearing_on,
    )
    return put_latest(step, "results", concluded.hearing_id, row)


def submission_key(pack_id: str, submission: int) -> str:
    """The name of one submission of a pack."""
    return f"{pack_id}|{submission}"


def breaches_due(case: Case) -> Iterator[tuple[Ladder, Called]]:
    """The orders for which the ladder calls for breach, and the failure that made it due."""
    return ((found, called) for found in ladders(case) for called in found.rungs("breach"))


def _held_by(kind: ProviderKind) -> Callable[[Case], Iterator[Clock]]:
    def clocks(case: Case) -> Iterator[Clock]:
        for found, called in breaches_due(case):
            day = called.day
            if holder_on(case, found.order_id, day.aware_on) == kind:
                yield Clock(called.ref(found.order_id), day.aware_on, found.order_id, day.evidence)

    return clocks


def _where(case: Case, clock: Clock) -> tuple[Ladder, Called] | None:
    return next((each for each in breaches_due(case) if each[1].ref(each[0].order_id) == clock.ref), None)


def _referred(case: Case, clock: Clock) -> Done | None:
    where = _where(case, clock)
    if where is None:
        return None
    found, called = where
    packs = (
        (row.submitted_on, ref)
        for ref, row in case.packs.items()
        if row.order_id == found.order_id and names(row.failure_ids, called.day)
    )
    return _earliest(packs)


def _laid(case: Case, clock: Clock) -> Done | None:
    where = _where(case, clock)
    if where is None:
        return None
    found, called = where
    laid = (
        (row.laid_on, ref)
        for ref, row in case.informations.items()
        if row.order_id == found.order_id and names(row.failure_ids, called.day)
    )
    return _earliest(laid)


def _referred_or_laid(case: Case, clock: Clock) -> Done | None:
    return _referred(case, clock) or _laid(case, clock)


def _earliest(found: Iterator[tuple[date, str]]) -> Done | None:
    first = min(found, default=None)
    return None if first is None else Done(first[0], evidence=(first[1],))


def _tell(route: Literal["crc-pack", "nps-court"]) -> Callable[[Step, Moment, Clock, DutyState, RuleApplied], None]:
    def tell(step: Step, moment: Moment, clock: Clock, state: DutyState, rule: RuleApplied) -> None:
        where = _where(step.case, clock)
        if moment not in TOLD or state.due is None or where is None:
            return
        found, called = where
        case: Case = step.case
        warning = case.warnings[called.warning_id] if called.warning_id else None
        rules = [rule]
        if warning is not None:
            in_force = step.value("warning-in-force", warning.sent_on).applied(
                failed_on=called.day.on, since=found.since, warned_on=warning.sent_on
            )
            rules.insert(0, in_force)
        step.emit(
            BreachDue(
                order_id=found.order_id,
                failure_ids=called.day.failure_ids,
                warning_id=called.warning_id,
                aware_on=called.day.aware_on,
                route=route,
                due_at=state.due,
                because=step.because(*rules),
            )
        )

    return tell


DUTIES = (
    Duty(
        code="breach-overdue",
        part="crc",
        reads=LADDER | HOLDING,
        clocks=_held_by("crc"),
        done=_referred,
        cleared=_referred_or_laid,
        severity="serious",
        tells=_tell("crc-pack"),
    ),
    Duty(
        code="breach-overdue",
        part="nps",
        reads=LADDER | HOLDING,
        clocks=_held_by("nps"),
        done=_laid,
        severity="serious",
        tells=_tell("nps-court"),
    ),
)
