"""Moves to and from the hub, and the gate before it: reviewed since the last change, requirements complete, police
check back where one is called for, responsible officer told; or an exceptional reason on the record.

Source: HMI Probation, South Yorkshire 2017, lines 155, 345, 430 and 583; Suffolk 2017, line 329.
"""

from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from services.allocation.domain import delivery, risk
from services.allocation.domain.case import Case, HubMove, case_of, set_down
from services.allocation.domain.ledgers import HubTransfer, transferred
from services.allocation.domain.orders import open_orders
from shared.contracts.allocation import Gate
from shared.contracts.casework import HubTransferCompleted, HubTransferRequested
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.statement import put_both
from shared.domain.step import Step

UNGATED = "hub-transfer-ungated"
POLICE_CHECK = "hub.police-check"
"""Parameter: how old an answer of the police may be when a case moves to the hub."""

REMEMBER_MOVES = 2
"""Transfers made that are kept, the latest ones."""
NO_REASON = frozenset(("", "none-needed"))


def take_request(step: Step, fact: Fact, stated: HubTransferRequested) -> Outcome | None:
    """A move has been asked for and decided."""
    row = HubTransfer(
        stated.direction,
        requested_on=stated.requested_on,
        told_on=stated.officer_told_on,
        proceed=stated.decision == "proceed",
        reason=stated.exceptional_reason or "",
        requested_at=fact.at,
    )
    return _keep(step, stated.transfer_id, row)


def take_move(step: Step, fact: Fact, stated: HubTransferCompleted) -> Outcome | None:
    """The case has moved to or from the hub, gated or not; the latest move stands."""
    fresh = local_date(step.value(POLICE_CHECK, stated.moved_on).term.before(stated.moved_on))
    row = HubTransfer(
        stated.direction,
        told_on=stated.officer_told_on,
        moved_on=stated.moved_on,
        checked_since=fresh,
        moved_at=fact.at,
    )
    _keep(step, stated.transfer_id, row)
    moved, known = HubMove(stated.direction, stated.moved_on, fact.at), case_of(step).moved
    if known is not None and last_move(known, moved) != moved:
        return ignored("superseded")
    set_down(step, moved=moved)
    home = case_of(step).home
    if home is not None and home.on <= moved.on:
        set_down(step, home=replace(home, office=""))
    return None


def last_move(one: HubMove, other: HubMove) -> HubMove:
    """What stands of two moves: the later."""
    return max(one, other, key=lambda row: (row.on, row.at, row.direction))


def _keep(step: Step, transfer_id: str, row: HubTransfer) -> Outcome | None:
    outcome = put_both(step, "transfers", transfer_id, row, transferred)
    forget(step)
    return outcome


def forget(step: Step) -> None:
    """An older transfer that has been made matters no more once later ones have."""
    made = [(each.moved_on, own_id) for own_id, each in case_of(step).transfers.items() if each.moved_on is not None]
    for _, own_id in sorted(made)[:-REMEMBER_MOVES]:
        step.drop("transfers", own_id)


def gates_met(case: Case, transfer: HubTransfer) -> dict[Gate, date | None]:
    """The day on which each part of the gate was met, for what there was on the day of the move; None: it was not."""
    moved_on = transfer.moved_on or date.max
    return {
        "review": _reviewed_on(case, moved_on),
        "requirements": delivery.completed_on(case, moved_on),
        "police-check": _checked_on(case, moved_on, transfer.checked_since or date.min),
        "officer-told": transfer.told_on,
    }


def unmet_gates(case: Case, transfer: HubTransfer | None) -> tuple[Gate, ...]:
    """The parts of the gate that have not been met; none where an exceptional reason overrides it."""
    if transfer is None or overrides(transfer):
        return ()
    return tuple(gate for gate, on in gates_met(case, transfer).items() if on is None)


def overrides(transfer: HubTransfer) -> bool:
    """Whether a manager let the case move for an exceptional reason on the record."""
    return transfer.requested_on is not None and transfer.proceed and transfer.reason not in NO_REASON


def latest_move(case: Case) -> tuple[str, HubTransfer] | None:
    """The transfer by which the case is where it is; none where it was made in an earlier period of supervision."""
    since = case.allocated_on or date.min
    made = [
        (each.moved_on, own_id, each)
        for own_id, each in case.transfers.items()
        if each.moved_on is not None and each.moved_on >= since
    ]
    if not made:
        return None
    _, own_id, row = max(made, key=lambda each: (each[0], each[1]))
    return own_id, row


def move_of_this_period(case: Case) -> HubMove | None:
    """The latest move, if it was made in this period of supervision."""
    since = case.allocated_on or date.min
    return case.moved if case.moved is not None and case.moved.on >= since else None


def _reviewed_on(case: Case, moved_on: date) -> date | None:
    """The first review on or after the last change of circumstances or risk before the move."""
    changes = [row.on for row in case.signals.values()] + [level.on for level in risk.changes(case)]
    last = max((on for on in changes if on <= moved_on), default=date.min)
    return min((row.on for row in case.reviews.values() if row.on >= last), default=None)


def _checked_on(case: Case, moved_on: date, since: date) -> date | None:
    """When the police answered.

    Where abuse is in question a further check is called for, however often they were asked before; else only that
    none of those asked by then is outstanding.
    """
    checks = [check for check in case.checks.values() if check.kind == "domestic-abuse"]
    forms = [case.forms[order_id] for order_id, _ in open_orders(case) if order_id in case.forms]
    if any(form.domestic_abuse != "none" and local_date(form.at) <= moved_on for form in forms):
        answers = (check.returned_on for check in checks if check.returned_on is not None)
        return min((on for on in answers if on >= since), default=None)
    answered = [check.returned_on for check in checks if check.requested_on <= moved_on]
    return None if None in answered else max((on for on in answered if on is not None), default=date.min)


def _clocks(case: Case) -> Iterable[Clock]:
    found = latest_move(case)
    if found is None or case.route != "hub":
        return ()
    transfer_id, row = found
    if row.direction != "to-hub" or row.moved_on is None:
        return ()
    return (Clock(transfer_id, row.moved_on, evidence=(transfer_id,)),)


def _gated(case: Case, clock: Clock) -> Done | None:
    transfer = case.transfers[clock.ref]
    if overrides(transfer) and transfer.requested_on is not None:
        return Done(transfer.requested_on)
    dates = list(gates_met(case, transfer).values())
    met = [on for on in dates if on is not None]
    return Done(max(met)) if len(met) == len(dates) else None


HUB_TRANSFER_UNGATED = Duty(
    code=UNGATED,
    reads=frozenset(
        (
            "transfers",
            "route",
            "reviews",
            "signals",
            "levels",
            "orders",
            "forms",
            "allocated_on",
            "credits",
            "requirements_ended",
            "checks",
        )
    ),
    clocks=_clocks,
    done=_gated,
    owner="spo",
    answerable=True,
)
