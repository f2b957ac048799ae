"""The event catalogue for people: every event, its key, its fields and who reads it, as Markdown."""

from collections.abc import Iterator

from shared.contracts.payload import Payload
from shared.contracts.registry import TOPICS, Topic, readers_of
from shared.contracts.schemas import Schema, event_models, payload_schema, schema_file

_KEYS = {
    "crn": "CRN",
    "noms": "NOMS number",
    "office": "office code",
    "provider": "provider code",
    "subject": "the subject's: CRN, office code, provider code or publisher",
}

_INTRODUCTION = """\
# Events

Made from the contract by `python -m deploy.generate`; do not edit. The [AsyncAPI document](asyncapi.json) and
the [JSON Schemas](schemas) say the same to machines.

Every event is an HMPPS domain event: `eventType`, `version` and `occurredAt`; `eventId`, a UUID (for an
outside publisher that sends none it is derived from type, time, identifiers and body);
`personReference.identifiers` with the `CRN` or `NOMS` number; `causationId` and `correlationId`; and the fields
below in `additionalInformation`. Instants carry an offset, dates are `YYYY-MM-DD`, decimals are strings or integers.
Unknown fields are ignored, an unknown event type is passed over and counted, and what does not validate goes
to the dead letters with the reason. No event has a name, an address, a date of birth or free text.
"""


def event_catalogue() -> str:
    """The catalogue as Markdown."""
    return "\n".join((_INTRODUCTION, *_topics(), *(line for topic in TOPICS.values() for line in _topic(topic))))


def _topics() -> Iterator[str]:
    yield "| Topic | Publisher | Key | |"
    yield "|---|---|---|---|"
    for topic in TOPICS.values():
        key = _KEYS[topic.key]
        yield f"| [{topic.name}](#{topic.name}) | {topic.publisher} | {key} | {topic.description} |"
    yield ""


def _topic(topic: Topic) -> Iterator[str]:
    yield f"## {topic.name}"
    yield ""
    for model in event_models():
        if model.topic == topic.name:
            yield from _event(model)


def _event(model: type[Payload]) -> Iterator[str]:
    readers = ", ".join(readers_of(model.event_type, model.version)) or "reporting consumers"
    yield f"### {model.event_type}"
    yield ""
    yield " ".join((model.__doc__ or "").split())
    yield ""
    yield (
        f"Version {model.version} · key: {_KEYS[model.keyed_by]} · read by: {readers} · "
        f"[schema](schemas/{schema_file(model)})"
    )
    yield ""
    schema = payload_schema(model)
    yield "| Field | | Type | |"
    yield "|---|---|---|---|"
    required = schema.get("required", [])
    for name, each in schema["properties"].items():
        needed = "required" if name in required else "optional"
        yield f"| `{name}` | {needed} | {_type(each, schema)} | {each.get('description', '')} |"
    yield ""


def _type(schema: Schema, root: Schema) -> str:
    if "$ref" in schema:
        part = root["$defs"][schema["$ref"].rpartition("/")[2]]
        fields = (
            f"{name}{'' if name in part.get('required', []) else '?'}: {_type(each, root)}"
            for name, each in part["properties"].items()
        )
        return "{" + "; ".join(fields) + "}"
    if "anyOf" in schema:
        kinds = [_type(each, root) for each in schema["anyOf"] if each.get("type") != "null"]
        return "decimal" if kinds[1:] == ["integer"] else " or ".join(kinds)
    return _plain_type(schema, root)


def _plain_type(schema: Schema, root: Schema) -> str:
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema["type"] == "array":
        return f"list of {_type(schema['items'], root)}"
    if "format" in schema:
        return _FORMATS[str(schema["format"])]
    if "pattern" in schema:
        return f"text `{schema['pattern']}`".replace("|", "\\|")
    return _TYPES[str(schema["type"])]


_FORMATS = {"date": "date", "date-time": "instant", "uuid": "UUID"}
_TYPES = {"string": "text", "integer": "integer", "boolean": "true or false", "object": "texts by name"}
