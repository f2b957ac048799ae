"""Statements by which a record is nothing that a rule reads: an attempt that was not answered, a referral of another
kind, a credit of no days. They take away what was stated earlier, also where that is heard later.
"""

from datetime import datetime

from services.resettlement.domain.case import case_of
from shared.domain.decision import Outcome, ignored
from shared.domain.statement import Both, Stated, put_both
from shared.domain.step import Step

KEPT = 16
"""Such records that a case remembers, the latest."""


def void(step: Step, ledger: str, record_id: str, at: datetime) -> bool:
    """Take down that a record is nothing, as stated at an instant. True if something stood that no longer does."""
    put_both(step, "voided", f"{ledger}:{record_id}", at, max)
    forget(step)
    return drop_earlier(step, ledger, record_id, at)


def put_unless_void(step: Step, ledger: str, record_id: str, row: Stated, both: Both) -> Outcome | None:
    """Write a row to a ledger, unless it was stated since that the record is nothing; of one instant the row stands."""
    if case_of(step).voided.get(f"{ledger}:{record_id}", row.at) > row.at:
        return ignored("stated-otherwise-since")
    return put_both(step, ledger, record_id, row, both)


def drop_earlier(step: Step, ledger: str, record_id: str, at: datetime) -> bool:
    """Take a row out of a ledger that was stated before an instant. True if there was one."""
    was: Stated | None = getattr(step.case, ledger).get(record_id)
    return was is not None and was.at < at and step.drop(ledger, record_id)


def settle(step: Step) -> None:
    """Of two cases that are one: what either knows to be nothing goes."""
    for key, at in sorted(case_of(step).voided.items()):
        ledger, _, record_id = key.partition(":")
        drop_earlier(step, ledger, record_id, at)
    forget(step)


def forget(step: Step) -> None:
    """Let go what was stated longest ago."""
    rows = case_of(step).voided
    for _, key in sorted((at, key) for key, at in rows.items())[:-KEPT]:
        step.drop("voided", key)
