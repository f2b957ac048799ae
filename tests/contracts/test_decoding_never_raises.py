"""Whatever the bytes, `decode` answers; and what it takes for an event can be written and read again."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.decoding import TimeRecord, Unknown, decode
from shared.contracts.envelope import Event, canonical_json, ce_headers, encode, from_canonical
from shared.contracts.poison import Poison
from shared.contracts.registry import TOPICS, VERSIONS
from tests.contracts.samples import Sample, samples

SAMPLES = tuple(samples())

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
topics = st.sampled_from(sorted(TOPICS)) | st.text(max_size=8)
keys = st.none() | st.binary(max_size=12) | st.just(b"X100001")
header_lists = st.none() | st.lists(
    st.tuples(st.sampled_from(["ce_type", "logtime", ""]) | st.text(max_size=5), st.none() | st.binary(max_size=20)),
    max_size=3,
)
often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(topic: str, key: bytes | None, value: bytes | None, headers: Any = None) -> None:
    found = decode(topic, key, value, headers)
    assert isinstance(found, Event | TimeRecord | Unknown | Poison)
    if isinstance(found, Event):
        content = canonical_json(found)
        assert canonical_json(from_canonical(content)) == content
        assert key is not None
        assert decode(topic, key, encode(found), ce_headers(found, "urn:test")) == found
    if isinstance(found, Poison):
        assert found.reason
        assert found.hint


@often
@given(topics, keys, st.none() | st.binary(max_size=300), header_lists)
def test_any_bytes_decode_to_something(topic: str, key: bytes | None, value: bytes | None, headers: Any) -> None:
    check(topic, key, value, headers)


@often
@given(topics, keys, anything, header_lists)
def test_any_json_decodes_to_something(topic: str, key: bytes | None, document: Any, headers: Any) -> None:
    check(topic, key, json.dumps(document).encode(), headers)


@often
@given(st.sampled_from(sorted(VERSIONS)), anything, anything, anything)
def test_any_body_under_a_known_type_decodes_to_something(
    event_type: str, version: Any, occurred_at: Any, body: Any
) -> None:
    document = {
        "eventType": event_type,
        "version": version,
        "occurredAt": occurred_at,
        "additionalInformation": body,
    }
    check(event_type.partition(".")[0], b"X100001", json.dumps(document).encode())


@often
@given(st.sampled_from(SAMPLES), st.data())
def test_a_sample_with_anything_in_any_field_decodes_to_something(given_sample: Sample, data: st.DataObject) -> None:
    document = json.loads(json.dumps(given_sample.value))
    node: Any = document
    while True:
        key = data.draw(st.sampled_from(sorted(node)) if isinstance(node, dict) else st.integers(0, len(node) - 1))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            node[key] = data.draw(anything)
            break
        node = node[key]
    check(given_sample.topic, given_sample.key.encode(), json.dumps(document).encode())


@often
@given(st.sampled_from(SAMPLES), st.data())
def test_a_sample_with_its_bytes_cut_or_changed_decodes_to_something(given_sample: Sample, data: st.DataObject) -> None:
    topic, key, value = given_sample.record
    at = data.draw(st.integers(0, len(value)))
    upto = data.draw(st.integers(at, min(len(value), at + 8)))
    check(topic, key, value[:at] + data.draw(st.binary(max_size=4)) + value[upto:])


@often
@given(st.sampled_from(SAMPLES), st.text(min_size=5, max_size=30, alphabet="qwxz"), st.data())
def test_a_reason_never_quotes_the_input(given_sample: Sample, secret: str, data: st.DataObject) -> None:
    document = json.loads(json.dumps(given_sample.value))
    body = document.get("additionalInformation", document)
    body[data.draw(st.sampled_from(sorted(body)))] = data.draw(st.sampled_from([secret, [secret], {secret: secret}]))
    found = decode(given_sample.topic, given_sample.key.encode(), json.dumps(document).encode())
    assert not isinstance(found, Poison) or secret not in found.reason


@pytest.mark.parametrize("depth", [100, 1_000, 100_000])
def test_deep_nesting_is_answered(depth: int) -> None:
    deep = b'{"eventType":"court.sentence.recorded","version":1,"x":' + b"[" * depth + b"]" * depth + b"}"
    check("court", b"X100001", deep)
