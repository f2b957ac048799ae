"""A person's case as enforcement keeps it: orders and supervision, contact, failures and how they were judged, and what
followed. Ledgers hold only what some rule reads, by the fact's own id; the same id again replaces. Rows of which a long
case has many are kept as arrays, without the names of their fields.
"""
# ruff: noqa: RUF012 - msgspec gives each state its own empty mapping

from datetime import date, datetime
from typing import Literal

from shared.contracts.resettlement import SupervisionKind
from shared.contracts.values import (
    Disposal,
    HearingOutcome,
    HearingPurpose,
    Judgement,
    ProviderKind,
    RecallKind,
    RecallOutcome,
    WarningLevel,
)
from shared.domain.contact import Arrangement
from shared.domain.numbers import Numbered
from shared.domain.state import Row

Regime = Literal["community", "licence", "post-sentence"]
"""Under which an order is enforced."""

Rung = Literal["first", "final", "recall", "breach"]
"""A step of the ladder: first or final warning, recall considered, breach."""


class Order(Row, frozen=True):
    """A sentence, as the court stated it at `at` in the event `fact`."""

    disposal: Disposal
    sentenced_on: date
    at: datetime
    fact: str
    ends_on: date | None = None


class Variation(Row, frozen=True):
    """The latest variation that moved an order's end."""

    varied_on: date
    ends_on: date
    at: datetime


class Ended(Row, frozen=True):
    """The end of an order or of a supervision."""

    on: date
    at: datetime


class Allocated(Row, frozen=True):
    """The provider that an order was allocated to; a correction replaces it from the start."""

    on: date
    kind: ProviderKind
    disposal: Disposal
    at: datetime
    fact: str


class Transfer(Row, frozen=True):
    """The case moved to a provider of another kind, or of the same."""

    on: date
    kind: ProviderKind
    at: datetime


class Supervision(Row, frozen=True):
    """Supervision after a release."""

    order_id: str
    kind: SupervisionKind
    starts_on: date
    at: datetime
    fact: str
    released_on: date | None = None
    ends_on: date | None = None


class Movement(Row, frozen=True):
    """Into custody or out of it. Whoever died in custody has not left it."""

    at: datetime
    entered: bool


class Standing(Row, frozen=True):
    """What the allocation service last said of the case: its band or its route."""

    value: str
    at: datetime


class Attended(Row, frozen=True, array_like=True):
    """An appointment attended, or a home visit at which the person was seen."""

    on: date
    at: datetime
    order_ids: tuple[str, ...] = ()
    face_to_face: bool = False


class Found(Row, frozen=True):
    """The day that a ledger was searched for, and the record that shows it."""

    on: date
    ref: str


class Failure(Row, frozen=True, array_like=True):
    """An absence, or another failure to comply that was reported."""

    on: date
    aware_on: date
    at: datetime
    fact: str
    order_ids: tuple[str, ...] = ()
    reported: bool = False
    face_to_face: bool = False
    excused: str = ""
    """`attended` or `stood-down`: it was no absence after all."""


class Judged(Row, frozen=True, array_like=True):
    """One judgement of a failure; it is never overwritten by another."""

    judgement_id: str
    judgement: Judgement
    on: date
    at: datetime
    fact: str
    revises: str | None = None


class Counted(Row, frozen=True, array_like=True):
    """A failure as judged now, and the orders that have been told of it."""

    judgement_id: str
    judgement: Judgement
    on: date
    aware_on: date
    judged_on: date
    order_ids: tuple[str, ...]
    told: tuple[str, ...] = ()


class Earlier(Row, frozen=True, array_like=True):
    """What the failures of an order that have gone counted for: how many were acceptable, and on how many dates others
    were, through which day, since the last breach ended."""

    acceptable: int = 0
    dates: int = 0
    through: date | None = None


class Called(Row, frozen=True):
    """What the unacceptable failures of one date call for on one order, and the warning in force on that date."""

    order_id: str
    rung: Rung
    on: date
    aware_on: date
    judged_on: date
    since: date
    regime: Regime
    failure_ids: tuple[str, ...]
    warning_id: str | None = None


class StoodDown(Row, frozen=True):
    """A session that the provider stood down; of which appointment, where that is known."""

    appointment_id: str | None
    at: datetime


class Oversight(Row, frozen=True):
    """A manager looked at the case, because of `trigger`."""

    trigger: str
    on: date
    at: datetime


class Warned(Row, frozen=True):
    """A warning; in force for failures after `sent_on` and before `in_force_before`."""

    order_id: str
    failure_ids: tuple[str, ...]
    level: WarningLevel
    sent_on: date
    in_force_before: date
    at: datetime


class Discretion(Row, frozen=True):
    """A recorded decision not to enforce."""

    order_id: str
    failure_ids: tuple[str, ...]
    on: date
    at: datetime


class Pack(Row, frozen=True):
    """One submission of a breach pack."""

    order_id: str
    pack_id: str
    submission: int
    failure_ids: tuple[str, ...]
    aware_on: date
    submitted_on: date
    at: datetime
    straight: bool = False
    """Straight to breach, for a serious single failure."""


class Information(Row, frozen=True):
    """An information laid at court."""

    order_id: str
    failure_ids: tuple[str, ...]
    laid_on: date
    at: datetime
    aware_on: date | None = None
    pack_id: str | None = None


class Hearing(Row, frozen=True):
    """A hearing as last listed."""

    order_id: str
    purpose: HearingPurpose
    listed_on: date
    hearing_on: date
    at: datetime
    fact: str


class Result(Row, frozen=True):
    """How a hearing ended."""

    order_id: str
    purpose: HearingPurpose
    held_on: date
    outcome: HearingOutcome
    at: datetime
    next_on: date | None = None


class PackAnswer(Row, frozen=True):
    """A pack was returned or accepted."""

    on: date
    at: datetime


class RecallConsidered(Row, frozen=True):
    """Recall was considered: decided on, or an alternative chosen."""

    order_id: str
    decision: str
    decided_at: datetime
    at: datetime
    fact: str


class RecallRequested(Row, frozen=True):
    """Recall was asked for."""

    order_id: str
    requested_at: datetime
    at: datetime


class RecallAnswered(Row, frozen=True):
    """The authority has answered."""

    outcome: RecallOutcome
    decided_at: datetime
    at: datetime
    kind: RecallKind | None = None


class Case(Numbered, omit_defaults=True):
    """A person's case, by CRN."""

    orders: dict[str, Order] = {}
    variations: dict[str, Variation] = {}
    ended: dict[str, Ended] = {}
    allocated: dict[str, Allocated] = {}
    transfers: dict[str, Transfer] = {}
    supervisions: dict[str, Supervision] = {}
    supervisions_ended: dict[str, Ended] = {}
    custody: dict[str, Movement] = {}
    standing: dict[str, Standing] = {}
    arranged: dict[str, Arrangement] = {}
    attended: dict[str, Attended] = {}
    first_offers: dict[str, Found] = {}
    """By order: the first day for which face-to-face contact was arranged."""
    release_offers: dict[str, Found] = {}
    """By supervision: the first such day from the release on."""
    last_seen: dict[str, Found] = {}
    """Under `seen`: when the person was last seen face to face."""
    failures: dict[str, Failure] = {}
    judgements: dict[str, tuple[Judged, ...]] = {}
    """By failure, in the order in which they were made."""
    counted: dict[str, Counted] = {}
    """By failure: as what it counts."""
    earlier: dict[str, Earlier] = {}
    """By order: what failures of long ago counted for."""
    called: dict[str, Called] = {}
    """By order and date: what the ladder calls for."""
    stood_down: dict[str, StoodDown] = {}
    oversights: dict[str, Oversight] = {}
    warnings: dict[str, Warned] = {}
    discretions: dict[str, Discretion] = {}
    packs: dict[str, Pack] = {}
    returned: dict[str, PackAnswer] = {}
    accepted: dict[str, PackAnswer] = {}
    informations: dict[str, Information] = {}
    hearings: dict[str, Hearing] = {}
    results: dict[str, Result] = {}
    recalls_considered: dict[str, RecallConsidered] = {}
    recalls_requested: dict[str, RecallRequested] = {}
    recalls_answered: dict[str, RecallAnswered] = {}
    withdrawn: dict[str, datetime] = {}
    """Records that were taken back, by kind and id: through when what was stated of them is void."""
