"""Who supervised a person when, in custody or not, until what ending: the ground that every measure stands on, and
why a unit is left out of a contract measure."""

from collections.abc import Iterator
from datetime import date

from services.metrics.domain.case import Allocation, Case, CustodyMark, Disposed, Ending, Transfer
from shared.contracts.allocation import CaseTransferred, ProviderCorrected, ProviderDecided
from shared.contracts.casework import OrderEnded
from shared.contracts.court import SentenceRecorded
from shared.contracts.resettlement import CustodyEntered, CustodyLeft
from shared.contracts.values import Disposal, ProviderKind
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome
from shared.domain.fact import Fact, iso
from shared.domain.statement import put_latest
from shared.domain.step import Step

COMMUNITY: frozenset[Disposal] = frozenset({"community-order", "suspended-sentence-order"})
"""What the contract calls CO and SSO."""

SUPERVISING = frozenset({"disposals", "allocations", "transfers"})
"""Ledgers that say who supervised what."""

EXCLUDING = frozenset({"transfers", "custody", "endings"})
"""Ledgers that may leave a unit out."""

EXCLUDED_ENDINGS = "measure-excluded-endings"
"""Parameter: the endings of an order that leave it out of the contract measures."""


def take_sentence(step: Step, fact: Fact, sentence: SentenceRecorded) -> Outcome | None:
    """An order and its disposal."""
    return put_latest(step, "disposals", sentence.order_id, Disposed(sentence.disposal, fact.at))


def take_provider(step: Step, fact: Fact, decided: ProviderDecided | ProviderCorrected) -> None:
    """The provider of one or more orders; what was stated last stands."""
    row = Allocation(
        provider=decided.provider_code,
        provider_kind=decided.provider_kind,
        disposal=decided.disposal,
        sentenced_on=decided.sentenced_on,
        allocated_on=decided.allocated_on,
        at=fact.at,
    )
    for order_id in decided.order_ids:
        put_latest(step, "allocations", order_id, row)


def take_transfer(step: Step, fact: Fact, moved: CaseTransferred) -> Outcome | None:
    """The case goes to another provider, with all its orders."""
    transfer = Transfer(moved.to_provider_code, moved.to_provider_kind, moved.transferred_on, fact.at)
    return put_latest(step, "transfers", f"{moved.transferred_on.isoformat()} {moved.to_provider_code}", transfer)


def take_ending(step: Step, fact: Fact, ended: OrderEnded) -> Outcome | None:
    """An order has ended; stated again, it ended otherwise."""
    return put_latest(step, "endings", ended.order_id, Ending(ended.ended_on, ended.outcome, fact.at))


def take_custody_entered(step: Step, _fact: Fact, entered: CustodyEntered) -> None:
    """The person is in custody from then on."""
    step.put("custody", f"{iso(entered.entered_at)} entered", CustodyMark(entered.entered_at, entered=True))


def take_custody_left(step: Step, _fact: Fact, left: CustodyLeft) -> None:
    """The person is in custody no more."""
    step.put("custody", f"{iso(left.left_at)} left", CustodyMark(left.left_at, entered=False))


def disposal_of(case: Case, order_id: str) -> Disposal | None:
    """An order's disposal: as the court states it, else as allocation has heard of it."""
    stated = case.disposals.get(order_id)
    if stated is not None:
        return stated.disposal
    allocation = case.allocations.get(order_id)
    return allocation.disposal if allocation is not None else None


def provider_on(case: Case, order_id: str, day: date) -> tuple[str, ProviderKind] | None:
    """The provider that supervised an order at the end of a day, and its kind; None before it was allocated."""
    allocation = case.allocations.get(order_id)
    if allocation is None:
        return None
    moves = [
        transfer for transfer in case.transfers.values() if allocation.allocated_on <= transfer.transferred_on <= day
    ]
    if not moves:
        return allocation.provider, allocation.provider_kind
    last = max(moves, key=lambda transfer: (transfer.transferred_on, transfer.provider))
    return last.provider, last.provider_kind


def kind_of(case: Case, provider: str) -> ProviderKind | None:
    """Whether a provider is the NPS or a CRC, as far as the case's allocations tell."""
    held: Iterator[Allocation | Transfer] = iter((*case.allocations.values(), *case.transfers.values()))
    return next((row.provider_kind for row in held if row.provider == provider), None)


def in_custody_within(case: Case, first: date, last: date) -> bool:
    """Whether the person was in custody at the end of `first`, or came into it by the end of `last`."""
    inside = False
    for mark in sorted(case.custody.values(), key=lambda mark: (mark.at, mark.entered)):
        day = local_date(mark.at)
        if day > last:
            break
        if day > first and mark.entered:
            return True
        if day <= first:
            inside = mark.entered
    return inside


def exclusion(step: Step, order_id: str, start: date, due_on: date) -> str | None:
    """Why a unit of an order, its clock started on a date and due on another, is left out; None where it counts.

    Died, deported, quashed, moved; transferred or in custody before it was due.
    """
    case: Case = step.case
    if ended_before(case, order_id, due_on):
        outcome = case.endings[order_id].outcome
        if outcome in step.value(EXCLUDED_ENDINGS, start).codes:
            return outcome
    if any(start < transfer.transferred_on <= due_on for transfer in case.transfers.values()):
        return "transferred"
    if in_custody_within(case, start, due_on):
        return "custody"
    return None


def ended_before(case: Case, order_id: str, due_on: date) -> bool:
    """Whether an order ended by a date, and with it what was still to do."""
    ending = case.endings.get(order_id)
    return ending is not None and ending.ended_on <= due_on
