"""The hand-over of a case: given, acknowledged, taken up; absent and covered."""

from datetime import date
from typing import Any

from deploy.history import HistoryRecord
from shared.domain.workflow import stage_of
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, Told, directed, form, officer, offices, run, sentence
from tests.unit.services.allocation.test_contact import attended
from tests.unit.services.allocation.test_cover import away, back

START = [*offices(), officer("A"), sentence(), form(), officer("B", when=at("2016-04-04"))]


def acknowledged(officer_code: str, on: date) -> HistoryRecord:
    fields: dict[str, Any] = {"officer_code": officer_code, "acknowledged_on": on}
    return fact("casework.officer-handover.acknowledged", CRN, at(on), **fields)


def stage(told: Told) -> str:
    return stage_of(told.case(), "assignment", CRN)


def test_the_first_officer_is_assigned_and_takes_the_case_up_with_the_first_contact() -> None:
    assert stage(run(START)) == "assigned"
    assert stage(run(START, attended("2016-04-05"))) == "assigned"
    assert stage(run(START, attended("2016-04-05", officer="A"))) == "taken-up"


def test_the_next_officer_is_handed_the_case_acknowledges_and_takes_it_up() -> None:
    given = directed("B", at("2016-05-02"))
    assert stage(run(START, given)) == "handed-over"
    told = run(START, given, acknowledged("B", date(2016, 5, 3)), acknowledged("B", date(2016, 5, 4)))
    assert stage(told) == "acknowledged"
    held = told.case().officer
    assert held is not None
    assert held.acknowledged_on == date(2016, 5, 3)
    told = run(START, given, acknowledged("B", date(2016, 5, 3)), attended("2016-05-09", officer="B"))
    assert stage(told) == "taken-up"


def test_only_the_officer_who_holds_the_case_can_acknowledge_it() -> None:
    told = run(START, directed("B", at("2016-05-02")), acknowledged("A", date(2016, 5, 3)))
    assert told.outcomes("casework.officer-handover.acknowledged") == {"ignored not-the-officer-of-the-case": 1}
    assert stage(told) == "handed-over"


def test_an_absence_that_lasts_is_a_stage_of_its_own() -> None:
    assert stage(run(START, away())) == "absent"
    assert stage(run(START, away(), away("2016-05-20", cover_officer_code="B"))) == "covered"
    assert stage(run(START, away(), back(date(2016, 5, 20)))) == "taken-up"
