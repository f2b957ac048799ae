"""A person supervised as they should be, from sentence to the end of the order: the history on which every example is
built, so that nothing is amiss in it but what the example says. Every part can be left out or changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import orjson

from deploy.history import HistoryRecord
from tests.builders import at, days, fact
from tests.scenarios.allocation.area import LMC, UNIT

MONDAY = date(2016, 6, 6)
"""Day of sentence: twelve weeks without a bank holiday follow."""

WEEKS = 11
ACTIVITY_DAYS = 8
FIRST_ACTIVITY_WEEK = 3


@dataclass(frozen=True)
class Supervised:
    """One person with one community sentence; `form` holds what their allocation form says otherwise."""

    crn: str = "S000001"
    order: str = "order-1"
    on: date = MONDAY
    weeks: int = WEEKS
    disposal: str = "community-order"
    kinds: tuple[str, ...] = ("rehabilitation-activity",)
    sex: str = "male"
    attributes: tuple[str, ...] = ()
    rosh: str = "medium"
    rsr: str = "1.20"
    ogrs: str = "35"
    registered: tuple[str, ...] = ()
    report: Mapping[str, Any] = field(default_factory=lambda: {"kind": "standard"})
    form: Mapping[str, Any] = field(default_factory=dict)
    officer: str = f"{LMC}-PSO"
    """Whom the person meets."""

    def day(self, n: int) -> date:
        """The n-th day after sentence, which is a Monday."""
        return self.on + timedelta(days=n)

    @property
    def ends(self) -> date:
        """The day on which the order ends."""
        return self.day(7 * self.weeks + 4)

    def compliant(self) -> list[HistoryRecord]:
        """Everything, in time and in order."""
        return [
            *self.sentenced(),
            *self.papers(),
            *self.registrations(),
            *self.started(),
            *self.contacts(),
            *self.ended(),
        ]

    def said(self, event: str, n: int, clock: str = "10:00", **fields: Any) -> HistoryRecord:
        """A fact of casework on the n-th day."""
        return fact(f"casework.{event}", self.crn, at(self.day(n), clock), **fields)

    def sentenced(self) -> list[HistoryRecord]:
        """The court's sentence."""
        sentence: dict[str, Any] = {
            "order_id": self.order,
            "court_code": "SHEFMC",
            "sentenced_on": self.on,
            "disposal": self.disposal,
            "ends_on": self.ends,
            "requirements": [self.requirement(kind) for kind in self.kinds],
            "report": dict(self.report),
            "local_delivery_unit": UNIT,
            "office_code": "COURT1",
            "sex": self.sex,
            "attributes": list(self.attributes),
        }
        return [fact("court.sentence.recorded", self.crn, at(self.on, "14:00"), **sentence)]

    def requirement(self, kind: str) -> dict[str, Any]:
        """A requirement of the order, as the court states it."""
        sizes: dict[str, dict[str, Any]] = {
            "rehabilitation-activity": {"days": ACTIVITY_DAYS},
            "unpaid-work": {"hours": "80"},
        }
        return {"requirement_id": f"{self.order}-{kind}", "kind": kind, **sizes.get(kind, {})}

    # -- allocation --------------------------------------------------------------------------------

    def papers(self) -> list[HistoryRecord]:
        """Scores, checks asked for and returned, and the form; the case is allocated on the day after sentence."""
        return [*self.scores(), *self.check("domestic-abuse"), *self.check("child"), self.submitted()]

    def scores(self) -> list[HistoryRecord]:
        """RSR and OGRS, on the day of sentence."""
        return [
            self.said("risk-score.calculated", 0, "15:00", kind="rsr", percent=self.rsr, calculated_on=self.on),
            self.said("risk-score.calculated", 0, "15:05", kind="ogrs2", percent=self.ogrs, calculated_on=self.on),
        ]

    def check(self, kind: str, asked: int = 0, back: int | None = 1) -> list[HistoryRecord]:
        """A safeguarding check: the days on which it is asked for and returned (not at all if None)."""
        stated = {"check_id": f"{self.order}-{kind}-{asked}", "kind": kind, "requested_on": self.day(asked)}
        found = [self.said("safeguarding-check.requested", asked, "15:10", **stated)]
        if back is not None:
            answer = {**stated, "returned_on": self.day(back), "result": "nothing-held"}
            found.append(self.said("safeguarding-check.returned", back, "09:30", **answer))
        return found

    def submitted(self, n: int = 1, clock: str = "11:00", form_id: str = "form", **otherwise: Any) -> HistoryRecord:
        """The allocation form; a field stated as None is left out."""
        fields: dict[str, Any] = {
            "form_id": f"{self.order}-{form_id}",
            "order_id": self.order,
            "rsr_percent": self.rsr,
            "rsr_calculated_on": self.on,
            "rosh_level": self.rosh,
            "rosh_screened_on": self.on,
            "full_analysis": "not-required" if self.rosh == "low" else "completed",
            "full_analysis_on": None if self.rosh == "low" else self.day(1),
            "mappa_level": "none",
            "deportation_liable": False,
            "deferred_sentence": False,
            "public_interest": False,
            "not_known": [],
            "priors_of_concern": [],
            "domestic_abuse": "none",
            "child_safeguarding": "none",
            **self.form,
            **otherwise,
        }
        stated = {name: value for name, value in fields.items() if value is not None}
        return self.said("allocation-form.submitted", n, clock, **stated)

    def registrations(self) -> list[HistoryRecord]:
        """Every registration, half an hour before the form."""
        return [self.register(code, 1) for code in self.registered]

    def register(self, code: str, n: int) -> HistoryRecord:
        """A registration from the n-th day on."""
        registration = {"registration_id": f"{self.order}-{code}", "code": code, "from_": self.day(n)}
        return self.said("registration.added", n, "10:30", **registration)

    # -- supervision -------------------------------------------------------------------------------

    def started(self) -> list[HistoryRecord]:
        """Induction, assessment, plans; a women's service where one is to be offered; unpaid work arranged."""
        found = [*self.met(3, "induction", arranged=1), self.assessed(4), *self.planned(8)]
        if self.sex == "female":
            offer = {"offer_id": f"{self.order}-offer", "service": "womens-service", "offered_on": self.day(3)}
            found.append(self.said("service.offered", 3, "11:00", **offer, answer="accepted"))
        if "unpaid-work" in self.kinds:
            work = {"requirement_id": f"{self.order}-unpaid-work", "arranged_on": self.day(3)}
            work |= {"first_session_on": self.day(5), "provider_code": "C01"}
            found.append(self.said("unpaid-work.arranged", 3, "12:00", **work))
        if "child-protection" in self.registered:
            found.append(self.visited(15))
        return found

    def met(self, n: int, purpose: str = "supervision", *, arranged: int | None = None) -> list[HistoryRecord]:
        """Meet at the office on the n-th day, arranged beforehand or not."""
        meeting: dict[str, Any] = {
            "appointment_id": f"{self.order}-{n}",
            "order_ids": [self.order],
            "starts_at": at(self.day(n), "10:00"),
            "channel": "office",
            "purpose": purpose,
            "minutes": 45,
            "officer_code": self.officer,
        }
        if purpose == "rar-activity":
            meeting["requirement_id"] = f"{self.order}-rehabilitation-activity"
        found = [self.said("appointment.attended", n, "10:45", **meeting)]
        if arranged is not None:
            given = {**meeting, "given_to_person_on": self.day(arranged)}
            found.insert(0, self.said("appointment.arranged", arranged, "15:00", **given))
        return found

    def assessed(self, n: int, stage: str = "induction", **otherwise: Any) -> HistoryRecord:
        """An assessment with the person."""
        fields = {
            "assessment_id": f"{self.order}-assessment-{n}",
            "tool": "oasys-3",
            "stage": stage,
            "completed_on": self.day(n),
            "officer_code": self.officer,
            "ogrs2_percent": self.ogrs,
            "motivation": "high",
            "rosh_level": self.rosh,
            "needs": ["attitudes"],
            "person_involved": True,
            "copy_": self.text(f"assessment {n}"),
        }
        return self.said("assessment.completed", n, "15:00", **{**fields, **otherwise})

    def planned(self, n: int, kind: str = "sentence") -> list[HistoryRecord]:
        """The plan, made with the person, with contingency and triggers; one item, its main part."""
        plan = {
            "plan_id": f"{self.order}-plan",
            "order_ids": [self.order],
            "kind": kind,
            "completed_on": self.day(n),
            "officer_code": self.officer,
            "objective_count": 3,
            "person_involved": True,
            "contingency": True,
            "review_triggers": True,
            "rar_days_planned": ACTIVITY_DAYS,
            "restrictions": [],
            "items": [
                {"item_id": f"{self.order}-item", "service": "attitudes", "main": True, "referral_needed": False}
            ],
            "copy_": self.text(f"plan {n}"),
        }
        return [self.said("plan.completed", n, "15:00", **plan)]

    def main_part_done(self, n: int) -> HistoryRecord:
        """The main part of the plan is done."""
        item = {"plan_id": f"{self.order}-plan", "item_id": f"{self.order}-item"}
        return self.said("plan-item.closed", n, "16:00", **item, closed_on=self.day(n), outcome="completed")

    def visited(self, n: int) -> HistoryRecord:
        """A home visit at which the person was seen."""
        visit = {"visit_id": f"{self.order}-visit-{n}", "visited_on": self.day(n), "officer_code": self.officer}
        return self.said("home-visit.completed", n, "14:00", **visit, person_seen=True, purpose="risk-check")

    def contacts(self, weeks: int | None = None) -> list[HistoryRecord]:
        """A meeting a week (Thursdays); activity from the third week until its days are done; work on Saturdays."""
        found: list[Any] = []
        for week in range(1, (weeks or self.weeks) + 1):
            n = 7 * week + 3
            active = FIRST_ACTIVITY_WEEK <= week < FIRST_ACTIVITY_WEEK + ACTIVITY_DAYS
            if active and "rehabilitation-activity" in self.kinds:
                found += [self.met(n, "rar-activity"), self.activity_day(n)]
            else:
                found.append(self.met(n))
            if "unpaid-work" in self.kinds:
                found.append(self.worked(n + 2))
        return list(flat(found))

    def activity_day(self, n: int, credited: int = 1) -> HistoryRecord:
        """Days of rehabilitation activity credited for the n-th day."""
        credit = {
            "credit_id": f"{self.order}-credit-{n}",
            "requirement_id": f"{self.order}-rehabilitation-activity",
            "activity_on": self.day(n),
            "days": credited,
            "activity_code": "ATTITUDES",
            "contracted": True,
        }
        return self.said("rar-day.credited", n, "16:00", **credit)

    def worked(self, n: int) -> HistoryRecord:
        """A session of unpaid work."""
        session = {"session_id": f"{self.order}-session-{n}", "requirement_id": f"{self.order}-unpaid-work"}
        session |= {"hours_credited": "7"}
        return self.said("unpaid-work.session-worked", n, "17:00", **session, worked_on=self.day(n))

    def requirement_done(self, n: int, kind: str = "rehabilitation-activity") -> HistoryRecord:
        """A requirement is complete."""
        ended = {"requirement_id": f"{self.order}-{kind}", "kind": kind, "ended_on": self.day(n)}
        return self.said("requirement.ended", n, "16:30", **ended, outcome="completed")

    def reviewed(
        self, n: int, *purposes: str, triggers: Iterable[HistoryRecord] = (), **otherwise: Any
    ) -> HistoryRecord:
        """A review with the person, of what set it off."""
        fields = {
            "review_id": f"{self.order}-review-{n}",
            "purposes": list(purposes),
            "trigger_event_ids": [event_id(each) for each in triggers],
            "reviewed_ids": [f"{self.order}-plan"],
            "completed_on": self.day(n),
            "officer_code": self.officer,
            "plan_changed": True,
            "person_involved": True,
            "copy_": self.text(f"review {n}"),
        }
        return self.said("review.completed", n, "15:30", **{**fields, **otherwise})

    def ended(self) -> list[HistoryRecord]:
        """The order is completed."""
        last = (self.ends - self.on).days
        done = [self.requirement_done(last, kind) for kind in self.kinds]
        ended = {"order_id": self.order, "ended_on": self.ends, "outcome": "completed"}
        return [*done, self.said("order.ended", last, "17:00", **ended)]

    # -- what may befall ------------------------------------------------------------------------------

    def changed(self, n: int, *kinds: str, source: str = "self") -> HistoryRecord:
        """Something in the person's life changes."""
        change = {"change_id": f"{self.order}-change-{n}", "changed_on": self.day(n), "kinds": list(kinds)}
        return self.said("circumstances.changed", n, "09:00", **change, source=source)

    def called_out(self, n: int, kind: str = "domestic-abuse") -> HistoryRecord:
        """The police are called; the person is the suspect."""
        call = {"call_out_id": f"{self.order}-call-out-{n}", "called_on": self.day(n), "kind": kind}
        return self.said("police-call-out.reported", n, "08:30", **call, person_role="suspect")

    def risk_becomes(self, to: str, n: int, clock: str = "09:45", evidence: str = "reassessment") -> HistoryRecord:
        """The risk of serious harm is stated anew."""
        change = {"from_": self.rosh, "to": to, "changed_on": self.day(n), "evidence_code": evidence}
        return self.said("risk.changed", n, clock, **change)

    def escalated(
        self, n: int, answered: int | None, *, direction: str = "crc-to-nps", to: str = "high", clock: str = "09:30"
    ) -> list[HistoryRecord]:
        """An escalation is asked for, and accepted at half past nine of the day given."""
        escalation = f"{self.order}-escalation-{n}"
        asked = at(self.day(n), clock)
        request = {"escalation_id": escalation, "direction": direction, "from_": self.rosh, "to": to}
        found = [self.said("risk-escalation.requested", n, clock, **request, requested_at=asked)]
        if answered is not None:
            decided = at(self.day(answered), "09:30")
            answer = {"escalation_id": escalation, "outcome": "accepted", "decided_at": decided}
            found.append(self.said("risk-escalation.decided", answered, "09:30", **answer, first_contact_at=decided))
        return found

    def directed(
        self, to: str, n: int, *overrides: str, reason: str = "specialism", clock: str = "14:00"
    ) -> HistoryRecord:
        """A manager names the officer."""
        direction = {
            "direction_id": f"{self.order}-direction-{n}",
            "officer_code": to,
            "overrides": list(overrides),
            "reason_code": reason,
            "by_grade": "spo",
            "directed_on": self.day(n),
        }
        return self.said("assignment.directed", n, clock, **direction)

    def text(self, name: str) -> dict[str, str]:
        """The fingerprint of a text of the person's own."""
        digest = sha256(f"{self.crn} {self.order} {name}".encode()).hexdigest()
        return {"text_hash": digest, "text_simhash": digest[:16]}


def event_id(record: HistoryRecord) -> str:
    """The id of an event."""
    return str(orjson.loads(record.value or b"{}")["eventId"])


def without(history: Iterable[HistoryRecord], *event_types: str, since: date | None = None) -> list[HistoryRecord]:
    """A history without the facts of some types (all of them, or those from a day on)."""
    cut = at(since, "00:00") if since is not None else None
    return [
        each
        for each in history
        if not (
            orjson.loads(each.value or b"{}")["eventType"] in event_types and (cut is None or each.timestamp >= cut)
        )
    ]


def until(history: Iterable[HistoryRecord], day: date) -> list[HistoryRecord]:
    """A history up to the end of a day."""
    return [each for each in history if each.timestamp < at(day, "00:00") + days(1)]


def flat(found: Iterable[HistoryRecord | Iterable[HistoryRecord]]) -> Iterable[HistoryRecord]:
    """Facts, and lists of facts, as one."""
    for each in found:
        if isinstance(each, HistoryRecord):
            yield each
        else:
            yield from each
