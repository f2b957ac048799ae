"""Warnings: called for by the ladder, due two business days after the judgement, in force for twelve months."""

from datetime import date

import pytest

from tests.unit.services.enforcement.person import Person


def on_order(**fields: str) -> Person:
    return Person().sentenced("2016-01-04", **fields).allocated("2016-01-05").attended("2016-01-07", "A0")


def on_licence(kind: str = "licence") -> Person:
    person = Person().sentenced("2015-06-01", disposal="custody", offence_on=date(2015, 3, 1))
    return person.allocated("2015-06-02", disposal="custody").released("2016-01-04", kind=kind)


def test_a_first_unacceptable_failure_calls_for_a_warning() -> None:
    found = on_order().absent("2016-02-01", "A1").through("2016-02-01")
    (told,) = found.told("warning.due")
    assert (told["orderId"], told["level"], told["failureIds"]) == ("O1", "first", ["A1"])
    assert told["dueAt"] == "2016-02-03T23:59:59.999000Z"
    assert [rule["ruleId"] for rule in told["because"]] == ["failures-counted", "warning-overdue"]


@pytest.mark.parametrize(("sent", "raised"), [("2016-02-03", []), ("2016-02-04", ["warning"])])
def test_a_warning_is_due_two_business_days_after_the_judgement(sent: str, raised: list[str]) -> None:
    found = on_order().absent("2016-02-01", "A1").warned(sent, "W1", "A1").through("2016-02-10")
    assert found.raised("warning-overdue") == raised
    assert found.concerns() == []


def test_the_clock_of_a_warning_is_the_judgement_not_the_absence() -> None:
    person = on_order().missed("2016-02-01", "A1").judged("2016-02-05", "A1")
    assert person.through("2016-02-05").due("warning-overdue") == {"O1|2016-02-01": ("2016-02-09", "open")}


def test_a_warning_sent_in_time_and_recorded_late_clears_the_concern_as_met() -> None:
    person = on_order().absent("2016-02-01", "A1").warned("2016-02-03", "W1", "A1", recorded="2016-02-15")
    assert person.through("2016-02-10").concerns() == [("warning-overdue", "O1|2016-02-01")]
    assert person.through("2016-02-15").due("warning-overdue") == {"O1|2016-02-01": ("2016-02-03", "met")}


def test_an_acceptable_absence_calls_for_no_warning() -> None:
    assert on_order().absent("2016-02-01", "A1", "acceptable").through("2016-02-10").told("warning.due") == []


def test_a_warning_for_one_failure_covers_all_of_its_date() -> None:
    person = on_order().absent("2016-02-01", "A1").absent("2016-02-01", "A2").warned("2016-02-02", "W1", "A2")
    found = person.through("2016-02-10")
    assert found.due("warning-overdue") == {"O1|2016-02-01": ("2016-02-03", "met")}


def test_a_warning_of_another_order_does_not_count() -> None:
    person = on_order().sentenced("2016-01-20", "O2").absent("2016-02-01", "A1", orders=["O1", "O2"])
    person.warned("2016-02-02", "W1", "A1", order="O2")
    assert person.through("2016-02-10").concerns() == [("warning-overdue", "O1|2016-02-01")]


def test_judged_acceptable_after_all_voids_the_warning() -> None:
    person = on_order().absent("2016-02-01", "A1").judged("2016-02-08", "A1", "acceptable", n=2)
    assert person.through("2016-02-07").concerns() == [("warning-overdue", "O1|2016-02-01")]
    found = person.through("2016-02-08")
    assert found.concerns() == []
    assert found.due("warning-overdue") == {}


def test_discretion_is_as_good_as_a_warning() -> None:
    person = on_order().absent("2016-02-01", "A1").discretion("2016-02-02", "A1")
    assert person.through("2016-02-10").concerns() == []


def test_a_serious_single_failure_may_go_straight_to_breach() -> None:
    person = on_order().failed("2016-02-01", "F1", serious=True).judged("2016-02-01", "F1")
    person.pack("2016-02-02", "F1", straight=True)
    found = person.through("2016-02-05")
    assert found.concerns() == []
    assert found.due("warning-overdue") == {"O1|2016-02-01": ("2016-02-03", "met")}
    assert len(found.told("breach.raised")) == 1


def test_a_pack_without_the_reason_does_not_stand_for_a_warning() -> None:
    person = on_order().absent("2016-02-01", "A1").pack("2016-02-02", "A1")
    assert person.through("2016-02-05").concerns("warning-overdue") == [("warning-overdue", "O1|2016-02-01")]


# -- twelve months ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "failed", "breach"),
    [
        ("2016-02-02", "2016-02-03", True),
        ("2016-02-02", "2017-02-01", True),
        ("2016-02-02", "2017-02-02", False),  # twelve months to the day
        ("2016-02-29", "2017-02-27", True),
        ("2016-02-29", "2017-02-28", False),  # a leap day's twelve months end on the 28th
        ("2016-02-05", "2016-02-05", False),  # the failure is of the warning's own date
    ],
)
def test_a_warning_is_in_force_before_its_date_plus_twelve_months(sent: str, failed: str, breach: bool) -> None:
    person = on_order().absent("2016-02-01", "A1").warned(sent, "W1", "A1").absent(failed, "A2")
    found = person.through(failed)
    assert bool(found.told("breach.due")) is breach
    assert (f"O1|{failed}" in found.due("warning-overdue")) is not breach


def test_a_failure_before_the_warning_was_sent_is_a_first_failure_too() -> None:
    person = on_order().absent("2016-02-01", "A1").absent("2016-02-02", "A2").warned("2016-02-03", "W1", "A1")
    found = person.through("2016-02-03")
    assert found.told("breach.due") == []
    assert sorted(found.due("warning-overdue")) == ["O1|2016-02-01", "O1|2016-02-02"]


def test_a_withdrawn_warning_was_never_in_force() -> None:
    person = on_order().absent("2016-02-01", "A1").warned("2016-02-02", "W1", "A1").absent("2016-03-01", "A2")
    assert person.through("2016-03-01").due("breach-overdue.crc") == {"O1|2016-03-01": ("2016-03-11", "open")}
    person.warning_withdrawn("2016-03-02", "W1")
    found = person.through("2016-03-02")
    assert found.due("breach-overdue.crc") == {}
    assert sorted(found.due("warning-overdue")) == ["O1|2016-02-01", "O1|2016-03-01"]


def test_failures_before_the_order_do_not_count() -> None:
    person = Person().absent("2016-01-02", "A1").sentenced("2016-01-04")
    assert person.through("2016-02-01").told("absence.counted")[0]["failureDates"] == 0
    assert person.through("2016-02-01").told("warning.due") == []


# -- licence ------------------------------------------------------------------------------------


def test_on_licence_the_ladder_is_first_warning_final_warning_recall_considered() -> None:
    person = on_licence().absent("2016-02-01", "A1").warned("2016-02-02", "W1", "A1")
    person.absent("2016-02-08", "A2").warned("2016-02-09", "W2", "A2", level="final").absent("2016-02-15", "A3")
    found = person.through("2016-02-15")
    assert [each["level"] for each in found.told("warning.due")] == ["first", "final"]
    assert found.told("breach.due") == []
    assert found.due("warning-overdue.recall") == {"O1|2016-02-15": ("2016-02-17", "open")}
    assert person.through("2016-02-18").concerns("warning-overdue") == [("warning-overdue", "O1|2016-02-15")]


@pytest.mark.parametrize("decision", ["recall", "alternative"])
def test_recall_considered_settles_the_last_rung_whatever_was_decided(decision: str) -> None:
    person = on_licence().absent("2016-02-01", "A1").warned("2016-02-02", "W1", "A1", level="final")
    person.absent("2016-02-15", "A3").considered("2016-02-16", decision)
    found = person.through("2016-02-16")
    assert found.due("warning-overdue.recall") == {"O1|2016-02-15": ("2016-02-17", "met")}


def test_recall_considered_stands_for_a_warning_on_licence() -> None:
    person = on_licence().absent("2016-02-01", "A1").considered("2016-02-02", "alternative")
    assert person.through("2016-02-10").concerns("warning-overdue") == []


def test_post_sentence_supervision_is_enforced_like_a_community_order() -> None:
    person = on_licence("post-sentence").absent("2016-02-01", "A1").warned("2016-02-02", "W1", "A1")
    found = person.absent("2016-02-08", "A2").through("2016-02-08")
    assert [each["route"] for each in found.told("breach.due")] == ["crc-pack"]


def test_in_custody_nobody_climbs_a_ladder() -> None:
    person = Person().sentenced("2015-06-01", disposal="custody", offence_on=date(2015, 3, 1))
    found = person.absent("2015-07-01", "A1").through("2015-08-01")
    assert found.told("warning.due") == []
    assert found.told("absence.counted") == []
