"""Offices and officers as HR states them, late, twice and out of order."""

from datetime import date, timedelta

from deploy.history import HistoryRecord
from shared.domain.fact import Subject
from tests.builders import at, fact
from tests.unit.services.allocation.area import (
    CRN,
    LMC,
    UNIT,
    area,
    form,
    office,
    officer,
    officer_changed,
    offices,
    run,
    sentence,
)


def later(record: HistoryRecord, days: int) -> HistoryRecord:
    return HistoryRecord(record.topic, record.timestamp + timedelta(days=days), record.key, record.value)


def test_an_office_is_known_to_its_units() -> None:
    told = run(offices())
    assert set(told.unit().offices) == {"NPS1", "LMC1", "HUB1"}
    assert told.office().units == (UNIT,)


def test_terms_that_come_late_do_not_replace_newer_ones() -> None:
    old = officer_changed("A", LMC, at("2016-02-01"), reductions_percent="50")
    new = officer_changed("A", LMC, at("2016-02-02"), reductions_percent="10")
    told = run(offices(), officer("A"), new, later(old, 30))
    assert str(told.office().officers["A"].reductions) == "10"
    assert told.outcomes("workforce.officer.changed") == {"decided": 1, "ignored superseded": 1}


def test_an_office_that_serves_a_unit_no_more_is_given_none_of_its_cases() -> None:
    elsewhere = office(LMC, "C01", "lmc", when=at("2016-02-01"), local_delivery_units=["LDU2"])
    other = office("LMC2", "C01", "lmc", when=at("2016-02-01"))
    told = run(area(), elsewhere, other, officer("B", "LMC2"), sentence(), form())
    assert told.last("officer.assigned")["officeCode"] == "LMC2"


def test_a_court_team_holds_no_cases() -> None:
    team = office("COURT1", "N01", "court-team")
    told = run(team, officer("A", "COURT1", grade="po"), sentence(), form(rosh_level="high"))
    assert told.events("provider.decided") == []


def test_an_absence_whose_end_comes_first_is_over() -> None:
    started = fact(
        "workforce.officer.absence-started",
        LMC,
        at("2016-02-01"),
        absence_id="X",
        officer_code="A",
        office_code=LMC,
        started_on=date(2016, 2, 1),
    )
    over = fact(
        "workforce.officer.absence-ended",
        LMC,
        at("2016-02-10"),
        absence_id="X",
        officer_code="A",
        office_code=LMC,
        ended_on=date(2016, 2, 10),
    )
    told = run(offices(), officer("A"), over, later(started, 12), sentence(), form())
    assert told.last("officer.assigned")["officerCode"] == "A"


def test_a_case_names_its_unit_and_offices_only_where_it_may_move() -> None:
    told = run(area(), sentence(), form())
    reads = {subject.kind for subject in told.simulated.states}
    assert reads == {"case", "unit", "office"}
    assert told.simulated.states[Subject("case", CRN)].waiting == {}
