"""Two cases that are one person: what was recorded under one number is measured under the other."""

from collections.abc import Mapping

from services.metrics.domain import appointments, breach_referral
from services.metrics.domain.case import Case
from shared.domain.contact import united
from shared.domain.statement import Both, latest
from shared.domain.step import Step

STATED = ("disposals", "allocations", "transfers", "endings", "custody", "supervisions", "packs", "discretions")
"""Ledgers of which the latest statement of a record stands."""

LEDGERS: Mapping[str, Both] = {
    **dict.fromkeys(STATED, latest),
    "appointments": united,
    "withdrawn": max,
}
"""What two rows of one record come to, ledger by ledger."""

DERIVED = ("referrals_due",)
"""A ledger of which a row may take the place of others."""


def settle(step: Step, goes: Case) -> None:
    """Of two cases that are one: what was taken back under either number goes; a breach stands as said last."""
    for due_id, due in sorted(goes.referrals_due.items()):
        breach_referral.put_due(step, due_id, due)
    for record_id, through in sorted(step.case.withdrawn.items()):
        appointments.void(step, record_id, through)
