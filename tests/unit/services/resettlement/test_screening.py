"""Screening within 72 hours of reception, and the resettlement plan within 5 business days of the screening."""

from datetime import date

import pytest

from tests.builders import at
from tests.unit.services.resettlement.story import plan, received, released, run, screened, sentence, withdrawn

START = [sentence(), received()]
"""Received on 2016-03-04 at 18:00: screened by Monday the 7th at 18:00."""


@pytest.mark.parametrize(("clock", "late"), [("18:00", False), ("18:01", True)])
def test_screened_within_seventy_two_hours_of_reception(clock: str, late: bool) -> None:
    told = run([*START, screened(at("2016-03-07", clock))], until=at("2016-03-08"))
    assert told.concerns("screening-overdue") == ([("2016-03-07", "2016-03-07")] if late else [])


def test_on_remand_the_seventy_two_hours_run_from_the_end_of_the_day_of_sentence() -> None:
    remanded = [received(at("2016-02-01"), "N"), sentence()]
    assert run(remanded, until=at("2016-03-07", "23:59")).concerns("screening-overdue") == []
    assert run(remanded, until=at("2016-03-08")).concerns("screening-overdue") == [("2016-03-07", "")]


def test_release_ends_the_wait_for_a_screening() -> None:
    told = run([*START, released(at("2016-03-10"))], until=at("2016-03-20"))
    assert told.concerns("screening-overdue") == [("2016-03-07", "2016-03-10")]


@pytest.mark.parametrize(("on", "met"), [("2016-03-14", True), ("2016-03-15", False)])
def test_planned_within_five_business_days_of_the_screening(on: str, met: bool) -> None:
    told = run([*START, screened(), plan(date.fromisoformat(on))], until=at("2016-03-20"))
    (due,) = told.events("plan.due")
    assert (due["dueAt"], due["resettlementProviderCode"]) == ("2016-03-14T23:59:59.999000Z", "C09")
    (completed,) = told.events("plan.completed")
    assert (completed["planId"], completed["met"], completed["completedOn"]) == ("P1", met, on)
    assert completed["dutyId"] == due["dutyId"]
    assert told.concerns("resettlement-plan-overdue") == ([] if met else [("2016-03-14", "2016-03-15")])


@pytest.mark.parametrize("kind", ["sentence", "release", "risk-management"])
def test_another_kind_of_plan_is_no_resettlement_plan(kind: str) -> None:
    told = run([*START, screened(), plan(date(2016, 3, 9), kind=kind)], until=at("2016-03-20"))
    assert told.concerns("resettlement-plan-overdue") == [("2016-03-14", "")]


def test_a_plan_recorded_late_counts_by_its_own_date() -> None:
    early = plan(date(2016, 3, 10))
    late = early.__class__(early.topic, at("2016-03-18"), early.key, early.value)
    told = run([*START, screened(), late], until=at("2016-03-20"))
    assert [completed["met"] for completed in told.events("plan.completed")] == [True]
    assert told.concerns("resettlement-plan-overdue") == [("2016-03-14", "2016-03-18")]


def test_a_plan_taken_back_leaves_the_plan_due_again() -> None:
    taken_back = withdrawn("P1", "plan", at("2016-03-11"))
    told = run([*START, screened(), plan(date(2016, 3, 10)), taken_back], until=at("2016-03-20"))
    assert len(told.events("plan.due")) == 2
    assert told.concerns("resettlement-plan-overdue") == [("2016-03-14", "")]


def test_a_screening_stated_again_retimes_the_plan() -> None:
    again = screened(at("2016-03-08", "11:00"))
    told = run([*START, screened(), again], until=at("2016-03-09"))
    assert [due["dueAt"][:10] for due in told.events("plan.due")] == ["2016-03-14", "2016-03-15"]
