"""Offices and officers: enough for the people, the same ones for those who were there before."""

from datetime import UTC, date, datetime

import pytest

from deploy.local.feed.area import HUBS, PEOPLE_FOR_AN_OFFICER, UNITS, Area, offices
from deploy.local.feed.rates import SICKNESS
from deploy.local.feed.working_days import WorkingDays

START = date(2016, 1, 4)
CALENDAR = WorkingDays(START)
HORIZON = datetime(2017, 1, 4, tzinfo=UTC)


def _area(cases: int) -> Area:
    return Area(cases, 1, CALENDAR, START, HORIZON)


def test_every_unit_has_a_local_management_centre_and_an_nps_unit_of_its_own() -> None:
    codes = [office.code for office in offices()]
    assert len(codes) == len(set(codes)) == 2 * len(UNITS) + len(HUBS) + 1
    assert sum(unit.share for unit in UNITS) == pytest.approx(1)


def test_an_office_has_two_officers_at_least_and_more_for_more_people() -> None:
    lmc = next(office for office in offices() if office.code == "LMC4")
    assert lmc.officers_for(0) == 2
    assert lmc.officers_for(int(PEOPLE_FOR_AN_OFFICER / lmc.share) + 1) == 3


@pytest.mark.parametrize("index", [0, 59, 399])
def test_a_person_has_the_same_officer_however_many_people_there_are(index: int) -> None:
    day = date(2016, 6, 1)
    found = {_area(cases).officer("LMC4", index, day, complex_case=False, pick=0.4) for cases in (400, 1500)}
    assert len(found) == 1


def test_a_complex_case_goes_to_a_probation_officer() -> None:
    area = _area(100)
    assert area.officer("LMC1", 5, START, complex_case=True, pick=0.9) == "LMC1-PO01"
    assert area.officer("LMC1", 5, START, complex_case=False, pick=0.1) == "LMC1-PSO02"


def test_officers_lose_as_many_working_days_to_sickness_as_the_report_states() -> None:
    """Over twelve areas, so that there are enough officers to see it."""
    lost = worked = 0
    for seed in range(12):
        registered, until, absences = {}, {}, {}
        for line in (line for pen in Area(1500, seed, CALENDAR, START, HORIZON).pens for line in pen.lines):
            told = line.value["additionalInformation"]
            match line.value["eventType"]:
                case "workforce.officer.registered":
                    registered[told["officerCode"]] = line.timestamp.date()
                case "workforce.officer.left":
                    until[told["officerCode"]] = date.fromisoformat(told["leftOn"])
                case "workforce.officer.absence-started":
                    absences[told["absenceId"]] = told
        worked += sum(_working_days(since, until.get(code)) for code, since in registered.items())
        for told in absences.values():
            back = min(date.fromisoformat(told["expectedUntil"]), until.get(told["officerCode"]) or date.max)
            lost += _working_days(date.fromisoformat(told["startedOn"]), back)
    assert lost / worked == pytest.approx(SICKNESS.value, abs=0.005)


def _working_days(since: date, until: date | None) -> int:
    return len(CALENDAR.between(since, min(until or date.max, HORIZON.date())))


def test_a_post_passes_to_another_officer_after_its_holder_leaves() -> None:
    left = [
        line
        for seed in range(1, 6)
        for pen in Area(1500, seed, CALENDAR, START, HORIZON).pens
        for line in pen.lines
        if line.value["eventType"] == "workforce.officer.left"
    ]
    assert left
    codes = {line.value["additionalInformation"]["officerCode"] for line in left}
    assert all("-" in code for code in codes)
