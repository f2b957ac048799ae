"""Breach: due at the second failure, referred by a CRC in eight business days, laid by the NPS in ten."""

from datetime import date

import pytest

from tests.unit.services.enforcement.person import Person


def warned(kind: str = "crc") -> Person:
    """Warned on 2016-02-02; the next unacceptable failure makes breach due."""
    person = Person().sentenced("2016-01-04").allocated("2016-01-05", kind=kind).attended("2016-01-07", "A0")
    return person.absent("2016-02-01", "A1").warned("2016-02-02", "W1", "A1")


def failing(kind: str = "crc") -> Person:
    """Failed again on Monday 2016-02-08: eight business days end on 2016-02-18, ten on 2016-02-22."""
    return warned(kind).absent("2016-02-08", "A2")


def test_a_second_failure_with_a_warning_in_force_makes_breach_due() -> None:
    found = failing().through("2016-02-08")
    (told,) = found.told("breach.due")
    assert (told["orderId"], told["failureIds"], told["warningId"], told["route"]) == ("O1", ["A2"], "W1", "crc-pack")
    assert (told["awareOn"], told["dueAt"]) == ("2016-02-08", "2016-02-18T23:59:59.999000Z")
    in_force, rule = told["because"]
    assert (in_force["ruleId"], in_force["inputs"]["warned_on"]) == ("warning-in-force", "2016-02-02")
    assert (rule["ruleId"], rule["confirmed"], rule["source"]) == ("breach-overdue.crc", True, "MoJ AE")
    assert found.stage == "due"


@pytest.mark.parametrize(("submitted", "raised"), [("2016-02-18", []), ("2016-02-19", ["serious"])])
def test_a_crc_refers_within_eight_business_days_of_awareness(submitted: str, raised: list[str]) -> None:
    found = failing().pack(submitted, "A1", "A2").through("2016-02-26")
    assert found.raised("breach-overdue") == raised
    assert found.concerns("breach-overdue") == []


@pytest.mark.parametrize(("laid", "raised"), [("2016-02-22", []), ("2016-02-23", ["serious"])])
def test_the_nps_lays_its_own_within_ten_business_days_of_awareness(laid: str, raised: list[str]) -> None:
    found = failing("nps").laid(laid, "A1", "A2").through("2016-02-26")
    assert [each["route"] for each in found.told("breach.due")] == ["nps-court"]
    assert found.raised("breach-overdue") == raised
    assert found.concerns("breach-overdue") == []


def test_the_clock_is_awareness_not_the_judgement() -> None:
    person = warned().missed("2016-02-08", "A2", aware_on=date(2016, 2, 10))
    person.judged("2016-02-25", "A2")
    found = person.through("2016-02-25")
    assert found.due("breach-overdue.crc") == {"O1|2016-02-08": ("2016-02-22", "missed")}
    assert found.concerns("breach-overdue") == [("breach-overdue", "O1|2016-02-08")]


def test_an_appointment_on_several_orders_may_make_breach_due_on_one_and_a_warning_on_the_other() -> None:
    person = warned().sentenced("2016-01-20", "O2").absent("2016-02-08", "A2", orders=["O1", "O2"])
    found = person.through("2016-02-08")
    assert [each["orderId"] for each in found.told("breach.due")] == ["O1"]
    assert [each["orderId"] for each in found.told("warning.due")] == ["O1", "O2"]


def test_discretion_recorded_ends_it() -> None:
    person = failing().discretion("2016-02-20", "A2")
    assert person.through("2016-02-19").concerns("breach-overdue")
    found = person.through("2016-02-20")
    assert found.concerns("breach-overdue") == []
    assert found.case.called.keys() == {"O1|2016-02-01"}


def test_after_discretion_the_next_failure_makes_breach_due_again() -> None:
    person = failing().discretion("2016-02-09", "A2").absent("2016-02-15", "A3")
    assert [each["failureIds"] for each in person.through("2016-02-15").told("breach.due")] == [["A2"], ["A3"]]


def test_a_failure_judged_acceptable_after_all_takes_the_breach_back() -> None:
    person = failing().judged("2016-02-20", "A2", "acceptable", n=2)
    found = person.through("2016-02-20")
    assert found.concerns("breach-overdue") == []
    assert found.due("breach-overdue.crc") == {}
    assert "breach" not in found.case.stages


def test_one_breach_takes_in_later_failures() -> None:
    person = failing().absent("2016-02-10", "A3").pack("2016-02-12", "A1", "A2").absent("2016-02-15", "A4")
    found = person.through("2016-02-15")
    assert len(found.told("breach.due")) == 1
    assert sorted(found.due("warning-overdue")) == ["O1|2016-02-01"]


def test_the_holder_is_the_one_on_the_day_of_awareness() -> None:
    person = failing().transferred("2016-02-10", "nps")
    assert sorted(person.through("2016-02-11").due("breach-overdue.crc")) == ["O1|2016-02-08"]
    assert person.through("2016-02-11").due("breach-overdue.nps") == {}
    later = warned().transferred("2016-02-05", "nps").absent("2016-02-08", "A2")
    assert sorted(later.through("2016-02-11").due("breach-overdue.nps")) == ["O1|2016-02-08"]


def test_a_corrected_allocation_holds_from_the_start() -> None:
    person = failing()
    person.allocated("2016-01-05", kind="nps", corrects=True, when=date(2016, 2, 9))
    found = person.through("2016-02-09")
    assert sorted(found.due("breach-overdue.nps")) == ["O1|2016-02-08"]
    assert found.due("breach-overdue.crc") == {}


def test_without_an_allocation_nobody_is_held_to_it_yet() -> None:
    person = Person().sentenced("2016-01-04").absent("2016-02-01", "A1").warned("2016-02-02", "W1", "A1")
    person.absent("2016-02-08", "A2")
    assert person.through("2016-03-01").told("breach.due") == []
    person.allocated("2016-01-05", when=date(2016, 3, 2))
    assert len(person.through("2016-03-02").told("breach.due")) == 1


def test_custody_does_not_stop_the_clock_of_a_breach() -> None:
    person = failing().entered_custody("2016-02-09")
    assert person.through("2016-02-19").concerns("breach-overdue") == [("breach-overdue", "O1|2016-02-08")]


def test_a_pack_laid_before_the_court_clears_a_referral_that_nobody_recorded() -> None:
    person = failing().laid("2016-02-24", "A2")
    assert person.through("2016-02-23").concerns("breach-overdue")
    assert not person.through("2016-02-24").concerns("breach-overdue")


# -- stages -------------------------------------------------------------------------------------


def test_a_breach_from_due_to_concluded() -> None:
    person = failing()
    stages = []
    person.pack("2016-02-10", "A1", "A2", aware="2016-02-08")
    stages.append(person.through("2016-02-10").stage)
    person.pack_returned("2016-02-12")
    stages.append(person.through("2016-02-12").stage)
    person.pack("2016-02-15", "A1", "A2", n=2).pack_accepted("2016-02-16", n=2)
    stages.append(person.through("2016-02-16").stage)
    person.laid("2016-02-17", "A1", "A2", pack="P-O1")
    stages.append(person.through("2016-02-17").stage)
    person.listed("2016-02-19", "2016-03-07")
    stages.append(person.through("2016-02-19").stage)
    person.heard("2016-03-07", "adjourned")
    stages.append(person.through("2016-03-07").stage)
    person.listed("2016-03-09", "2016-03-21", "H2")
    stages.append(person.through("2016-03-09").stage)
    person.heard("2016-03-21", "order-continues", "H2")
    found = person.through("2016-03-21")
    stages.append(found.stage)
    assert stages == ["submitted", "returned", "accepted", "laid", "listed", "adjourned", "listed", "concluded"]
    (raised,) = found.told("breach.raised")
    assert (raised["packId"], raised["awareOn"], raised["raisedOn"]) == ("P-O1", "2016-02-08", "2016-02-10")
    assert [rule["ruleId"] for rule in raised["because"]] == ["breach-referred"]
    (concluded,) = found.told("breach.concluded")
    assert (concluded["breachId"], concluded["outcome"]) == (raised["breachId"], "order-continues")
    assert concluded["because"]


def test_an_adjourned_hearing_with_a_next_date_stays_listed() -> None:
    person = failing().pack("2016-02-10", "A2").pack_accepted("2016-02-11").laid("2016-02-12", "A2")
    person.listed("2016-02-15", "2016-03-01").heard("2016-03-01", "adjourned", next_hearing_on=date(2016, 3, 15))
    assert person.through("2016-03-01").stage == "listed"


def test_a_warrant_leaves_the_breach_open() -> None:
    person = (
        failing("nps").laid("2016-02-12", "A2").listed("2016-02-15", "2016-03-01").heard("2016-03-01", "warrant-issued")
    )
    assert person.through("2016-03-01").stage == "warrant"
    person.heard("2016-06-01", "fined", "H2")
    found = person.through("2016-06-01")
    assert found.stage == "concluded"
    assert [each["outcome"] for each in found.told("breach.concluded")] == ["fined"]


def test_the_ladder_starts_again_when_a_breach_ends() -> None:
    person = (
        failing("nps")
        .laid("2016-02-12", "A2")
        .listed("2016-02-15", "2016-03-01")
        .heard("2016-03-01", "order-continues")
    )
    person.absent("2016-03-08", "A3")
    found = person.through("2016-03-08")
    assert [each["failureIds"] for each in found.told("warning.due")] == [["A1"], ["A3"]]
    counted = found.told("absence.counted")[-1]
    assert (counted["failureDates"], counted["since"]) == (1, "2016-03-01")
    person.warned("2016-03-09", "W2", "A3").absent("2016-03-15", "A4")
    found = person.through("2016-03-15")
    assert len(found.told("breach.due")) == 2
    assert found.stage == "due"
    person.laid("2016-03-20", "A4", ref="INF2").listed("2016-03-21", "2016-04-01", "H2").heard(
        "2016-04-01", "fined", "H2"
    )
    found = person.through("2016-04-01")
    raised = [each["breachId"] for each in found.told("breach.raised")]
    assert len(set(raised)) == 2
    assert [each["breachId"] for each in found.told("breach.concluded")] == raised


def test_a_hearing_that_is_not_about_breach_ends_no_breach() -> None:
    person = (
        failing()
        .listed("2016-02-15", "2016-03-01", purpose="review")
        .heard("2016-03-01", "order-continues", purpose="review")
    )
    assert person.through("2016-03-01").stage == "due"


def test_the_end_of_the_order_closes_the_breach() -> None:
    person = failing().pack("2016-02-10", "A2").ended("2016-03-10", outcome="revoked-breach")
    found = person.through("2016-03-10")
    assert found.case.stages == {}
    assert found.case.duties == {}
    assert found.concerns() == []
    assert set(found.cleared("breach-stuck")) == {"order-ended"}


def test_a_pack_recorded_before_the_failure_was_judged_still_raises_the_breach_once() -> None:
    person = warned().missed("2016-02-08", "A2").pack("2016-02-10", "A2").judged("2016-02-12", "A2")
    found = person.through("2016-02-12")
    assert found.stage == "submitted"
    assert len(found.told("breach.raised")) == 1
    assert found.due("breach-overdue.crc") == {"O1|2016-02-08": ("2016-02-18", "met")}


# -- stuck --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "last_day", "first_day"),
    [
        ("submitted", "2016-02-17", "2016-02-18"),
        ("returned", "2016-02-19", "2016-02-20"),
        ("accepted", "2016-02-16", "2016-02-17"),
        ("laid", "2016-02-26", "2016-02-27"),
        ("listed", "2016-03-14", "2016-03-15"),
        ("adjourned", "2016-03-29", "2016-03-30"),
    ],
)
def test_a_stage_older_than_its_limit_is_stuck(stage: str, last_day: str, first_day: str) -> None:
    person = failing().pack("2016-02-10", "A2")
    if stage == "returned":
        person.pack_returned("2016-02-12")
    elif stage != "submitted":
        person.pack_accepted("2016-02-12")
        if stage in ("laid", "listed", "adjourned"):
            person.laid("2016-02-12", "A2")
        if stage in ("listed", "adjourned"):
            person.listed("2016-02-15", "2016-03-01")
        if stage == "adjourned":
            person.heard("2016-03-01", "adjourned")
    assert person.through(last_day).stage == stage
    assert person.through(last_day).concerns("breach-stuck") == []
    found = person.through(first_day)
    assert found.concerns("breach-stuck") == [("breach-stuck", f"O1|{stage}")]
    raised = next(each for each in found.told("concern.raised") if each["code"] == "breach-stuck")
    assert raised["because"][0]["ruleId"] == f"breach-stuck.{stage}"
    assert raised["ownerRole"] == "enforcement-manager"


def test_moving_on_ends_it() -> None:
    person = failing().pack("2016-02-10", "A2").pack_returned("2016-02-20")
    found = person.through("2016-02-20")
    assert found.raised("breach-stuck") == ["warning"]
    assert found.cleared("breach-stuck") == ["ended"]
