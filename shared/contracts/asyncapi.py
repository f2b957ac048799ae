"""The AsyncAPI 3.0 document: topics, their messages and keys, and which service sends and receives what."""

from typing import Any

from shared.contracts.payload import KeyKind, Payload
from shared.contracts.registry import DEAD_LETTERS, READERS, TOPICS, Topic
from shared.contracts.scalars import CRN_PATTERN, INSTANT_PATTERN, NOMS_PATTERN
from shared.contracts.schemas import Schema, event_models, schema_file

_KEYS: dict[KeyKind, Schema] = {
    "crn": {"type": "string", "pattern": CRN_PATTERN},
    "noms": {"type": "string", "pattern": NOMS_PATTERN},
    "office": {"type": "string", "description": "The office code."},
    "provider": {"type": "string", "description": "The provider code."},
    "subject": {"type": "string", "description": "A CRN, an office code, a provider code or a publisher."},
}


def asyncapi_document(version: str) -> Schema:
    """The document of the whole system; payloads refer to the schema files beside it."""
    models = tuple(event_models())
    channels = {topic.name: _channel(topic, models) for topic in TOPICS.values()}
    channels |= {address: _dead_letters(service, address) for service, address in DEAD_LETTERS.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Throughcare",
            "version": version,
            "description": (
                "Facts that courts, prisons, case management and HR state, and what four services decide "
                "from them. Made from the contract by `python -m deploy.generate`."
            ),
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": _operations(models),
        "components": {
            "messages": {_message_name(model): _message(model) for model in models}
            | {"time-record": _TIME_RECORD, "dead-letter": _DEAD_LETTER},
            "schemas": {"CloudEventsHeaders": _HEADERS},
        },
    }


def _message_name(model: type[Payload]) -> str:
    return f"{model.event_type}.v{model.version}"


def _channel(topic: Topic, models: tuple[type[Payload], ...]) -> Schema:
    names = [_message_name(model) for model in models if model.topic == topic.name]
    return {
        "address": topic.name,
        "description": topic.description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in [*names, "time-record"]},
        "bindings": {"kafka": {"topic": topic.name, "bindingVersion": "0.5.0"}},
    }


def _dead_letters(service: str, address: str) -> Schema:
    return {
        "address": address,
        "description": f"Records that the {service} service cannot decode, their bytes untouched.",
        "messages": {"dead-letter": {"$ref": "#/components/messages/dead-letter"}},
        "bindings": {"kafka": {"topic": address, "bindingVersion": "0.5.0"}},
    }


def _operations(models: tuple[type[Payload], ...]) -> Schema:
    operations: Schema = {}
    for letter, service in READERS.items():
        for topic in TOPICS.values():
            read = [m for m in models if m.topic == topic.name and letter in m.readers and topic.publisher != service]
            if read:
                operations[f"{service}.receive.{topic.name}"] = _operation("receive", topic.name, read)
            if topic.publisher == service:
                sent = [model for model in models if model.topic == topic.name]
                operations[f"{service}.send.{topic.name}"] = _operation("send", topic.name, sent)
    return operations


def _operation(action: str, channel: str, models: list[type[Payload]]) -> Schema:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{_message_name(model)}"} for model in models],
    }


def _message(model: type[Payload]) -> Schema:
    return {
        "name": model.event_type,
        "title": model.event_type,
        "summary": " ".join((model.__doc__ or "").split()),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventsHeaders"},
        "payload": {"$ref": f"./schemas/{schema_file(model)}"},
        "bindings": {"kafka": {"key": _KEYS[model.keyed_by], "bindingVersion": "0.5.0"}},
    }


_TIME_RECORD: dict[str, Any] = {
    "name": "throughcare.time",
    "title": "Time record",
    "summary": (
        "All that the topic's service decides from facts through that instant has been published before it. "
        "On every partition, without a key. Readers outside skip it."
    ),
    "headers": {
        "type": "object",
        "required": ["ce_type"],
        "properties": {"ce_type": {"const": "throughcare.time"}},
    },
    "payload": {
        "type": "object",
        "required": ["through"],
        "properties": {
            "through": {
                "anyOf": [
                    {"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN},
                    {"type": "null"},
                ]
            }
        },
    },
}

_DEAD_LETTER: dict[str, Any] = {
    "name": "dead-letter",
    "title": "Dead letter",
    "summary": "The record as it came: key and value untouched, with the reason in its headers.",
    "contentType": "application/octet-stream",
    "payload": {"description": "Any bytes."},
}

_HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents 1.0, binary mode.",
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid"},
        "ce_source": {"type": "string"},
        "ce_type": {"type": "string"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_subject": {"type": "string"},
        "traceparent": {"type": "string"},
        "logtime": {
            "type": "string",
            "description": "Of services' events: log time of the step that decided it.",
        },
    },
}
