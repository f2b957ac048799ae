"""Hand-over from the prison team to the community officer: scheduled when the countdown opens, sent, accepted or
returned, completed by the release.

Source: HMI Probation 001:L273 (cases handed over late or not at all); the limits are defaults.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Literal

from services.resettlement.domain.case import Case, Episode, Handover, case_of
from services.resettlement.domain.countdown import countdown_clocks, first_opened_at, known_on
from shared.contracts.casework import (
    ReleaseHandoverAccepted,
    ReleaseHandoverReturned,
    ReleaseHandoverSent,
)
from shared.contracts.resettlement import (
    HandoverAccepted,
    HandoverCompleted,
    HandoverOverdue,
    HandoverScheduled,
    HandoverSent,
)
from shared.domain.business_days import end_of_day, local_date
from shared.domain.decision import Outcome
from shared.domain.duty import SHORT_NOTICE, Clock, Done, Duty, Moment, due_at
from shared.domain.fact import Fact, iso
from shared.domain.policy import RuleApplied
from shared.domain.state import DutyState
from shared.domain.step import Step
from shared.domain.workflow import START, Entry, Transition, Workflow

HandoverStage = Literal["send", "accept"]
Tells = Callable[[Step, Moment, Clock, DutyState, RuleApplied], None]
Staged = HandoverSent | HandoverAccepted | HandoverCompleted


def take_sent(step: Step, fact: Fact, sent: ReleaseHandoverSent) -> Outcome | None:
    """A hand-over has been sent; sent again under its id, that counts from the last return on."""
    return _take(step, fact, Handover(sent.handover_id, "sent", sent.sent_on, fact.at))


def take_returned(step: Step, fact: Fact, returned: ReleaseHandoverReturned) -> Outcome | None:
    """A hand-over has come back: it is to be sent again."""
    return _take(step, fact, Handover(returned.handover_id, "returned", returned.returned_on, fact.at))


def take_accepted(step: Step, fact: Fact, accepted: ReleaseHandoverAccepted) -> Outcome | None:
    """The community officer has accepted a hand-over."""
    return _take(step, fact, Handover(accepted.handover_id, "accepted", accepted.accepted_on, fact.at))


def _take(step: Step, fact: Fact, row: Handover) -> Outcome | None:
    step.put("handovers", f"{row.handover_id}|{row.step}|{iso(fact.at)}", row)
    return None


def steps_of(case: Case, episode: Episode) -> list[Handover]:
    """The steps of all hand-overs of a stay, in the order in which they were stated."""
    first = local_date(episode.entered_at)
    last = local_date(episode.left_at) if episode.left_at is not None else date.max
    rows = (row for _, row in sorted(case.handovers.items()))
    return sorted((row for row in rows if first <= row.on <= last), key=lambda row: row.at)


def _first_standing(case: Case, ref: str, wanted: Literal["sent", "accepted"]) -> Done | None:
    """The first of a stay's hand-overs that stands at the wanted step; accepted, it was sent."""
    standing: dict[str, Done] = {}
    for row in steps_of(case, case.episodes[ref]):
        done = Done(row.on, evidence=(row.handover_id,))
        if row.step == "returned":
            standing.pop(row.handover_id, None)
        elif row.step == wanted:
            standing[row.handover_id] = done
        elif row.step == "accepted":
            standing.setdefault(row.handover_id, done)
    return min(standing.values(), key=lambda done: (done.on, done.evidence), default=None)


def _tells_overdue(stage: HandoverStage) -> Tells:
    def tell(step: Step, moment: Moment, clock: Clock, state: DutyState, rule: RuleApplied) -> None:
        if moment == "missed" and state.due is not None:
            step.emit(HandoverOverdue(**_named(step, clock, rule), stage=stage, at=state.due))

    return tell


SEND = Duty(
    code="handover-overdue",
    part="send",
    reads=frozenset({"episodes", "handovers"}),
    clocks=countdown_clocks,
    done=lambda case, clock: _first_standing(case, clock.ref, "sent"),
    timing="before",
    owner="through-the-gate-provider",
    tells=_tells_overdue("send"),
)
ACCEPT = Duty(
    code="handover-overdue",
    part="accept",
    reads=frozenset({"episodes", "handovers"}),
    clocks=countdown_clocks,
    done=lambda case, clock: _first_standing(case, clock.ref, "accepted"),
    timing="before",
    tells=_tells_overdue("accept"),
)


def _due(step: Step, duty: Duty, clock: Clock) -> datetime:
    due = due_at(duty, step.case, clock, duty.value(step, clock), step.value(SHORT_NOTICE, clock.started_on))
    return due or end_of_day(clock.started_on)


def _named(step: Step, clock: Clock, rule: RuleApplied) -> dict[str, Any]:
    """What every event of a hand-over says."""
    return {
        "order_id": clock.order_id,
        "release_on": clock.started_on,
        "send_due_at": _due(step, SEND, clock),
        "accept_due_at": _due(step, ACCEPT, clock),
        "because": step.because(rule),
    }


# -- the workflow ------------------------------------------------------------------------------------


def _entries(case: Case, ref: str) -> Iterable[Entry]:
    episode = case.episodes.get(ref)
    opened_at = first_opened_at(episode) if episode is not None else None
    if episode is None or opened_at is None:
        return
    yield Entry("scheduled", opened_at, ref)
    steps = steps_of(case, episode)
    for rank, row in enumerate(steps, 1):
        yield Entry(row.step, max(row.at, opened_at), f"{row.handover_id}|{iso(row.at)}", rank, row)
    if episode.left_at is not None:
        yield Entry("released", episode.left_at, ref, len(steps) + 1)


def _died(case: Case, ref: str, _entry: Entry) -> bool:
    return bool(case.episodes[ref].died)


def _clock(case: Case, ref: str) -> Clock:
    """The clock of the release date in force, or of the last one that there was."""
    episode = case.episodes[ref]
    dated = [each for each in episode.known_dates if each.on is not None]
    on = dated[-1].on or local_date(dated[-1].at)
    return Clock(ref, on, episode.order_id, (dated[-1].id,), known_on(episode) if episode.release else None)


def _tells(event: type[Staged], stage: HandoverStage) -> Callable[[Step, str, Entry], None]:
    duty = SEND if stage == "send" else ACCEPT

    def tell(step: Step, ref: str, entry: Entry) -> None:
        clock = _clock(case_of(step), ref)
        row: Handover | None = entry.data or _last_accepted(case_of(step), ref)
        rule = duty.value(step, clock).applied(release=clock.started_on)
        handover_id = row.handover_id if row is not None else None
        step.emit(event(**_named(step, clock, rule), handover_id=handover_id, stage=stage, at=entry.on))

    return tell


def _last_accepted(case: Case, ref: str) -> Handover | None:
    accepted = [row for row in steps_of(case, case.episodes[ref]) if row.step == "accepted"]
    return accepted[-1] if accepted else None


def _tell_scheduled(step: Step, ref: str, _entry: Entry) -> None:
    clock = _clock(case_of(step), ref)
    rule = SEND.value(step, clock).applied(release=clock.started_on)
    step.emit(HandoverScheduled(**_named(step, clock, rule)))


WAITS = frozenset({"scheduled", "returned"})
UNFINISHED = frozenset({"scheduled", "sent", "returned"})

HANDOVER = Workflow(
    name="handover",
    reads=frozenset({"episodes", "handovers"}),
    refs=lambda case: case.episodes,
    entries=_entries,
    transitions=(
        Transition(frozenset({START}), "scheduled", "scheduled", tells=_tell_scheduled),
        Transition(WAITS, "sent", "sent", tells=_tells(HandoverSent, "send")),
        Transition(frozenset({"sent", "accepted"}), "returned", "returned"),
        Transition(UNFINISHED, "accepted", "accepted", tells=_tells(HandoverAccepted, "accept")),
        Transition(frozenset({"accepted"}), "released", "lapsed", _died),
        Transition(frozenset({"accepted"}), "released", "completed", tells=_tells(HandoverCompleted, "accept")),
        Transition(UNFINISHED, "released", "lapsed"),
    ),
)
