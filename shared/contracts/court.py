"""What the courts and the court teams state: sentences, reports, hearings, informations, orders varied."""

from typing import Literal, Self

from pydantic import ConfigDict, model_validator

from shared.contracts.payload import Part, Payload, event
from shared.contracts.scalars import Code, Count, CustodialTerm, Day, Id, NomsNumber, UnpaidWorkHours
from shared.contracts.values import Attribute, Disposal, HearingOutcome, HearingPurpose, RequirementKind


class Requirement(Part):
    """A requirement of an order. Unpaid work has at most 300 hours; days are whole and never negative."""

    requirement_id: Id
    kind: RequirementKind
    days: Count | None = None
    hours: UnpaidWorkHours | None = None
    programme_code: Code | None = None
    ends_on: Day | None = None


class Report(Part):
    """The pre-sentence report: its kind, and when an oral one was written up."""

    kind: Literal["oral", "fast-delivery", "standard", "none"]
    written_up_on: Day | None = None


@event("court.sentence.recorded", readers="AREM")
class SentenceRecorded(Payload):
    """A court has passed sentence. `offenceOn` decides whether the 2014 Act applies."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"disposal": {"const": "custody"}}},
            "then": {"required": ["offenceOn"]},
        }
    )

    order_id: Id
    court_code: Code
    sentenced_on: Day
    offence_on: Day | None = None
    """Required for custody."""
    disposal: Disposal
    ends_on: Day | None = None
    custodial_term: CustodialTerm | None = None
    released_at_court: bool | None = None
    """True: no prison release follows."""
    requirements: tuple[Requirement, ...]
    report: Report
    local_delivery_unit: Code
    office_code: Code
    """The court team's."""
    sex: Literal["female", "male", "not-known"]
    noms_number: NomsNumber | None = None
    attributes: tuple[Attribute, ...]

    @model_validator(mode="after")
    def _custody_states_the_offence(self) -> Self:
        if self.disposal == "custody" and self.offence_on is None:
            raise ValueError("offenceOn is required for custody")
        return self


@event("court.report.written-up", readers="AM")
class ReportWrittenUp(Payload):
    """An oral report has been written up and uploaded."""

    order_id: Id
    written_up_on: Day


@event("court.hearing.listed", readers="EM")
class HearingListed(Payload):
    """A hearing has been listed, or listed again; held once `hearingOn` has passed without a new listing."""

    hearing_id: Id
    order_id: Id
    purpose: HearingPurpose
    listed_on: Day | None = None
    hearing_on: Day
    court_code: Code
    information_id: Id | None = None


@event("court.hearing.concluded", readers="AEM")
class HearingConcluded(Payload):
    """A hearing has ended, with this outcome. A significant event: the band is revised."""

    hearing_id: Id
    order_id: Id
    purpose: HearingPurpose
    """As listed."""
    held_on: Day
    outcome: HearingOutcome
    next_hearing_on: Day | None = None


@event("court.information.laid", readers="EM")
class InformationLaid(Payload):
    """The NPS has laid an information (a breach) before the court."""

    information_id: Id
    order_id: Id
    pack_id: Id | None = None
    failure_ids: tuple[Id, ...]
    aware_on: Day | None = None
    laid_on: Day


@event("court.order.varied", readers="AREM")
class OrderVaried(Payload):
    """A court has varied an order; `requirements` is the whole new list."""

    order_id: Id
    varied_on: Day
    ends_on: Day | None = None
    requirements: tuple[Requirement, ...]
    reason: Literal["breach", "application", "review", "appeal"]
