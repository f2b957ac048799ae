"""A person in custody for tests of resettlement: each thing that happens in one line, and what was decided of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import orjson

from deploy.history import HistoryRecord
from deploy.simulate import Simulated, simulate
from services.resettlement.app import SERVICE
from services.resettlement.domain.case import Case, subject_of
from shared.domain.identifiers import stable_id
from shared.domain.policy import Policy
from tests.builders import at, fact

POLICY = Policy.load(*SERVICE.policy)
CRN, NOMS, ORDER = "A000001", "A1234BC", "O1"
SENTENCED = date(2016, 3, 4)
"""A Friday."""

RELEASE = date(2016, 9, 15)
"""A Thursday: 12 weeks before is 2016-06-23, 10 business days 1 September, 5 business days 8 September."""


def day(text: str) -> date:
    """A date."""
    return date.fromisoformat(text)


def sentence(crn: str = CRN, *, when: datetime | None = None, **also: Any) -> HistoryRecord:
    """A custodial sentence of 12 months for an offence under the Act of 2014; the NOMS number is stated."""
    fields: dict[str, Any] = {
        "order_id": ORDER,
        "court_code": "SHEFCC",
        "sentenced_on": SENTENCED,
        "offence_on": date(2015, 9, 1),
        "disposal": "custody",
        "custodial_term": "P12M",
        "requirements": [],
        "report": {"kind": "none"},
        "local_delivery_unit": "LDU1",
        "office_code": "CT1",
        "sex": "male",
        "noms_number": NOMS,
        "attributes": [],
    }
    stated = {name: value for name, value in {**fields, **also}.items() if value is not None}
    return fact("court.sentence.recorded", crn, when or at(stated["sentenced_on"], "16:00"), **stated)


def order_ended(on: date, outcome: str = "completed", **also: Any) -> HistoryRecord:
    """The order has ended."""
    return said("order.ended", at(on, "17:00"), **{"order_id": ORDER, "ended_on": on, "outcome": outcome, **also})


def moved(
    way: str, when: datetime, reason: str, code: str = "I", noms: str = NOMS, *, recorded: datetime | None = None
) -> HistoryRecord:
    """A movement, `received` or `released`, as HMPPS tells it."""
    fields: dict[str, Any] = {
        "noms_number": noms,
        "prison_id": "DNI",
        "reason": reason,
        "nomis_movement_reason_code": code,
    }
    return fact(f"prison-offender-events.prisoner.{way}", noms, recorded or when, occurred=when, **fields)


def received(when: datetime | None = None, code: str = "I", **also: Any) -> HistoryRecord:
    """An admission; on the evening of the sentence unless told otherwise."""
    return moved("received", when or at(SENTENCED, "18:00"), "ADMISSION", code, **also)


def released(when: datetime | None = None, code: str = "CR", **also: Any) -> HistoryRecord:
    """A release for good; on the day of release unless told otherwise."""
    return moved("released", when or at(RELEASE, "09:00"), "RELEASED", code, **also)


def due(
    on: date | None = RELEASE, when: datetime | None = None, *, recorded: datetime | None = None, **also: Any
) -> HistoryRecord:
    """A release date is stated; four days after the sentence unless told otherwise."""
    stated_at = when or at("2016-03-08")
    fields: dict[str, Any] = {"release_kind": "automatic", "prison_id": "DNI", **also}
    if on is not None:
        fields["release_on"] = on
    return fact("prison.release.due", NOMS, recorded or stated_at, occurred=stated_at, **fields)


def screened(when: datetime | None = None, screening: str = "S1") -> HistoryRecord:
    """The prison has screened; on the Monday after the sentence unless told otherwise."""
    done_at = when or at("2016-03-07", "11:00")
    fields: dict[str, Any] = {"screening_id": screening, "completed_at": done_at, "prison_id": "DNI"}
    return fact(
        "prison.resettlement-screening.completed",
        NOMS,
        done_at,
        **fields,
        resettlement_provider_code="C09",
        needs=["accommodation"],
    )


def said(event: str, when: datetime, crn: str = CRN, **fields: Any) -> HistoryRecord:
    """A fact of casework."""
    return fact(f"casework.{event}", crn, when, **fields)


def under(crn: str, record: HistoryRecord) -> HistoryRecord:
    """The same fact stated under another CRN."""
    body = orjson.loads(record.value or b"")
    body["personReference"] = {"identifiers": [{"type": "CRN", "value": crn}]}
    body["eventId"] = str(stable_id("under", crn, body["eventId"]))
    return replace(record, key=crn.encode(), value=orjson.dumps(body))


def handover(step: str, on: date, hour: str = "10:00", handover_id: str = "H1") -> HistoryRecord:
    """A step of a hand-over: sent, returned or accepted."""
    fields: dict[str, Any] = {
        "sent": {"officer_code": "OFF1", "open_needs": [], "sent_on": on},
        "returned": {"returned_on": on, "reason_code": "incomplete"},
        "accepted": {"officer_code": "OFF1", "accepted_on": on},
    }[step]
    return said(f"release-handover.{step}", at(on, hour), handover_id=handover_id, **fields)


def plan(
    on: date, plan_id: str = "P1", kind: str = "resettlement", text: str = "a", simhash: str | None = None, **also: Any
) -> HistoryRecord:
    """A plan of a kind, with the fingerprint of its text."""
    copy = {"text_hash": text * 64, **({"text_simhash": simhash} if simhash else {})}
    fields: dict[str, Any] = {
        "plan_id": plan_id,
        "order_ids": [ORDER],
        "kind": kind,
        "completed_on": on,
        "objective_count": 3,
        "person_involved": True,
        "contingency": False,
        "review_triggers": False,
        "restrictions": [],
        "items": [],
        "copy": copy,
        **also,
    }
    return said("plan.completed", at(on, "15:00"), **fields)


def appointment(
    event: str, starts_at: datetime, when: datetime | None = None, appointment_id: str = "A1", **also: Any
) -> HistoryRecord:
    """An appointment: arranged (at `when`) or attended."""
    fields: dict[str, Any] = {
        "appointment_id": appointment_id,
        "order_ids": [ORDER],
        "starts_at": starts_at,
        "minutes": 45,
        "channel": "office",
        "purpose": "supervision",
        **also,
    }
    return said(f"appointment.{event}", when or starts_at, **fields)


def address(when: datetime, address_id: str = "AD1", unit: str = "LDU1") -> HistoryRecord:
    """An address to be released to is confirmed."""
    fields: dict[str, Any] = {"address_id": address_id, "kind": "settled", "from": RELEASE, "local_delivery_unit": unit}
    return said("release-address.confirmed", when, **fields)


def form(when: datetime, **also: Any) -> HistoryRecord:
    """An allocation form with nothing in it, unless told otherwise."""
    fields: dict[str, Any] = {
        "form_id": "F1",
        "order_id": ORDER,
        "full_analysis": "not-required",
        "mappa_level": "none",
        "deportation_liable": False,
        "deferred_sentence": False,
        "public_interest": False,
        "not_known": [],
        "priors_of_concern": [],
        "domestic_abuse": "none",
        "child_safeguarding": "none",
    }
    return said("allocation-form.submitted", when, **{**fields, **also})


def review(on: date, purposes: tuple[str, ...] = ("post-release",), reviewed: tuple[str, ...] = ()) -> HistoryRecord:
    """A review, of the release unless told otherwise."""
    fields: dict[str, Any] = {
        "review_id": f"RV-{on}",
        "purposes": purposes,
        "trigger_event_ids": [],
        "reviewed_ids": reviewed,
        "completed_on": on,
        "plan_changed": True,
        "person_involved": True,
        "copy": {"text_hash": "f" * 64},
    }
    return said("review.completed", at(on, "16:00"), **fields)


def withdrawn(record_id: str, kind: str, when: datetime) -> HistoryRecord:
    """A record was made in error."""
    return said("record.withdrawn", when, record_id=record_id, kind=kind, withdrawn_on=when.date())


def provider(when: datetime | None = None, code: str = "C16") -> HistoryRecord:
    """Allocation has decided on a CRC; the Monday after the sentence unless told otherwise."""
    decided_at = when or at("2016-03-07", "09:00")
    return fact(
        "allocation.provider.decided",
        CRN,
        decided_at,
        order_ids=[ORDER],
        disposal="custody",
        sentenced_on=SENTENCED,
        provider_code=code,
        provider_kind="crc",
        local_delivery_unit="LDU1",
        grounds=["none"],
        has_unpaid_work=False,
        allocated_on=decided_at.date(),
        due_at=decided_at,
        because=[],
    )


def officer(code: str = "OFF1", when: datetime | None = None) -> HistoryRecord:
    """Allocation has named the responsible officer; 12 weeks before release unless told otherwise."""
    named_at = when or at("2016-06-23", "08:00")
    return fact(
        "allocation.officer.assigned",
        CRN,
        named_at,
        officer_code=code,
        office_code="LMC1",
        grade="pso",
        assigned_on=named_at.date(),
        capacity_percent="80",
        rejected=[],
        because=[],
    )


def inside() -> list[HistoryRecord]:
    """Sentenced, received, screened, planned, with a provider and a release date."""
    return [sentence(), received(), screened(), plan(day("2016-03-11")), provider(), due()]


def prepared() -> list[HistoryRecord]:
    """Everything that is due before release, done in time."""
    return [
        *inside(),
        officer(),
        address(at("2016-06-20")),
        appointment("attended", at("2016-07-01", "14:00"), appointment_id="PRE", channel="prison", officer_code="OFF1"),
        handover("sent", day("2016-08-25")),
        handover("accepted", day("2016-08-30")),
        appointment("arranged", at("2016-09-16", "09:00"), at("2016-09-05"), appointment_id="FIRST"),
    ]


@dataclass(frozen=True)
class Told:
    """What resettlement said of a history."""

    out: Simulated
    until: datetime

    def events(self, event: str) -> list[dict[str, Any]]:
        """The events of a type, in order: their fields, `when` they were told, and about whom."""
        found = []
        for output in self.out.outputs:
            if output.event_type == f"resettlement.{event}":
                fields = orjson.loads(output.value)["additionalInformation"]
                found.append({**fields, "when": output.at, "key": output.key})
        return found

    def types(self) -> list[str]:
        """The types of all events but concerns, in order."""
        names = [output.event_type.removeprefix("resettlement.") for output in self.out.outputs]
        return [name for name in names if not name.startswith("concern.")]

    def concerns(self, code: str) -> list[tuple[str, str]]:
        """When a concern was raised and when it was cleared (empty: it is open), dates in London's calendar days."""
        cleared = {event["concernId"]: event["when"] for event in self.events("concern.cleared")}
        raised = [event for event in self.events("concern.raised") if event["code"] == code]
        return [(_day(event["when"]), _day(cleared.get(event["concernId"]))) for event in raised]

    def open(self) -> set[tuple[str, str, str]]:
        """The concerns that are open at the end: code, ref, severity, with what holds them up."""
        return {
            (concern.code, concern.ref, ",".join(sorted(concern.sources)))
            for state in self.out.states.values()
            for concern in state.concerns.values()
            if concern.sources
        }

    def case(self, crn: str = CRN) -> Case:
        """The case at the end."""
        case: Case = self.out.states[subject_of(crn)]
        return case

    def duty(self, row_id: str) -> dict[str, str]:
        """How the duties of a row stand, by ref."""
        return {ref: state.outcome for ref, state in self.case().duties.get(row_id, {}).items()}

    def stage(self, workflow: str) -> list[str]:
        """The stages of a workflow, by ref."""
        return [stage.stage for _, stage in sorted(self.case().stages.get(workflow, {}).items())]

    def outcomes(self, event_type: str) -> list[tuple[str, str]]:
        """The outcome and reason of every fact of a type."""
        lines = [orjson.loads(line.content) for line in self.out.journal]
        return [(line["outcome"], line["reason"]) for line in lines if line["type"] == event_type]


def _day(when: datetime | None) -> str:
    return when.date().isoformat() if when is not None else ""


def run(*histories: Iterable[HistoryRecord], until: datetime | None = None) -> Told:
    """Decide histories as one; time goes on to `until`, by default the day before release."""
    until = until or at("2016-09-14", "23:30")
    records = [record for history in histories for record in history]
    out = simulate(records, [(SERVICE, POLICY)], until=until)["resettlement"]
    assert not out.parked
    assert not out.dead_letters
    return Told(out, until)
