"""The JSON Schema (2020-12) of each event, envelope and payload together, made from the models."""

from collections.abc import Iterator
from typing import Any

from shared.contracts.payload import Payload
from shared.contracts.registry import MODELS, TOPICS, readers_of
from shared.contracts.wire import envelope_of

Schema = dict[str, Any]


def schema_file(model: type[Payload]) -> str:
    """The name of an event's schema file: `court.sentence.recorded.v1.json`."""
    return f"{model.event_type}.v{model.version}.json"


def event_models() -> Iterator[type[Payload]]:
    """Every payload model, by topic, event type and version."""
    order = list(TOPICS)
    yield from sorted(MODELS.values(), key=lambda m: (order.index(m.topic), m.event_type, m.version))


def event_schema(model: type[Payload]) -> Schema:
    """The schema of one event, as its publisher sends it."""
    schema = _untitled(envelope_of(model).model_json_schema(by_alias=True, mode="validation"))
    properties = schema["properties"]
    properties["eventType"] = {"const": model.event_type}
    properties["version"] = _version(model)
    required = ["eventType", "version", "occurredAt", "additionalInformation"]
    if TOPICS[model.topic].direction == "outbound":
        required.append("eventId")
        properties["eventId"] = {"type": "string", "format": "uuid"}
    if model.keyed_by in {"crn", "noms"}:
        required.append("personReference")
        properties["personReference"] = {"$ref": "#/$defs/PersonReference"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:throughcare:{model.event_type}:{model.version}",
        "title": model.event_type,
        "description": " ".join((model.__doc__ or "").split()),
        "type": "object",
        "required": sorted(required),
        "properties": properties,
        "$defs": schema["$defs"],
        "x-topic": model.topic,
        "x-key": model.keyed_by,
        "x-read-by": list(readers_of(model.event_type, model.version)),
    }


def payload_schema(model: type[Payload]) -> Schema:
    """The schema of the payload alone, with its parts in `$defs`."""
    return _untitled(model.model_json_schema(by_alias=True, mode="validation"))


def _version(model: type[Payload]) -> Schema:
    if model.topic != "prison":
        return {"const": model.version}
    return {"enum": [model.version, str(model.version), f"{model.version}.0"]}


def _untitled(schema: Schema) -> Schema:
    """A schema without the titles that pydantic makes of names, and without the defaults of absent fields."""
    cleaned: Schema = {}
    for key, value in schema.items():
        if key == "title" and isinstance(value, str):
            continue
        if key == "default" and value is None:
            continue
        if key in {"properties", "$defs"}:
            cleaned[key] = {name: _untitled(each) for name, each in value.items()}
        elif isinstance(value, dict):
            cleaned[key] = _untitled(value)
        elif isinstance(value, list):
            cleaned[key] = [_untitled(each) if isinstance(each, dict) else each for each in value]
        elif key == "description":
            cleaned[key] = " ".join(value.split())
        else:
            cleaned[key] = value
    return cleaned
