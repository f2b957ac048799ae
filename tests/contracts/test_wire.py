"""Two ways to read an envelope: what the quick one takes, the thorough one takes, too, and reads the same."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.payload import Payload
from shared.contracts.registry import MODELS
from shared.contracts.wire import read_any, read_plain
from tests.contracts.samples import Sample, samples

SAMPLES = tuple(each for each in samples() if "Message" not in each.value)
often = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
almost = (
    st.sampled_from(
        [
            "2017-03-01T09:30:00.123456789Z",
            "2017-03-01 09:30:00Z",
            "2017-03-01t09:30:00z",
            "20170301T093000Z",
            "2017-W09-3T09:30:00Z",
            "2017-03-01T09:30:00,5Z",
            "2017-03-01T24:00:00Z",
            "2017-03-01T09:30:60Z",
            "2017-03-01T09:30:00" + "0" * 30 + "Z",
            "0f0e0d0c-0b0a-4908-8706-050403020100",
            "0F0E0D0C0B0A49088706050403020100",
            "{0f0e0d0c-0b0a-4908-8706-050403020100}",
            "urn:uuid:0f0e0d0c-0b0a-4908-8706-050403020100",
            "0f0e0d0c-0b0a-4908-8706-05040302010",
            "0f0e0d0c0b0a-49088706-050403020100",
            "X100001",
            "\ud800",
        ]
    )
    | anything
)
fields = st.sampled_from(
    ["eventType", "version", "occurredAt", "eventId", "publishedAt", "personReference", "causationId", "correlationId"]
)


def model_of(sample: Sample) -> type[Payload]:
    return MODELS[sample.event_type, 1]


def agree(model: type[Payload], content: bytes) -> bool:
    """Whether the quick way takes it; if so, the thorough one has to read the same."""
    try:
        found = read_plain(model, content)
    except ValueError:
        return False
    assert read_any(model, content) == found
    return True


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: f"{each.event_type}-{each.tag}")
def test_a_sample_is_read_alike_both_ways(sample: Sample) -> None:
    plain = {name: sample.value[name] for name in sample.value if name not in ("description", "detailUrl")}
    assert agree(model_of(sample), json.dumps(plain).encode())
    agree(model_of(sample), sample.record[2])


@often
@given(st.sampled_from(SAMPLES), fields, almost)
def test_an_envelope_with_anything_in_a_field_is_read_alike_both_ways(sample: Sample, field: str, found: Any) -> None:
    agree(model_of(sample), json.dumps(sample.value | {field: found}).encode())


@often
@given(st.sampled_from(SAMPLES), st.sampled_from(["type", "value", "other"]), almost)
def test_an_identifier_of_any_kind_is_read_alike_both_ways(sample: Sample, field: str, found: Any) -> None:
    person = {"identifiers": [{"type": "CRN", "value": "X100001"} | {field: found}]}
    agree(model_of(sample), json.dumps(sample.value | {"personReference": person}).encode())


@often
@given(st.sampled_from(SAMPLES), st.data())
def test_bytes_cut_or_changed_are_read_alike_both_ways(sample: Sample, data: st.DataObject) -> None:
    value = sample.record[2]
    at = data.draw(st.integers(0, len(value)))
    upto = data.draw(st.integers(at, min(len(value), at + 8)))
    agree(model_of(sample), value[:at] + data.draw(st.binary(max_size=4)) + value[upto:])


@pytest.mark.parametrize("field", ["eventId", "occurredAt", "additionalInformation", "personReference"])
def test_a_field_stated_twice_is_read_alike_both_ways(field: str) -> None:
    first, second = (each.value for each in SAMPLES if each.event_type == "casework.rar-day.credited")
    twice = json.dumps(first)[:-1] + "," + json.dumps({field: second[field]})[1:]
    assert agree(MODELS["casework.rar-day.credited", 1], twice.encode())
