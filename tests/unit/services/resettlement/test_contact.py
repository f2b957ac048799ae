"""Contact before release by the responsible officer, and the first appointment within a business day after it."""

from datetime import date
from typing import Any

import pytest

from tests.builders import at
from tests.unit.services.resettlement.story import (
    appointment,
    inside,
    officer,
    prepared,
    provider,
    received,
    released,
    run,
    said,
    sentence,
    withdrawn,
)

FRIDAY_OUT = [sentence(), received(), provider(), released(at("2016-09-16", "09:00"))]
"""The next business day is Monday 2016-09-19."""


@pytest.mark.parametrize(
    ("on", "late"),
    [("2016-09-16", False), ("2016-09-17", False), ("2016-09-19", False), ("2016-09-20", True)],
)
def test_seen_within_one_business_day_of_release(on: str, late: bool) -> None:
    told = run([*FRIDAY_OUT, appointment("attended", at(on, "14:00"))], until=at("2016-09-21"))
    assert told.concerns("first-appointment-missed-window") == ([("2016-09-19", on)] if late else [])


@pytest.mark.parametrize(
    "also",
    [
        {"channel": "telephone"},
        {"channel": "video"},
        {"channel": "prison"},
        {"starts_at": at("2016-09-15", "14:00")},
    ],
)
def test_what_is_no_face_to_face_contact_after_release(also: dict[str, Any]) -> None:
    starts_at = also.pop("starts_at", at("2016-09-16", "14:00"))
    told = run([*FRIDAY_OUT, appointment("attended", starts_at, **also)], until=at("2016-09-21"))
    assert told.concerns("first-appointment-missed-window") == [("2016-09-19", "")]


def test_an_appointment_that_was_only_arranged_is_not_attended() -> None:
    made = appointment("arranged", at("2016-09-19", "10:00"), at("2016-09-12"))
    told = run([*FRIDAY_OUT, made], until=at("2016-09-21"))
    assert told.concerns("first-appointment-missed-window") == [("2016-09-19", "")]


@pytest.mark.parametrize(("seen", "counts"), [(True, True), (False, False)])
def test_a_home_visit_counts_where_the_person_was_seen(seen: bool, counts: bool) -> None:
    fields: dict[str, Any] = {
        "visit_id": "V1",
        "visited_on": date(2016, 9, 19),
        "person_seen": seen,
        "purpose": "risk-check",
    }
    told = run([*FRIDAY_OUT, said("home-visit.completed", at("2016-09-19"), **fields)], until=at("2016-09-21"))
    assert (told.concerns("first-appointment-missed-window") == []) is counts


def test_an_attendance_taken_back_counts_no_more() -> None:
    seen = appointment("attended", at("2016-09-19", "14:00"))
    told = run([*FRIDAY_OUT, seen, withdrawn("A1", "appointment", at("2016-09-22"))], until=at("2016-09-23"))
    assert told.concerns("first-appointment-missed-window") == [("2016-09-22", "")]


def test_a_withdrawal_that_comes_first_keeps_the_record_out() -> None:
    taken_back = withdrawn("A1", "appointment", at("2016-09-16", "12:00"))
    told = run([*FRIDAY_OUT, taken_back, appointment("attended", at("2016-09-19", "14:00"))], until=at("2016-09-21"))
    assert told.outcomes("casework.appointment.attended") == [("ignored", "record-withdrawn")]
    assert told.concerns("first-appointment-missed-window") == [("2016-09-19", "")]


def test_a_licence_of_a_few_days_leaves_the_first_appointment_due_in_post_sentence_supervision() -> None:
    short = sentence(custodial_term="P10D")
    told = run([short, received(), provider(), released(at("2016-03-11", "09:00"))], until=at("2016-03-25"))
    assert [each["kind"] for each in told.events("supervision.started")] == ["licence", "post-sentence"]
    assert told.concerns("first-appointment-missed-window") == [("2016-03-14", "")]


# -- before release ----------------------------------------------------------------------------------

INSIDE = [*inside(), officer(when=at("2016-06-23", "08:00"))]
"""Release on 2016-09-15: contact by 18 August."""


def attempt(when: str, answered: bool = True, by: str = "OFF1") -> Any:
    """A letter to prison, answered or not."""
    fields: dict[str, Any] = {"contact_id": f"C-{when}", "at": at(when), "channel": "letter", "purpose": "pre-release"}
    return said("contact.attempted", at(when), **fields, answered=answered, officer_code=by)


@pytest.mark.parametrize(
    ("contact", "counts"),
    [
        (attempt("2016-08-18"), True),
        (attempt("2016-08-19"), False),
        (attempt("2016-08-01", answered=False), False),
        (attempt("2016-08-01", by="OFF9"), False),
        (appointment("attended", at("2016-08-01"), channel="prison", officer_code="OFF1"), True),
        (appointment("attended", at("2016-08-01"), channel="video", officer_code="OFF1"), True),
        (appointment("attended", at("2016-08-01"), channel="prison"), False),
        (appointment("arranged", at("2016-08-01"), at("2016-07-01"), channel="prison", officer_code="OFF1"), False),
    ],
)
def test_the_officer_has_contact_twenty_eight_days_before_release(contact: Any, counts: bool) -> None:
    told = run([*INSIDE, contact], until=at("2016-08-19", "12:00"))
    raised = [when for when, _ in told.concerns("pre-release-contact-missing")]
    assert raised == ([] if counts else ["2016-08-18"])


def test_without_an_officer_nobody_is_late() -> None:
    assert run(inside()).concerns("pre-release-contact-missing") == []


def test_contact_by_the_officer_before_counts_after_a_change() -> None:
    told = run([*INSIDE, attempt("2016-08-01"), officer("OFF2", at("2016-08-10"))])
    assert told.concerns("pre-release-contact-missing") == []


# -- what is kept ------------------------------------------------------------------------------------


def test_a_long_case_keeps_few_contacts_and_the_first_of_them() -> None:
    weekly = [
        appointment("attended", at(f"2016-{9 + n // 28:02d}-{1 + n % 28:02d}", "14:00"), appointment_id=f"W{n:03d}")
        for n in range(16, 100)
    ]
    told = run(FRIDAY_OUT, weekly, until=at("2016-12-30"))
    contacts = told.case().contacts
    assert len(contacts) <= 32
    assert min(row.on for row in contacts.values() if row.on) <= date(2016, 9, 19)
    assert told.concerns("first-appointment-missed-window") == []


def test_a_case_without_custody_keeps_fewer() -> None:
    seen = [appointment("attended", at(f"2016-03-{n:02d}"), appointment_id=f"W{n}") for n in range(1, 31)]
    assert len(run(seen).case().contacts) == 8


def test_everything_in_time_leaves_no_concern_about_contact() -> None:
    told = run(prepared(), [released()], [appointment("attended", at("2016-09-16", "09:00"), appointment_id="FIRST")])
    assert told.open() == set()
