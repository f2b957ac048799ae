"""The registry knows every event once, with its topic, key and readers."""

import pytest

from shared.contracts.registry import (
    DEAD_LETTERS,
    MODELS,
    TOPICS,
    TYPES_OF,
    VERSIONS,
    model_of,
    readers_of,
    types_read_by,
)

OUTBOUND = ("allocation", "resettlement", "enforcement", "performance")


def test_every_event_of_the_published_language_has_a_model() -> None:
    counted = {topic: len(types) for topic, types in TYPES_OF.items()}
    assert counted == {
        "court": 6,
        "casework": 69,
        "prison": 5,
        "workforce": 6,
        "allocation": 13,
        "resettlement": 18,
        "enforcement": 12,
        "performance": 7,
    }


def test_every_model_is_version_1() -> None:
    assert set(VERSIONS.values()) == {(1,)}


@pytest.mark.parametrize("topic", OUTBOUND)
def test_every_service_can_raise_clear_park_and_resume(topic: str) -> None:
    for name in ("concern.raised", "concern.cleared", "case.parked", "case.resumed"):
        model = model_of(f"{topic}.{name}")
        assert (model.topic, model.keyed_by) == (topic, "subject")


def test_every_outbound_event_says_because_and_no_inbound_one_does() -> None:
    for model in MODELS.values():
        assert ("because" in model.model_fields) == (TOPICS[model.topic].direction == "outbound"), model


@pytest.mark.parametrize(
    ("event_type", "keyed_by"),
    [
        ("court.sentence.recorded", "crn"),
        ("casework.plan.completed", "crn"),
        ("prison-offender-events.prisoner.released", "noms"),
        ("prison.release.due", "noms"),
        ("workforce.officer.changed", "office"),
        ("allocation.officer.assigned", "crn"),
        ("performance.measurement.recorded", "crn"),
        ("performance.service-level.reported", "provider"),
        ("performance.improvement-notice.recommended", "provider"),
    ],
)
def test_an_event_is_keyed_by_its_aggregate(event_type: str, keyed_by: str) -> None:
    assert model_of(event_type).keyed_by == keyed_by


def test_the_metrics_service_publishes_performance() -> None:
    assert TOPICS["performance"].publisher == "metrics"


def test_readers_are_services() -> None:
    assert readers_of("court.sentence.recorded") == ("allocation", "resettlement", "enforcement", "metrics")
    assert readers_of("performance.service-level.reported") == ()


def test_only_allocation_and_metrics_read_the_workforce() -> None:
    for event_type in TYPES_OF["workforce"]:
        assert readers_of(event_type) == ("allocation", "metrics")


def test_a_service_reads_what_the_contract_gives_it() -> None:
    assert "casework.licence.issued" in types_read_by("resettlement")
    assert "casework.licence.issued" not in types_read_by("enforcement")


def test_every_service_has_its_own_dead_letters() -> None:
    assert DEAD_LETTERS == {
        "allocation": "allocation.dead-letters",
        "resettlement": "resettlement.dead-letters",
        "enforcement": "enforcement.dead-letters",
        "metrics": "metrics.dead-letters",
    }


def test_an_unknown_event_type_has_no_model() -> None:
    with pytest.raises(KeyError):
        model_of("court.sentence.forgotten")
