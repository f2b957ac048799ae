"""What a service decides about: an event as the log recorded it, or a deadline that log time has passed.

A fact carries two instants. `recorded` is log time: when the log took it down, the only clock that order and
deadlines know. `at` is when it happened, as its publisher states; rules count from the dates that facts state,
never from `recorded`.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import orjson

from shared.contracts.envelope import Event, canonical_json


class Subject(NamedTuple):
    """An aggregate: its kind (`case`, `office`, …) and its key (a CRN, an office code, …)."""

    kind: str
    key: str


class Passed(msgspec.Struct, frozen=True):
    """A deadline that safe time has passed, as its aggregate set it."""

    subject: Subject
    kind: str
    ref: str
    due: datetime


class Fact(msgspec.Struct, frozen=True):
    """One thing to decide: `payload` is the event's model of the contract, or `Passed`."""

    id: UUID
    type: str
    topic: str
    key: str
    recorded: datetime
    at: datetime
    payload: Any
    content: bytes
    correlation_id: UUID | None = None

    @property
    def is_deadline(self) -> bool:
        """True for a passed deadline, false for an event of the log."""
        return self.topic == DUE


DUE = "due"
"""The topic that a passed deadline is shown under; no Kafka topic has this name."""


def event_fact(event: Event, topic: str, key: str, recorded: datetime, content: bytes | None = None) -> Fact:
    """The fact that an event states once the log has recorded it at `recorded`.

    `content` is the event's canonical JSON, where the caller has it already.
    """
    return Fact(
        id=event.event_id,
        type=event.event_type,
        topic=topic,
        key=key,
        recorded=recorded,
        at=event.occurred_at,
        payload=event.payload,
        content=canonical_json(event) if content is None else content,
        correlation_id=event.correlation_id or event.event_id,
    )


def deadline_fact(deadline_id: UUID, passed: Passed, fires_at: datetime) -> Fact:
    """The fact that a deadline has passed; it is recorded at the instant that it fires."""
    subject = passed.subject
    content = (
        f'{{"deadline":"{passed.kind}","due":"{iso(passed.due)}","key":"{subject.key}",'
        f'"kind":"{subject.kind}","ref":"{passed.ref}"}}'
    )
    return Fact(
        id=deadline_id,
        type=passed.kind,
        topic=DUE,
        key=subject.key,
        recorded=fires_at,
        at=passed.due,
        payload=passed,
        content=content.encode(),
        correlation_id=deadline_id,
    )


@lru_cache(1 << 12)
def iso(instant: datetime) -> str:
    """An aware UTC instant as text, whole milliseconds, `Z` at the end."""
    seconds = orjson.dumps(instant)[1:20].decode()  # a tenth of the time of isoformat
    return f"{seconds}.{instant.microsecond // 1000:03d}Z"


def instant(text: str) -> datetime:
    """The aware instant of an ISO 8601 text with an offset. Raises ValueError where it has none."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant needs an offset, as in 2016-03-04T10:12:00Z")
    return found.astimezone(UTC)
