"""From a Kafka record to what it says: an event, a time record, a type that is not ours, or poison.

`decode` never raises, whatever the bytes. It peeks at type and version, skipping the rest; a type that the reader
does not read goes no further, any other is read by the validator of that type.
"""

import re
from collections.abc import Container, Iterable
from datetime import datetime
from typing import Any

import msgspec
import orjson
from pydantic import ValidationError

from shared.contracts.envelope import Event, from_envelope, key_of
from shared.contracts.payload import Part, Payload
from shared.contracts.poison import Poison, ReasonCode, explain, is_json_error, poison
from shared.contracts.registry import MODELS, TOPICS, VERSIONS
from shared.contracts.scalars import CRN_PATTERN, LONGEST_CODE, NOMS_PATTERN, Instant
from shared.contracts.wire import read_envelope

TIME_RECORD = b"throughcare.time"
"""The `ce_type` of a time record."""

Headers = Iterable[tuple[str, bytes | None]]


class TimeRecord(msgspec.Struct, frozen=True):
    """Everything that the topic's service decides from facts through `through` has been published.

    None: the service does not know yet.
    """

    through: datetime | None


class Unknown(msgspec.Struct, frozen=True):
    """An event type that is not in the contract: acknowledged and counted."""

    event_type: str


class Unread(msgspec.Struct, frozen=True):
    """An event type that this reader does not read: whether its content is sound is for those who read it."""

    event_type: str


Decoded = Event | TimeRecord | Unknown | Unread | Poison


def decode(
    topic: str,
    key: bytes | None,
    value: bytes | None,
    headers: Headers | None = None,
    reads: Container[str] = VERSIONS,
) -> Decoded:
    """What a record of `topic` says to a reader of the event types `reads` (all that there are). Never raises."""
    if headers and _OF_TIME in headers:
        return _time_record(value)
    if value is None:
        return poison("null-value", "the record has no value")
    try:
        head = _PEEK.decode(value)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _not_an_event(value)
    if head.eventType is None:
        return _unwrapped(topic, key, head, reads)
    return _event(topic, key, value, head, reads)


_OF_TIME = ("ce_type", TIME_RECORD)


class _Head(msgspec.Struct):
    eventType: str | None = None  # noqa: N815
    version: Any = None
    Type: str | None = None
    Message: str | None = None


_PEEK = msgspec.json.Decoder(_Head)


def _unwrapped(topic: str, key: bytes | None, head: _Head, reads: Container[str]) -> Decoded:
    if head.Type != "Notification" or head.Message is None:
        return poison("not-an-event", "eventType is missing")
    try:
        value = head.Message.encode()
        inner = _PEEK.decode(value)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return poison("not-json", "the Message of the notification is not a JSON object")
    if inner.eventType is None:
        return poison("not-an-event", "the Message of the notification has no eventType")
    return _event(topic, key, value, inner, reads)


def _event(  # noqa: PLR0911
    topic: str, key: bytes | None, value: bytes, head: _Head, reads: Container[str]
) -> Decoded:
    event_type = head.eventType or ""
    if event_type not in reads and event_type in VERSIONS:
        return Unread(event_type)
    if b"\\" in value and _holds_nul(value):
        return poison("nul-character", "the document holds a NUL character")
    versions = VERSIONS.get(event_type)
    if versions is None:
        return _unknown(event_type, value)
    model = MODELS.get((event_type, _version(head.version, topic)))
    if model is None:
        known = ", ".join(str(version) for version in versions)
        return poison("unknown-version", f"the version is none of those known: {known}", event_type)
    if model.topic != topic:
        return poison("wrong-topic", f"{event_type} belongs on the topic {model.topic}", event_type)
    try:
        envelope = read_envelope(model, value)
    except ValidationError as error:
        code: ReasonCode = "not-json" if is_json_error(error) else "invalid"
        return poison(code, explain(error), event_type)
    if envelope.event_id is None and TOPICS[topic].direction == "outbound":
        return poison("missing-event-id", "eventId is missing", event_type)
    amiss = _misnamed(envelope.identifiers, model)
    if amiss:
        return poison("invalid-identifier", amiss, event_type)
    event = from_envelope(envelope, model)
    return _misplaced(event, key) or event


def _version(version: Any, topic: str) -> int:
    """The version as a number; 0 for what is none. Prisons write it as text, too, or with a decimal point."""
    if isinstance(version, int) and not isinstance(version, bool):
        return version
    if topic == "prison" and isinstance(version, str | float):
        found = _PRISON_VERSION.match(str(version))
        return int(found[1]) if found else 0
    return 0


_PRISON_VERSION = re.compile(r"([0-9]{1,6})([.]0+)?\Z")


def _misnamed(identifiers: Iterable[tuple[str, str]], model: type[Payload]) -> str:
    """What is wrong with the identifiers of a person, in words; empty if nothing is."""
    seen: dict[str, str] = {}
    for kind, value in identifiers:
        pattern = _PERSON.get(kind)
        if pattern is None:
            continue
        if not pattern.match(value):
            return f"a {kind} identifier has the wrong form"
        if seen.setdefault(kind, value) != value:
            return f"there are two different {kind} identifiers"
    if model.keyed_by == "crn" and "CRN" not in seen:
        return "there is no CRN identifier"
    return ""


_PERSON = {
    "CRN": re.compile(CRN_PATTERN.replace("$", r"\Z")),
    "NOMS": re.compile(NOMS_PATTERN.replace("$", r"\Z")),
}


def _misplaced(event: Event, key: bytes | None) -> Poison | None:
    if not key:
        return poison("null-key", "the record has no key", event.event_type)
    keyed_by = event.payload.keyed_by
    stated = key_of(event)
    if stated is None and keyed_by == "noms":
        return poison("invalid-identifier", "there is no NOMS identifier", event.event_type)
    if stated is None:
        return None if _is_code(key) else poison("key-mismatch", "the key is no office code", event.event_type)
    if stated.encode() != key:
        return poison("key-mismatch", "the key is not the identifier that the event states", event.event_type)
    if keyed_by == "noms" and event.noms_number not in {None, stated}:
        return poison("key-mismatch", "nomsNumber is not the NOMS identifier", event.event_type)
    return None


def _is_code(key: bytes) -> bool:
    try:
        return len(key.decode()) <= LONGEST_CODE and b"\0" not in key
    except UnicodeDecodeError:
        return False


def _unknown(event_type: str, value: bytes) -> Unknown | Poison:
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        return _not_an_event(value)
    return Unknown(event_type)


def _not_an_event(value: bytes) -> Poison:
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        try:
            value.decode()
        except UnicodeDecodeError as undecodable:
            return poison("not-json", f"not UTF-8 at byte {undecodable.start}")
        return poison("not-json", f"not JSON: line {error.lineno} column {error.colno}")
    if not isinstance(document, dict):
        return poison("not-an-event", "the document is not an object")
    return poison("not-an-event", "eventType is not a text")


def _holds_nul(value: bytes) -> bool:
    r"""Whether a text in the document holds a NUL; `\\u0000`, a backslash and five letters, is none."""
    return re.search(rb"(?<!\\)(?:\\\\)*\\u0000", value) is not None


class _Time(Part):
    through: Instant | None


def _time_record(value: bytes | None) -> TimeRecord | Poison:
    try:
        return TimeRecord(_Time.model_validate_json(value or b"", by_alias=True, by_name=False).through)
    except ValidationError as error:
        return poison("invalid-time-record", explain(error))
