"""The envelope as it is on the wire, one validator per event type, built when the type is first seen."""

from functools import cache
from typing import Any
from uuid import UUID

from pydantic import create_model

from shared.contracts.payload import Part, Payload
from shared.contracts.scalars import Instant


class Identifier(Part):
    """One way to name a person. Other types than CRN and NOMS are passed over."""

    type: str
    value: str


class PersonReference(Part):
    """Whom an event is about."""

    identifiers: tuple[Identifier, ...]


class Envelope(Part):
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


@cache
def envelope_of(model: type[Payload]) -> type[Envelope]:
    """The envelope that carries a payload of `model`."""
    name = f"{model.__name__}Event"
    return create_model(name, __base__=Envelope, additional_information=(model, ...), __doc__=model.__doc__)


def read_envelope(model: type[Payload], content: bytes | str) -> Envelope:
    """Read the JSON of an event whose payload is of `model`. Raises pydantic's ValidationError."""
    validator = envelope_of(model).__pydantic_validator__
    envelope: Envelope = validator.validate_json(content, by_alias=True, by_name=False)
    return envelope
