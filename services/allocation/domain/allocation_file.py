"""The allocation file of an order, from sentence to the decision which provider holds the person.

One holder for the person: the NPS if any order has grounds. A file without RSR or risk of harm waits (incomplete),
unless there is a ground already. A later form that says otherwise corrects the allocation; agreed transfers and
accepted escalations move it.
"""

from datetime import date, datetime

from msgspec.structs import replace

from services.allocation.domain import assignment, risk, transfer
from services.allocation.domain.case import Allocation, Case, Claim, Form, Holder, Order, case_of, set_down
from services.allocation.domain.orders import (
    is_open,
    open_orders,
)
from services.allocation.domain.provider import Grounds, grounds_now, is_complete
from shared.contracts.allocation import ProviderDecided
from shared.contracts.values import ProviderKind
from shared.domain.business_days import local_date, start_of_day
from shared.domain.duty import Clock, Done, Duty
from shared.domain.step import Step
from shared.domain.workflow import Entry, Transition, Workflow

OVERDUE = "allocation-overdue"


def is_pending(case: Case) -> bool:
    """Whether a form waits for its decision: any statement of risk may complete it."""
    return any(
        is_open(order) and order_id in case.forms and order_id not in case.allocations
        for order_id, order in case.orders.items()
    )


def decide_orders(step: Step) -> None:
    """Decide every open order whose file is complete, and correct those that a later form shows to be wrong."""
    for order_id, order in open_orders(case_of(step)):
        form = case_of(step).forms.get(order_id)
        if form is None or order.sentenced_on is None:
            continue
        found = grounds_now(step, order.sentenced_on)
        allocation = case_of(step).allocations.get(order_id)
        if allocation is None:
            _decide(step, order_id, order, form, found)
        elif allocation.form_id != _version(form) and _correct_by_form(step, form, found):
            step.put("allocations", order_id, replace(allocation, form_id=_version(form)))


def _version(form: Form) -> str:
    """A form as it was decided on: the same id may be sent again with other answers."""
    return f"{form.form_id}@{form.at.isoformat()}"


def _decide(step: Step, order_id: str, order: Order, form: Form, found: Grounds) -> None:
    case = case_of(step)
    if not is_complete(case, found):
        return
    holder, at = case.holder, completed_at(case, form, found)
    on = local_date(at)
    rules = found.rules(step.policy, order.sentenced_on or on)
    kind: ProviderKind = "nps" if found.codes or (holder is not None and holder.kind == "nps") else "crc"
    if holder is None or holder.kind != kind:
        code = transfer.provider_of(step, kind, on)
        if code is None:
            assignment.wait_in_unit(step)
            return
        if holder is None:
            set_down(step, holder=Holder(code, kind, on))
        else:
            transfer.move(step, Claim(kind, "escalation", on, code), rules)
    now = case_of(step).holder
    if now is None:
        return
    step.put("allocations", order_id, Allocation(on, at, _version(form)))
    _start_clock(step, on)
    step.emit(ProviderDecided(**transfer.provider_fields(step, order_id, order, now, found.codes, on, rules)))


def _start_clock(step: Step, on: date) -> None:
    """The person needs an officer from the first allocation on, in whatever order the forms came."""
    case = case_of(step)
    if case.allocated_on is None:
        set_down(step, allocated_on=on, needed_from=on, provided_on=None)
    elif on < case.allocated_on:
        first = case.needed_from == case.allocated_on
        set_down(step, allocated_on=on, needed_from=on if first else case.needed_from)


def completed_at(case: Case, form: Form, found: Grounds) -> datetime:
    """When the file was complete: with the form, or with what was stated since. Its date is that of allocation."""
    if {"mappa", "deportation", "deferred", "public-interest"} & set(found.codes):
        return form.at
    needed: list[datetime] = [form.at]
    if form.rosh is None:
        needed.append(risk.stated_at(risk.rosh(case), form.at))
    if form.rsr is None and "rosh" not in found.codes:
        needed.append(risk.stated_at(risk.rsr(case), form.at))
    return max(needed)


def _correct_by_form(step: Step, form: Form, found: Grounds) -> bool:
    """The form that was decided on has been replaced: was the provider wrong from the start? False: not known yet."""
    holder = case_of(step).holder
    if holder is None or holder.kind == found.kind or holder.by not in ("decision", "correction"):
        return True
    on = local_date(form.at)
    code = transfer.provider_of(step, found.kind, on)
    if code is None:
        assignment.wait_in_unit(step)
        return False
    transfer.correct(step, Claim(found.kind, "wrong-allocation", on, code), found.rules(step.policy, on))
    return True


# -- the file of each order, as a workflow and a duty ----------------------------------------------


def _entries(case: Case, order_id: str) -> list[Entry]:
    order, form = case.orders.get(order_id, Order()), case.forms.get(order_id)
    found: list[Entry] = []
    if order.sentenced_on is not None:
        found.append(Entry("sentence", start_of_day(order.sentenced_on), order_id, 0))
    if form is not None:
        found.append(Entry("form", form.at, form.form_id, 1))
    allocation = case.allocations.get(order_id)
    if allocation is not None:
        found.append(Entry("decision", allocation.at, order_id, 2))
    if order.ended_on is not None:
        found.append(Entry("end", start_of_day(order.ended_on), order_id, 3))
    return found


FILE = Workflow(
    name="allocation-file",
    reads=frozenset(("orders", "forms", "allocations")),
    refs=lambda case: case.orders,
    entries=_entries,
    transitions=(
        Transition(frozenset(("none",)), "sentence", "awaiting"),
        Transition(frozenset(("none", "awaiting", "incomplete")), "form", "incomplete"),
        Transition(frozenset(("awaiting", "incomplete")), "decision", "decided"),
        Transition(frozenset(("decided",)), "form", None),
        Transition(frozenset(("none", "awaiting", "incomplete", "decided")), "end", "closed"),
    ),
)


def _clocks(case: Case) -> list[Clock]:
    return [
        Clock(order_id, order.sentenced_on, order_id, (order_id,))
        for order_id, order in open_orders(case)
        if order.sentenced_on is not None
    ]


def _done(case: Case, clock: Clock) -> Done | None:
    allocation = case.allocations.get(clock.ref)
    return Done(allocation.on, evidence=(allocation.form_id.partition("@")[0],)) if allocation is not None else None


ALLOCATION_OVERDUE = Duty(
    code=OVERDUE,
    reads=frozenset(("orders", "allocations")),
    clocks=_clocks,
    done=_done,
    owner="nps-court-spo",
)
