"""The envelope as it is on the wire. A plain one is read by a struct, and its payload alone by the type's validator;
whatever is not plain is read by a validator of the whole document, which also says what is wrong with it."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from pydantic import create_model

from shared.contracts.payload import Part, Payload
from shared.contracts.scalars import LONGEST_INSTANT, Instant, read_instant


class Identifier(Part):
    """One way to name a person. Other types than CRN and NOMS are passed over."""

    type: str
    value: str


class PersonReference(Part):
    """Whom an event is about."""

    identifiers: tuple[Identifier, ...]


class WireEvent(Part):
    """The HMPPS domain event, and what it lacks: an id, a cause and a chain.

    `version` is judged before, since prisons also write it as text.
    """

    event_type: str
    version: Any
    occurred_at: Instant
    event_id: UUID | None = None
    published_at: Instant | None = None
    person_reference: PersonReference | None = None
    additional_information: Payload
    causation_id: UUID | None = None
    correlation_id: UUID | None = None


class Envelope(msgspec.Struct, gc=False):
    """What an envelope holds once it has been read, the payload among it."""

    occurred_at: datetime
    payload: Payload
    event_id: UUID | None
    published_at: datetime | None
    identifiers: tuple[tuple[str, str], ...]
    """Type and value of each."""
    causation_id: UUID | None
    correlation_id: UUID | None


@cache
def envelope_of(model: type[Payload]) -> type[WireEvent]:
    """The envelope that carries a payload of `model`."""
    name = f"{model.__name__}Event"
    return create_model(name, __base__=WireEvent, additional_information=(model, ...), __doc__=model.__doc__)


def read_envelope(model: type[Payload], content: bytes) -> Envelope:
    """Read the JSON of an event whose payload is of `model`. Raises pydantic's ValidationError."""
    try:
        return read_plain(model, content)
    except (ValueError, RecursionError):  # msgspec's and pydantic's errors are ValueErrors
        return read_any(model, content)


def read_plain(model: type[Payload], content: bytes) -> Envelope:
    """Raises ValueError for anything that is not plain; takes nothing that `read_any` refuses or reads otherwise."""
    plain = _PLAIN.decode(content)
    if len(plain.occurred_at) > LONGEST_INSTANT or len(plain.published_at or "") > LONGEST_INSTANT:
        raise ValueError
    person = plain.person_reference
    return Envelope(
        read_instant(plain.occurred_at),
        model.__pydantic_validator__.validate_json(bytes(plain.additional_information), by_alias=True, by_name=False),
        plain.event_id,
        None if plain.published_at is None else read_instant(plain.published_at),
        () if person is None else tuple([(each.type, each.value) for each in person.identifiers]),
        plain.causation_id,
        plain.correlation_id,
    )


def read_any(model: type[Payload], content: bytes) -> Envelope:
    validator = envelope_of(model).__pydantic_validator__
    event: WireEvent = validator.validate_json(content, by_alias=True, by_name=False)
    person = event.person_reference
    return Envelope(
        event.occurred_at,
        event.additional_information,
        event.event_id,
        event.published_at,
        () if person is None else tuple([(each.type, each.value) for each in person.identifiers]),
        event.causation_id,
        event.correlation_id,
    )


class _PlainIdentifier(msgspec.Struct, forbid_unknown_fields=True):
    type: str
    value: str


class _PlainPerson(msgspec.Struct, forbid_unknown_fields=True):
    identifiers: list[_PlainIdentifier]


class _PlainEvent(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    event_type: str
    version: Any
    occurred_at: str
    additional_information: msgspec.Raw
    event_id: UUID | None = None
    published_at: str | None = None
    person_reference: _PlainPerson | None = None
    causation_id: UUID | None = None
    correlation_id: UUID | None = None


_PLAIN = msgspec.json.Decoder(_PlainEvent)
