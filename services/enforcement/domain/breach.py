"""Breach: due by the ladder, referred, returned or accepted, laid before the court, listed, heard, concluded.

Only the NPS presents a breach to court; a CRC refers by a pack (Criminal Justice Act 2003, Schedule 12 paragraph 1A).
The system says what is due and by when; people refer, and a recorded discretion not to is as good as doing it.
"""

from collections.abc import Callable
from typing import Literal

from services.enforcement.domain.case import Case, Discretion, Hearing, Information, Pack, PackAnswer, Result
from services.enforcement.domain.failures import evidence_of
from services.enforcement.domain.ladder import BY_CALLED, all_called, earliest, names
from services.enforcement.domain.orders import holder_on
from services.enforcement.domain.warnings import IN_FORCE, TOLD
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
from shared.domain.identifiers import uuid_text
from shared.domain.policy import RuleApplied
from shared.domain.state import DutyState
from shared.domain.statement import put_latest
from shared.domain.step import Step


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


def take_returned(step: Step, fact: Fact, returned: BreachPackReturned) -> Outcome | None:
    """The NPS has sent a pack back."""
    key = submission_key(returned.pack_id, returned.submission)
    return put_latest(step, "returned", key, PackAnswer(returned.returned_on, fact.at))


def take_accepted(step: Step, fact: Fact, accepted: BreachPackAccepted) -> Outcome | None:
    """The NPS has accepted a pack."""
    key = submission_key(accepted.pack_id, accepted.submission)
    return put_latest(step, "accepted", key, PackAnswer(accepted.accepted_on, fact.at))


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
        fact=uuid_text(fact.id),
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


def _held_by(kind: ProviderKind) -> Callable[[Case, str], Clock | None]:
    def clock(case: Case, ref: str) -> Clock | None:
        row = case.called.get(ref)
        if row is None or row.rung != "breach" or holder_on(case, row.order_id, row.aware_on) != kind:
            return None
        return Clock(ref, row.aware_on, row.order_id, evidence_of(case, row.failure_ids))

    return clock


_to_refer = _held_by("crc")
_to_lay = _held_by("nps")


def _referred(case: Case, clock: Clock) -> Done | None:
    called = case.called[clock.ref]
    return earliest(
        (row.submitted_on, ref)
        for ref, row in case.packs.items()
        if row.order_id == called.order_id and names(row, called.failure_ids)
    )


def _laid(case: Case, clock: Clock) -> Done | None:
    called = case.called[clock.ref]
    return earliest(
        (row.laid_on, ref)
        for ref, row in case.informations.items()
        if row.order_id == called.order_id and names(row, called.failure_ids)
    )


def _referred_or_laid(case: Case, clock: Clock) -> Done | None:
    return _referred(case, clock) or _laid(case, clock)


def _tell(route: Literal["crc-pack", "nps-court"]) -> Callable[[Step, Moment, Clock, DutyState, RuleApplied], None]:
    def tell(step: Step, moment: Moment, clock: Clock, state: DutyState, rule: RuleApplied) -> None:
        if moment not in TOLD or state.due is None:
            return
        case: Case = step.case
        called = case.called[clock.ref]
        warning = case.warnings[called.warning_id or ""]
        in_force = step.value(IN_FORCE, warning.sent_on).applied(
            failed_on=called.on, since=called.since, warned_on=warning.sent_on
        )
        step.emit(
            BreachDue(
                order_id=called.order_id,
                failure_ids=called.failure_ids,
                warning_id=called.warning_id,
                aware_on=called.aware_on,
                route=route,
                due_at=state.due,
                because=step.because(in_force, rule),
            )
        )

    return tell


READS = frozenset({"counted", "called", "packs", "informations", "allocated", "transfers"})

DUTIES = (
    Duty(
        code="breach-overdue",
        part="crc",
        reads=READS,
        clocks=all_called(_to_refer),
        clock=_to_refer,
        keyed_by=BY_CALLED,
        done=_referred,
        cleared=_referred_or_laid,
        severity="serious",
        tells=_tell("crc-pack"),
    ),
    Duty(
        code="breach-overdue",
        part="nps",
        reads=READS,
        clocks=all_called(_to_lay),
        clock=_to_lay,
        keyed_by=BY_CALLED,
        done=_laid,
        severity="serious",
        tells=_tell("nps-court"),
    ),
)
