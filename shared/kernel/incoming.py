"""A record of the log as the kernel takes it: decoded at once, its time and its place known, its bytes untouched."""

import hashlib
from collections.abc import Container
from typing import Literal, NamedTuple, Protocol

import msgspec

from shared.contracts.decoding import TimeRecord, Unknown, Unread, decode
from shared.contracts.envelope import Event, canonical_json
from shared.contracts.poison import Poison
from shared.domain.service import UPSTREAM
from shared.kernel.clock import to_ms

DAY_MS = 24 * 3600 * 1000
LATEST_MS = 7_258_118_400_000
"""The year 2200: the log's time stays where dates can be reckoned with, whatever a producer claims."""

LOGTIME = "logtime"
"""Header of a service's output: the log time (ms) of the step that decided it."""


class Record(Protocol):
    """What the kernel reads of a consumed record (aiokafka's `ConsumerRecord` is one)."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


class Undecidable(NamedTuple):
    """Why a record goes to the dead letters: a code, what is wrong, and what to do. Never its content."""

    reason_code: str
    reason: str
    hint: str


class Incoming(msgspec.Struct, frozen=True, gc=False):
    """A record that must be decided: an event with its canonical content and digest, or poison."""

    record: Record
    event: Event | None
    content: bytes
    digest: bytes
    poison: Undecidable | None = None
    regressed: bool = False
    """Its publisher's time went back (replay)."""

    def as_regressed(self) -> "Incoming":
        """The same, marked: its publisher's time went back."""
        return msgspec.structs.replace(self, regressed=True)

    @property
    def key(self) -> str:
        """The record's key as text, byte for byte: the order's tie-breaker."""
        return (self.record.key or b"").decode("latin-1")


PassingOver = Literal["unknown-type", "not-read"]
"""Why a record needs no decision."""


class PassedOver(msgspec.Struct, frozen=True):
    """A record that needs no decision, and why."""

    reason: PassingOver
    event_type: str


Classified = Incoming | PassedOver | TimeRecord


def classify(record: Record, recorded: int, reads: Container[str]) -> Classified:
    """Decode a record of log time `recorded` (ms) for a reader of the event types `reads`.

    Never raises, whatever its bytes.
    """
    decoded = decode(record.topic, record.key, record.value, record.headers, reads)
    if isinstance(decoded, Event):
        if to_ms(decoded.occurred_at) > recorded + DAY_MS:
            return Incoming(record, None, b"", b"", from_the_future())
        content = canonical_json(decoded)
        return Incoming(record, decoded, content, hashlib.sha256(content).digest()[:16])
    if isinstance(decoded, Unread):
        return PassedOver("not-read", decoded.event_type)
    if isinstance(decoded, Unknown):
        return PassedOver("unknown-type", decoded.event_type)
    if isinstance(decoded, Poison):
        return Incoming(record, None, b"", b"", Undecidable(decoded.reason_code, decoded.reason, decoded.hint))
    return decoded


def from_the_future() -> Undecidable:
    """An `occurredAt` more than a day after the record's log time: a publisher's clock moves nobody's time."""
    return Undecidable(
        "occurred-in-the-future",
        "occurredAt is more than a day after the record's log time",
        "set the publisher's clock right and publish the event again under a new id",
    )


def reused_id() -> Undecidable:
    """An event id that was taken before, with another content."""
    return Undecidable(
        "id-reused",
        "an event with this eventId and another content was taken before",
        "publish the event again under an id of its own; a correction is a new event",
    )


def time_of(record: Record) -> int:
    """The record's time for order, in ms: the header `logtime` of a service's output, else the record's timestamp."""
    time = record.timestamp
    if record.topic in UPSTREAM:
        for name, value in record.headers:
            if name == LOGTIME and value is not None and value.isdigit() and len(value) < 16:
                time = int(value)
                break
    return time if 0 <= time <= LATEST_MS else max(0, min(time, LATEST_MS))
