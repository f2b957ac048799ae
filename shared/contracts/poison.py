"""Why a record cannot be decoded: a closed list of reasons, each with what to do about it.

A reason names fields and rules, never values: what is in a dead letter may be about a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ValidationError

from shared.contracts.payload import Part, wire_name

ReasonCode = Literal[
    "null-value",
    "null-key",
    "not-json",
    "nul-character",
    "not-an-event",
    "unknown-version",
    "wrong-topic",
    "missing-event-id",
    "invalid",
    "invalid-identifier",
    "key-mismatch",
    "invalid-time-record",
]

HINTS: dict[ReasonCode, str] = {
    "null-value": "Events are never deleted by tombstone; send casework.record.withdrawn instead.",
    "null-key": "Send the record again with its aggregate's identifier as the key.",
    "not-json": "Send the record again as one UTF-8 JSON document.",
    "nul-character": "Take the NUL characters out; PostgreSQL cannot hold them.",
    "not-an-event": "Send the envelope of docs/events.md: an object with a text eventType.",
    "unknown-version": "Deploy the version of Throughcare that knows it, then retry the dead letter.",
    "wrong-topic": "Publish each event type on its own publisher's topic; check the broker's access rules.",
    "missing-event-id": "Services must send an eventId; it is what makes delivery exactly once.",
    "invalid": "Compare with the schema in docs/schemas and send a corrected event under a new eventId.",
    "invalid-identifier": "Name the person by one CRN (A123456) or NOMS number (A1234BC) of the right form.",
    "key-mismatch": "The key must be the identifier that the event states: order is kept by key alone.",
    "invalid-time-record": "Only the relay and the replay publisher write time records; check them.",
}
"""What to do about each reason."""


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that cannot be decoded. It goes to the dead letters, its bytes untouched."""

    reason_code: ReasonCode
    reason: str
    hint: str
    event_type: str = ""


def poison(code: ReasonCode, reason: str, event_type: str = "") -> Poison:
    """A poison record, with the hint that goes with its reason."""
    return Poison(code, reason, HINTS[code], event_type)


_QUOTING = {
    "uuid_parsing": "is not a UUID",
    "date_parsing": "is not a date",
    "date_from_datetime_parsing": "is not a date",
}
"""Errors whose own message may quote the input, in words that do not."""

MOST_ERRORS = 5


def is_json_error(error: ValidationError) -> bool:
    """Whether the document is not even JSON (or nested too deep to be read)."""
    return error.errors(include_url=False, include_context=False, include_input=False)[0]["type"] == "json_invalid"


def explain(error: ValidationError) -> str:
    """A validation error in words, at most five of its errors, without any part of the input."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    said = [
        f"{_place(each['loc'])}: {_QUOTING.get(each['type'], each['msg'].removeprefix('Value error, '))}"
        for each in errors[:MOST_ERRORS]
    ]
    if len(errors) > MOST_ERRORS:
        said.append(f"and {len(errors) - MOST_ERRORS} more")
    return "; ".join(said)


def _place(loc: Iterable[int | str]) -> str:
    return ".".join(str(at) if isinstance(at, int) or at in _known_names() else "*" for at in loc) or "the document"


_NAMES: set[str] = set()


def _known_names() -> set[str]:
    if not _NAMES:
        _NAMES.update(wire_name(name) for model in _all_parts(Part) for name in model.model_fields)
    return _NAMES


def _all_parts(model: type[BaseModel]) -> Iterable[type[BaseModel]]:
    yield model
    for each in model.__subclasses__():
        yield from _all_parts(each)
