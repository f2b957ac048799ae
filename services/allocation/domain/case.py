"""A person's case as allocation keeps it: what courts and casework stated, and what has been decided from it.

Ledgers hold only what some rule reads. What is decided (holder, band, route, officer) stands beside them, so that
each decision is the difference between what the facts now say and what was last published.
"""
# ruff: noqa: RUF012 - msgspec gives each state its own empty mapping

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from services.allocation.domain.ledgers import (
    Away,
    Breach,
    Contact,
    Cover,
    Credit,
    HubTransfer,
    PartClosed,
    Plan,
    Signal,
)
from shared.contracts.casework_allocation import CheckKind, KnownOrNot
from shared.contracts.values import Disposal, EscalationDirection, EscalationOutcome, Grade, ProviderKind, Rosh
from shared.domain.fact import Subject
from shared.domain.numbers import Numbered
from shared.domain.state import Row
from shared.domain.statement import UNDATED, Dated
from shared.domain.step import Step

CASE = "case"
LowOrHigh = Literal["low", "high"]
RouteTo = Literal["hub", "lmc"]


class Order(Row, frozen=True):
    """An order, from whichever of its facts have come: sentence, variation, end."""

    sentenced_on: date | None = None
    stated_at: datetime | None = None
    disposal: Disposal = "community-order"
    unit: str = ""
    requirements: tuple[tuple[str, str], ...] = ()
    """(requirement id, kind), as last varied."""
    activity_days: tuple[tuple[str, int], ...] = ()
    """(requirement id, days) of rehabilitation activity, as last varied."""
    varied_at: datetime | None = None
    custody: bool = False
    """Served in prison: custody, and not released at court."""
    life: bool = False
    report: str = ""
    written_up_on: date | None = None
    written_up_at: datetime | None = None
    """When it was stated that an oral report is written up."""
    ended_on: date | None = None
    ended_at: datetime | None = None
    """When its end was stated."""


class Form(Row, frozen=True):
    """The latest allocation form of an order."""

    form_id: str
    at: datetime
    rsr: Decimal | None = None
    rsr_on: date | None = None
    rosh: Rosh | None = None
    screened_on: date | None = None
    full_analysis: str = "not-required"
    full_analysis_on: date | None = None
    mappa: str = "none"
    deportation: bool = False
    deferred: bool = False
    public_interest: bool = False
    not_known: tuple[str, ...] = ()
    unexplored: tuple[str, ...] = ()
    """Priors of concern that were not explored."""
    domestic_abuse: KnownOrNot = "none"
    child_safeguarding: KnownOrNot = "none"
    risk_review_on: date | None = None


class Score(Row, frozen=True):
    """The latest score of a kind; no percentage where none is required."""

    on: date
    at: datetime
    percent: Decimal | None = None
    record: str = ""
    """The event or form that states it."""


class Level(Row, frozen=True):
    """A stated risk of serious harm."""

    level: Rosh
    on: date
    at: datetime
    record: str = ""
    """The event, assessment or form that states it."""


class HarmTool(Row, frozen=True):
    """A screening or full analysis of risk of harm that has been done."""

    on: date
    full: bool = False
    at: datetime = UNDATED


class Check(Row, frozen=True):
    """A safeguarding check."""

    kind: CheckKind
    requested_on: date
    returned_on: date | None = None
    at: datetime = UNDATED
    """When the request was last stated."""
    returned_at: datetime | None = None
    """When the return was stated."""


class Motivation(Row, frozen=True):
    """The latest assessed motivation."""

    level: LowOrHigh
    on: date
    at: datetime


class Registration(Row, frozen=True):
    """A registration; removed means history."""

    code: str
    since: date | None = None
    until: date | None = None
    added_at: datetime | None = None
    removed_at: datetime | None = None
    """When it was last stated that it stands, and that it was removed."""


class Person(Row, frozen=True):
    """What the latest sentence, or the needs recorded since, say of the person."""

    on: date
    at: datetime
    attributes: tuple[str, ...] = ()
    sex: str = ""
    """As the court states it; empty where it does not, and where it was kept beside this row alone."""


class Allocation(Row, frozen=True):
    """An order's allocation: when its file was complete, and the form that it was decided on."""

    on: date
    at: datetime
    form_id: str


class Holder(Row, frozen=True):
    """The provider that holds the person, since when and by what."""

    code: str
    kind: ProviderKind
    since: date
    by: Literal["decision", "correction", "escalation", "risk-fall", "moved-area", "provider-changed"] = "decision"


class Claim(Row, frozen=True):
    """A move of the holder that has been agreed and is still to be made."""

    kind: ProviderKind
    reason: Literal["wrong-allocation", "escalation", "risk-fall", "moved-area", "provider-changed"]
    on: date
    code: str = ""
    """Absent: the provider of that kind of the person's unit."""
    office: str = ""
    escalation_id: str = ""


class Home(Row, frozen=True):
    """The office (and its unit) that the providers have agreed on when the person moved; a move to or from the hub
    leaves the unit alone."""

    office: str
    unit: str
    on: date


class Escalation(Row, frozen=True):
    """An escalation, from its request and its answer in whichever order they come."""

    direction: EscalationDirection | None = None
    requested_at: datetime | None = None
    ours: bool = False
    """Asked for by this service when the risk line was crossed."""
    echo: str = ""
    """The id under which an officer asked for the same."""
    echoed_at: datetime | None = None
    outcome: EscalationOutcome | None = None
    decided_at: datetime | None = None
    answered: bool = False
    superseded: bool = False


class Band(Row, frozen=True):
    """The band as last published, with its inputs."""

    band: Literal["green", "yellow", "blue", "red"]
    status: Literal["preliminary", "confirmed", "revised"]
    harm: Rosh
    likelihood: LowOrHigh
    motivation: LowOrHigh


class HubMove(Row, frozen=True):
    """A completed move to or from the hub."""

    direction: Literal["to-hub", "to-lmc"]
    on: date
    at: datetime


class Direction(Row, frozen=True):
    """A manager's choice of officer, until it is followed."""

    direction_id: str
    officer: str
    on: date
    at: datetime
    overrides: tuple[str, ...] = ()


class Holding(Row, frozen=True):
    """The officer who holds the case, and the points that the case weighs on them."""

    code: str
    office: str
    grade: Grade
    points: Decimal
    on: date
    competencies: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    acknowledged_on: date | None = None
    """When the officer acknowledged the hand-over."""
    met_on: date | None = None
    """When the officer first met or reached the person."""


class Custody(Row, frozen=True):
    """What the prisons state of the person's stay, as far as allocation reads it."""

    release_on: date | None = None
    stated_at: datetime | None = None
    """When the release date was stated."""
    released_at: datetime | None = None
    """The latest release for good."""
    released_before: tuple[datetime, ...] = ()
    """The releases before that, in order."""


class Case(Numbered, omit_defaults=True):
    """A person under supervision, by CRN."""

    orders: dict[str, Order] = {}
    forms: dict[str, Form] = {}
    scores: dict[str, Score] = {}
    """By kind; an RSR that a form states, by its order."""
    levels: dict[str, Level] = {}
    """By the record that states it; what a form states, by its order."""
    rsr_on: date | None = None
    """The first day on which RSR was calculated, or said not to be required."""
    harm_tools: dict[str, HarmTool] = {}
    checks: dict[str, Check] = {}
    risk_reviews: dict[str, Dated] = {}
    reviews: dict[str, Dated] = {}
    """Reviews of any purpose, the latest ones."""
    signals: dict[str, Signal] = {}
    considered_on: date | None = None
    """When escalation was last considered, and decided against."""
    contacts: dict[str, Contact] = {}
    minutes_folded: int = 0
    """Minutes face to face of contacts that are no longer kept."""
    plans: dict[str, Plan] = {}
    parts_closed: dict[str, PartClosed] = {}
    warnings: dict[str, Dated] = {}
    breaches: dict[str, Breach] = {}
    grade_decided_on: date | None = None
    """When a manager last decided whether the case may step down."""
    credits: dict[str, Credit] = {}
    days_folded: dict[str, int] = {}
    """Days of credits that are no longer kept, by requirement."""
    requirements_ended: dict[str, Dated] = {}
    transfers: dict[str, HubTransfer] = {}
    registrations: dict[str, Registration] = {}
    withdrawn: dict[str, date] = {}
    """Records taken back, by kind and id, so that one that comes late stays out."""
    person: Person | None = None
    """As the latest sentence says."""
    needs: Person | None = None
    """As recorded since; replaces what the court stated."""
    sex: str = "not-known"
    motivation: Motivation | None = None
    inducted_on: date | None = None
    significant_on: date | None = None
    """The latest event that revises the band: a breach pack, a hearing."""
    custody: Custody = Custody()
    suspended_from: date | None = None
    """The days in prison that do not count, up to 12 weeks before release."""
    suspended_until: date | None = None

    allocations: dict[str, Allocation] = {}
    holder: Holder | None = None
    claim: Claim | None = None
    home: Home | None = None
    escalations: dict[str, Escalation] = {}
    asked: int = 0
    """How many escalations this service has asked for."""
    band: Band | None = None
    route: RouteTo | None = None
    moved: HubMove | None = None
    direction: Direction | None = None
    officer: Holding | None = None
    away: dict[str, Away] = {}
    """Absences of the officer, by id, that the office has told."""
    cover: Cover | None = None
    last_officer: str = ""
    officers: tuple[str, ...] = ()
    """Every officer of this period of supervision, in order, each once."""
    allocated_on: date | None = None
    """Since when the person has been allocated, for this period of supervision."""
    left_by: str = ""
    """The officer who has left the case behind, until it has another."""
    needed_from: date | None = None
    """Since when the person has needed the officer, or the next one."""
    provided_on: date | None = None
    awaiting_since: datetime | None = None
    unplaced_in: str = ""
    """The unit whose sums count this case as held without an officer."""


def set_down(step: Step, **fields: Any) -> bool:
    """Set plain fields of the case; rows that read one look again. True if that changed anything."""
    changed = {name: value for name, value in fields.items() if getattr(step.case, name) != value}
    if changed:
        case = step.edit()
        for name, value in changed.items():
            setattr(case, name, value)
        step.touch_all(*changed)
    return bool(changed)


def case_of(step: Step) -> Case:
    """The case as it stands in this step."""
    case: Case = step.case
    return case


def subject_of(crn: str) -> Subject:
    """The case of a CRN."""
    return Subject(CASE, crn)
