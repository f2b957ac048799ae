"""Statements: a publisher may state a record again, under another number of the person, too, and the log may bring the
older statement last. The latest by its own instant stands, whatever the order of arrival; of two of one instant, the
one whose row is the greater as text. What a record comes to is one function, `Both`, of any two of its rows, so that a
fact that is taken down and a merger that brings what another number's case had taken down come to the same.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Protocol, TypeVar

from shared.domain.decision import Outcome, ignored
from shared.domain.state import Row, dump
from shared.domain.step import Step

UNDATED = datetime(1900, 1, 1, tzinfo=UTC)
"""When a row was stated of which an earlier version did not keep that."""

Both = Callable[[Any, Any], Any]
"""What two rows of one record come to: the same for either order, and for one of them again."""


class Stated(Protocol):
    """A row of a ledger that knows when it was stated."""

    @property
    def at(self) -> datetime: ...


class Dated(Row, frozen=True):
    """A record of which only the day counts."""

    on: date
    at: datetime


S = TypeVar("S", bound=Stated)


def stands_over(was: Stated, now: Stated) -> bool:
    """Whether what is on the record stands against another statement of the same record."""
    return was.at > now.at or (was.at == now.at and dump(was) > dump(now))


def latest(was: S, now: S) -> S:
    """The row that was stated last."""
    return was if stands_over(was, now) else now


def put_both(step: Step, ledger: str, row_id: str, row: Any, both: Both) -> Outcome | None:
    """Write a row to a ledger of the owner, as what it and the one that is there come to."""
    was = getattr(step.case, ledger).get(row_id)
    stands = row if was is None else both(was, row)
    if stands == was and stands != row:
        return ignored("older-than-what-is-known")
    step.put(ledger, row_id, stands)
    return None


def put_latest(step: Step, ledger: str, row_id: str, row: Stated) -> Outcome | None:
    """Write a row with an instant `at` to a ledger of the owner, unless a later statement of the record is there."""
    return put_both(step, ledger, row_id, row, latest)
