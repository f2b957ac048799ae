"""History files: JSON lines of what was published, the same for `publish`, `simulate`, `export` and the sample feed.

A line is `{"topic", "timestamp", "key"?, "headers"?, "value"}`: `timestamp` defaults to the envelope's `occurredAt`,
`key` to its identifier. A value that is text stands for exactly those bytes (a record that is no JSON object).
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shared.contracts.registry import TOPICS
from shared.domain.fact import instant, iso


class LineError(ValueError):
    """A line of a history file cannot be read; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """One record of a history: `timestamp` is its log time in replay."""

    topic: str
    timestamp: datetime
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be read, by its number from 1."""

    number: int
    reason: str


def read(lines: Iterable[bytes]) -> Iterator[HistoryRecord | BadLine]:
    """Parse the lines of a history file; what cannot be read is yielded with its number and the reason."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield parse(line)
        except LineError as wrong:
            yield BadLine(number, str(wrong))


def parse(line: bytes) -> HistoryRecord:
    """One line. Raises `LineError`."""
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise LineError("not a JSON object on one line") from None
    if not isinstance(told, dict) or "topic" not in told or "value" not in told:
        raise LineError('a line needs "topic" and "value"')
    topic = told["topic"]
    if topic not in TOPICS:
        raise LineError(f"there is no such topic; the topics are {', '.join(TOPICS)}")
    envelope = _envelope(told["value"])
    return HistoryRecord(
        topic, _timestamp(told, envelope), _key(told, envelope, topic), _value(told["value"]), _headers(told)
    )


def write(record: HistoryRecord) -> bytes:
    """A record as a line of a history file, with its newline."""
    told: dict[str, Any] = {"topic": record.topic, "timestamp": iso(record.timestamp)}
    told["key"] = _text_of(record.key)
    if record.headers:
        told["headers"] = [[name, _text_of(value)] for name, value in record.headers]
    try:
        told["value"] = None if record.value is None else orjson.loads(record.value)
        if isinstance(told["value"], str):
            told["value"] = _text_of(record.value)
    except orjson.JSONDecodeError:
        told["value"] = _text_of(record.value)
    return orjson.dumps(told) + b"\n"


def _envelope(value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and value.get("Type") == "Notification" and isinstance(value.get("Message"), str):
        try:
            value = orjson.loads(value["Message"])
        except orjson.JSONDecodeError:
            return {}
    return value if isinstance(value, dict) else {}


def _timestamp(told: dict[str, Any], envelope: dict[str, Any]) -> datetime:
    text = told.get("timestamp", envelope.get("occurredAt"))
    if not isinstance(text, str):
        raise LineError('no "timestamp", and the value has no "occurredAt" to take it from')
    try:
        found = instant(text)
    except ValueError:
        raise LineError('"timestamp" is not an instant with an offset, as in 2016-03-04T10:12:00Z') from None
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _key(told: dict[str, Any], envelope: dict[str, Any], topic: str) -> bytes | None:
    if "key" in told:
        return _bytes_of(told["key"], "key")
    payload = envelope.get("additionalInformation")
    payload = payload if isinstance(payload, dict) else {}
    if TOPICS[topic].key == "office":
        return _bytes_of(payload.get("officeCode"), "key")
    if TOPICS[topic].key == "noms" and isinstance(payload.get("nomsNumber"), str):
        return _bytes_of(payload["nomsNumber"], "key")
    wanted = {"crn": "CRN", "noms": "NOMS"}[TOPICS[topic].key]
    reference = envelope.get("personReference")
    for identifier in (reference.get("identifiers") or []) if isinstance(reference, dict) else []:
        if isinstance(identifier, dict) and identifier.get("type") == wanted:
            return _bytes_of(identifier.get("value"), "key")
    return None


def _value(value: Any) -> bytes | None:
    return None if value is None else _bytes_of(value, "value") if isinstance(value, str) else orjson.dumps(value)


def _headers(told: dict[str, Any]) -> tuple[tuple[str, bytes | None], ...]:
    given = told.get("headers", [])
    if isinstance(given, dict):
        given = list(given.items())
    try:
        return tuple((str(name), _bytes_of(value, "headers")) for name, value in given)
    except (TypeError, ValueError):
        raise LineError('"headers" is not a list of [name, text] pairs') from None


def _bytes_of(text: Any, what: str) -> bytes | None:
    """Text as bytes; `base64:…` stands for bytes that are no text."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise LineError(f'"{what}" is not text')
    if text.startswith("base64:"):
        try:
            return base64.b64decode(text[7:], validate=True)
        except ValueError:
            raise LineError(f'"{what}" is not valid base64') from None
    return text.encode()


def _text_of(data: bytes | None) -> str | None:
    if data is None:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(data).decode()
    return "base64:" + base64.b64encode(data).decode() if text.startswith("base64:") else text
