"""Histories of one person's case as the other services and case management tell them to metrics."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from deploy.history import HistoryRecord
from deploy.simulate import Simulated, simulate
from services.metrics.app import SERVICE
from services.metrics.domain.case import Case
from services.metrics.domain.provider import Provider
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Subject
from shared.domain.policy import Policy
from shared.domain.state import Measured
from tests.builders import at, fact

POLICY = Policy.load(*SERVICE.policy)
CRN, ORDER, CRC, OTHER_CRC, NPS = "A123456", "order-1", "CRC-1", "CRC-2", "NPS-1"


def day(text: str) -> date:
    """A date from `2016-03-02`."""
    return date.fromisoformat(text)


def _provider(event_type: str, on: str, recorded: str | None, crn: str, said: dict[str, Any]) -> HistoryRecord:
    kind = said.pop("kind", "crc")
    fields: dict[str, Any] = {
        "order_ids": [ORDER], "disposal": "community-order", "sentenced_on": day(on) - timedelta(days=1),
        "provider_code": CRC if kind == "crc" else NPS, "provider_kind": kind, "local_delivery_unit": "SHEFFIELD",
        "grounds": ["none"], "has_unpaid_work": False, "allocated_on": day(on), "due_at": at(on), "because": [],
    }  # fmt: skip
    return fact(event_type, crn, at(recorded or on), **fields | said)


def allocated(on: str, *, recorded: str | None = None, crn: str = CRN, **said: Any) -> HistoryRecord:
    """A community order allocated to the CRC (`kind="nps"`: to the NPS)."""
    return _provider("allocation.provider.decided", on, recorded, crn, said)


def corrected(on: str, *, recorded: str, crn: str = CRN, **said: Any) -> HistoryRecord:
    """The allocation of `on` was wrong from the start."""
    said = {"from_provider_code": CRC, "corrected_on": day(recorded)} | said
    return _provider("allocation.provider.corrected", on, recorded, crn, said)


def transferred(on: str, *, recorded: str | None = None, crn: str = CRN, **said: Any) -> HistoryRecord:
    """The case goes to another provider, by default to the NPS."""
    fields: dict[str, Any] = {
        "from_provider_code": CRC, "to_provider_code": NPS, "to_provider_kind": "nps", "reason": "moved-area",
        "transferred_on": day(on), "because": [],
    }  # fmt: skip
    return fact("allocation.case.transferred", crn, at(recorded or on, "11:00"), **fields | said)


def sentenced(on: str, *, recorded: str | None = None, crn: str = CRN, **said: Any) -> HistoryRecord:
    """The court's own record of an order."""
    fields: dict[str, Any] = {
        "order_id": ORDER, "court_code": "SHF", "sentenced_on": day(on), "offence_on": day(on),
        "disposal": "community-order", "requirements": [], "report": {"kind": "none"},
        "local_delivery_unit": "SHEFFIELD", "office_code": "SHF-COURT", "sex": "male", "attributes": [],
    }  # fmt: skip
    return fact("court.sentence.recorded", crn, at(recorded or on), **fields | said)


def appointment(
    what: str, starts: str, *, recorded: str, ref: str = "appointment-1", crn: str = CRN, **said: Any
) -> HistoryRecord:
    """An office appointment `arranged`, `rearranged`, `attended` or `missed`."""
    fields: dict[str, Any] = {
        "appointment_id": ref, "order_ids": [ORDER], "starts_at": at(starts), "channel": "office",
        "purpose": "induction",
    }  # fmt: skip
    if what == "rearranged":
        fields["changed_by"] = "provider"
    elif what == "attended":
        fields["minutes"] = 30
    elif what == "missed":
        fields["aware_on"] = day(recorded)
    return fact(f"casework.appointment.{what}", crn, at(recorded, "12:00"), **fields | said)


def cancelled(by: str, *, recorded: str, ref: str = "appointment-1", crn: str = CRN) -> HistoryRecord:
    """An appointment cancelled, by the person or the provider."""
    return fact(
        "casework.appointment.cancelled", crn, at(recorded, "13:00"), appointment_id=ref, cancelled_by=by,
        cancelled_on=day(recorded),
    )  # fmt: skip


def withdrawn(ref: str, *, recorded: str, kind: str = "appointment", crn: str = CRN) -> HistoryRecord:
    """A record taken back."""
    when = at(recorded, "14:00")
    return fact("casework.record.withdrawn", crn, when, record_id=ref, kind=kind, withdrawn_on=day(recorded))


def ended(
    on: str, outcome: str, *, recorded: str | None = None, clock: str = "15:00", order: str = ORDER, crn: str = CRN
) -> HistoryRecord:
    """An order's ending."""
    when = at(recorded or on, clock)
    return fact("casework.order.ended", crn, when, order_id=order, ended_on=day(on), outcome=outcome)


def endings(*outcomes: str, on: str = "2016-03-15", first: int = 1) -> list[HistoryRecord]:
    """One case after another whose order ended on a day."""
    history: list[HistoryRecord] = []
    for n, outcome in enumerate(outcomes, first):
        crn = f"B{n:06d}"
        history += [allocated("2015-10-01", crn=crn), ended(on, outcome, crn=crn)]
    return history


def released(on: str, *, recorded: str | None = None, crn: str = CRN, **said: Any) -> HistoryRecord:
    """A release on licence."""
    fields: dict[str, Any] = {
        "supervision_id": "supervision-1", "order_id": ORDER, "kind": "licence", "released_on": day(on),
        "starts_on": day(on), "ends_on": day(on) + timedelta(days=200), "provider_code": CRC, "because": [],
    }  # fmt: skip
    return fact("resettlement.supervision.started", crn, at(recorded or on), **fields | said)


def entered_custody(on: str, clock: str = "08:00", *, recorded: str | None = None, crn: str = CRN) -> HistoryRecord:
    """Into custody."""
    return fact(
        "resettlement.custody.entered", crn, at(recorded or on, "16:00"), kind="remand-or-unknown", prison_id="DNI",
        entered_at=at(on, clock), because=[],
    )  # fmt: skip


def left_custody(on: str, clock: str = "09:00", *, recorded: str | None = None, crn: str = CRN) -> HistoryRecord:
    """Out of custody."""
    return fact(
        "resettlement.custody.left",
        crn,
        at(recorded or on, "16:00"),
        left_at=at(on, clock),
        reason="released",
        because=[],
    )


def pack(submitted: str, *, aware: str, ref: str = "pack-1", crn: str = CRN, **said: Any) -> HistoryRecord:
    """A breach pack sent to the NPS."""
    fields: dict[str, Any] = {
        "pack_id": ref, "submission": 1, "order_id": ORDER, "failure_ids": ["failure-2"], "aware_on": day(aware),
        "proposal": "continue", "circumstances_recorded": True, "submitted_on": day(submitted),
    }  # fmt: skip
    recorded = said.pop("recorded", submitted)
    return fact("casework.breach-pack.submitted", crn, at(recorded, "17:00"), **fields | said)


def breach_due(on: str, *, aware: str, crn: str = CRN, **said: Any) -> HistoryRecord:
    """Enforcement says that breach must be referred."""
    fields: dict[str, Any] = {
        "order_id": ORDER, "failure_ids": ["failure-1", "failure-2"], "aware_on": day(aware), "route": "crc-pack",
        "due_at": at(day(aware) + timedelta(days=12)), "because": [],
    }  # fmt: skip
    return fact("enforcement.breach.due", crn, at(on, "18:00"), **fields | said)


def counted(on: str, judgement: str, *, failure: str = "failure-2", crn: str = CRN) -> HistoryRecord:
    """Enforcement has counted a judged failure."""
    return fact(
        "enforcement.absence.counted", crn, at(on, "18:30"), order_id=ORDER, failure_id=failure, judgement=judgement,
        acceptable_count=0, failure_dates=1, since=day(on), because=[],
    )  # fmt: skip


def discretion(on: str, *failures: str, crn: str = CRN) -> HistoryRecord:
    """An officer decided not to breach."""
    return fact(
        "casework.discretion.recorded", crn, at(on, "12:30"), discretion_id="discretion-1", order_id=ORDER,
        failure_ids=list(failures), reason_code="circumstances", circumstances_recorded=True, alternative="home-visit",
        by_grade="po", recorded_on=day(on),
    )  # fmt: skip


def run(*history: HistoryRecord, until: str | datetime | None = None) -> Simulated:
    """What metrics decides; nothing may be refused or parked."""
    ends = at(until, "23:59") if isinstance(until, str) else until
    found = simulate(history, [(SERVICE, POLICY)], ends)["metrics"]
    assert not found.dead_letters
    assert not found.parked
    return found


def case(found: Simulated, crn: str = CRN) -> Case:
    """The case as it stands."""
    state: Case = found.states[Subject("case", crn)]
    return state


def provider(found: Simulated, code: str = CRC) -> Provider:
    """The provider as it stands."""
    state: Provider = found.states[Subject("provider", code)]
    return state


def measured(found: Simulated, code: str, ref: str = ORDER, crn: str = CRN) -> Measured:
    """The measurement that stands."""
    return case(found, crn).measured[code][ref]


def told(found: Simulated, event_type: str, **only: str) -> list[dict[str, Any]]:
    """The payloads published of one type, in order, that say `only` this."""
    payloads = [
        orjson.loads(each.value)["additionalInformation"] for each in found.outputs if each.event_type == event_type
    ]
    return [payload for payload in payloads if all(payload.get(name) == said for name, said in only.items())]


def levels(found: Simulated, measure: str, period: str) -> list[dict[str, Any]]:
    """The revisions of a month's service level."""
    return told(found, "performance.service-level.reported", measureCode=measure, period=period)


Sums = dict[tuple[Subject, str, str], int]
"""Sums by subject, name and period; those of 0 left out."""


def summed(*history: HistoryRecord, until: datetime | None = None) -> tuple[Simulated, Sums]:
    """What metrics decides, and the sums that its decisions added up to."""
    added: Counter[tuple[Subject, str, str]] = Counter()

    def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
        decision = SERVICE.decide(rows, fact, policy)
        for add in decision.tallies:
            added[add.subject, add.name, add.period] += add.n
        return decision

    found = simulate(history, [(replace(SERVICE, decide=decide), POLICY)], until)["metrics"]
    assert not found.parked
    return found, {place: n for place, n in added.items() if n}


def sums(subject: Subject, *history: HistoryRecord, until: datetime) -> dict[str, int]:
    """The sums of a subject by name, over all periods."""
    found: Counter[str] = Counter()
    for (of, name, _), n in summed(*history, until=until)[1].items():
        if of == subject:
            found[name] += n
    return dict(found)
