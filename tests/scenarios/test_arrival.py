"""Facts that arrive before what they rest on, twice, or without an id of their own: what then happens."""

from dataclasses import replace
from typing import Any

import orjson

from deploy.history import HistoryRecord
from shared.domain.prisoner import subject_of as prisoner_of
from tests.builders import at
from tests.unit.services.enforcement.person import Person
from tests.unit.services.resettlement.story import NOMS, received, released, run, said, sentence


def test_an_appointment_recorded_before_its_sentence_counts_for_it_and_nobody_is_late() -> None:
    sentenced = {"recorded": "2016-03-08"}
    early = Person().arranged("2016-03-05", "A1", "2016-03-10").sentenced("2016-03-04", **sentenced)
    early.allocated("2016-03-07", when=at("2016-03-09").date())
    assert early.through("2016-04-01").raised("initial-contact-late") == []
    without = Person().sentenced("2016-03-04", **sentenced).allocated("2016-03-07", when=at("2016-03-09").date())
    assert without.through("2016-04-01").raised("initial-contact-late") != []


def test_a_release_before_the_number_is_linked_waits_and_is_told_at_the_instant_of_the_link() -> None:
    facts = [sentence(noms_number=None), received(), released(at("2016-05-02"))]
    told = run(facts, until=at("2016-05-20"))
    assert told.types() == []
    assert len(told.out.states[prisoner_of(NOMS)].waiting) == 2
    linked = at("2016-05-06", "11:00")
    told = run([*facts, said("person.linked", linked, noms_number=NOMS)], until=at("2016-05-20"))
    (left,) = told.events("custody.left")
    assert (left["when"], left["leftAt"]) == (linked, "2016-05-02T10:00:00Z")
    assert told.out.states[prisoner_of(NOMS)].waiting == {}


def wrapped(record: HistoryRecord, **delivery: Any) -> HistoryRecord:
    """As HMPPS's relay delivers it: in an SNS notification, and without an event id."""
    inner = orjson.loads(record.value or b"")
    del inner["eventId"]
    inner["version"] = "1.0"
    return replace(
        record, value=orjson.dumps({"Type": "Notification", "Message": orjson.dumps(inner).decode(), **delivery})
    )


def test_a_notification_without_an_event_id_is_decided_once_however_often_it_is_delivered() -> None:
    admission = received()
    first = wrapped(admission, MessageId="1")
    again = replace(wrapped(admission, MessageId="2"), timestamp=admission.timestamp.replace(hour=20))
    once, twice = run([sentence(), first]), run([sentence(), first, again])
    assert [line.hash for line in twice.out.journal] == [line.hash for line in once.out.journal]
    assert len(twice.events("custody.entered")) == 1
    assert twice.out.dead_letters == []
