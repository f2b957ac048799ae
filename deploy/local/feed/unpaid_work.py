"""Unpaid work: arranged within seven business days or later, worked session by session, missed, stood down by
the provider, and done, or not done before the order ends."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from deploy.local.feed import rates
from deploy.local.feed.absences import write_missed
from deploy.local.feed.appointments import book
from deploy.local.feed.case import Case
from deploy.local.feed.enforcement import Ladder


@dataclass(slots=True)
class UnpaidWork:
    """A requirement of unpaid work on its way: hours left, and whether the person will get through it."""

    case: Case
    ladder: Ladder
    requirement: dict[str, Any]
    hours_left: int
    gets_through: bool
    until: date

    def arrange(self) -> date:
        """Write the arranging; returns the day of the first session."""
        case = self.case
        in_time = case.happens(rates.UNPAID_WORK_IN_TIME)
        on = case.after(case.form_on, 1, 7) if in_time else case.after(case.form_on, 8, 25)
        first = case.after(on, 3, 14)
        arranged = {
            "requirementId": self.requirement["requirementId"],
            "arrangedOn": on.isoformat(),
            "firstSessionOn": first.isoformat(),
            "providerCode": case.person.unit.crc,
        }
        case.write("casework.unpaid-work.arranged", case.pen.during(on), arranged)
        return first

    def session(self, day: date) -> date | None:
        """One session of `day`; the day of the next, or None when there is no more."""
        case, rng = self.case, self.case.pen.rng
        ordered = int(self.requirement["hours"])
        if case.is_breaking(day) or (not self.gets_through and self.hours_left * 2 < ordered):
            return None
        session = {"sessionId": case.pen.fresh_id(), "requirementId": self.requirement["requirementId"]}
        if case.happens(rates.STOOD_DOWN):
            cause = rng.choice(("supervisor", "weather", "capacity", "transport"))
            stood_down = {**session, "stoodDownOn": day.isoformat(), "cause": cause}
            case.write("casework.unpaid-work.stood-down", case.pen.during(day, 9, 10), stood_down)
        elif case.chance(case.person.miss):
            meeting = book(case, day, "unpaid-work", "unpaid-work", self.requirement)
            write_missed(case, self.ladder, day, meeting)
        else:
            hours = min(rng.choice((5, 6, 6, 7)), self.hours_left)
            self.hours_left -= hours
            worked = {**session, "workedOn": day.isoformat(), "hoursCredited": str(hours)}
            case.write("casework.unpaid-work.session-worked", case.pen.during(day, 16, 17.5), worked)
        if self.hours_left == 0:
            self._end(day)
            return None
        weeks_left = (self.until - day).days / 7 - 3
        if self.gets_through and self.hours_left / 6 > weeks_left * 0.45:
            return day + timedelta(days=rng.randint(1, 3))
        return day + timedelta(days=7 if case.chance(0.8) else rng.randint(10, 16))

    def _end(self, day: date) -> None:
        on = min(self.case.after(day, 1, 5), max(self.until, day))
        ended = {
            "requirementId": self.requirement["requirementId"],
            "kind": "unpaid-work",
            "endedOn": on.isoformat(),
            "outcome": "completed",
        }
        self.case.write("casework.requirement.ended", self.case.pen.during(on, 17.5, 18), ended)
