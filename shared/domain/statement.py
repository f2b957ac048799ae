"""Statements: a publisher may state a record again, and the log may bring the older statement last. The latest by its
own instant stands, whatever the order of arrival; of two of one instant, the one whose row is the greater as text."""

from datetime import datetime
from typing import Protocol

from shared.domain.decision import Outcome, ignored
from shared.domain.state import dump
from shared.domain.step import Step


class Stated(Protocol):
    """A row of a ledger that knows when it was stated."""

    @property
    def at(self) -> datetime: ...


def stands_over(was: Stated, now: Stated) -> bool:
    """Whether what is on the record stands against another statement of the same record."""
    return was.at > now.at or (was.at == now.at and dump(was) > dump(now))


def put_latest(step: Step, ledger: str, row_id: str, row: Stated) -> Outcome | None:
    """Write a row with an instant `at` to a ledger of the owner, unless a later statement of the record is there."""
    was: Stated | None = getattr(step.case, ledger).get(row_id)
    if was is not None and stands_over(was, row):
        return ignored("older-than-what-is-known")
    step.put(ledger, row_id, row)
    return None
