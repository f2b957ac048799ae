"""What each kind of record decodes to, and why a record is poison."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.casework import AllocationFormSubmitted
from shared.contracts.court import ReportWrittenUp
from shared.contracts.decoding import Decoded, TimeRecord, Unknown, Unread, decode
from shared.contracts.envelope import Event
from shared.contracts.poison import HINTS, Poison
from shared.contracts.prison import PrisonerReceived
from tests.contracts.samples import sample

TIME = [("ce_type", b"throughcare.time")]


def decoded(
    event_type: str, change: Callable[[dict[str, Any]], object] = lambda _: None, tag: str = "full", **record: Any
) -> Decoded:
    """A sample, changed and decoded; `topic`, `key` and `value` replace the sample's own."""
    given = sample(event_type, tag)
    value = deepcopy(given.value)
    change(value)
    return decode(
        record.get("topic", given.topic),
        record.get("key", given.key.encode()),
        record.get("value", json.dumps(value).encode()),
        record.get("headers", []),
    )


def event_from(event_type: str, change: Callable[[dict[str, Any]], object] = lambda _: None, **record: Any) -> Event:
    found = decoded(event_type, change, **record)
    assert isinstance(found, Event), found
    return found


def reason_of(event_type: str, change: Callable[[dict[str, Any]], object] = lambda _: None, **record: Any) -> str:
    found = decoded(event_type, change, **record)
    assert isinstance(found, Poison), found
    assert found.hint == HINTS[found.reason_code]
    return found.reason_code


def payload(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda value: value["additionalInformation"].update(fields)


def without(field: str) -> Callable[[dict[str, Any]], object]:
    return lambda value: value["additionalInformation"].pop(field)


def person(*identifiers: tuple[str, str]) -> Callable[[dict[str, Any]], object]:
    named = [{"type": kind, "value": value} for kind, value in identifiers]
    return lambda document: document.update(personReference={"identifiers": named})


def test_a_plain_event_is_read_with_its_envelope() -> None:
    event = event_from("casework.allocation-form.submitted")
    assert isinstance(event.payload, AllocationFormSubmitted)
    assert event.crn == "X100001"
    assert event.occurred_at == datetime(2017, 3, 8, 9, 15, 0, 250000, tzinfo=UTC)
    assert event.published_at == datetime(2017, 3, 8, 9, 15, 1, tzinfo=UTC)


def test_unknown_fields_are_ignored_at_every_depth() -> None:
    def more(value: dict[str, Any]) -> None:
        value["extra"] = value["additionalInformation"]["extra"] = {"deep": [1, 2.5, None]}
        value["additionalInformation"]["report"]["extra"] = "x"

    assert event_from("court.sentence.recorded", more) == event_from("court.sentence.recorded")


def test_absent_and_null_mean_the_same() -> None:
    given = event_from("court.hearing.concluded", payload(nextHearingOn=None))
    assert given.payload == event_from("court.hearing.concluded", without("nextHearingOn")).payload


def test_an_unknown_event_type_is_acknowledged() -> None:
    assert decoded("court.sentence.recorded", lambda v: v.update(eventType="court.fee.paid")) == Unknown(
        "court.fee.paid"
    )


def test_an_unknown_event_type_needs_no_key() -> None:
    value = b'{"eventType": "court.fee.paid"}'
    assert decode("court", None, value, None) == Unknown("court.fee.paid")


@pytest.mark.parametrize("change", [lambda _: None, payload(sex="none"), lambda v: v.update(version=9)])
def test_a_type_that_is_not_read_is_left_to_those_who_read_it(change: Callable[[dict[str, Any]], object]) -> None:
    value = deepcopy(sample("court.sentence.recorded").value)
    change(value)
    reads = frozenset({"court.hearing.listed"})
    assert decode("court", b"X100001", json.dumps(value).encode(), [], reads) == Unread("court.sentence.recorded")


def test_what_is_no_json_is_poison_to_every_reader() -> None:
    value = json.dumps(sample("court.sentence.recorded").value).encode()[:-1]
    found = decode("court", b"X100001", value, [], frozenset())
    assert isinstance(found, Poison)
    assert found.reason_code == "not-json"


@pytest.mark.parametrize(
    ("body", "through"),
    [
        (b'{"through": "2017-03-01T09:30:00.123456Z"}', datetime(2017, 3, 1, 9, 30, 0, 123000, tzinfo=UTC)),
        (b'{"through": null}', None),
    ],
)
def test_a_time_record_tells_through_when(body: bytes, through: datetime | None) -> None:
    assert decode("allocation", None, body, TIME) == TimeRecord(through)


@pytest.mark.parametrize("body", [None, b"", b"{}", b"[]", b'{"through": 5}', b'{"through": "2017-03-01T09:30:00"}'])
def test_a_malformed_time_record_is_poison(body: bytes | None) -> None:
    found = decode("allocation", None, body, TIME)
    assert isinstance(found, Poison)
    assert found.reason_code == "invalid-time-record"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "null-value"),
        (b"", "not-json"),
        (b"\xff\xfe", "not-json"),
        (b'{"eventType": "court.sentence.recorded", ', "not-json"),
        (b'{"eventType": "\xff"}', "not-json"),
        (b'{"eventType": "court.fee.paid", "x": "\xff"}', "not-json"),
        (b'{"eventType": "court.fee.paid", "x": "\\ud800"}', "not-json"),
        (b'{"eventType": "court.fee.paid"} {}', "not-json"),
        (b"[" * 100_000, "not-json"),
        (b'{"a":' * 100_000, "not-json"),
        (b"[]", "not-an-event"),
        (b"null", "not-an-event"),
        (b'"text"', "not-an-event"),
        (b"{}", "not-an-event"),
        (b'{"eventType": null}', "not-an-event"),
        (b'{"eventType": 5}', "not-an-event"),
        (b'{"eventType": ["court.sentence.recorded"]}', "not-an-event"),
        (b'{"Type": "Notification"}', "not-an-event"),
        (b'{"Type": "SubscriptionConfirmation", "Message": "{}"}', "not-an-event"),
        (b'{"Type": "Notification", "Message": "{}"}', "not-an-event"),
        (b'{"Type": "Notification", "Message": "{"}', "not-json"),
        (b'{"Type": "Notification", "Message": "[]"}', "not-json"),
    ],
)
def test_what_is_no_event_is_poison(value: bytes | None, reason: str) -> None:
    assert reason_of("court.sentence.recorded", value=value) == reason


@pytest.mark.parametrize("version", [0, 2, -1, "1", 1.0, 1.5, True, None, [], "1.0"])
def test_an_unknown_version_of_a_known_type_is_poison(version: object) -> None:
    assert reason_of("court.sentence.recorded", lambda v: v.update(version=version)) == "unknown-version"


@pytest.mark.parametrize("version", [1, "1", "1.0", 1.0])
def test_prisons_write_the_version_as_a_number_or_a_text(version: object) -> None:
    event = event_from("prison-offender-events.prisoner.received", lambda v: v.update(version=version))
    assert event.version == 1


@pytest.mark.parametrize("version", ["2", "1.1", "x", "", 1.5, True, "1\n"])
def test_prisons_too_may_send_an_unknown_version(version: object) -> None:
    change = {"version": version}
    assert reason_of("prison-offender-events.prisoner.received", lambda v: v.update(change)) == "unknown-version"


def test_an_event_on_another_publishers_topic_is_poison() -> None:
    assert reason_of("court.sentence.recorded", topic="casework") == "wrong-topic"


@pytest.mark.parametrize("key", [None, b"", b"X100002", b"x100001", b"\xff", b"X100001 "])
def test_a_key_that_is_not_the_persons_crn_is_poison(key: bytes | None) -> None:
    assert reason_of("court.sentence.recorded", key=key) == ("key-mismatch" if key else "null-key")


@pytest.mark.parametrize(
    "identifiers",
    [
        (),
        (("NOMS", "A1234BC"),),
        (("CRN", "100001"),),
        (("CRN", "X100001\n"),),
        (("CRN", "X100001"), ("NOMS", "bad")),
        (("CRN", "X100001"), ("CRN", "X100002")),
    ],
)
def test_a_person_who_is_not_named_by_one_good_crn_is_poison(identifiers: tuple[tuple[str, str], ...]) -> None:
    assert reason_of("court.sentence.recorded", person(*identifiers)) == "invalid-identifier"


def test_other_identifiers_than_crn_and_noms_are_passed_over() -> None:
    change = person(("PNC", "any thing"), ("CRN", "X100001"), ("NOMS", "A1234BC"))
    event = event_from("court.sentence.recorded", change)
    assert (event.crn, event.noms_number) == ("X100001", "A1234BC")


def test_an_office_event_is_keyed_by_its_office() -> None:
    assert event_from("workforce.officer.changed").crn is None
    assert reason_of("workforce.officer.changed", key=b"SHF02") == "key-mismatch"


def test_a_prison_event_is_keyed_by_the_noms_number_that_it_states() -> None:
    assert reason_of("prison-offender-events.prisoner.received", key=b"A9999ZZ") == "key-mismatch"
    assert reason_of("prison-offender-events.prisoner.received", person(("NOMS", "A9999ZZ"))) == "key-mismatch"
    assert reason_of("prison.release.due", key=b"A9999ZZ") == "key-mismatch"


def test_a_prison_movement_may_leave_the_person_to_its_body() -> None:
    event = event_from("prison-offender-events.prisoner.received", lambda v: v.pop("personReference"))
    assert event.noms_number is None
    assert reason_of("prison.release.due", lambda v: v.pop("personReference")) == "invalid-identifier"


@pytest.mark.parametrize("key", [b"\xff", b"SHF\0", b"a" * 201, b""])
def test_a_concern_about_an_officer_needs_a_key_that_can_be_an_office(key: bytes) -> None:
    assert reason_of("allocation.concern.raised", tag="about-officer", key=key) in {"key-mismatch", "null-key"}


def test_an_sns_notification_is_unwrapped() -> None:
    wrapped = decoded("prison-offender-events.prisoner.received", tag="as-hmpps-relays-it")
    assert isinstance(wrapped, Event)
    assert wrapped == event_from("prison-offender-events.prisoner.received")


def test_free_text_details_are_dropped_on_decoding() -> None:
    event = event_from("prison-offender-events.prisoner.received", payload(details="free text"))
    assert isinstance(event.payload, PrisonerReceived)
    assert "details" not in event.payload.model_dump()


def test_an_event_without_an_id_gets_the_same_one_every_time() -> None:
    later = {"publishedAt": "2017-03-09T00:00:00Z", "description": "x"}
    first = event_from("prison-offender-events.prisoner.received")
    again = event_from("prison-offender-events.prisoner.received", lambda v: v.update(later))
    assert first.event_id == again.event_id
    assert first.event_id.version == 5


@pytest.mark.parametrize(
    "change",
    [
        payload(prisonId="LEI"),
        payload(reason="TRANSFERRED"),
        lambda v: v.update(occurredAt="2017-03-08T09:15:00.251Z"),
    ],
)
def test_other_events_without_an_id_get_other_ids(change: Callable[[dict[str, Any]], object]) -> None:
    first = event_from("prison-offender-events.prisoner.received")
    assert event_from("prison-offender-events.prisoner.received", change).event_id != first.event_id


def test_an_id_that_is_sent_is_kept() -> None:
    given = "0f0e0d0c-0b0a-4908-8706-050403020100"
    assert event_from("court.sentence.recorded", lambda v: v.update(eventId=given)).event_id == UUID(given)


def test_a_service_must_send_an_id() -> None:
    assert reason_of("allocation.band.set", lambda v: v.pop("eventId")) == "missing-event-id"


@pytest.mark.parametrize("text", ["a\0b", "\0"])
def test_a_nul_character_anywhere_is_poison(text: str) -> None:
    assert reason_of("court.sentence.recorded", payload(orderId=text)) == "nul-character"
    assert reason_of("court.sentence.recorded", payload(ignored=[{"x": text}])) == "nul-character"
    assert reason_of("court.sentence.recorded", lambda v: v.update({text: 1})) == "nul-character"
    assert reason_of("court.sentence.recorded", lambda v: v.update(eventType=text)) == "nul-character"


def test_a_backslash_before_u0000_is_no_nul() -> None:
    event = event_from("court.report.written-up", payload(orderId="a\\u0000"))
    assert isinstance(event.payload, ReportWrittenUp)
    assert event.payload.order_id == "a\\u0000"


def test_a_nul_inside_a_notification_is_poison() -> None:
    def poisoned(value: dict[str, Any]) -> None:
        inner = json.loads(value["Message"])
        inner["additionalInformation"]["prisonId"] = "a\0"
        value["Message"] = json.dumps(inner)

    found = reason_of("prison-offender-events.prisoner.received", poisoned, tag="as-hmpps-relays-it")
    assert found == "nul-character"


@pytest.mark.parametrize(
    ("event_type", "change"),
    [
        ("court.sentence.recorded", without("offenceOn")),
        ("court.sentence.recorded", without("requirements")),
        ("court.sentence.recorded", payload(disposal="fine")),
        ("court.sentence.recorded", payload(sentencedOn="2017-02-30")),
        (
            "court.sentence.recorded",
            payload(requirements=[{"requirementId": "r", "kind": "unpaid-work", "hours": "300.5"}]),
        ),
        ("court.sentence.recorded", payload(requirements=[{"requirementId": "r", "kind": "unpaid-work", "hours": -1}])),
        (
            "court.order.varied",
            payload(requirements=[{"requirementId": "r", "kind": "rehabilitation-activity", "days": -1}]),
        ),
        ("casework.rar-day.credited", payload(days=-1)),
        ("casework.unpaid-work.session-worked", payload(hoursCredited="-0.5")),
        ("casework.unpaid-work.session-worked", payload(hoursCredited=6.5)),
        ("casework.allocation-form.submitted", payload(rsrPercent=6.9)),
        ("casework.allocation-form.submitted", payload(deportationLiable="false")),
        ("casework.breach-pack.submitted", payload(submission=0)),
        ("casework.breach-pack.submitted", payload(submission="1")),
        ("casework.breach-pack.submitted", payload(submission=True)),
        ("casework.needs.recorded", payload(unavailable=[{"weekday": 8, "from": "09:00", "to": "10:00"}])),
        ("casework.needs.recorded", payload(attributes=["interpreter:POL"])),
        ("workforce.officer.registered", payload(contractedHours="-1")),
        ("workforce.officer.registered", payload(availableHours=-1)),
        ("workforce.officer.registered", payload(reductionsPercent="101")),
        ("prison-offender-events.prisoner.merged", payload(removedNomsNumber="A1234BC")),
        ("prison-offender-events.prisoner.received", payload(reason="RECALL")),
        ("casework.person.linked", payload(nomsNumber="1234")),
        ("court.sentence.recorded", lambda v: v.update(occurredAt="2017-03-08T09:15:00")),
        ("court.sentence.recorded", lambda v: v.update(eventId="not a uuid")),
        ("court.sentence.recorded", lambda v: v.update(additionalInformation=None)),
        ("court.sentence.recorded", lambda v: v.update(additionalInformation=[])),
        ("court.sentence.recorded", lambda v: v.pop("occurredAt")),
        ("court.sentence.recorded", lambda v: v.update(personReference={"identifiers": {}})),
    ],
)
def test_a_payload_that_breaks_a_rule_is_poison(event_type: str, change: Callable[[dict[str, Any]], object]) -> None:
    assert reason_of(event_type, change) == "invalid"


def test_a_community_sentence_needs_no_date_of_the_offence() -> None:
    assert event_from("court.sentence.recorded", tag="minimal").crn == "X100001"


def test_the_wire_knows_camel_case_alone() -> None:
    def python_name(value: dict[str, Any]) -> None:
        value["additionalInformation"]["order_id"] = value["additionalInformation"].pop("orderId")

    assert reason_of("court.sentence.recorded", python_name) == "invalid"


@pytest.mark.parametrize(
    ("event_type", "change", "field"),
    [
        ("court.sentence.recorded", payload(sex="SECRET"), "additionalInformation.sex"),
        ("court.sentence.recorded", payload(orderId={"SECRET": "SECRET"}), "additionalInformation.orderId"),
        ("court.sentence.recorded", payload(sentencedOn="SECRET"), "additionalInformation.sentencedOn"),
        ("court.sentence.recorded", lambda v: v.update(occurredAt="SECRET"), "occurredAt"),
        ("court.sentence.recorded", lambda v: v.update(eventId="SECRET"), "eventId"),
        ("court.sentence.recorded", person(("CRN", "SECRET")), "CRN"),
        ("casework.needs.recorded", payload(attributes=["SECRET"]), "additionalInformation.attributes.0"),
        ("casework.allocation-form.submitted", payload(rsrPercent="SECRET"), "additionalInformation.rsrPercent"),
        (
            "allocation.band.set",
            payload(because=[{"ruleId": "r", "source": "s", "confirmed": True, "inputs": {"SECRET": 1}}]),
            "additionalInformation.because.0.inputs.*",
        ),
    ],
)
def test_a_reason_names_the_field_and_never_its_value(
    event_type: str, change: Callable[[dict[str, Any]], object], field: str
) -> None:
    found = decoded(event_type, change)
    assert isinstance(found, Poison)
    assert field in found.reason
    assert "SECRET" not in repr(found)


def test_a_reason_of_many_errors_stays_short() -> None:
    found = decoded("court.sentence.recorded", lambda v: v.update(additionalInformation={}))
    assert isinstance(found, Poison)
    assert found.reason.count(";") == 5
    assert found.reason.endswith("more")
