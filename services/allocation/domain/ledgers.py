"""What a case keeps of contact, plans, compliance, changes and cover: only the fields that some row reads, and only
the latest records of each, so that a fact costs the same in a long case.
"""

from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from shared.contracts.casework_allocation import HubDirection
from shared.domain.state import Row, dump
from shared.domain.statement import UNDATED, put_both
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
    stated_at: datetime = UNDATED


class Plan(Row, frozen=True, array_like=True):
    """A sentence or release plan: its main parts."""

    on: date
    main: tuple[str, ...]
    at: datetime = UNDATED


class PartClosed(Row, frozen=True, array_like=True):
    """A part of a plan that is done or withdrawn."""

    on: date
    completed: bool
    at: datetime = UNDATED


class Breach(Row, frozen=True, array_like=True):
    """The latest breach of an order: its pack, and the hearing that concluded it."""

    submitted_on: date | None = None
    concluded_on: date | None = None


class Signal(Row, frozen=True, array_like=True):
    """A change or event that may tell of risk: its kinds, as policy weighs them."""

    on: date
    kinds: tuple[str, ...]
    at: datetime = UNDATED


class Credit(Row, frozen=True, array_like=True):
    """Days of rehabilitation activity credited to a requirement."""

    requirement: str
    on: date
    days: int
    at: datetime = UNDATED


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
    requested_at: datetime | None = None
    moved_at: datetime | None = None
    """When the request, and the move, were last stated."""


def is_withdrawn(step: Step, kind: str, record_id: str) -> bool:
    """Whether a record of the case was taken back: one that comes late stays out."""
    return f"{kind}:{record_id}" in step.case.withdrawn


def withdraw(step: Step, kind: str, record_id: str, on: date) -> None:
    """Note that a record was taken back."""
    put_both(step, "withdrawn", f"{kind}:{record_id}", on, min)


def transferred(one: HubTransfer, other: HubTransfer) -> HubTransfer:
    """A move to or from the hub of which both was stated: its request and its completion, each as stated last."""
    rows = (one, other)
    requested = max(
        rows,
        key=lambda row: (
            row.requested_at or UNDATED,
            dump(replace(row, told_on=None, moved_on=None, checked_since=None, moved_at=None)),
        ),
    )
    moved = max(rows, key=lambda row: (row.moved_at or UNDATED, row.moved_on or date.min))
    last = max(rows, key=lambda row: (max(row.requested_at or UNDATED, row.moved_at or UNDATED), row.direction))
    told = [row.told_on for row in rows if row.told_on is not None]
    return replace(
        requested,
        direction=last.direction,
        told_on=min(told, default=None),
        moved_on=moved.moved_on,
        checked_since=moved.checked_since,
        moved_at=moved.moved_at,
    )


def breached(one: Breach, other: Breach) -> Breach:
    """The breach of an order of which both was stated: the latest pack, the latest conclusion."""
    submitted = [row.submitted_on for row in (one, other) if row.submitted_on is not None]
    concluded = [row.concluded_on for row in (one, other) if row.concluded_on is not None]
    return Breach(max(submitted, default=None), max(concluded, default=None))


def last_contact(one: Contact, other: Contact) -> Contact:
    """What stands of a contact that was stated twice: as stated last."""
    return max(one, other, key=lambda row: (row.stated_at, row.at, row.made, row.minutes))


def keep_latest(step: Step, ledger: str, n: int) -> list[tuple[str, Any]]:
    """Keep the latest `n` rows of a ledger, by their own date and id; returns the others, the oldest first."""
    rows = getattr(step.case, ledger)
    if len(rows) <= n:
        return []
    by_age = sorted([(_when(row), row_id) for row_id, row in rows.items()])
    old = [(row_id, rows[row_id]) for _, row_id in by_age[:-n]]
    for row_id, _ in old:
        step.drop(ledger, row_id)
    return old


def _when(row: Any) -> Any:
    return row.at if isinstance(row, Contact) else row.on
