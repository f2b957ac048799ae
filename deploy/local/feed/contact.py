"""Contact in the community: appointments week by week and then month by month, activity of a rehabilitation
requirement, sessions of unpaid work. The three run side by side in one order of dates, because what happens at
one decides what follows at the next."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.feed import rates
from deploy.local.feed.absences import write_failure
from deploy.local.feed.appointments import arrange, book, fell_through, hold
from deploy.local.feed.case import Case
from deploy.local.feed.enforcement import Ladder
from deploy.local.feed.unpaid_work import UnpaidWork

WEEKLY = timedelta(days=91)
ACTIVITIES = ("RETHINK", "VICTIM-AWARENESS", "ALCOHOL", "ETE", "EMOTIONS", "ONE-TO-ONE")


@dataclass(slots=True)
class Supervision:
    """One period of supervision in the community, from its first appointment to its last day."""

    case: Case
    ladder: Ladder
    clock: date
    until: date
    made: datetime
    """When the first appointment was arranged."""
    purpose: str = "induction"
    from_hour: int = 9
    """Earliest hour of the first appointment: on the day of release nobody comes before noon."""
    tracks: dict[str, date] = field(default_factory=dict)
    unpaid_work: UnpaidWork | None = None
    days_left: int = 0
    _next_made: datetime | None = None
    _met: bool = False

    def run(self) -> None:
        """Write all contact, in order of dates, until the period or the window ends."""
        last = min(self.until, self.case.end)
        while self.tracks:
            track = min(self.tracks, key=lambda name: (self.tracks[name], name))
            day = self.case.pen.days.on_or_after(self.tracks.pop(track))
            if day > last:
                continue
            follows = self._step(track, day)
            if follows is not None:
                self.tracks[track] = max(follows, day + timedelta(days=1))

    def _step(self, track: str, day: date) -> date | None:
        if track == "contact":
            follows, breaks_from = self._contact(day), self.case.breaks_from
            return min(follows, breaks_from) if breaks_from is not None and day < breaks_from else follows
        if track == "unpaid-work" and self.unpaid_work is not None:
            return self.unpaid_work.session(day)
        if track == "failure":
            write_failure(self.case, self.ladder, day)
            return None
        return self._activity(day)

    def _contact(self, day: date) -> date:
        """The appointment of `day` with the officer, and the day of the next."""
        case, rng = self.case, self.case.pen.rng
        if day <= self.ladder.quiet_until and not case.is_breaking(day):
            return self.ladder.quiet_until + timedelta(days=1)
        self._perhaps_to_hub(day)
        remote = case.in_hub or (self._met and case.happens(rates.TELEPHONE))
        requirement = case.order.requirement("rehabilitation-activity")
        purpose, self.purpose = self.purpose, "supervision"
        meeting = book(case, day, "telephone" if remote else "office", purpose, requirement, from_hour=self.from_hour)
        self._arrange(day, meeting)
        self._met, self.from_hour = True, 9
        outcome = "cancelled" if fell_through(case, day, meeting) else hold(case, self.ladder, day, meeting)
        if outcome == "accepted" and case.happens(rates.NEXT_TOO_FAR):
            return day + timedelta(days=rng.randint(9, 25))
        if outcome != "attended":
            return day + timedelta(days=rng.randint(3, 7))
        self._next_made = datetime.fromisoformat(meeting["startsAt"]) + timedelta(minutes=rng.randint(35, 70))
        planned = case.person.as_planned or case.is_breaking(day)
        if day < self.clock + WEEKLY or case.is_breaking(day):
            return day + timedelta(days=rng.randint(6, 8) if planned else rng.randint(12, 17))
        return day + timedelta(days=rng.randint(25, 31) if planned else rng.randint(38, 60))

    def _arrange(self, day: date, meeting: dict[str, Any]) -> None:
        """Arranged at the last meeting, if there was one, else on some day before."""
        case, pen = self.case, self.case.pen
        starts = datetime.fromisoformat(meeting["startsAt"])
        made = self._next_made if self._met else self.made
        if made is None:
            made = pen.during(pen.days.before(day, pen.rng.randint(1, 2)))
        self._next_made = None
        if made < starts:
            arrange(case, day, meeting, made)

    def _activity(self, day: date) -> date | None:
        """One activity of the rehabilitation requirement: a day is credited where it was attended."""
        case, rng = self.case, self.case.pen.rng
        requirement = case.order.requirement("rehabilitation-activity")
        if requirement is None or self.days_left <= 0 or case.in_hub or case.is_breaking(day):
            return None
        meeting = book(case, day, "group" if case.chance(0.6) else "office", "rar-activity", requirement)
        if case.chance(0.4):
            arrange(case, day, meeting, case.pen.during(case.pen.days.before(day, rng.randint(3, 8))))
        if fell_through(case, day, meeting):
            return day + timedelta(days=rng.randint(5, 12))
        if hold(case, self.ladder, day, meeting) == "attended":
            days = min(self.days_left, rng.randint(4, 6)) if case.happens(rates.RAR_BULK) else 1
            self.days_left -= days
            credit = {
                "creditId": case.pen.fresh_id(),
                "requirementId": requirement["requirementId"],
                "activityOn": day.isoformat(),
                "days": days,
                "activityCode": rng.choice(ACTIVITIES),
                "contracted": case.chance(0.97),
                "appointmentId": meeting["appointmentId"],
            }
            case.write("casework.rar-day.credited", case.pen.during(day, 19, 19.5), credit)
        return day + timedelta(days=rng.randint(14, 34))

    def _perhaps_to_hub(self, day: date) -> None:
        """After the weekly phase some go to the hub: most by the gate, some without it."""
        case, person, days = self.case, self.case.person, self.case.pen.days
        if case.in_hub or person.nps or case.order.disposal == "custody" or day < self.clock + WEEKLY:
            return
        if person.unsuited_to_hub or case.breaks_from is not None or person.pick >= rates.HUB_MOVE.value:
            return
        transfer = {"transferId": case.pen.fresh_id(), "direction": "to-hub"}
        if case.chance(0.8):
            asked_on = days.before(day, 4)
            asked = {**transfer, "requestedOn": asked_on.isoformat(), "byGrade": "spo", "decision": "proceed"}
            case.write("casework.hub-transfer.requested", case.pen.during(asked_on), asked)
        moved = {**transfer, "movedOn": day.isoformat()}
        if case.chance(0.85):
            moved["officerToldOn"] = days.before(day, 2).isoformat()
        case.write("casework.hub-transfer.completed", case.pen.during(day, 8, 9), moved)
        case.in_hub = True
