"""A small area for tests of allocation: one unit, its NPS unit, its centre and its hub, and what happens in them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from deploy.history import HistoryRecord
from deploy.simulate import Simulated, simulate
from services.allocation.app import SERVICE
from services.allocation.domain.case import Case
from services.allocation.domain.office import Office, Unit
from shared.domain.fact import Subject
from shared.domain.policy import Policy
from tests.builders import at, fact

POLICY = Policy.load(*SERVICE.policy)
CRN = "A000001"
UNIT = "LDU1"
NPS, LMC, HUB = "NPS1", "LMC1", "HUB1"
EARLY = at("2016-01-04", "07:00")
MONDAY = date(2016, 3, 7)
PAPERWORK = frozenset(("rsr-missing", "rosh-screening-missing", "safeguarding-check-outstanding"))
"""Concerns that these short histories raise all the time: they leave most papers out."""
ALL = ("domestic-abuse", "child-safeguarding", "sexual-offending", "mental-health", "iom", "life-sentence")


def office(code: str, provider: str, kind: str, *, when: datetime = EARLY, **also: Any) -> HistoryRecord:
    """An office is registered; its provider is the NPS's if the provider code says so."""
    fields: dict[str, Any] = {
        "office_code": code,
        "provider_code": provider,
        "provider_kind": "nps" if provider.startswith("N") else "crc",
        "kind": kind,
        "local_delivery_units": [UNIT],
    }
    return fact("workforce.office.registered", code, when, **{**fields, **also})


def officer(code: str, office_code: str = LMC, *, when: datetime = EARLY, **also: Any) -> HistoryRecord:
    """A PSO of every competence, full time, is registered."""
    return fact("workforce.officer.registered", office_code, when, **_terms(code, office_code, also))


def officer_changed(code: str, office_code: str, when: datetime, **also: Any) -> HistoryRecord:
    """An officer's terms change, whole."""
    return fact("workforce.officer.changed", office_code, when, **_terms(code, office_code, also))


def _terms(code: str, office_code: str, also: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "officer_code": code,
        "office_code": office_code,
        "grade": "pso",
        "contracted_hours": "37",
        "available_hours": "37",
        "reductions_percent": "0",
        "competencies": list(ALL),
        **also,
    }


def offices() -> list[HistoryRecord]:
    """The unit's offices, without officers."""
    return [office(NPS, "N01", "nps-unit"), office(LMC, "C01", "lmc"), office(HUB, "C01", "hub")]


def area() -> list[HistoryRecord]:
    """The unit's offices with one PO and one PSO each."""
    found = offices()
    for code in (NPS, LMC, HUB):
        found += [officer(f"{code}-PO", code, grade="po"), officer(f"{code}-PSO", code)]
    return found


def sentence(
    crn: str = CRN, on: date = MONDAY, order: str = "O1", *, when: datetime | None = None, **also: Any
) -> HistoryRecord:
    """A community order with rehabilitation activity."""
    fields: dict[str, Any] = {
        "order_id": order,
        "court_code": "MAG01",
        "sentenced_on": on,
        "disposal": "community-order",
        "requirements": [{"requirement_id": f"{order}-R1", "kind": "rehabilitation-activity", "days": 20}],
        "report": {"kind": "standard"},
        "local_delivery_unit": UNIT,
        "office_code": "COURT1",
        "sex": "male",
        "attributes": [],
    }
    return fact("court.sentence.recorded", crn, when or at(on, "14:00"), **{**fields, **also})


def form(crn: str = CRN, when: datetime | None = None, order: str = "O1", **also: Any) -> HistoryRecord:
    """A complete form of a person of medium harm, without grounds for the NPS."""
    fields: dict[str, Any] = {
        "form_id": f"{order}-F",
        "order_id": order,
        "rsr_percent": "1.20",
        "rosh_level": "medium",
        "rosh_screened_on": MONDAY,
        "full_analysis": "not-required",
        "mappa_level": "none",
        "deportation_liable": False,
        "deferred_sentence": False,
        "public_interest": False,
        "not_known": [],
        "priors_of_concern": [],
        "domestic_abuse": "none",
        "child_safeguarding": "none",
        **also,
    }
    stated = {name: value for name, value in fields.items() if value is not None}
    return fact("casework.allocation-form.submitted", crn, when or at(MONDAY, "15:00"), **stated)


def ended(crn: str, on: date, order: str = "O1") -> HistoryRecord:
    """An order is completed."""
    return fact("casework.order.ended", crn, at(on), order_id=order, ended_on=on, outcome="completed")


def risk_changed(to: str, on: date, before: str = "medium", crn: str = CRN) -> HistoryRecord:
    """The risk of serious harm has changed."""
    return fact("casework.risk.changed", crn, at(on), from_=before, to=to, changed_on=on, evidence_code="reassessment")


def directed(to: str, when: datetime, overrides: Iterable[str] = (), crn: str = CRN) -> HistoryRecord:
    """A manager names the officer."""
    return fact(
        "casework.assignment.directed",
        crn,
        when,
        direction_id=f"D-{to}",
        officer_code=to,
        overrides=list(overrides),
        reason_code="specialism",
        by_grade="spo",
        directed_on=when.date(),
    )


@dataclass(frozen=True)
class Told:
    """What allocation decided over a history, read as its readers do."""

    simulated: Simulated

    def events(self, event_type: str, crn: str | None = None) -> list[dict[str, Any]]:
        """The payloads of an event type, in order."""
        return [
            orjson.loads(event.value)["additionalInformation"]
            for event in self.simulated.outputs
            if event.event_type == f"allocation.{event_type}" and crn in (None, event.key)
        ]

    def last(self, event_type: str, crn: str | None = None) -> dict[str, Any]:
        """The last payload of an event type."""
        return self.events(event_type, crn)[-1]

    def when(self, event_type: str) -> list[datetime]:
        """Log times of an event type."""
        return [event.at for event in self.simulated.outputs if event.event_type == f"allocation.{event_type}"]

    def raised(self) -> list[dict[str, Any]]:
        """Concerns raised, in order, without those of the paperwork beside the form."""
        return [each for each in self.events("concern.raised") if each["code"] not in PAPERWORK]

    def cleared(self) -> list[dict[str, Any]]:
        """Concerns cleared, in order, without those of the paperwork beside the form."""
        return [each for each in self.events("concern.cleared") if each["code"] not in PAPERWORK]

    def open_concerns(self) -> dict[str, str]:
        """Severity of every open concern by its code, without those of the paperwork beside the form."""
        found: dict[str, tuple[str, str]] = {}
        for event in self.simulated.outputs:
            told = orjson.loads(event.value)["additionalInformation"]
            if event.event_type == "allocation.concern.raised":
                found[told["concernId"]] = told["code"], told["severity"]
            if event.event_type == "allocation.concern.cleared":
                found.pop(told["concernId"])
        return {code: severity for code, severity in found.values() if code not in PAPERWORK}

    def outcomes(self, event_type: str) -> Counter[str]:
        """Verdicts and reasons on an event type."""
        lines = [orjson.loads(line.content) for line in self.simulated.journal]
        return Counter(f"{line['outcome']} {line['reason']}".strip() for line in lines if line["type"] == event_type)

    def case(self, crn: str = CRN) -> Case:
        """The case as it stands."""
        found: Case = self.simulated.states[Subject("case", crn)]
        return found

    def office(self, code: str = LMC) -> Office:
        """An office as it stands."""
        found: Office = self.simulated.states[Subject("office", code)]
        return found

    def unit(self, code: str = UNIT) -> Unit:
        """A unit as it stands."""
        found: Unit = self.simulated.states[Subject("unit", code)]
        return found


def run(*facts: HistoryRecord | Iterable[HistoryRecord], until: datetime | None = None) -> Told:
    """Decide a history; nothing may be parked, nothing be a dead letter."""
    history: list[HistoryRecord] = []
    for each in facts:
        history += [each] if isinstance(each, HistoryRecord) else each
    found = simulate(history, [(SERVICE, POLICY)], until)[SERVICE.name]
    assert not found.parked, found.parked
    assert not found.dead_letters, found.dead_letters
    return Told(found)
