"""Which events there are: models by type and version, topics, who publishes and who reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

from shared.contracts import (
    allocation,
    casework,
    court,
    enforcement,
    performance,
    prison,
    resettlement,
    workforce,
)
from shared.contracts.payload import Payload

READERS: Mapping[str, str] = {"A": "allocation", "R": "resettlement", "E": "enforcement", "M": "metrics"}
"""Services by the letter that the contract gives them."""

SERVICES: tuple[str, ...] = tuple(READERS.values())


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: who publishes to it, and what its records are keyed by."""

    name: str
    direction: Literal["inbound", "outbound"]
    publisher: str
    key: Literal["crn", "noms", "office"]
    description: str


TOPICS: Mapping[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic("court", "inbound", "courts", "crn", "Courts and NPS court teams."),
        Topic(
            "casework",
            "inbound",
            "case management",
            "crn",
            "National case management and assessment systems, and the CRC's own.",
        ),
        Topic("prison", "inbound", "prisons", "noms", "Prisons, in HMPPS's own form."),
        Topic("workforce", "inbound", "human resources", "office", "Offices and officers."),
        Topic("allocation", "outbound", "allocation", "crn", "Provider, band, route, officer, escalation."),
        Topic("resettlement", "outbound", "resettlement", "crn", "Custody, countdown, hand-over, release."),
        Topic("enforcement", "outbound", "enforcement", "crn", "Absence, warning, breach, recall."),
        Topic("performance", "outbound", "metrics", "crn", "Contract performance."),
    )
}
"""The topics of facts, by name. Some outbound events are keyed by subject or provider, not by CRN."""

DEAD_LETTERS: Mapping[str, str] = {service: f"{service}.dead-letters" for service in SERVICES}
"""The topic of each service for records that it cannot decode."""


def _payloads_of(module: ModuleType) -> tuple[type[Payload], ...]:
    found = (value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Payload))
    return tuple(model for model in found if "event_type" in model.__dict__)


_MODULES = (court, casework, prison, workforce, allocation, resettlement, enforcement, performance)

MODELS: Mapping[tuple[str, int], type[Payload]] = {
    (model.event_type, model.version): model for module in _MODULES for model in _payloads_of(module)
}
"""Every payload model, by event type and version."""

VERSIONS: Mapping[str, tuple[int, ...]] = {
    event_type: tuple(sorted(version for name, version in MODELS if name == event_type)) for event_type, _ in MODELS
}
"""The versions of each event type that can be decoded."""

TYPES_OF: Mapping[str, tuple[str, ...]] = {
    topic: tuple(sorted({model.event_type for model in MODELS.values() if model.topic == topic})) for topic in TOPICS
}
"""The event types of each topic."""


def model_of(event_type: str, version: int = 1) -> type[Any]:
    """The payload model of an event type. Raises KeyError where there is none."""
    return MODELS[event_type, version]


def readers_of(event_type: str, version: int = 1) -> tuple[str, ...]:
    """The services that act on an event type."""
    return tuple(READERS[letter] for letter in MODELS[event_type, version].readers)


def types_read_by(service: str) -> frozenset[str]:
    """The event types that a service acts on (`allocation`, `resettlement`, `enforcement`, `metrics`)."""
    return frozenset(model.event_type for model in MODELS.values() if service in readers_of(model.event_type))
