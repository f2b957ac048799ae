"""SL001R and SL002R: arranged to take place in time, at the edges of the window and of the exclusions."""

import pytest

from deploy.history import HistoryRecord
from shared.domain.contact import MOST
from tests.builders import at
from tests.unit.services.metrics.story import (
    CRC,
    NPS,
    ORDER,
    allocated,
    appointment,
    cancelled,
    case,
    corrected,
    day,
    ended,
    entered_custody,
    left_custody,
    measured,
    released,
    run,
    sentenced,
    told,
    transferred,
    withdrawn,
)

SUPERVISION = "supervision-1"


@pytest.mark.parametrize(
    ("allocated_on", "starts_on", "met"),
    [
        ("2016-03-02", "2016-03-02", True),
        ("2016-03-02", "2016-03-09", True),
        ("2016-03-02", "2016-03-10", False),
        ("2016-03-22", "2016-03-31", True),  # Good Friday and Easter Monday do not count
        ("2016-03-22", "2016-04-01", False),
        ("2016-03-05", "2016-03-11", True),  # allocated on a Saturday
        ("2016-03-05", "2016-03-12", False),
    ],
)
def test_an_order_is_met_if_arranged_for_the_fifth_business_day(allocated_on: str, starts_on: str, met: bool) -> None:
    found = run(allocated(allocated_on), appointment("arranged", starts_on, recorded=allocated_on))
    assert measured(found, "SL001R").met is met


@pytest.mark.parametrize(
    ("starts_on", "met"),
    [("2016-03-04", True), ("2016-03-07", True), ("2016-03-08", False)],
)
def test_a_release_on_a_friday_is_met_if_arranged_for_monday(starts_on: str, met: bool) -> None:
    found = run(
        allocated("2015-06-01", disposal="custody"),
        released("2016-03-04"),
        appointment("arranged", starts_on, recorded="2016-03-04"),
    )
    assert measured(found, "SL002R", SUPERVISION).met is met
    assert "SL001R" not in case(found).measured


def test_the_unit_is_recorded_when_it_opens_and_again_when_it_settles() -> None:
    found = run(allocated("2016-03-02"))
    opened, settled = told(found, "performance.measurement.recorded")
    assert "met" not in opened
    assert opened["dueAt"] == "2016-03-09T23:59:59.999000Z"
    assert opened["period"] == "2016-03"
    assert settled["met"] is False
    assert settled["supersedes"] == opened["measurementId"]


def test_it_is_missed_only_when_its_last_day_has_passed() -> None:
    history = [allocated("2016-03-02")]
    assert measured(run(*history, until="2016-03-09"), "SL001R").met is None
    assert measured(run(*history, until="2016-03-10"), "SL001R").met is False


@pytest.mark.parametrize("channel", ["telephone", "text", "email", "letter", "video"])
def test_a_remote_appointment_is_no_initial_contact(channel: str) -> None:
    found = run(allocated("2016-03-02"), appointment("arranged", "2016-03-04", recorded="2016-03-02", channel=channel))
    assert measured(found, "SL001R").met is False


def test_an_appointment_of_another_order_does_not_count() -> None:
    other = appointment("arranged", "2016-03-04", recorded="2016-03-02", order_ids=["order-9"])
    assert measured(run(allocated("2016-03-02"), other), "SL001R").met is False


def test_one_arranged_between_sentence_and_allocation_counts() -> None:
    found = run(allocated("2016-03-02"), appointment("arranged", "2016-03-01", recorded="2016-03-01"))
    assert measured(found, "SL001R").met is True


def test_one_before_the_release_is_no_contact_of_the_licence() -> None:
    history = [allocated("2015-06-01", disposal="custody"), released("2016-03-04")]
    found = run(*history, appointment("attended", "2016-03-03", recorded="2016-03-03"))
    assert measured(found, "SL002R", SUPERVISION).met is False


FIRST = appointment("arranged", "2016-03-04", recorded="2016-03-02")


@pytest.mark.parametrize(
    ("then", "met"),
    [
        (cancelled("provider", recorded="2016-03-03"), False),
        (cancelled("person", recorded="2016-03-03"), True),
        (appointment("rearranged", "2016-03-15", recorded="2016-03-03"), False),
        (appointment("rearranged", "2016-03-15", recorded="2016-03-03", changed_by="person"), True),
        (appointment("rearranged", "2016-03-09", recorded="2016-03-03"), True),
        (appointment("missed", "2016-03-04", recorded="2016-03-05"), True),
        (withdrawn("appointment-1", recorded="2016-03-03"), False),
    ],
)
def test_an_appointment_counts_unless_the_provider_took_it_away(then: HistoryRecord, met: bool) -> None:
    assert measured(run(allocated("2016-03-02"), FIRST, then), "SL001R").met is met


def test_what_was_met_is_open_again_when_the_provider_cancels() -> None:
    found = run(allocated("2016-03-02"), FIRST, cancelled("provider", recorded="2016-03-03"), until="2016-03-04")
    assert measured(found, "SL001R").met is None


def test_an_attended_appointment_that_was_never_stated_as_arranged_counts() -> None:
    found = run(allocated("2016-03-02"), appointment("attended", "2016-03-04", recorded="2016-03-04"))
    assert measured(found, "SL001R").met is True


def test_one_recorded_after_the_deadline_counts_by_its_own_date() -> None:
    found = run(allocated("2016-03-02"), appointment("attended", "2016-03-04", recorded="2016-05-20"))
    assert measured(found, "SL001R").met is True
    assert [each.get("met") for each in told(found, "performance.measurement.recorded")] == [None, False, True]


def test_one_recorded_half_a_year_late_still_counts() -> None:
    found = run(allocated("2016-03-02"), appointment("attended", "2016-03-04", recorded="2016-09-20"))
    assert measured(found, "SL001R").met is True


def test_what_was_stated_before_a_withdrawal_stays_withdrawn_though_it_arrives_after() -> None:
    late = appointment("arranged", "2016-03-04", recorded="2016-03-03", occurred=at("2016-03-02", "12:00"))
    gone = withdrawn("appointment-1", recorded="2016-03-02")
    assert measured(run(allocated("2016-03-02"), gone, late), "SL001R").met is False


def test_what_is_stated_again_after_a_withdrawal_counts() -> None:
    again = appointment("arranged", "2016-03-07", recorded="2016-03-04")
    gone = withdrawn("appointment-1", recorded="2016-03-03")
    assert measured(run(allocated("2016-03-02"), FIRST, gone, again), "SL001R").met is True


def test_a_cancellation_that_arrives_first_still_cancels() -> None:
    gone = cancelled("provider", recorded="2016-03-03")
    late = appointment("arranged", "2016-03-04", recorded="2016-03-05", occurred=at("2016-03-02", "12:00"))
    assert measured(run(allocated("2016-03-02"), gone, late), "SL001R").met is False


@pytest.mark.parametrize(
    ("outcome", "on", "excluded"),
    [
        ("died", "2016-03-09", "died"),
        ("died", "2016-03-10", None),
        ("deported", "2016-03-03", "deported"),
        ("quashed", "2016-03-03", "quashed"),
        ("moved-jurisdiction", "2016-03-03", "moved-jurisdiction"),
        ("revoked-reoffending", "2016-03-03", "order-ended"),
        ("revoked-reoffending", "2016-03-10", None),
    ],
)
def test_an_order_that_ends_before_it_was_due_is_left_out(outcome: str, on: str, excluded: str | None) -> None:
    found = measured(run(allocated("2016-03-02"), ended(on, outcome)), "SL001R")
    assert found.exclusion == excluded
    assert found.met is (None if excluded else False)


def test_an_order_met_before_it_was_revoked_stays_met() -> None:
    found = measured(run(allocated("2016-03-02"), FIRST, ended("2016-03-08", "revoked-breach")), "SL001R")
    assert (found.met, found.exclusion) == (True, None)


@pytest.mark.parametrize(
    ("on", "excluded"), [("2016-03-03", "transferred"), ("2016-03-09", "transferred"), ("2016-03-10", None)]
)
def test_a_case_transferred_before_it_was_due_is_left_out(on: str, excluded: str | None) -> None:
    found = measured(run(allocated("2016-03-02"), transferred(on)), "SL001R")
    assert (found.exclusion, found.provider) == (excluded, CRC)


@pytest.mark.parametrize(
    ("spells", "excluded"),
    [
        ([entered_custody("2016-03-09")], "custody"),
        ([entered_custody("2016-03-10")], None),
        ([entered_custody("2016-03-01")], "custody"),
        ([entered_custody("2016-02-01"), left_custody("2016-03-02")], None),
        ([entered_custody("2016-02-01"), left_custody("2016-03-03")], "custody"),
        ([left_custody("2016-03-02", "09:00"), entered_custody("2016-03-02", "17:00")], "custody"),
    ],
)
def test_a_person_in_custody_before_it_was_due_is_left_out(spells: list[HistoryRecord], excluded: str | None) -> None:
    assert measured(run(allocated("2016-03-02"), *spells), "SL001R").exclusion == excluded


def test_the_measure_of_the_nps_counts_what_the_nps_holds() -> None:
    found = run(allocated("2016-03-02", kind="nps"), FIRST)
    assert measured(found, "NPS-SL003R").provider == NPS
    assert "SL001R" not in case(found).measured


def test_a_corrected_allocation_takes_the_unit_from_the_wrong_provider() -> None:
    found = run(allocated("2016-03-02"), FIRST, corrected("2016-03-02", recorded="2016-04-20", kind="nps"))
    assert measured(found, "SL001R").exclusion == "withdrawn"
    assert measured(found, "NPS-SL003R").met is True
    wrong = told(found, "performance.measurement.recorded", measureCode="SL001R")
    assert [each.get("exclusion") for each in wrong] == [None, None, "withdrawn"]
    assert wrong[-1]["supersedes"] == wrong[-2]["measurementId"]


def test_custody_is_no_community_order_even_if_the_sentence_is_recorded_late() -> None:
    history = [allocated("2016-03-02"), sentenced("2016-03-01", disposal="custody", recorded="2016-03-04")]
    assert measured(run(*history), "SL001R").exclusion == "withdrawn"


def test_post_sentence_supervision_after_a_licence_is_no_release() -> None:
    found = run(
        allocated("2015-06-01", disposal="custody"),
        released("2016-03-04", kind="post-sentence", starts_on=day("2016-09-04")),
    )
    assert "SL002R" not in case(found).measured


def test_appointments_too_old_for_any_clock_are_forgotten_but_those_that_settled_one_are_kept() -> None:
    weekly = [
        appointment("arranged", on, recorded=on, ref=f"weekly {on}")
        for on in (f"2016-{month:02d}-{first:02d}" for month in range(4, 13) for first in (1, 8, 15, 22))
    ]
    found = run(allocated("2016-03-02"), FIRST, *weekly)
    kept = case(found).appointments
    assert "appointment-1" in kept
    assert "weekly 2016-04-01" not in kept
    assert len(kept) < 20
    assert measured(found, "SL001R", ORDER).met is True


def test_the_latest_appointments_are_kept_however_many_there_are_at_once() -> None:
    daily = [
        appointment("arranged", f"2016-04-{n // 10 + 1:02d}", recorded=f"2016-04-{n // 10 + 1:02d}", ref=f"one {n:03d}")
        for n in range(MOST + 40)
    ]
    kept = case(run(allocated("2016-03-02"), FIRST, *daily)).appointments
    assert MOST <= len(kept) <= MOST + 11
    assert "appointment-1" in kept
    assert f"one {MOST + 39:03d}" in kept
    assert "one 000" not in kept
