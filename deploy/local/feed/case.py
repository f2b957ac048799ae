"""One person's case while its history is written: the person, the order, the pen, and what the writing has
to remember from one concept to the next (when the form was sent, who was met and when, what is in force).
Nothing is written about a person's contact once the case is closed.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.feed.area import HUBS, Area
from deploy.local.feed.history import Pen
from deploy.local.feed.orders import Order
from deploy.local.feed.people import Person
from deploy.local.feed.rates import Rate


@dataclass(slots=True)
class Case:
    """The case of one person with one order."""

    person: Person
    order: Order
    pen: Pen
    area: Area
    form_on: date
    in_hub: bool = False
    victim_contact: bool = False
    attended_on: list[date] = field(default_factory=list)
    breaks_from: date | None = None
    ended_requirements: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    plan_id: str | None = None

    @property
    def crn(self) -> str:
        """The person's CRN, the key of almost every line."""
        return self.person.crn

    @property
    def end(self) -> date:
        """The first day that the feed no longer tells."""
        return self.pen.horizon.date()

    @property
    def office(self) -> str:
        """The office that supervises now."""
        return HUBS[self.person.unit.crc] if self.in_hub else self.person.office

    def is_breaking(self, day: date) -> bool:
        """True in the last weeks of an order that a court will revoke for breach."""
        return self.breaks_from is not None and day >= self.breaks_from

    def happens(self, rate: Rate) -> bool:
        """Draw once for a rate."""
        return self.pen.happens(rate)

    def chance(self, share: float) -> bool:
        """Draw once for a plain share."""
        return self.pen.rng.random() < share

    def officer(self, day: date) -> str:
        """The officer whom the person has on `day`."""
        person = self.person
        return self.area.officer(self.office, person.index, day, complex_case=person.complex_case, pick=person.pick)

    def write(
        self, event_type: str, at: datetime, information: dict[str, Any], recorded: datetime | None = None
    ) -> str:
        """Write an event about the person; nothing is said of a closed case but its ending."""
        closed = self.pen.closed_after
        if closed is not None and at.date() > closed and event_type not in AFTER_THE_END:
            return ""
        return self.pen.write(
            event_type, self.crn, at, information, recorded=recorded, identifiers=(("CRN", self.crn),)
        )

    def after(self, day: date, low: int, high: int) -> date:
        """A business day from `low` to `high` business days after `day`."""
        return self.pen.days.after(day, self.pen.rng.randint(low, high))

    def soon(self, at: datetime, minutes: int = 90) -> datetime:
        """An instant within so many minutes after `at`."""
        return at + timedelta(milliseconds=self.pen.rng.randrange(1_000, minutes * 60_000))


AFTER_THE_END = frozenset({"casework.order.ended", "casework.requirement.ended", "casework.victim-liaison.notified"})
