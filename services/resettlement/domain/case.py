"""A person's case as resettlement keeps it: what courts, prisons and casework stated, and what follows from it.

Ledgers hold facts by their own id, only the fields that some row reads. `episodes` and `supervisions` are views:
worked out from the other ledgers whenever one of them changes, never written by hand.
"""
# ruff: noqa: RUF012 - msgspec gives each state its own empty mapping

from datetime import date, datetime
from typing import Literal

from shared.contracts.resettlement import SupervisionKind
from shared.domain.fact import Subject
from shared.domain.identifiers import stable_id
from shared.domain.numbers import Numbered
from shared.domain.state import Row
from shared.domain.statement import UNDATED, Dated
from shared.domain.step import Step

CASE = "case"
CustodyKind = Literal["sentence", "recall", "remand-or-unknown"]
History = Literal["domestic-abuse", "child", "victim"]
"""What a person's history may hold that safeguarding or a licence must answer."""


class Order(Row, frozen=True):
    """A custodial sentence, from its record and its end in whichever order they come."""

    sentenced_on: date | None = None
    """Absent where it is not a sentence of custody, and while only the end is known."""
    offence_on: date | None = None
    stated_at: datetime | None = None
    runs_until: date | None = None
    """The last day of the term; absent where there is none, or it is for life."""
    life: bool = False
    over_a_day: bool = True
    released_at_court: bool = False
    unit: str = ""
    """The local delivery unit that the sentence names."""
    ended_on: date | None = None
    ended_as: str = ""
    ended_at: datetime | None = None
    """When its end was stated."""


class Movement(Row, frozen=True):
    """Into prison or out of it, for good: what begins or ends a stay."""

    at: datetime
    way: Literal["in", "out"]
    prison: str
    recall: bool = False
    died: bool = False


class ReleaseDate(Row, frozen=True):
    """A release date as a prison stated it; `on` is the effective day, absent where there is none now."""

    id: str
    at: datetime
    on: date | None = None
    opens_on: date | None = None
    """When pre-release work starts."""
    licence_ends_on: date | None = None
    post_sentence_ends_on: date | None = None


class Episode(Row, frozen=True):
    """A stay in custody, from its movements, and the sentence that is served in it."""

    entered_at: datetime
    kind: CustodyKind
    prison: str
    fact_id: str
    """The movement that began it."""
    order_id: str = ""
    serving_from: datetime | None = None
    """When the sentence begins to be served here; absent on remand."""
    sentenced_on: date | None = None
    bound: bool = False
    """Resettlement is due: a sentence of more than a day that has not ended."""
    dates: tuple[ReleaseDate, ...] = ()
    left_at: datetime | None = None
    died: bool = False
    left_fact_id: str = ""

    @property
    def known_dates(self) -> tuple[ReleaseDate, ...]:
        """The release dates stated while the person was inside, oldest first."""
        return tuple(each for each in self.dates if self.left_at is None or each.at < self.left_at)

    @property
    def release(self) -> ReleaseDate | None:
        """The release date in force: the last that was stated, where it names a day."""
        known = self.known_dates
        return known[-1] if known and known[-1].on is not None else None


class Supervision(Row, frozen=True):
    """A period of supervision after release: licence, or post-sentence supervision."""

    order_id: str
    kind: SupervisionKind
    released_on: date
    starts_on: date
    ends_on: date
    since: datetime
    until: datetime
    """When it ends as things stand: at its last day, or earlier."""
    outcome: str
    """How it then ends; empty where its end counts for nothing."""
    fact_id: str
    """The release (or the sentence, where release was at court)."""
    episode: str = ""
    unit: str = ""


class Recall(Row, frozen=True):
    """A recall that the authority has decided on."""

    issued: bool
    decided_at: datetime
    at: datetime


class Holder(Row, frozen=True):
    """The provider that supervises."""

    code: str
    at: datetime


class Officer(Row, frozen=True):
    """A responsible officer, since when they were last named."""

    on: date
    at: datetime


class Contact(Row, frozen=True):
    """An appointment, a visit or an answered attempt, as it stands."""

    on: date | None = None
    """Absent while only the cancellation is known."""
    how: Literal["arranged", "attended", "replied", "visited"] = "arranged"
    face_to_face: bool = False
    in_prison: bool = False
    officer: str = ""
    stated_at: datetime | None = None
    arranged_on: date | None = None
    """The day on which it was first arranged."""
    cancelled_at: datetime | None = None
    """When the provider cancelled it."""

    @property
    def at(self) -> datetime:
        """When it was stated as it stands."""
        return self.stated_at or UNDATED


class Handover(Row, frozen=True):
    """A step of a hand-over to the community officer."""

    handover_id: str
    step: Literal["sent", "returned", "accepted"]
    on: date
    at: datetime


class Screening(Row, frozen=True):
    """A basic custody screening, and the provider who makes the plan that follows."""

    completed_at: datetime
    provider: str
    at: datetime
    accommodation: bool = False
    """Whether it found a need of accommodation."""


class Plan(Row, frozen=True):
    """A plan of any kind, with the fingerprint of its text."""

    kind: str
    on: date
    at: datetime
    text_hash: str = ""
    simhash: str = ""


class Review(Row, frozen=True):
    """A review, and what was reviewed."""

    on: date
    at: datetime
    post_release: bool = False
    reviewed: tuple[str, ...] = ()


class Address(Row, frozen=True):
    """An address to be released to."""

    confirmed_on: date | None = None
    stated_at: datetime | None = None
    unit: str = ""
    withdrawn_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Confirmed, and not withdrawn since."""
        return self.stated_at is not None and (self.withdrawn_at is None or self.withdrawn_at < self.stated_at)


class Home(Row, frozen=True):
    """Whether the person was last said to have no address."""

    at: datetime
    none: bool


class Form(Row, frozen=True):
    """What the latest allocation form of an order says of the person's history."""

    at: datetime
    history: tuple[History, ...] = ()


class Registration(Row, frozen=True):
    """A registration; taken off the register it is history still."""

    at: datetime
    history: History | None = None


class Licence(Row, frozen=True):
    """The licence of an order as last issued or varied."""

    at: datetime
    on: date
    answered: tuple[str, ...] = ()
    """Matters that its conditions cover, or that were left out with a reason."""
    varied_by: str = ""
    """The grade that authorised the variation; empty where it was not varied."""
    fact_id: str = ""


class Cleared(Row, frozen=True):
    """Oversight of copied work: the records that it has looked at."""

    records: tuple[str, ...]
    at: datetime


class Case(Numbered, omit_defaults=True):
    """A person, by CRN."""

    orders: dict[str, Order] = {}
    movements: dict[str, Movement] = {}
    release_dates: dict[str, ReleaseDate] = {}
    recalls: dict[str, Recall] = {}
    episodes: dict[str, Episode] = {}
    """By the instant of entry."""
    supervisions: dict[str, Supervision] = {}
    """By kind and day of release."""
    holder: dict[str, Holder] = {}
    """By CRN."""
    officers: dict[str, Officer] = {}
    contacts: dict[str, Contact] = {}
    activities: dict[str, Dated] = {}
    """Constructive work: days credited, activities attended, services begun."""
    handovers: dict[str, Handover] = {}
    screenings: dict[str, Screening] = {}
    plans: dict[str, Plan] = {}
    reviews: dict[str, Review] = {}
    cleared_copies: dict[str, Cleared] = {}
    referrals: dict[str, Dated] = {}
    """For accommodation."""
    addresses: dict[str, Address] = {}
    homes: dict[str, Home] = {}
    notices: dict[str, Dated] = {}
    forms: dict[str, Form] = {}
    registrations: dict[str, Registration] = {}
    licences: dict[str, Licence] = {}
    withdrawn: dict[str, date] = {}
    """Records taken back, by kind and id, so that one that comes late stays out."""
    voided: dict[str, datetime] = {}
    """Records that are nothing that a rule reads, by ledger and id: since when that was stated."""


STATED = (
    "orders",
    "movements",
    "release_dates",
    "recalls",
    "holder",
    "officers",
    "contacts",
    "activities",
    "handovers",
    "screenings",
    "plans",
    "reviews",
    "cleared_copies",
    "referrals",
    "addresses",
    "homes",
    "notices",
    "forms",
    "registrations",
    "licences",
    "withdrawn",
    "voided",
)
"""Ledgers of what was stated: they move to another case when two are one person. Views follow by themselves."""


def case_of(step: Step) -> Case:
    """The case as it stands in this step."""
    case: Case = step.case
    return case


def subject_of(crn: str) -> Subject:
    """The case of a CRN."""
    return Subject(CASE, crn)


def duty_id(crn: str, row_id: str, ref: str) -> str:
    """The id under which events name a duty: the same for the same row, person and ref."""
    return str(stable_id("duty", crn, row_id, ref))
