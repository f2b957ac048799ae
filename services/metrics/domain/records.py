"""Two cases that are one person: what was recorded under one number is measured under the other."""

from services.metrics.domain import appointments, breach_referral
from services.metrics.domain.case import Case
from shared.domain.contact import united
from shared.domain.merger import take_what_is_lacking
from shared.domain.statement import put_latest
from shared.domain.step import Step

KEPT = ("disposals", "transfers", "endings", "custody", "supervisions", "packs", "discretions")
"""Ledgers of which a record that both cases have stays as the case that stays has it."""

LEDGERS = (*KEPT, "allocations", "appointments", "referrals_due", "withdrawn")
"""Ledgers that move to another case when two are one person."""


def take_over(step: Step, goes: Case) -> None:
    """Take what was stated of the other case; its measurements have been taken back, and are made anew here."""
    take_what_is_lacking(step, goes, KEPT)
    for order_id, allocation in sorted(goes.allocations.items()):
        put_latest(step, "allocations", order_id, allocation)
    for due_id, due in sorted(goes.referrals_due.items()):
        breach_referral.put_due(step, due_id, due)
    for ref, arrangement in sorted(goes.appointments.items()):
        step.put("appointments", ref, united(step.case.appointments.get(ref), arrangement))
    for record_id, through in sorted(goes.withdrawn.items()):
        step.put("withdrawn", record_id, max(through, step.case.withdrawn.get(record_id, through)))
    for record_id, through in sorted(step.case.withdrawn.items()):
        appointments.void(step, record_id, through)
