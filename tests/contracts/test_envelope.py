"""Canonical JSON, wire bytes and CloudEvents headers."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.contracts.casework import UnpaidWorkSessionWorked
from shared.contracts.court import ReportWrittenUp
from shared.contracts.decoding import decode
from shared.contracts.envelope import Event, canonical_json, ce_headers, encode, event_of, key_of
from shared.contracts.outbound import RaisedConcern
from shared.contracts.registry import model_of
from shared.contracts.values import ConcernSubject

ID = UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
AT = datetime(2017, 3, 8, 9, 15, tzinfo=UTC)


def written_up() -> Event:
    return event_of(ReportWrittenUp(order_id="o1", written_up_on=date(2017, 3, 7)), ID, AT, crn="X100001")


def concern(kind: str, code: str) -> RaisedConcern:
    raised: RaisedConcern = model_of("allocation.concern.raised")(
        concern_id="c1",
        code="officer-unassigned",
        severity="warning",
        owner_role="officer",
        subject=ConcernSubject.model_validate({"kind": kind, "code": code}),
        evidence=(),
        threshold_confirmed=True,
        because=(),
    )
    return raised


def test_canonical_json_is_sorted_and_says_nothing_absent() -> None:
    assert canonical_json(written_up()) == (
        b'{"additionalInformation":{"orderId":"o1","writtenUpOn":"2017-03-07"},'
        b'"eventId":"0f0e0d0c-0b0a-4908-8706-050403020100","eventType":"court.report.written-up",'
        b'"occurredAt":"2017-03-08T09:15:00Z",'
        b'"personReference":{"identifiers":[{"type":"CRN","value":"X100001"}]},"version":1}'
    )


def test_canonical_json_is_the_same_however_the_record_was_written() -> None:
    plain = canonical_json(written_up())
    shuffled = (
        b'{ "version":1,"publishedAt":"2017-03-08T10:00:00+00:00","description":"x","detailUrl":null,'
        b'"occurredAt":"2017-03-08T09:15:00.0004+00:00","eventType":"court.report.written-up",'
        b'"personReference":{"identifiers":[{"value":"X100001","type":"CRN"}]},'
        b'"eventId":"0F0E0D0C-0B0A-4908-8706-050403020100","traceparent":"00-x",'
        b'"additionalInformation":{"writtenUpOn":"2017-03-07","more":true,"orderId":"o1"} }'
    )
    event = decode("court", b"X100001", shuffled)
    assert isinstance(event, Event)
    assert canonical_json(event) == plain


@pytest.mark.parametrize(("hours", "text"), [("1E+1", b'"10"'), ("7.50", b'"7.50"'), ("0E-6", b'"0.000000"')])
def test_a_decimal_is_written_in_plain_digits_however_it_was_reckoned(hours: str, text: bytes) -> None:
    session = UnpaidWorkSessionWorked(
        requirement_id="r1", session_id="s1", worked_on=date(2017, 3, 7), hours_credited=Decimal(hours)
    )
    assert b'"hoursCredited":' + text in canonical_json(event_of(session, ID, AT, crn="X100001"))


def test_what_is_encoded_is_decoded() -> None:
    assert decode("court", b"X100001", encode(written_up())) == written_up()


def test_the_headers_are_cloudevents_in_binary_mode() -> None:
    assert dict(ce_headers(written_up(), "urn:court")) == {
        "ce_specversion": b"1.0",
        "ce_id": str(ID).encode(),
        "ce_source": b"urn:court",
        "ce_type": b"court.report.written-up",
        "ce_time": b"2017-03-08T09:15:00Z",
        "ce_subject": b"X100001",
        "content-type": b"application/json",
    }


@pytest.mark.parametrize(
    ("kind", "code", "key"),
    [
        ("case", "X100001", "X100001"),
        ("office", "SHF01", "SHF01"),
        ("provider", "C17", "C17"),
        ("publisher", "prisons", "prisons"),
        ("officer", "N03A017", None),
    ],
)
def test_a_concern_is_keyed_by_its_subject_and_an_officers_by_the_office(kind: str, code: str, key: str | None) -> None:
    assert key_of(event_of(concern(kind, code), ID, AT)) == key


def test_a_payload_never_changes() -> None:
    with pytest.raises(ValidationError):
        written_up().payload.order_id = "o2"  # type: ignore[attr-defined]


def test_an_error_of_a_payload_never_quotes_the_input() -> None:
    with pytest.raises(ValidationError) as error:
        ReportWrittenUp(order_id="", written_up_on="SECRET")  # type: ignore[arg-type]
    assert "SECRET" not in str(error.value)
