"""A person's history in the contract's words, one line a fact, and what enforcement decided about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

import orjson

from deploy.history import HistoryRecord
from deploy.simulate import simulate
from services.enforcement.app import SERVICE
from services.enforcement.domain.case import Case
from shared.domain.business_days import end_of_day
from shared.domain.fact import Subject
from shared.domain.policy import Policy
from tests.builders import at, fact

CRN = "X123456"
POLICY = Policy.load(*SERVICE.policy)
NO_REQUIREMENTS: list[Any] = []


def day(text: str) -> date:
    """A date from its text."""
    return date.fromisoformat(text)


@dataclass
class Decided:
    """What enforcement decided: the case as it stands, and the events in order."""

    case: Case
    events: list[tuple[str, dict[str, Any]]]

    def told(self, name: str) -> list[dict[str, Any]]:
        """The payloads of the events of a type, without `enforcement.`."""
        return [payload for event_type, payload in self.events if event_type == f"enforcement.{name}"]

    def concerns(self, *codes: str) -> list[tuple[str, str]]:
        """Code and ref of the concerns that are open, of these codes or of all."""
        found = ((each.code, each.ref) for each in self.case.concerns.values() if each.concern_id)
        return sorted(each for each in found if not codes or each[0] in codes)

    def raised(self, code: str) -> list[str]:
        """The severities at which a code was raised, in order."""
        return [each["severity"] for each in self.told("concern.raised") if each["code"] == code]

    def cleared(self, code: str) -> list[str]:
        """The reasons for which a code was cleared, in order."""
        return [each["reason"] for each in self.told("concern.cleared") if each["code"] == code]

    def due(self, row: str) -> dict[str, tuple[str, str]]:
        """Due date and outcome of each duty of a row."""
        found = self.case.duties.get(row, {})
        return {ref: (str(each.due.date()) if each.due else "suspended", each.outcome) for ref, each in found.items()}

    @property
    def stage(self) -> str:
        """The stage of the only breach."""
        (found,) = self.case.stages["breach"].values()
        return found.stage


@dataclass
class Person:
    """A history being written. Every method states one fact; `recorded` defaults to noon of its own day."""

    records: list[HistoryRecord] = field(default_factory=list)

    def state(self, event_type: str, on: date | datetime, recorded: str | None = None, **fields: Any) -> Self:
        """State a fact that happened on a day, recorded on it or on another."""
        happened = on if isinstance(on, datetime) else at(on, "12:00")
        when = at(day(recorded), "12:00") if recorded else happened
        self.records.append(fact(event_type, CRN, max(when, happened), occurred=happened, **fields))
        return self

    # -- orders ---------------------------------------------------------------------------------

    def sentenced(self, on: str, order: str = "O1", disposal: str = "community-order", **fields: Any) -> Self:
        """A sentence."""
        given: dict[str, Any] = {
            "order_id": order,
            "court_code": "COURT",
            "sentenced_on": day(on),
            "disposal": disposal,
            "requirements": NO_REQUIREMENTS,
            "report": {"kind": "none"},
            "local_delivery_unit": "LDU",
            "office_code": "OFF",
            "sex": "male",
            "attributes": [],
        }
        return self.state("court.sentence.recorded", day(on), **(given | fields))

    def allocated(self, on: str, order: str = "O1", kind: str = "crc", corrects: bool = False, **fields: Any) -> Self:
        """Allocated to a provider, or corrected."""
        given: dict[str, Any] = {
            "because": [],
            "order_ids": [order],
            "disposal": "community-order",
            "sentenced_on": day(on),
            "provider_code": kind.upper(),
            "provider_kind": kind,
            "local_delivery_unit": "LDU",
            "grounds": [],
            "has_unpaid_work": False,
            "allocated_on": day(on),
            "due_at": at(day(on)),
        }
        if corrects:
            given |= {"from_provider_code": "OTHER", "corrected_on": day(on)}
        name = "corrected" if corrects else "decided"
        return self.state(f"allocation.provider.{name}", fields.pop("when", day(on)), **(given | fields))

    def transferred(self, on: str, to: str) -> Self:
        """The case has another provider."""
        fields: dict[str, Any] = {
            "from_provider_code": "A",
            "to_provider_code": "B",
            "to_provider_kind": to,
            "reason": "risk-fall",
        }
        return self.state("allocation.case.transferred", day(on), because=[], transferred_on=day(on), **fields)

    def in_band(self, on: str, band: str) -> Self:
        """A band."""
        return self.state(
            "allocation.band.set", day(on), because=[], band=band, status="preliminary", harm="low", likelihood="low",
            motivation="low", minimum_face_to_face_hours="12", supplementary_hours="0", ruleset_version="1",
        )  # fmt: skip

    def routed(self, on: str, route: str) -> Self:
        """A route."""
        return self.state("allocation.route.decided", day(on), because=[], route=route, exclusions=[], unmet_gates=[])

    def varied(
        self, on: str, ends: str, order: str = "O1", when: datetime | None = None, recorded: str | None = None
    ) -> Self:
        """An order's end has been varied."""
        fields: dict[str, Any] = {"requirements": NO_REQUIREMENTS, "reason": "application"}
        return self.state(
            "court.order.varied", when or day(on), recorded, order_id=order, varied_on=day(on), ends_on=day(ends),
            **fields,
        )  # fmt: skip

    def ended(self, on: str, order: str = "O1", outcome: str = "completed", recorded: str | None = None) -> Self:
        """An order has ended."""
        return self.state("casework.order.ended", day(on), recorded, order_id=order, ended_on=day(on), outcome=outcome)

    def entered_custody(self, on: str, recorded: str | None = None) -> Self:
        """Into custody."""
        fields: dict[str, Any] = {"kind": "remand-or-unknown", "prison_id": "MDI", "entered_at": at(day(on), "09:00")}
        return self.state("resettlement.custody.entered", at(day(on), "09:00"), recorded, because=[], **fields)

    def left_custody(self, on: str, reason: str = "released") -> Self:
        """Out of custody."""
        fields: dict[str, Any] = {"left_at": at(day(on), "09:00"), "reason": reason}
        return self.state("resettlement.custody.left", at(day(on), "09:00"), because=[], **fields)

    def released(self, on: str, order: str = "O1", kind: str = "licence", ends: str = "2018-01-01") -> Self:
        """Supervision after release begins."""
        return self.state(
            "resettlement.supervision.started", at(day(on), "09:00"), because=[], supervision_id=f"S-{order}-{kind}",
            order_id=order, kind=kind, released_on=day(on), starts_on=day(on), ends_on=day(ends), provider_code="CRC",
        )  # fmt: skip

    def supervision_ended(self, on: str, order: str = "O1", kind: str = "licence", outcome: str = "completed") -> Self:
        """Supervision after release is over."""
        fields: dict[str, Any] = {"supervision_id": f"S-{order}-{kind}", "kind": kind, "outcome": outcome}
        return self.state(
            "resettlement.supervision.ended", at(day(on), "09:00"), because=[], ended_on=day(on), **fields
        )

    # -- contact --------------------------------------------------------------------------------

    def arranged(self, made: str, ref: str, starts: str, orders: Sequence[str] = ("O1",), **fields: Any) -> Self:
        """An appointment arranged, or, with `changed_by`, moved."""
        given: dict[str, Any] = {
            "appointment_id": ref,
            "order_ids": list(orders),
            "starts_at": at(day(starts), "10:00"),
            "channel": "office",
            "purpose": "supervision",
        }
        name = "rearranged" if "changed_by" in fields else "arranged"
        return self.state(f"casework.appointment.{name}", day(made), **(given | fields))

    def cancelled(self, on: str, ref: str, by: str) -> Self:
        """An appointment cancelled."""
        return self.state(
            "casework.appointment.cancelled", day(on), appointment_id=ref, cancelled_by=by, cancelled_on=day(on)
        )

    def attended(self, on: str, ref: str, orders: Sequence[str] = ("O1",), **fields: Any) -> Self:
        """An appointment attended."""
        given: dict[str, Any] = {
            "appointment_id": ref,
            "order_ids": list(orders),
            "starts_at": at(day(on), "10:00"),
            "channel": "office",
            "purpose": "supervision",
            "minutes": 30,
        }
        return self.state("casework.appointment.attended", at(day(on), "10:30"), **(given | fields))

    def missed(
        self, on: str, ref: str, orders: Sequence[str] = ("O1",), when: datetime | None = None, **fields: Any
    ) -> Self:
        """An appointment missed; said at `when`, or at once."""
        given: dict[str, Any] = {
            "appointment_id": ref,
            "order_ids": list(orders),
            "starts_at": at(day(on), "10:00"),
            "channel": "office",
            "purpose": "supervision",
            "aware_on": day(on),
        }
        return self.state("casework.appointment.missed", when or at(day(on), "10:20"), **(given | fields))

    def visited(self, on: str, ref: str, seen: bool = True, when: datetime | None = None, **fields: Any) -> Self:
        """A home visit; said at `when`, or on its day."""
        given: dict[str, Any] = {"visit_id": ref, "visited_on": day(on), "person_seen": seen, "purpose": "risk-check"}
        return self.state("casework.home-visit.completed", when or day(on), **(given | fields))

    def failed(self, on: str, ref: str, orders: Sequence[str] = ("O1",), serious: bool = False) -> Self:
        """A failure reported."""
        return self.state(
            "casework.failure.reported", at(day(on), "10:20"), failure_id=ref, order_ids=list(orders),
            kind="behaviour", failed_on=day(on), aware_on=day(on), serious=serious,
        )  # fmt: skip

    def judged(
        self,
        on: str,
        ref: str,
        judgement: str = "unacceptable",
        n: int = 1,
        when: datetime | None = None,
        **fields: Any,
    ) -> Self:
        """A failure judged, for the n-th time; said at `when`, or at once."""
        given: dict[str, Any] = {
            "judgement_id": f"{ref}-J{n}",
            "failure_id": ref,
            "judgement": judgement,
            "reason_code": "other",
            "rationale_recorded": True,
            "by_grade": "po",
            "judged_on": day(on),
        }
        if n > 1:
            given["revises_judgement_id"] = f"{ref}-J{n - 1}"
        return self.state("casework.absence.judged", when or at(day(on), "11:00"), **(given | fields))

    def absent(self, on: str, ref: str, judgement: str = "unacceptable", orders: Sequence[str] = ("O1",)) -> Self:
        """An appointment missed, and judged on the same day."""
        return self.missed(on, ref, orders).judged(on, ref, judgement)

    def stood_down(self, on: str, appointment: str, session: str = "SES") -> Self:
        """A session that the provider stood down."""
        fields: dict[str, Any] = {
            "session_id": session,
            "requirement_id": "R",
            "appointment_id": appointment,
            "cause": "supervisor",
        }
        return self.state("casework.unpaid-work.stood-down", at(day(on), "10:00"), stood_down_on=day(on), **fields)

    def withdrawn(self, on: str, ref: str, kind: str = "appointment") -> Self:
        """A record taken back."""
        return self.state(
            "casework.record.withdrawn", at(day(on), "15:00"), record_id=ref, kind=kind, withdrawn_on=day(on)
        )

    def overseen(self, on: str, trigger: str = "acceptable-absences") -> Self:
        """A manager looked."""
        fields: dict[str, Any] = {"trigger_event_ids": [], "decision": "agreed", "by_grade": "spo", "actions": []}
        return self.state(
            "casework.oversight.recorded",
            day(on),
            oversight_id=f"OV-{on}",
            trigger=trigger,
            recorded_on=day(on),
            **fields,
        )

    # -- enforcement ----------------------------------------------------------------------------

    def warned(
        self, on: str, ref: str, *failures: str, order: str = "O1", level: str = "first", recorded: str | None = None
    ) -> Self:
        """A warning sent for failures."""
        return self.state(
            "casework.warning.sent", at(day(on), "16:00"), recorded, warning_id=ref, order_id=order, level=level,
            failure_ids=list(failures), sent_on=day(on),
        )  # fmt: skip

    def warning_withdrawn(self, on: str, ref: str) -> Self:
        """A warning taken back."""
        return self.state("casework.warning.withdrawn", at(day(on), "17:00"), warning_id=ref, withdrawn_on=day(on))

    def discretion(self, on: str, *failures: str, order: str = "O1") -> Self:
        """A decision not to enforce."""
        return self.state(
            "casework.discretion.recorded", at(day(on), "16:00"), discretion_id=f"D-{on}", order_id=order,
            failure_ids=list(failures), reason_code="circumstances", circumstances_recorded=True,
            alternative="re-engagement", by_grade="spo", recorded_on=day(on),
        )  # fmt: skip

    def pack(
        self, on: str, *failures: str, n: int = 1, order: str = "O1", aware: str | None = None, straight: bool = False
    ) -> Self:
        """A breach pack submitted, for the n-th time."""
        fields: dict[str, Any] = {"straight_to_breach_reason": "serious-failure"} if straight else {}
        return self.state(
            "casework.breach-pack.submitted", at(day(on), "16:30"), pack_id=f"P-{order}", submission=n, order_id=order,
            failure_ids=list(failures), aware_on=day(aware or on), proposal="continue", circumstances_recorded=True,
            submitted_on=day(on), **fields,
        )  # fmt: skip

    def pack_returned(self, on: str, n: int = 1, order: str = "O1") -> Self:
        """A pack sent back."""
        fields: dict[str, Any] = {
            "pack_id": f"P-{order}",
            "submission": n,
            "returned_on": day(on),
            "reason_code": "evidence",
        }
        return self.state("casework.breach-pack.returned", day(on), **fields)

    def pack_accepted(self, on: str, n: int = 1, order: str = "O1") -> Self:
        """A pack accepted."""
        fields: dict[str, Any] = {"pack_id": f"P-{order}", "submission": n, "accepted_on": day(on)}
        return self.state("casework.breach-pack.accepted", at(day(on), "17:00"), **fields)

    def laid(self, on: str, *failures: str, order: str = "O1", ref: str = "INF", pack: str | None = None) -> Self:
        """An information laid."""
        fields: dict[str, Any] = {"pack_id": pack} if pack else {}
        return self.state(
            "court.information.laid", at(day(on), "17:30"), information_id=ref, order_id=order,
            failure_ids=list(failures), laid_on=day(on), **fields,
        )  # fmt: skip

    def listed(self, on: str, hearing: str, ref: str = "H1", order: str = "O1", purpose: str = "breach") -> Self:
        """A hearing listed."""
        fields: dict[str, Any] = {"hearing_id": ref, "order_id": order, "purpose": purpose, "court_code": "COURT"}
        return self.state(
            "court.hearing.listed", at(day(on), "18:00"), listed_on=day(on), hearing_on=day(hearing), **fields
        )

    def heard(self, on: str, outcome: str, ref: str = "H1", order: str = "O1", **fields: Any) -> Self:
        """A breach hearing concluded."""
        given: dict[str, Any] = {
            "hearing_id": ref,
            "order_id": order,
            "purpose": "breach",
            "held_on": day(on),
            "outcome": outcome,
        }
        return self.state("court.hearing.concluded", at(day(on), "17:00"), **(given | fields))

    def considered(
        self,
        on: str,
        decision: str,
        clock: str = "12:00",
        order: str = "O1",
        ref: str = "R1",
        recorded: str | None = None,
    ) -> Self:
        """Recall considered."""
        return self.state(
            "casework.recall.considered", at(day(on), clock), recorded, recall_id=ref, order_id=order,
            decision=decision, alternatives=[], by_grade="spo", decided_at=at(day(on), clock),
        )  # fmt: skip

    def recall_requested(
        self, on: str, clock: str = "12:00", order: str = "O1", ref: str = "R1", recorded: str | None = None
    ) -> Self:
        """Recall asked for."""
        when = at(day(on), clock)
        return self.state("casework.recall.requested", when, recorded, recall_id=ref, order_id=order, requested_at=when)

    def recall_decided(self, on: str, outcome: str, ref: str = "R1", **fields: Any) -> Self:
        """The authority has answered."""
        when = at(day(on), "17:00")
        return self.state("casework.recall.decided", when, recall_id=ref, outcome=outcome, decided_at=when, **fields)

    # -- decided --------------------------------------------------------------------------------

    def through(self, until: str) -> Decided:
        """What enforcement has decided when a day is nearly over: what is due that day has not been missed yet."""
        return decided(self.records, day(until))


def decided(records: Sequence[HistoryRecord], until: date) -> Decided:
    """What enforcement decides about a history before the end of a day. Nothing may be parked or dead."""
    found = simulate(records, [(SERVICE, POLICY)], end_of_day(until) - timedelta(milliseconds=1))["enforcement"]
    assert not found.parked
    assert not found.dead_letters
    events = [(each.event_type, orjson.loads(each.value)["additionalInformation"]) for each in found.outputs]
    return Decided(found.states[Subject("case", CRN)], events)
