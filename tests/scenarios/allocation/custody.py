"""A person sent to prison and supervised on licence as they should be: the baseline of the examples of release."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.scenarios.allocation.area import UNIT
from tests.scenarios.allocation.supervision import Supervised, flat

RELEASED = 106
"""Day of release, a Tuesday fifteen weeks after sentence; pre-release work starts twelve weeks before, on day 22."""

OPENS = 22
LAST = RELEASED + 84
FIRST_ACTIVITY_WEEK = 3


@dataclass(frozen=True)
class Imprisoned(Supervised):
    """One person with one custodial sentence of six months (of two years where the NPS keeps them)."""

    disposal: str = "custody"
    kinds: tuple[str, ...] = ()
    noms: str = "S0001AA"
    term: str = "P6M"

    @property
    def ends(self) -> date:
        """The day on which supervision after release ends."""
        return self.day(LAST)

    def compliant(self) -> list[HistoryRecord]:
        """Everything, in time and in order."""
        return [
            *self.sentenced(),
            *self.papers(),
            *self.registrations(),
            *self.inside(),
            *self.prepared(),
            *self.released(),
            *self.contacts(),
            *self.ended(),
        ]

    def sentenced(self) -> list[HistoryRecord]:
        """The court's sentence; the prison's number is stated with it."""
        sentence: dict[str, Any] = {
            "order_id": self.order,
            "court_code": "SHEFCC",
            "sentenced_on": self.on,
            "offence_on": date(2016, 1, 10),
            "disposal": "custody",
            "custodial_term": self.term,
            "requirements": [],
            "report": dict(self.report),
            "local_delivery_unit": UNIT,
            "office_code": "COURT1",
            "sex": self.sex,
            "noms_number": self.noms,
            "attributes": list(self.attributes),
        }
        return [fact("court.sentence.recorded", self.crn, at(self.on, "14:00"), **sentence)]

    def prison(self, event: str, n: int, clock: str, **fields: Any) -> HistoryRecord:
        """What the prison states on the n-th day."""
        return fact(event, self.noms, at(self.day(n), clock), **fields)

    def moved(self, way: str, n: int, clock: str, reason: str, code: str) -> HistoryRecord:
        """The person enters or leaves the prison."""
        movement = {"noms_number": self.noms, "prison_id": "DNI", "reason": reason, "nomis_movement_reason_code": code}
        return self.prison(f"prison-offender-events.prisoner.{way}", n, clock, **movement)

    def inside(self) -> list[HistoryRecord]:
        """Reception, screening, the resettlement plan, and the release date."""
        screening: dict[str, Any] = {
            "screening_id": f"{self.order}-screening",
            "completed_at": at(self.day(1), "14:00"),
        }
        screening |= {"prison_id": "DNI", "resettlement_provider_code": "C01", "needs": ["attitudes"]}
        dates: dict[str, Any] = {"release_on": self.day(RELEASED), "release_kind": "automatic", "prison_id": "DNI"}
        dates |= {"licence_ends_on": self.day(LAST), "post_sentence_ends_on": self.day(RELEASED + 365)}
        return [
            self.moved("received", 0, "17:30", "ADMISSION", "I"),
            self.prison("prison.resettlement-screening.completed", 1, "14:30", **screening),
            self.prison("prison.release.due", 2, "10:00", **dates),
            *self.resettlement_plan(3),
        ]

    def resettlement_plan(self, n: int) -> list[HistoryRecord]:
        """The provider's plan, made with the person."""
        plan: dict[str, Any] = {
            "plan_id": f"{self.order}-resettlement",
            "order_ids": [self.order],
            "kind": "resettlement",
            "completed_on": self.day(n),
            "objective_count": 2,
            "person_involved": True,
            "contingency": True,
            "review_triggers": True,
            "restrictions": [],
            "items": [],
            "copy_": self.text("resettlement"),
        }
        return [self.said("plan.completed", n, "15:00", **plan)]

    def prepared(self) -> list[HistoryRecord]:
        """Somewhere to live, contact with the officer, hand-over, licence, and the first appointment."""
        referral: dict[str, Any] = {"referral_id": f"{self.order}-home", "service": "accommodation", "contracted": True}
        address: dict[str, Any] = {
            "address_id": f"{self.order}-address",
            "kind": "settled",
            "from_": self.day(RELEASED),
        }
        handover: dict[str, Any] = {"handover_id": f"{self.order}-handover", "officer_code": self.officer}
        licence: dict[str, Any] = {"order_id": self.order, "issued_on": self.day(95), "conditions": []}
        licence |= {"justified": ["domestic-abuse", "child", "victim"]}
        found = [
            self.said("referral.made", 10, **referral, referred_on=self.day(10)),
            self.said("release-address.confirmed", 50, **address, local_delivery_unit=UNIT),
            self.seen_inside(OPENS + 16),
            self.assessed(OPENS + 18),
            self.said("release-handover.sent", 85, **handover, open_needs=[], sent_on=self.day(85)),
            self.said("release-handover.accepted", 88, **handover, accepted_on=self.day(88)),
            self.said("licence.issued", 95, **licence),
        ]
        if {"domestic-abuse", "child-protection"} & set(self.registered) or self.form:
            notice: dict[str, Any] = {"notice_id": f"{self.order}-notice", "to": "safeguarding-hub"}
            notice |= {"release_on": self.day(RELEASED), "sent_on": self.day(64)}
            found.append(self.said("safeguarding-notice.sent", 64, **notice))
        return found

    def seen_inside(self, n: int) -> HistoryRecord:
        """The officer meets the person in prison."""
        meeting = {
            "appointment_id": f"{self.order}-inside-{n}",
            "order_ids": [self.order],
            "starts_at": at(self.day(n), "11:00"),
            "channel": "prison",
            "purpose": "pre-release",
            "minutes": 40,
            "officer_code": self.officer,
        }
        return self.said("appointment.attended", n, "12:00", **meeting)

    def released(self) -> list[HistoryRecord]:
        """Out on the day, seen the next, planned for and reviewed."""
        return list(
            flat(
                [
                    self.moved("released", RELEASED, "09:00", "RELEASED", "CR"),
                    self.met(RELEASED + 1, "induction", arranged=100),
                    self.planned(RELEASED + 8, "release"),
                    self.reviewed(RELEASED + 15, "post-release"),
                ]
            )
        )

    def contacts(self, weeks: int | None = None) -> list[HistoryRecord]:
        """A meeting a week after release (Wednesdays), activity among them."""
        found: list[Any] = []
        for week in range(1, weeks or 12):
            n = RELEASED + 1 + 7 * week
            found.append(self.met(n, "supervision" if week < FIRST_ACTIVITY_WEEK else "programme-session"))
        return list(flat(found))

    def ended(self) -> list[HistoryRecord]:
        """Supervision is over."""
        ended = {"order_id": self.order, "ended_on": self.ends, "outcome": "completed"}
        return [self.said("order.ended", LAST, "17:00", **ended)]
