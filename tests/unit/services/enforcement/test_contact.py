"""Initial contact within the contract's window, and people who have not been seen."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.contact import MOST
from tests.builders import at
from tests.unit.services.enforcement.person import Person

# Allocated on Monday 2016-03-07: five business days end on Monday 2016-03-14.


def on_order(**fields: Any) -> Person:
    return Person().sentenced("2016-03-04", **fields).allocated("2016-03-07")


@pytest.mark.parametrize(("starts", "late"), [("2016-03-14", False), ("2016-03-15", True)])
def test_contact_arranged_for_the_fifth_business_day_is_in_time_and_for_the_sixth_is_not(
    starts: str, late: bool
) -> None:
    person = on_order().arranged("2016-03-08", "A1", starts)
    assert person.through("2016-03-14").due("initial-contact-late.community")["O1"][0] == "2016-03-14"
    assert (person.through("2016-03-20").raised("initial-contact-late") == ["warning"]) is late


def test_nothing_arranged_is_noticed_at_the_end_of_the_window_and_cleared_by_whatever_is_arranged() -> None:
    person = on_order()
    assert person.through("2016-03-14").concerns() == []
    assert person.through("2016-03-15").concerns() == [("initial-contact-late", "O1")]
    person.arranged("2016-03-16", "A1", "2016-04-11")
    found = person.through("2016-03-16")
    assert found.concerns() == []
    assert found.cleared("initial-contact-late") == ["ended"]


@pytest.mark.parametrize("channel", ["telephone", "video", "letter", "text", "email"])
def test_remote_contact_is_no_initial_contact(channel: str) -> None:
    person = on_order().arranged("2016-03-08", "A1", "2016-03-10", channel=channel)
    assert person.through("2016-03-15").concerns("initial-contact-late") == [("initial-contact-late", "O1")]


@pytest.mark.parametrize("channel", ["office", "home", "approved-premises", "group", "unpaid-work"])
def test_face_to_face_channels_count(channel: str) -> None:
    person = on_order().arranged("2016-03-08", "A1", "2016-03-10", channel=channel)
    assert person.through("2016-03-15").concerns("initial-contact-late") == []


@pytest.mark.parametrize(("by", "late"), [("person", False), ("provider", True)])
def test_an_appointment_moved_or_cancelled_by_the_person_stays_arranged(by: str, late: bool) -> None:
    moved = (
        on_order().arranged("2016-03-08", "A1", "2016-03-10").arranged("2016-03-09", "A1", "2016-03-30", changed_by=by)
    )
    assert bool(moved.through("2016-03-15").raised("initial-contact-late")) is late
    cancelled = on_order().arranged("2016-03-08", "A1", "2016-03-10").cancelled("2016-03-09", "A1", by)
    assert bool(cancelled.through("2016-03-15").concerns("initial-contact-late")) is late


def test_an_appointment_arranged_again_after_its_cancellation_stands() -> None:
    person = on_order().arranged("2016-03-08", "A1", "2016-03-10").cancelled("2016-03-09", "A1", "provider")
    person.arranged("2016-03-10", "A1", "2016-03-11")
    assert person.through("2016-03-15").concerns("initial-contact-late") == []


@pytest.mark.parametrize("outcome", ["attended", "missed"])
def test_an_appointment_that_came_to_pass_had_been_arranged(outcome: str) -> None:
    person = on_order()
    getattr(person, outcome)("2016-03-10", "A1")
    assert person.through("2016-03-15").concerns("initial-contact-late") == []


def test_an_appointment_withdrawn_was_never_arranged() -> None:
    person = on_order().arranged("2016-03-08", "A1", "2016-03-10").attended("2016-03-10", "A1")
    person.arranged("2016-03-08", "A2", "2016-03-14").withdrawn("2016-03-11", "A1")
    found = person.through("2016-03-15")
    assert found.case.first_offers["O1"].ref == "A2"
    assert found.case.duties["initial-contact-late.community"]["O1"].evidence[-1] == "A2"


def test_an_appointment_of_another_order_does_not_count() -> None:
    person = on_order().arranged("2016-03-08", "A1", "2016-03-10", orders=["O2"])
    assert person.through("2016-03-15").concerns("initial-contact-late") == [("initial-contact-late", "O1")]


def test_one_appointment_may_be_the_first_of_several_orders() -> None:
    person = on_order().sentenced("2016-03-04", "O2").allocated("2016-03-07", "O2")
    person.arranged("2016-03-08", "A1", "2016-03-10", orders=["O1", "O2"])
    assert person.through("2016-03-15").concerns("initial-contact-late") == []


def test_custody_stops_the_clock_of_initial_contact() -> None:
    person = on_order().entered_custody("2016-03-09")
    assert person.through("2016-05-01").concerns() == []
    person.left_custody("2016-05-03")
    found = person.through("2016-05-03")
    assert found.due("initial-contact-late.community") == {"O1": ("2016-05-06", "open")}


def test_an_allocation_recorded_after_its_window_is_judged_by_its_own_dates() -> None:
    person = Person().sentenced("2016-03-04").arranged("2016-03-08", "A1", "2016-03-10")
    person.allocated("2016-03-07", when=date(2016, 4, 4))
    assert person.through("2016-04-10").raised("initial-contact-late") == []


def test_a_custodial_sentence_has_no_initial_contact_before_release() -> None:
    person = Person().sentenced("2016-03-04", disposal="custody", offence_on=date(2015, 12, 1))
    person.allocated("2016-03-07", disposal="custody")
    assert person.through("2016-06-01").case.duties == {}


# -- licence ------------------------------------------------------------------------------------


def on_licence(released: str = "2016-06-10") -> Person:

    person = Person().sentenced("2016-03-04", disposal="custody", offence_on=date(2015, 12, 1))
    return person.allocated("2016-03-07", disposal="custody").released(released)


@pytest.mark.parametrize(("starts", "late"), [("2016-06-13", False), ("2016-06-14", True)])
def test_after_a_friday_release_contact_is_due_on_monday(starts: str, late: bool) -> None:
    person = on_licence("2016-06-10").arranged("2016-06-10", "A1", starts)
    found = person.through("2016-06-20")
    assert found.due("initial-contact-late.licence")["S-O1-licence"][0] == "2016-06-13"
    assert (found.raised("initial-contact-late") == ["warning"]) is late


def test_what_was_arranged_before_the_release_counts_if_it_is_for_a_day_from_the_release_on() -> None:
    early = on_licence().arranged("2016-05-01", "A1", "2016-05-20", channel="prison")
    assert early.through("2016-06-14").concerns("initial-contact-late") == [("initial-contact-late", "S-O1-licence")]
    ready = on_licence().arranged("2016-05-01", "A1", "2016-06-13")
    assert ready.through("2016-06-14").concerns("initial-contact-late") == []


# -- unseen -------------------------------------------------------------------------------------


def test_nobody_is_unseen_on_day_35_and_everybody_is_on_day_36() -> None:
    person = on_order().attended("2016-03-10", "A1")
    assert person.through("2016-04-14").concerns() == []
    found = person.through("2016-04-15")
    assert found.concerns() == [("unseen", "X123456")]
    assert found.raised("unseen") == ["serious"]


def test_being_seen_ends_it_and_starts_the_clock_again() -> None:
    person = on_order().attended("2016-03-10", "A1").attended("2016-05-03", "A2")
    found = person.through("2016-05-03")
    assert found.concerns() == []
    assert found.cleared("unseen") == ["ended"]
    assert found.due("unseen") == {"X123456": ("2016-06-07", "open")}


def test_a_telephone_call_does_not_count_as_seen_and_a_home_visit_does() -> None:
    person = on_order().attended("2016-03-10", "A1").attended("2016-04-01", "A2", channel="telephone")
    assert person.through("2016-04-15").concerns("unseen")
    person.visited("2016-04-10", "V1")
    assert not person.through("2016-04-15").concerns("unseen")


def test_a_home_visit_at_which_nobody_was_seen_does_not_count() -> None:
    person = on_order().attended("2016-03-10", "A1").visited("2016-04-10", "V1", seen=False)
    assert person.through("2016-04-15").concerns("unseen")


def test_a_visit_taken_to_an_appointment_counts_as_that_appointment() -> None:
    person = on_order().attended("2016-03-10", "A1").visited("2016-04-10", "V1", appointment_id="A2")
    assert person.through("2016-04-15").concerns("unseen")


@pytest.mark.parametrize("where", ["hub", "green"])
def test_hub_and_green_cases_are_seen_by_telephone(where: str) -> None:
    person = on_order().attended("2016-03-10", "A1")
    if where == "hub":
        person.routed("2016-03-11", "hub")
    else:
        person.in_band("2016-03-11", "green")
    assert person.through("2016-06-01").concerns("unseen") == []


def test_a_case_that_leaves_the_hub_is_to_be_seen_again() -> None:
    person = on_order().attended("2016-03-10", "A1").routed("2016-03-11", "hub").routed("2016-06-01", "lmc")
    assert person.through("2016-06-02").concerns("unseen") == [("unseen", "X123456")]


def test_days_in_custody_do_not_count() -> None:
    person = on_order().attended("2016-03-10", "A1").entered_custody("2016-03-20").left_custody("2016-04-20")
    assert person.through("2016-05-15").concerns("unseen") == []  # 35 days, and 31 inside
    assert person.through("2016-05-16").concerns("unseen") == [("unseen", "X123456")]


def test_whoever_died_in_custody_is_not_looked_for() -> None:
    person = on_order().attended("2016-03-10", "A1").entered_custody("2016-03-20").left_custody("2016-04-20", "died")
    assert person.through("2017-01-01").concerns("unseen") == []


def test_custody_recorded_late_takes_the_concern_back() -> None:
    person = on_order().attended("2016-03-10", "A1").entered_custody("2016-04-01", recorded="2016-04-20")
    assert person.through("2016-04-19").concerns("unseen")
    assert not person.through("2016-04-20").concerns("unseen")


def test_an_order_that_has_run_out_needs_no_contact_even_before_its_end_is_recorded() -> None:
    person = on_order(ends_on=date(2016, 4, 1)).attended("2016-03-10", "A1")
    assert person.through("2016-06-01").concerns("unseen") == []
    person.varied("2016-03-20", "2017-03-03")
    assert person.through("2016-06-01").concerns("unseen") == [("unseen", "X123456")]


def test_the_end_of_the_last_order_ends_the_concern() -> None:
    person = on_order().sentenced("2016-03-05", "O2").attended("2016-03-10", "A1").ended("2016-05-01", "O2")
    assert person.through("2016-05-02").concerns("unseen")
    person.ended("2016-05-03")
    found = person.through("2016-05-03")
    assert not found.concerns()
    assert found.cleared("unseen") == ["order-ended"]


def test_appointments_of_long_ago_are_forgotten_and_what_they_settled_stays_settled() -> None:

    person = on_order().arranged("2016-03-08", "A0", "2016-03-10").attended("2016-03-10", "A0")
    for n in range(60):
        on = (date(2016, 3, 17) + timedelta(days=7 * n)).isoformat()
        person.arranged(on, f"A{n + 1}", on).attended(on, f"A{n + 1}")
    found = person.through("2017-05-10")
    assert len(found.case.attended) < 30
    assert found.case.first_offers["O1"].ref == "A0"
    assert found.due("initial-contact-late.community")["O1"][1] == "met"
    assert found.told("concern.raised") == []


# -- stated again -------------------------------------------------------------------------------


def test_whoever_was_said_to_have_missed_an_appointment_since_was_not_seen_at_it() -> None:
    person = on_order().attended("2016-03-10", "A1").attended("2016-04-01", "A2")
    person.missed("2016-04-01", "A2", when=datetime(2016, 4, 4, 9, tzinfo=UTC))
    found = person.through("2016-04-04")
    assert found.case.last_seen["seen"].ref == "A1"
    assert found.due("unseen") == {"X123456": ("2016-04-14", "open")}


def test_a_home_visit_stated_again_with_its_appointment_is_counted_as_that() -> None:
    person = on_order().attended("2016-03-10", "A1").visited("2016-04-01", "V1")
    assert person.through("2016-04-01").case.last_seen["seen"].ref == "visit:V1"
    person.visited("2016-04-01", "V1", appointment_id="A9", when=datetime(2016, 4, 2, 9, tzinfo=UTC))
    assert person.through("2016-04-02").case.last_seen["seen"].ref == "A1"


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_an_appointment_restated_in_one_instant_is_the_same_whichever_statement_comes_first(
    first: int, second: int
) -> None:
    person = on_order()
    for n in (first, second):
        person.arranged("2016-03-08", "A1", f"2016-03-1{n}", orders=[f"O{n}"])
    (plan,) = person.through("2016-03-08").case.arranged["A1"].plans
    assert (plan.on, person.through("2016-03-08").case.arranged["A1"].order_ids) == (date(2016, 3, 12), ("O2",))


def test_a_cancellation_after_a_withdrawal_leaves_nothing_of_what_was_withdrawn() -> None:
    person = on_order().arranged("2016-03-08", "A1", "2016-03-10").withdrawn("2016-03-09", "A1")
    person.cancelled("2016-03-10", "A1", "person")
    found = person.through("2016-03-15")
    assert (found.case.arranged["A1"].plans, found.case.arranged["A1"].order_ids) == ((), ())
    assert found.concerns("initial-contact-late") == [("initial-contact-late", "O1")]


@pytest.mark.parametrize("recorded", ["2016-08-01", "2016-06-11"])
def test_supervision_that_is_over_runs_no_clock_whether_its_start_or_its_end_was_stated_first(recorded: str) -> None:
    person = on_licence().supervision_ended("2016-06-12")
    person.records[-2] = replace(person.records[-2], timestamp=at(recorded))
    found = person.through("2016-09-01")
    assert found.due("initial-contact-late.licence") == {}
    assert found.concerns() == []
    assert found.case.waiting == {}


def test_of_two_statements_of_an_end_the_later_stands_whichever_comes_last() -> None:
    for first, second in (("2016-04-01", "2016-05-01"), ("2016-05-01", "2016-04-01")):
        person = on_order().ended("2016-04-01", recorded=first).ended("2016-05-01", recorded=second)
        assert person.through("2016-06-01").case.ended["O1"].on == date(2016, 5, 1)


def test_the_last_variation_of_an_end_stands_and_of_one_variation_the_last_statement() -> None:
    for turn in (1, -1):
        person = on_order()
        stated = [("2016-04-01", "2016-10-01"), ("2016-05-01", "2016-11-01"), ("2016-05-01", "2016-12-01")]
        for hour, (varied, ends) in list(enumerate(stated))[::turn]:
            when = datetime(2016, 5, 1, 9 + hour, tzinfo=UTC)
            person.varied(varied, ends, when=when, recorded=f"2016-05-0{5 + turn * hour}")
        assert person.through("2016-06-01").case.variations["O1"].ends_on == date(2016, 12, 1)


def test_a_ledger_keeps_the_latest_appointments_however_many_there_are_at_once() -> None:
    person = on_order()
    for n in range(MOST + 40):
        on = date(2016, 4, 1) + timedelta(days=n // 4)
        person.arranged(on.isoformat(), f"A{n:03}", on.isoformat()).attended(on.isoformat(), f"A{n:03}")
    found = person.through("2016-05-20")
    assert MOST <= len(found.case.attended) <= MOST + 4
    assert MOST <= len(found.case.arranged) <= MOST + 4
    assert found.case.last_seen["seen"].ref == f"A{MOST + 39:03}"
    assert found.case.first_offers["O1"].ref in found.case.attended
