"""What metrics keeps of a person's case: who supervised when, what was arranged, referred and ended, and the
measurements that stand. Ledgers hold a fact by its own id; the same id again replaces."""
# ruff: noqa: RUF012 - msgspec gives each state its own empty mapping

from datetime import date, datetime

from shared.contracts.values import Disposal, ProviderKind
from shared.domain.contact import Arrangement
from shared.domain.numbers import Numbered
from shared.domain.state import Measured, Row
from shared.domain.statement import UNDATED


class Disposed(Row, frozen=True):
    """What the court made of an order."""

    disposal: Disposal
    at: datetime


class Allocation(Row, frozen=True):
    """An order's provider from `allocated_on` on, as stated at `at`; a correction replaces it from the start."""

    provider: str
    provider_kind: ProviderKind
    disposal: Disposal
    sentenced_on: date
    allocated_on: date
    at: datetime


class Transfer(Row, frozen=True):
    """The case moved to another provider on a date."""

    provider: str
    provider_kind: ProviderKind
    transferred_on: date
    at: datetime = UNDATED


class Ending(Row, frozen=True):
    """How and when an order ended."""

    ended_on: date
    outcome: str
    at: datetime = UNDATED


class CustodyMark(Row, frozen=True):
    """The person entered custody, or left it."""

    at: datetime
    entered: bool


class Supervision(Row, frozen=True):
    """Supervision after a release."""

    order_id: str
    provider: str
    released_on: date
    at: datetime = UNDATED


class Pack(Row, frozen=True):
    """A breach pack's first submission."""

    order_id: str
    failure_ids: tuple[str, ...]
    aware_on: date
    submitted_on: date
    at: datetime = UNDATED


class DueReferral(Row, frozen=True):
    """Enforcement said that a breach must be referred; `accepted` are its failures judged acceptable since."""

    order_id: str
    failure_ids: tuple[str, ...]
    aware_on: date
    due_at: datetime
    accepted: tuple[str, ...] = ()
    at: datetime = UNDATED


class Discretion(Row, frozen=True):
    """An officer decided not to breach for these failures."""

    failure_ids: tuple[str, ...]
    at: datetime


class Case(Numbered, omit_defaults=True):
    """A person's case, by CRN, as the contract measures see it."""

    measured: dict[str, dict[str, Measured]] = {}
    disposals: dict[str, Disposed] = {}
    allocations: dict[str, Allocation] = {}
    transfers: dict[str, Transfer] = {}
    endings: dict[str, Ending] = {}
    custody: dict[str, CustodyMark] = {}
    supervisions: dict[str, Supervision] = {}
    appointments: dict[str, Arrangement] = {}
    packs: dict[str, Pack] = {}
    referrals_due: dict[str, DueReferral] = {}
    discretions: dict[str, Discretion] = {}
    withdrawn: dict[str, datetime] = {}
