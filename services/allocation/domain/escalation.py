"""Escalation: the risk line is crossed, the NPS is asked to take the case, and answers.

The service asks when a case of the CRC comes to have grounds; an officer may ask for the same (the echo) or for the
way back. Only people decide: the case moves when the NPS accepts. Source: HMI Probation, Transforming Rehabilitation
5 (2016), lines 308, 401 and 563.
"""

from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from services.allocation.domain.case import Case, Claim, Escalation, case_of, set_down
from services.allocation.domain.orders import latest_sentence_on
from services.allocation.domain.provider import Grounds, grounds
from shared.contracts.allocation import EscalationAnswered, EscalationRequested
from shared.contracts.casework import RiskEscalationDecided, RiskEscalationRequested
from shared.contracts.values import EscalationDirection, ProviderKind
from shared.domain.business_days import local_date
from shared.domain.condition import Condition, Held
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.identifiers import stable_id
from shared.domain.policy import RuleApplied
from shared.domain.step import Step

UNANSWERED = "escalation-unanswered"
WRONG_PROVIDER = "wrong-provider"


def take_request(step: Step, _fact: Fact, stated: RiskEscalationRequested) -> Outcome | None:
    """An officer asks; where this service has asked for the same already, it is an echo."""
    case = case_of(step)
    known_id, known = find(case, stated.escalation_id)
    if known is not None and known.requested_at is not None:
        return ignored("echo")
    open_id = _open_in(case, stated.direction)
    if open_id is not None and case.escalations[open_id].ours:
        row = replace(case.escalations[open_id], echo=stated.escalation_id)
        if known is not None:
            row = replace(row, outcome=known.outcome, decided_at=known.decided_at)
            step.drop("escalations", known_id)
        step.put("escalations", open_id, row)
    else:
        row = replace(known or Escalation(), direction=stated.direction, requested_at=stated.requested_at)
        step.put("escalations", stated.escalation_id, row)
        rule = step.value(UNANSWERED, local_date(stated.requested_at)).applied(to=stated.to)
        _tell_request(step, stated.escalation_id, row, "officer", (rule,))
    _answer(step)
    return None


def take_decision(step: Step, _fact: Fact, stated: RiskEscalationDecided) -> Outcome | None:
    """The NPS has answered; an answer that comes before its request is kept until that comes."""
    found_id, known = find(case_of(step), stated.escalation_id)
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
        if row.answered or row.outcome is None or row.decided_at is None or row.requested_at is None:
            continue
        term = step.value(UNANSWERED, local_date(row.requested_at))
        due = term.term.after(row.requested_at)
        step.put("escalations", own_id, replace(row, answered=True))
        step.emit(
            EscalationAnswered(
                escalation_id=own_id,
                outcome=row.outcome,
                answered_at=row.decided_at,
                met=row.decided_at <= due,
                because=step.because(term.applied(requestedAt=row.requested_at, decidedAt=row.decided_at)),
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


def watch_risk_line(step: Step) -> None:
    """Ask the NPS to take a case of the CRC that has come to have grounds; take that back if they fall again."""
    case = case_of(step)
    on = latest_sentence_on(case)
    if case.holder is None or on is None:
        return
    open_id = _open_in(case, "crc-to-nps")
    if case.holder.kind == "crc":
        found = grounds(case, step.policy, on)
        if found.codes:
            if open_id is None and not is_answered(case, found) and case.claim is None:
                _ask(step, found, on)
            return
    if open_id is not None and case.escalations[open_id].ours and not case.escalations[open_id].echo:
        step.put("escalations", open_id, replace(case.escalations[open_id], superseded=True))


def _ask(step: Step, found: Grounds, on: date) -> None:
    case = case_of(step)
    n = case.asked + 1
    set_down(step, asked=n)
    own_id = str(stable_id("escalation", case.key, str(n)))
    row = Escalation("crc-to-nps", step.fact.at, ours=True)
    step.put("escalations", own_id, row)
    _tell_request(step, own_id, row, found.codes[0], found.rules(step.policy, on))


def _tell_request(step: Step, own_id: str, row: Escalation, reason: str, rules: tuple[RuleApplied, ...]) -> None:
    if row.requested_at is None or row.direction is None:
        return
    due = step.value(UNANSWERED, local_date(row.requested_at)).term.after(row.requested_at)
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


def _clocks(case: Case) -> Iterable[Clock]:
    if case.holder is None:
        return []
    return [
        Clock(own_id, row.requested_at, evidence=(row.echo or own_id,))
        for own_id, row in case.escalations.items()
        if row.requested_at is not None and not row.superseded
    ]


def _done(case: Case, clock: Clock) -> Done | None:
    decided_at = case.escalations[clock.ref].decided_at
    return Done(local_date(decided_at), decided_at) if decided_at is not None else None


ESCALATION_UNANSWERED = Duty(
    code=UNANSWERED,
    reads=frozenset(("escalations", "holder")),
    clocks=_clocks,
    done=_done,
    severity="serious",
    owner="nps-spo",
)


def _holds(step: Step, _ref: str) -> Held | None:
    case = case_of(step)
    on = latest_sentence_on(case)
    if case.holder is None or on is None:
        return None
    found = grounds(case, step.policy, on)
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
