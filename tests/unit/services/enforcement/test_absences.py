"""Absences: judged by people, counted by order, judged again, and brought to a manager when too many were accepted."""

from datetime import UTC, datetime

import pytest

from tests.unit.services.enforcement.person import Person


def on_order() -> Person:
    return Person().sentenced("2016-01-04").allocated("2016-01-05").attended("2016-01-07", "A0")


def accepted(n: int, start: int = 1) -> Person:
    person = on_order()
    for each in range(start, start + n):
        person.absent(f"2016-02-{each:02d}", f"A{each}", "acceptable")
    return person


# -- judged -------------------------------------------------------------------------------------


def test_an_absence_nobody_judged_is_noticed_after_six_business_days() -> None:
    person = on_order().missed("2016-02-01", "A1")  # a Monday
    assert person.through("2016-02-09").concerns() == []
    found = person.through("2016-02-10")
    assert found.concerns() == [("absence-unjudged", "A1")]
    person.judged("2016-02-11", "A1", "acceptable")
    assert person.through("2016-02-11").concerns() == []


def test_waiting_for_evidence_is_no_judgement() -> None:
    person = on_order().missed("2016-02-01", "A1").judged("2016-02-02", "A1", "pending-evidence")
    assert person.through("2016-02-10").concerns() == [("absence-unjudged", "A1")]
    assert person.through("2016-02-10").told("absence.counted") == []


def test_a_reported_failure_is_judged_like_an_absence() -> None:
    person = on_order().failed("2016-02-01", "F1")
    assert person.through("2016-02-10").concerns() == [("absence-unjudged", "F1")]
    person.judged("2016-02-05", "F1")
    assert person.through("2016-02-05").told("absence.counted")[0]["failureDates"] == 1


def test_a_judgement_is_counted_once_with_its_reasons() -> None:
    found = on_order().absent("2016-02-01", "A1").absent("2016-02-02", "A2", "acceptable").through("2016-02-03")
    first, second = found.told("absence.counted")
    assert (first["failureId"], first["judgement"], first["failureDates"], first["acceptableCount"]) == (
        "A1",
        "unacceptable",
        1,
        0,
    )
    assert (second["acceptableCount"], second["failureDates"], second["since"]) == (1, 1, "2016-01-04")
    (rule,) = first["because"]
    assert (rule["ruleId"], rule["confirmed"]) == ("failures-counted", True)
    assert rule["inputs"]["failure_dates"] == "2016-02-01"


def test_a_judgement_before_the_absence_is_recorded_counts_once_it_is() -> None:
    person = on_order().judged("2016-02-03", "A1").missed("2016-02-01", "A1", recorded="2016-02-05")
    found = person.through("2016-02-05")
    assert [each["failureId"] for each in found.told("absence.counted")] == ["A1"]


def test_judged_otherwise_is_counted_again_and_the_ledger_keeps_both() -> None:
    person = on_order().absent("2016-02-01", "A1", "acceptable").judged("2016-02-10", "A1", "unacceptable", n=2)
    found = person.through("2016-02-10")
    assert [each["judgement"] for each in found.told("absence.counted")] == ["acceptable", "unacceptable"]
    assert [each.judgement for each in found.case.judgements["A1"]] == ["acceptable", "unacceptable"]
    assert found.told("absence.counted")[1]["acceptableCount"] == 0


def test_a_revision_stands_even_if_it_bears_an_earlier_date() -> None:
    person = on_order().missed("2016-02-01", "A1").judged("2016-02-09", "A1", "acceptable")
    person.judged("2016-02-05", "A1", "unacceptable", n=2, recorded="2016-02-10")
    assert person.through("2016-02-10").case.counted["A1"].judgement == "unacceptable"


def test_two_failures_on_one_date_are_one() -> None:
    found = on_order().absent("2016-02-01", "A1").absent("2016-02-01", "A2").through("2016-02-02")
    assert [each["failureDates"] for each in found.told("absence.counted")] == [1, 1]


# -- no absence after all -----------------------------------------------------------------------


def test_an_appointment_attended_after_all_is_no_absence() -> None:
    person = on_order().absent("2016-02-01", "A1").attended("2016-02-01", "A1", recorded="2016-02-03")
    found = person.through("2016-03-01")
    assert found.case.counted == {}
    assert found.concerns("warning-overdue", "absence-unjudged") == []
    assert found.due("warning-overdue") == {}


def test_a_session_stood_down_is_never_an_absence_whichever_comes_first() -> None:
    before = on_order().stood_down("2016-02-01", "A1").absent("2016-02-01", "A1")
    after = on_order().absent("2016-02-01", "A1").stood_down("2016-02-02", "A1")
    for person in (before, after):
        found = person.through("2016-03-01")
        assert found.case.counted == {}
        assert found.concerns("absence-unjudged", "warning-overdue") == []


def test_a_stood_down_session_withdrawn_leaves_the_absence() -> None:
    person = (
        on_order().absent("2016-02-01", "A1").stood_down("2016-02-02", "A1").withdrawn("2016-02-03", "SES", "session")
    )
    assert sorted(person.through("2016-02-03").case.counted) == ["A1"]


def test_a_session_said_to_be_another_appointments_leaves_the_absence_that_it_excused() -> None:
    person = on_order().absent("2016-02-01", "A1").absent("2016-02-01", "A2")
    person.stood_down("2016-02-02", "A1").stood_down("2016-02-03", "A2")
    assert sorted(person.through("2016-02-03").case.counted) == ["A1"]


def test_a_withdrawn_absence_takes_what_rested_on_it() -> None:
    person = on_order().absent("2016-02-01", "A1")
    assert person.through("2016-02-04").concerns() == [("warning-overdue", "O1|2016-02-01")]
    person.withdrawn("2016-02-04", "A1")
    found = person.through("2016-02-04")
    assert found.concerns() == []
    assert found.cleared("warning-overdue") == ["withdrawn"]
    assert found.case.failures == {}


def test_what_is_stated_before_a_withdrawal_and_recorded_after_it_stays_withdrawn() -> None:
    person = on_order().withdrawn("2016-02-04", "A1").missed("2016-02-01", "A1", recorded="2016-02-08")
    assert person.through("2016-03-01").case.failures == {}
    person.failed("2016-02-05", "F1").withdrawn("2016-02-06", "F1", "failure").failed("2016-02-07", "F1")
    assert sorted(person.through("2016-03-01").case.failures) == ["F1"]


# -- several orders -----------------------------------------------------------------------------


def test_an_absence_counts_on_each_order_that_its_appointment_names() -> None:
    person = on_order().sentenced("2016-01-20", "O2").sentenced("2016-01-21", "O3")
    found = person.absent("2016-02-01", "A1", orders=["O1", "O2"]).through("2016-02-02")
    assert [each["orderId"] for each in found.told("absence.counted")] == ["O1", "O2"]
    assert sorted(found.due("warning-overdue")) == ["O1|2016-02-01", "O2|2016-02-01"]


def test_an_order_recorded_late_is_told_of_the_failures_that_name_it() -> None:
    person = on_order().absent("2016-02-01", "A1", orders=["O1", "O2"])
    person.sentenced("2016-01-20", "O2", recorded="2016-02-10")
    found = person.through("2016-02-10")
    assert [each["orderId"] for each in found.told("absence.counted")] == ["O1", "O2"]


def test_the_end_of_an_order_ends_its_own_duties_and_leaves_the_others() -> None:
    person = on_order().sentenced("2016-01-20", "O2").absent("2016-02-01", "A1", orders=["O1", "O2"])
    found = person.ended("2016-02-04", "O1").through("2016-02-04")
    assert found.concerns("warning-overdue") == [("warning-overdue", "O2|2016-02-01")]
    assert found.cleared("warning-overdue") == ["order-ended"]


# -- oversight ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "due"), [(2, False), (3, True), (4, True)])
def test_oversight_is_due_at_the_third_acceptable_absence(n: int, due: bool) -> None:
    found = accepted(n).through("2016-02-10")
    assert bool(found.concerns("oversight-due")) is due
    told = found.told("oversight.due")
    assert [each["acceptableCount"] for each in told] == ([3] if due else [])
    assert all(each["because"][0]["ruleId"] == "oversight-due" for each in told)


def test_oversight_recorded_clears_it_and_three_more_are_needed() -> None:
    person = accepted(3).overseen("2016-02-08")
    assert person.through("2016-02-08").concerns() == []
    person.absent("2016-02-09", "B1", "acceptable").absent("2016-02-10", "B2", "acceptable")
    assert person.through("2016-02-10").concerns() == []
    person.absent("2016-02-11", "B3", "acceptable")
    found = person.through("2016-02-11")
    assert found.concerns("oversight-due") == [("oversight-due", "O1")]
    assert len(found.told("oversight.due")) == 2


def test_oversight_of_something_else_does_not_count() -> None:
    assert accepted(3).overseen("2016-02-08", "risk").through("2016-02-08").concerns() == [("oversight-due", "O1")]


def test_acceptable_absences_are_counted_for_each_order() -> None:
    person = on_order().sentenced("2016-01-20", "O2")
    for n, orders in enumerate((["O1"], ["O1"], ["O2"], ["O2"]), 1):
        person.absent(f"2016-02-0{n}", f"A{n}", "acceptable", orders=orders)
    assert person.through("2016-02-10").concerns() == []


def test_one_judged_otherwise_takes_the_third_away() -> None:
    person = accepted(3).judged("2016-02-10", "A2", "unacceptable", n=2)
    found = person.through("2016-02-10")
    assert found.concerns("oversight-due") == []


@pytest.mark.parametrize(("n", "raised"), [(5, []), (6, ["warning"]), (11, ["warning"]), (12, ["warning", "serious"])])
def test_more_than_five_acceptable_absences_are_high_and_more_than_eleven_severe(n: int, raised: list[str]) -> None:
    found = accepted(n).through("2016-02-20")
    assert found.raised("acceptable-absences-high") == raised


def test_very_many_absences_do_not_go_away_with_oversight() -> None:
    person = accepted(6).overseen("2016-02-08")
    assert person.through("2016-02-09").concerns() == [("acceptable-absences-high", "O1")]


# -- judged otherwise afterwards ----------------------------------------------------------------


def test_a_judgement_changed_after_a_warning_rested_on_it_is_brought_to_a_manager() -> None:
    person = on_order().absent("2016-02-01", "A1").warned("2016-02-02", "W1", "A1")
    person.judged("2016-02-10", "A1", "acceptable", n=2)
    assert person.through("2016-02-10").concerns() == [("absence-rejudged", "A1")]
    person.overseen("2016-02-11", "retrospective-judgement")
    assert person.through("2016-02-11").concerns() == []


def test_a_judgement_that_was_no_change_after_all_is_brought_to_nobody() -> None:
    person = on_order().absent("2016-02-01", "A1", "acceptable").warned("2016-02-02", "W1", "A1")
    person.judged("2016-02-10", "A1", "unacceptable", n=2)
    assert person.through("2016-02-10").concerns("absence-rejudged") == [("absence-rejudged", "A1")]
    person.judged("2016-02-01", "A1", "unacceptable", when=datetime(2016, 2, 11, 9, tzinfo=UTC), judgement_id="A1-J1")
    assert person.through("2016-02-11").concerns("absence-rejudged") == []


def test_a_judgement_changed_before_anything_rested_on_it_is_normal() -> None:
    person = on_order().absent("2016-02-01", "A1", "acceptable").judged("2016-02-02", "A1", "unacceptable", n=2)
    person.warned("2016-02-03", "W1", "A1")
    assert person.through("2016-02-04").concerns("absence-rejudged") == []


def test_a_judgement_repeated_is_not_changed() -> None:
    person = on_order().absent("2016-02-01", "A1").warned("2016-02-02", "W1", "A1").judged("2016-02-10", "A1", n=2)
    assert person.through("2016-02-10").concerns("absence-rejudged") == []
