"""Reads a feed back: one person's facts by type, each once, prison messages unwrapped."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import orjson

from deploy.local.feed.case import Case
from deploy.local.feed.generate import Feed
from deploy.local.feed.history import HistoryLine


def envelope(line: HistoryLine) -> dict[str, Any]:
    """The envelope of a line, taken out of an SNS notification where it is in one."""
    if "Message" in line.value:
        whole: dict[str, Any] = orjson.loads(line.value["Message"])
        return whole
    return line.value


@dataclass
class Told:
    """What a feed tells of one person: the case behind it, and facts by event type in the order recorded."""

    case: Case
    facts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def of(self, event_type: str) -> list[dict[str, Any]]:
        """The facts of one type, duplicates left out."""
        return self.facts.get(event_type, [])

    def first(self, event_type: str) -> dict[str, Any]:
        """The first fact of one type; empty if there is none."""
        return next(iter(self.of(event_type)), {})

    @property
    def crc(self) -> bool:
        """True for a person whom a CRC keeps."""
        return not self.case.person.nps

    @property
    def community(self) -> bool:
        """True for a community order or suspended sentence order."""
        return self.case.order.disposal in ("community-order", "suspended-sentence-order")

    @property
    def told_until(self) -> date:
        """The last day on which the feed can tell of the person's order."""
        return min(self.case.order.ended_on, self.case.end)


@cache
def people(cases: int, seed: int = 1) -> tuple[Told, ...]:
    """Everyone in a feed of twelve months."""
    feed = Feed(cases, seed=seed)
    found = []
    for index in range(cases):
        case = feed.case(index)
        told, seen = Told(case), set()
        for line in sorted(case.pen.lines, key=lambda each: each.timestamp):
            whole = envelope(line)
            once = orjson.dumps(whole)
            if once in seen:
                continue
            seen.add(once)
            fact = {**whole["additionalInformation"], "_at": whole["occurredAt"], "_id": whole.get("eventId")}
            told.facts.setdefault(whole["eventType"], []).append(fact)
        found.append(told)
    return tuple(found)


def day(text: str) -> date:
    """The date of a date or an instant as text."""
    return date.fromisoformat(text[:10])
