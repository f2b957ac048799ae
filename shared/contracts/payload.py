"""What every payload is: a frozen model, camelCase on the wire, that says its event, topic and key."""

from collections.abc import Callable
from typing import ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from shared.contracts.scalars import Code

KeyKind = Literal["crn", "noms", "office", "provider", "subject"]
"""What the Kafka key of an event is: a CRN, a NOMS number, an office or provider code, or its subject."""


def wire_name(name: str) -> str:
    """The wire name of a field: camelCase, without the underscore that keeps it off a Python word."""
    return to_camel(name.rstrip("_"))


class Part(BaseModel):
    """An object of the contract: unknown fields ignored, nothing coerced, errors never quote the input."""

    model_config = ConfigDict(
        alias_generator=wire_name,
        validate_by_alias=True,
        validate_by_name=True,
        frozen=True,
        strict=True,
        extra="ignore",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


class Payload(Part):
    """The `additionalInformation` of one event type and version."""

    event_type: ClassVar[str]
    version: ClassVar[int]
    topic: ClassVar[str]
    readers: ClassVar[str]
    """Who reads it: letters of A allocation, R resettlement, E enforcement, M metrics."""
    keyed_by: ClassVar[KeyKind]

    @property
    def own_key(self) -> str | None:
        """The Kafka key as far as the payload itself tells; None where only the envelope does (a CRN)."""
        return None


class OfficePayload(Payload):
    """A payload about an office, keyed by its code."""

    office_code: Code

    @property
    def own_key(self) -> str:
        """The office code."""
        return self.office_code


class ProviderPayload(Payload):
    """A payload about a provider, keyed by its code."""

    provider_code: Code

    @property
    def own_key(self) -> str:
        """The provider code."""
        return self.provider_code


P = TypeVar("P", bound=Payload)

_TOPIC_OF_PREFIX = {"prison-offender-events": "prison"}
_KEYED_BY: dict[str, KeyKind] = {"prison": "noms", "workforce": "office"}


def event(
    event_type: str, readers: str = "", keyed_by: KeyKind | None = None, version: int = 1
) -> Callable[[type[P]], type[P]]:
    """Declare a payload's event type; its topic is the type's publisher, its key usually the topic's."""
    prefix = event_type.partition(".")[0]
    topic = _TOPIC_OF_PREFIX.get(prefix, prefix)

    def declare(model: type[P]) -> type[P]:
        model.event_type = event_type
        model.version = version
        model.topic = topic
        model.readers = readers
        model.keyed_by = keyed_by or _KEYED_BY.get(topic, "crn")
        return model

    return declare
