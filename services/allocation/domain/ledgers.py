"""What a case keeps of contact, plans, compliance, changes and cover: only the fields that some row reads, and only
the latest records of each, so that a fact costs the same in a long case.
"""

from datetime import date, datetime
from typing import Any

from shared.contracts.casework_allocation import HubDirection
from shared.domain.state import Row
from shared.domain.step import Step


class Away(Row, frozen=True, array_like=True):
    """An absence of the case's officer, as its office has told it."""

    started_on: date
    ended_on: date | None = None
    covered_on: date | None = None


class Cover(Row, frozen=True, array_like=True):
    """Another officer who covers this one case, by the officer whom they stand in for."""

    officer: str
    by: str
    since: date
    until: date | None
    at: datetime


class Contact(Row, frozen=True, array_like=True):
    """A contact made or tried, with the minutes that it lasted face to face."""

    at: datetime
    made: bool
    minutes: int = 0


class Plan(Row, frozen=True, array_like=True):
    """A sentence or release plan: its main parts."""

    on: date
    main: tuple[str, ...]


class PartClosed(Row, frozen=True, array_like=True):
    """A part of a plan that is done or withdrawn."""

    on: date
    completed: bool


class Breach(Row, frozen=True, array_like=True):
    """The latest breach of an order: its pack, and the hearing that concluded it."""

    submitted_on: date | None = None
    concluded_on: date | None = None


class Signal(Row, frozen=True, array_like=True):
    """A change or event that may tell of risk: its kinds, as policy weighs them."""

    on: date
    kinds: tuple[str, ...]


class Credit(Row, frozen=True, array_like=True):
    """Days of rehabilitation activity credited to a requirement."""

    requirement: str
    on: date
    days: int


class HubTransfer(Row, frozen=True):
    """A move to or from the hub, from its request and its completion in whichever order they come."""

    direction: HubDirection
    requested_on: date | None = None
    told_on: date | None = None
    proceed: bool = True
    reason: str = ""
    """The exceptional reason on the record, if any."""
    moved_on: date | None = None
    checked_since: date | None = None
    """From when on an answer of the police counts for the move."""


def keep_latest(step: Step, ledger: str, n: int) -> list[tuple[str, Any]]:
    """Keep the latest `n` rows of a ledger, by their own date and id; returns the others, the oldest first."""
    rows = getattr(step.case, ledger)
    if len(rows) <= n:
        return []
    by_age = sorted(rows.items(), key=lambda item: (_when(item[1]), item[0]))
    for row_id, _ in by_age[:-n]:
        step.drop(ledger, row_id)
    return by_age[:-n]


def _when(row: Any) -> Any:
    return row if isinstance(row, date) else row.at if isinstance(row, Contact) else row.on
