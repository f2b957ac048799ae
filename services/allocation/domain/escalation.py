"""Escalation: the risk line is crossed, the NPS is asked to take the case, and answers.

The service asks when a case of the CRC comes to have grounds, or one of the NPS to have none; an officer may ask for
the same (the echo). Only people decide: the case moves when that is accepted.
Source: HMI Probation, Transforming Rehabilitation 5 (2016), lines 308, 401 and 563; South Yorkshire 2017, line 678.
"""

from collections.abc import Iterable
from datetime import date, datetime

from msgspec.structs import replace

from services.allocation.domain.case import Case, Claim, Escalation, case_of, set_down
from services.allocation.domain.orders import latest_sentence_on
from services.allocation.domain.provider import Grounds, grounds_now, is_complete
from shared.contracts.allocation import EscalationAnswered, EscalationRequested
from shared.contracts.casework import RiskEscalationDecided, RiskEscalationRequested
from shared.contracts.values import EscalationDirection, ProviderKind
from shared.domain.business_days import local_date
from shared.domain.condition import Condition, Held
from shared.domain.decision import Outcome, ignored, refused
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.identifiers import stable_id
from shared.domain.policy import RuleApplied
from shared.domain.step import Step

UNANSWERED, WAY_BACK_UNANSWERED = "escalation-unanswered", "escalation-unanswered.risk-fall"
WRONG_PROVIDER = "wrong-provider"


def take_request(step: Step, _fact: Fact, stated: RiskEscalationRequested) -> Outcome | None:
    """An officer asks; where this service has asked for the same already, it is an echo."""
    case = case_of(step)
    known_id, known = find(case, stated.escalation_id)
    if known is not None and known.requested_at is not None:
        return ignored("echo")
    open_id = _open_in(case, stated.direction)
    if open_id is not None and case.escalations[open_id].ours:
        row = replace(case.escalations[open_id], echo=stated.escalation_id, echoed_at=stated.requested_at)
        if known is not None:
            row = replace(row, outcome=known.outcome, decided_at=known.decided_at)
            step.drop("escalations", known_id)
        step.put("escalations", open_id, row)
    else:
        row = replace(known or Escalation(), direction=stated.direction, requested_at=stated.requested_at)
        step.put("escalations", stated.escalation_id, row)
        rule = step.value(_limit(row), local_date(stated.requested_at)).applied(to=stated.to)
        _tell_request(step, stated.escalation_id, row, "officer", (rule,))
    _answer(step)
    return None


def take_decision(step: Step, _fact: Fact, stated: RiskEscalationDecided) -> Outcome | None:
    """The NPS has answered; an answer that comes before its request is kept until that comes.

    A second answer that says otherwise is refused: the first has moved the case, or left it.
    """
    found_id, known = find(case_of(step), stated.escalation_id)
    if known is not None and known.outcome is not None and known.outcome != stated.outcome:
        return refused("answered-otherwise")
    if known is not None and known.answered:
        return ignored("answered-already")
    row = replace(known or Escalation(), outcome=stated.outcome, decided_at=stated.decided_at)
    step.put("escalations", found_id, row)
    _answer(step)
    return None


def find(case: Case, escalation_id: str) -> tuple[str, Escalation | None]:
    """An escalation by its id or by the id of its echo, under the id that it is known by outside."""
    if escalation_id in case.escalations:
        return escalation_id, case.escalations[escalation_id]
    for own_id, row in sorted(case.escalations.items()):
        if row.echo == escalation_id:
            return own_id, row
    return escalation_id, None


def _open_in(case: Case, direction: EscalationDirection) -> str | None:
    found = [own_id for own_id, row in case.escalations.items() if row.direction == direction and is_unanswered(row)]
    return min(found, default=None)


def is_unanswered(row: Escalation) -> bool:
    """Whether an escalation has been asked for and stands without an answer."""
    return row.requested_at is not None and row.outcome is None and not row.superseded


def _answer(step: Step) -> None:
    """Publish the answers that have both sides, and claim the case where one is accepted."""
    for own_id, row in sorted(case_of(step).escalations.items()):
        asked_at = _asked_at(row) or row.requested_at
        if row.answered or row.outcome is None or row.decided_at is None or asked_at is None:
            continue
        term = step.value(_limit(row), local_date(asked_at))
        due = term.term.after(asked_at)
        step.put("escalations", own_id, replace(row, answered=True))
        step.emit(
            EscalationAnswered(
                escalation_id=own_id,
                outcome=row.outcome,
                answered_at=row.decided_at,
                met=row.decided_at <= due,
                because=step.because(term.applied(requestedAt=asked_at, decidedAt=row.decided_at)),
            )
        )
        if row.outcome == "accepted":
            to_nps = row.direction == "crc-to-nps"
            claim = Claim(
                "nps" if to_nps else "crc",
                "escalation" if to_nps else "risk-fall",
                local_date(row.decided_at),
                escalation_id=own_id,
            )
            holder = case_of(step).holder
            if holder is None or holder.kind != claim.kind:
                set_down(step, claim=claim)


def _limit(row: Escalation) -> str:
    """The parameter of the time for an answer: the way back is not urgent."""
    return UNANSWERED if row.direction != "nps-to-crc" else WAY_BACK_UNANSWERED


def _asked_at(row: Escalation) -> datetime | None:
    """From when an answer is waited for: the way back, which is not urgent, from an officer's own request on.

    Until then wrong-provider tells that the case should go back.
    """
    return row.echoed_at if row.ours and row.direction == "nps-to-crc" else row.requested_at


def watch_risk_line(step: Step) -> None:
    """Ask for the move where a case has come to the other side of the risk line; take that back if it returns.

    The CRC asks the NPS to take a case that has come to have grounds; the NPS, the CRC to take one back that has none.
    """
    case = case_of(step)
    on = latest_sentence_on(case)
    if case.holder is None or on is None:
        return
    found = grounds_now(step, on)
    crossed: EscalationDirection | None = None
    if case.holder.kind == "crc" and found.codes:
        crossed = "crc-to-nps"
    elif case.holder.kind == "nps" and is_complete(case, found) and not found.codes:
        crossed = "nps-to-crc"
    for own_id, row in sorted(case.escalations.items()):
        if is_unanswered(row) and row.ours and not row.echo and row.direction != crossed:
            step.put("escalations", own_id, replace(row, superseded=True))
    if crossed is None or case.claim is not None or is_answered(case, found):
        return
    if _open_in(case_of(step), crossed) is None:
        _ask(step, crossed, found, on)


def _ask(step: Step, direction: EscalationDirection, found: Grounds, on: date) -> None:
    case = case_of(step)
    n = case.asked + 1
    set_down(step, asked=n)
    own_id = str(stable_id("escalation", case.key, str(n)))
    row = Escalation(direction, step.fact.at, ours=True)
    step.put("escalations", own_id, row)
    _tell_request(step, own_id, row, found.codes[0] if found.codes else "risk-fall", found.rules(step.policy, on))


def _tell_request(step: Step, own_id: str, row: Escalation, reason: str, rules: tuple[RuleApplied, ...]) -> None:
    if row.requested_at is None or row.direction is None:
        return
    due = step.value(_limit(row), local_date(row.requested_at)).term.after(row.requested_at)
    step.emit(
        EscalationRequested(
            escalation_id=own_id,
            direction=row.direction,
            reason=reason,
            requested_at=row.requested_at,
            due_at=due,
            because=step.because(*rules),
        )
    )


def is_answered(case: Case, found: Grounds) -> bool:
    """Whether the NPS has answered since the grounds last changed."""
    answers = [local_date(row.decided_at) for row in case.escalations.values() if row.decided_at is not None]
    return found.since is not None and any(on >= found.since for on in answers)


# -- what is due, and what is amiss ----------------------------------------------------------------


def _clocks(case: Case, direction: EscalationDirection) -> Iterable[Clock]:
    """Requests that stand, from when each was asked for."""
    if case.holder is None:
        return []
    return [
        Clock(own_id, asked_at, evidence=(row.echo or own_id,))
        for own_id, row in case.escalations.items()
        if (asked_at := _asked_at(row)) is not None and row.direction == direction and not row.superseded
    ]


def _done(case: Case, clock: Clock) -> Done | None:
    decided_at = case.escalations[clock.ref].decided_at
    return Done(local_date(decided_at), decided_at) if decided_at is not None else None


READS = frozenset(("escalations", "holder"))
ESCALATION_UNANSWERED = Duty(
    code=UNANSWERED,
    reads=READS,
    clocks=lambda case: _clocks(case, "crc-to-nps"),
    done=_done,
    severity="serious",
    owner="nps-spo",
)
RISK_FALL_UNANSWERED = Duty(
    code=UNANSWERED,
    part="risk-fall",
    reads=READS,
    clocks=lambda case: _clocks(case, "nps-to-crc"),
    done=_done,
    owner="nps-spo",
)


def _holds(step: Step, _ref: str) -> Held | None:
    case = case_of(step)
    on = latest_sentence_on(case)
    if case.holder is None or on is None:
        return None
    found = grounds_now(step, on)
    if found.kind == case.holder.kind or is_answered(case, found) or _officer_has_asked(case, found.kind):
        return None
    return Held(
        evidence=found.evidence,
        on=on,
        severity="serious",
        inputs={"holder": case.holder.kind, "grounds": ", ".join(found.codes) or "none"},
    )


def _officer_has_asked(case: Case, kind: ProviderKind) -> bool:
    """Whether an officer has asked for the right provider and waits: then it is only that one's answer that is due."""
    wanted = "crc-to-nps" if kind == "nps" else "nps-to-crc"
    return any(
        row.direction == wanted and is_unanswered(row) and (not row.ours or bool(row.echo))
        for row in case.escalations.values()
    )


WRONG = Condition(
    code=WRONG_PROVIDER,
    reads=frozenset(("holder", "orders", "forms", "scores", "levels", "registrations", "escalations")),
    refs=lambda case: (case.key,) if case.holder is not None else (),
    holds=_holds,
    owner="nps-spo",
)
