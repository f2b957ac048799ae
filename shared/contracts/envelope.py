"""An event as Throughcare knows it, its canonical JSON (for digests, journals and the wire), and its headers.

The canonical form is the same bytes for the same event, whoever publishes it and however often: keys sorted,
absent fields left out, times in UTC, nothing of how it was carried (publishedAt, descriptions, trace ids).
"""

from datetime import datetime
from hashlib import sha1
from typing import Any
from uuid import UUID

import msgspec
import orjson
from msgspec.structs import replace

from shared.contracts.payload import Payload
from shared.contracts.registry import MODELS
from shared.contracts.wire import Envelope, read_envelope

DERIVED_IDS = UUID("5f0c7f0e-6f0c-5c9b-9a55-3b1f6f6c7f11")
"""Namespace of the ids that are derived for publishers that send none."""

NO_ID = UUID(int=0)


class Event(msgspec.Struct, frozen=True, gc=False):
    """A fact that a publisher states: the envelope's fields, and the payload as its model."""

    event_id: UUID
    event_type: str
    version: int
    occurred_at: datetime
    payload: Payload
    crn: str | None = None
    noms_number: str | None = None
    published_at: datetime | None = None
    causation_id: UUID | None = None
    correlation_id: UUID | None = None


def event_of(
    payload: Payload,
    event_id: UUID,
    occurred_at: datetime,
    *,
    crn: str | None = None,
    noms_number: str | None = None,
    causation_id: UUID | None = None,
    correlation_id: UUID | None = None,
) -> Event:
    """The event that carries a payload; its type and version are the payload's own."""
    return Event(
        event_id=event_id,
        event_type=payload.event_type,
        version=payload.version,
        occurred_at=occurred_at,
        payload=payload,
        crn=crn,
        noms_number=noms_number,
        causation_id=causation_id,
        correlation_id=correlation_id,
    )


def key_of(event: Event) -> str | None:
    """The Kafka key that the event must have; None where neither payload nor envelope tells it.

    That is so for a concern about an officer alone: it is keyed by the officer's office.
    """
    keyed_by = event.payload.keyed_by
    if keyed_by == "crn":
        return event.crn
    return event.payload.own_key or (event.noms_number if keyed_by == "noms" else None)


def canonical_json(event: Event) -> bytes:
    """The event as canonical JSON: sorted keys, no absent fields, UTC, no publishedAt."""
    return _SORTED.encode(_document(event, None))


def encode(event: Event) -> bytes:
    """The event as it goes on the wire: canonical JSON, with publishedAt where it is known."""
    return _SORTED.encode(_document(event, event.published_at))


def from_canonical(content: bytes) -> Event:
    """The event that `canonical_json` (or `encode`) wrote.

    Raises KeyError for a type that is no longer known and pydantic's ValidationError for content that is not
    canonical; neither happens to what `decode` has accepted.
    """
    head = orjson.loads(content)
    model = MODELS[head["eventType"], head["version"]]
    return from_envelope(read_envelope(model, content), model)


def from_envelope(envelope: Envelope, model: type[Payload]) -> Event:
    """The event of a validated envelope; an id is derived where the publisher sends none."""
    crn = noms_number = None
    for kind, value in envelope.identifiers:
        if kind == "CRN":
            crn = value
        elif kind == "NOMS":
            noms_number = value
    event = Event(
        envelope.event_id or NO_ID,
        model.event_type,
        model.version,
        envelope.occurred_at,
        envelope.payload,
        crn,
        noms_number,
        envelope.published_at,
        envelope.causation_id,
        envelope.correlation_id,
    )
    return event if envelope.event_id else replace(event, event_id=derived_id(event))


def derived_id(event: Event) -> UUID:
    """A UUIDv5 of type, time, identifiers and body: a message delivered again gives the same id."""
    content = canonical_json(replace(event, event_id=NO_ID))
    return UUID(bytes=sha1(DERIVED_IDS.bytes + content, usedforsecurity=False).digest()[:16], version=5)


def ce_headers(event: Event, source: str) -> list[tuple[str, bytes]]:
    """CloudEvents 1.0 headers (binary mode) that repeat the envelope; `source` is the publisher's URI."""
    subject = event.crn or event.noms_number or key_of(event)
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event.event_id).encode()),
        ("ce_source", source.encode()),
        ("ce_type", event.event_type.encode()),
        ("ce_time", orjson.dumps(event.occurred_at, option=orjson.OPT_UTC_Z)[1:-1]),
        ("content-type", b"application/json"),
    ]
    if subject is not None:
        headers.append(("ce_subject", subject.encode()))
    return headers


class _Document(msgspec.Struct, rename="camel", omit_defaults=True):
    """The event as it is written: its fields stand in the order of the alphabet, as those within are put."""

    additional_information: dict[str, Any]
    causation_id: UUID | None = None
    correlation_id: UUID | None = None
    event_id: UUID | None = None
    event_type: str = ""
    occurred_at: datetime | None = None
    person_reference: dict[str, list[dict[str, str]]] | None = None
    published_at: datetime | None = None
    version: int = 0


_SORTED = msgspec.json.Encoder(order="deterministic")


def _document(event: Event, published_at: datetime | None) -> _Document:
    payload = event.payload
    identifiers = []
    if event.crn is not None:
        identifiers.append({"type": "CRN", "value": event.crn})
    if event.noms_number is not None:
        identifiers.append({"type": "NOMS", "value": event.noms_number})
    return _Document(
        payload.__pydantic_serializer__.to_python(payload, by_alias=True, exclude_none=True),
        event.causation_id,
        event.correlation_id,
        event.event_id,
        event.event_type,
        event.occurred_at,
        {"identifiers": identifiers} if identifiers else None,
        published_at,
        event.version,
    )
