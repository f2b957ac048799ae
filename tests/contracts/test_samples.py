"""Every golden sample decodes, conforms to its published schema, and comes back from canonical JSON unchanged."""

import json
from functools import cache

import jsonschema
import pytest

from shared.contracts.decoding import decode
from shared.contracts.envelope import Event, canonical_json, ce_headers, encode, from_canonical, key_of
from shared.contracts.registry import MODELS
from shared.contracts.schemas import event_models, event_schema
from tests.contracts.samples import Sample, samples

ALL = tuple(samples())
every_sample = pytest.mark.parametrize("sample", ALL, ids=lambda each: f"{each.event_type}-{each.tag}")


def decoded(sample: Sample) -> Event:
    event = decode(*sample.record)
    assert isinstance(event, Event), event
    return event


@cache
def validator(event_type: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(
        event_schema(MODELS[event_type, 1]), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def test_there_is_a_full_and_a_minimal_sample_of_every_event_type() -> None:
    shown = {(sample.event_type, sample.tag) for sample in ALL}
    assert shown >= {(model.event_type, tag) for model in event_models() for tag in ("full", "minimal")}


@every_sample
def test_a_sample_decodes_to_its_event(sample: Sample) -> None:
    event = decoded(sample)
    assert event.event_type == sample.event_type
    assert isinstance(event.payload, MODELS[sample.event_type, 1])
    assert key_of(event) in {sample.key, None}


@every_sample
def test_canonical_json_gives_the_same_event_and_the_same_bytes_again(sample: Sample) -> None:
    event = decoded(sample)
    content = canonical_json(event)
    again = from_canonical(content)
    assert canonical_json(again) == content
    assert again.payload == event.payload
    assert (again.event_id, again.occurred_at, again.crn, again.noms_number) == (
        event.event_id,
        event.occurred_at,
        event.crn,
        event.noms_number,
    )


@every_sample
def test_what_is_encoded_decodes_to_an_equal_event(sample: Sample) -> None:
    event = decoded(sample)
    headers = ce_headers(event, "urn:test")
    assert decode(sample.topic, sample.key.encode(), encode(event), headers) == event


@every_sample
def test_a_sample_conforms_to_its_schema(sample: Sample) -> None:
    value = json.loads(sample.value["Message"]) if "Message" in sample.value else sample.value
    validator(sample.event_type).validate(value)


@every_sample
def test_what_is_encoded_conforms_to_the_schema(sample: Sample) -> None:
    validator(sample.event_type).validate(json.loads(encode(decoded(sample))))


@every_sample
def test_a_payload_is_rebuilt_from_its_own_python_fields(sample: Sample) -> None:
    payload = decoded(sample).payload
    assert type(payload)(**{name: getattr(payload, name) for name in type(payload).model_fields}) == payload
