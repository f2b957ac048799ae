"""How the provider that holds a person changes: corrected where it was wrong from the start, transferred where the
facts have changed since, by agreement of the providers or an accepted escalation.

A wrong allocation is corrected by agreement; it is not a risk escalation (HMI Probation, Transforming Rehabilitation
5 (2016), line 207).
"""

from datetime import date
from typing import Any

from msgspec.structs import replace

from services.allocation.domain import assignment
from services.allocation.domain.case import Claim, Holder, Home, Order, case_of, set_down
from services.allocation.domain.office import office_subject, unit_subject, unplaced_tally
from services.allocation.domain.orders import latest_sentence_on, open_orders, requirement_kinds, unit_of
from services.allocation.domain.provider import grounds, provider_of_unit
from shared.contracts.allocation import CaseTransferred, Ground, ProviderCorrected
from shared.contracts.casework import TransferAgreed
from shared.contracts.values import ProviderKind
from shared.domain.decision import Outcome, ignored, refused
from shared.domain.fact import Fact
from shared.domain.policy import RuleApplied
from shared.domain.step import Step

AGREED = frozenset(("correction", "moved-area"))
"""How a person comes to a provider that the agreement names."""
NO_GROUND: tuple[Ground, ...] = ("none",)


def provider_of(step: Step, kind: ProviderKind, on: date) -> str | None:
    """The provider of a kind that serves the person's unit on a day; None while no office of it is known."""
    unit_code = unit_of(case_of(step))
    return provider_of_unit(step.state(unit_subject(unit_code)), kind, on) if unit_code is not None else None


def provider_fields(
    step: Step,
    order_id: str,
    order: Order,
    holder: Holder,
    codes: tuple[Ground, ...],
    on: date,
    rules: tuple[RuleApplied, ...],
) -> dict[str, Any]:
    """What the events on a provider say of an order, its holder and the grounds."""
    sentenced_on = order.sentenced_on or on
    term = step.value("allocation-overdue", sentenced_on)
    return {
        "order_ids": (order_id,),
        "disposal": order.disposal,
        "sentenced_on": sentenced_on,
        "provider_code": holder.code,
        "provider_kind": holder.kind,
        "local_delivery_unit": unit_of(case_of(step)) or order.unit,
        "grounds": codes or NO_GROUND,
        "has_unpaid_work": "unpaid-work" in requirement_kinds(order),
        "allocated_on": on,
        "due_at": term.term.after(sentenced_on),
        "because": step.because(*rules),
    }


def take_transfer(step: Step, _fact: Fact, stated: TransferAgreed) -> Outcome | None:
    """The providers have agreed that the case moves: a correction, or a move with the person."""
    case = case_of(step)
    if case.orders and not open_orders(case):
        return ignored("no-open-order")
    if case.holder is not None and stated.agreed_on < case.holder.since:
        return ignored("superseded")
    if _contradicts(case.holder, stated):
        return refused("agreed-otherwise-that-day")
    set_down(
        step,
        claim=Claim(
            stated.to_provider_kind,
            stated.reason,
            stated.agreed_on,
            stated.to_provider_code,
            stated.to_office_code or "",
        ),
    )
    return None


def _contradicts(holder: Holder | None, stated: TransferAgreed) -> bool:
    """Whether the providers have moved the case on that same day already, to another one."""
    agreed = holder is not None and holder.by in AGREED and holder.since == stated.agreed_on
    return agreed and holder is not None and holder.code != stated.to_provider_code


def follow_office(step: Step) -> None:
    """The office that holds the case (without one, its unit) has come to another provider since: the case follows.

    Who was moved to this provider only afterwards, by agreement, stays there.
    """
    case = case_of(step)
    holder, unit_code = case.holder, unit_of(case)
    if holder is None:
        return
    if case.officer is not None:
        provider = step.state(office_subject(case.officer.office)).provider
        offices = [provider] if provider is not None else []
    else:
        offices = list(step.state(unit_subject(unit_code)).offices.values()) if unit_code is not None else []
    if any(office.on(step.today)[0] == holder.code for office in offices):
        return
    followed = [
        (since, office.on(step.today))
        for office in offices
        if (since := office.taken_over_from(holder.code, step.today))
    ]
    since, (code, kind) = max(followed, default=(date.min, (holder.code, holder.kind)))
    agreed_since = holder.by in AGREED and holder.since >= since
    if code == holder.code or kind != holder.kind or agreed_since:
        return
    rule = step.value("transfer.provider-changed", since).applied(since=since, to=code)
    move(step, Claim(kind, "provider-changed", max(since, holder.since), code), (rule,))


def count_unplaced(step: Step) -> None:
    """Keep the unit's sum of cases that a provider holds and no officer, so that they can be found when it matters."""
    case = case_of(step)
    unit = (unit_of(case) or "") if case.holder is not None and case.officer is None else ""
    if unit == case.unplaced_in:
        return
    if case.unplaced_in:
        step.tally(unplaced_tally(case.unplaced_in), case.key, "", -1)
    if unit:
        step.tally(unplaced_tally(unit), case.key, "", +1)
    set_down(step, unplaced_in=unit)


def apply_claim(step: Step) -> None:
    """Make the move that has been agreed, once there is someone to move from and the provider is known."""
    case = case_of(step)
    claim, holder = case.claim, case.holder
    if claim is None or holder is None:
        return
    code = claim.code or provider_of(step, claim.kind, claim.on)
    if code is None:
        assignment.wait_in_unit(step)
        return
    set_down(step, claim=None)
    if claim.office:
        _settle_at(step, claim, code)
    if code == holder.code:
        return
    on = latest_sentence_on(case) or claim.on
    rule = step.value(f"transfer.{claim.reason}", on).applied(agreedOn=claim.on, to=code)
    if claim.reason == "wrong-allocation":
        correct(step, replace(claim, code=code), (rule,))
    else:
        move(step, replace(claim, code=code), (rule,))


def _settle_at(step: Step, claim: Claim, code: str) -> None:
    office = step.state(office_subject(claim.office))
    if office.provider is not None and office.provider.on(step.today)[0] == code:
        unit = unit_of(case_of(step)) or ""
        served = office.units
        set_down(step, home=Home(claim.office, unit if unit in served or not served else served[0], claim.on))


def correct(step: Step, claim: Claim, rules: tuple[RuleApplied, ...]) -> None:
    """The allocation was wrong from the start: another provider holds the person, order by order."""
    case = case_of(step)
    if case.holder is None:
        return
    before = case.holder.code
    holder = Holder(claim.code, claim.kind, claim.on, "correction")
    set_down(step, holder=holder)
    codes = grounds(case, step.policy, latest_sentence_on(case) or claim.on).codes if claim.kind == "nps" else ()
    for order_id, order in open_orders(case):
        allocation = case_of(step).allocations.get(order_id)
        if allocation is not None:
            fields = provider_fields(step, order_id, order, holder, codes, allocation.on, rules)
            step.emit(ProviderCorrected(**fields, from_provider_code=before, corrected_on=claim.on))


def move(step: Step, claim: Claim, rules: tuple[RuleApplied, ...]) -> None:
    """The allocation was right then and has changed since."""
    holder = case_of(step).holder
    if holder is None or claim.reason == "wrong-allocation":
        return
    set_down(step, holder=Holder(claim.code, claim.kind, claim.on, claim.reason))
    step.emit(
        CaseTransferred(
            from_provider_code=holder.code,
            to_provider_code=claim.code,
            to_provider_kind=claim.kind,
            reason=claim.reason,
            escalation_id=claim.escalation_id or None,
            transferred_on=claim.on,
            because=step.because(*rules),
        )
    )
