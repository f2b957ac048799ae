"""Offices and officers as HR states them, late, twice and out of order."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from deploy.history import HistoryRecord
from deploy.simulate import simulate
from services.allocation.app import SERVICE
from shared.contracts.decoding import decode
from shared.contracts.poison import Poison
from shared.domain.fact import Subject
from tests.builders import at, fact
from tests.unit.services.allocation.area import (
    CRN,
    LMC,
    POLICY,
    UNIT,
    Told,
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


# -- another provider takes an office over -----------------------------------------------------------

FROM = date(2016, 6, 1)


def passes(to: str, since: date | None = FROM, *, when: str = "2016-05-02", code: str = LMC) -> HistoryRecord:
    dated: dict[str, Any] = {"from_": since} if since is not None else {}
    return office(code, to, "lmc", when=at(when), **dated)


def transfers(told: Told) -> list[tuple[str, str, str, str]]:
    return [
        (each["fromProviderCode"], each["toProviderCode"], each["reason"], each["transferredOn"])
        for each in told.events("case.transferred")
    ]


def held(*more: HistoryRecord, until: str | None = None) -> Told:
    people = [each for n in range(1, 4) for each in (sentence(f"A{n:06d}"), form(f"A{n:06d}"))]
    return run(area(), people, more, until=at(until) if until else None)


def test_an_offices_cases_follow_it_to_its_next_provider_at_that_midnight_case_by_case() -> None:
    assert held(passes("C02"), until="2016-05-31").events("case.transferred") == []
    told = held(passes("C02"))
    assert transfers(told) == [("C01", "C02", "provider-changed", "2016-06-01")] * 3
    assert told.when("case.transferred") == [at("2016-05-31", "23:00")] * 3  # midnight of London, summer time
    assert told.last("case.transferred")["because"][0]["ruleId"] == "transfer.provider-changed"
    assert told.events("officer.changed") == []
    assert told.open_concerns() == {}


def test_a_take_over_that_is_stated_late_moves_the_cases_at_once_by_its_own_date() -> None:
    told = held(passes("C02", when="2016-06-20"))
    assert transfers(told) == [("C01", "C02", "provider-changed", "2016-06-01")] * 3
    assert told.when("case.transferred") == [at("2016-06-20")] * 3


def test_a_take_over_that_is_put_off_or_called_off_moves_nobody_before() -> None:
    put_off = passes("C02", date(2016, 7, 1), when="2016-05-20")
    assert {each[3] for each in transfers(held(passes("C02"), put_off))} == {"2016-07-01"}
    off = passes("C01", date(2016, 5, 21), when="2016-05-20")
    assert transfers(held(passes("C02"), off)) == []


def test_the_provider_in_force_is_known_for_every_date() -> None:
    told = held(passes("C02"), passes("C03", date(2016, 9, 1), when="2016-05-03"))
    provider = told.office().provider
    assert provider is not None
    days = [date(2016, 1, 1), date(2016, 5, 31), FROM, date(2016, 8, 31), date(2016, 9, 1)]
    assert [provider.on(day)[0] for day in days] == ["C01", "C01", "C02", "C02", "C03"]
    assert [each[:2] for each in transfers(told)] == [("C01", "C02")] * 3 + [("C02", "C03")] * 3


def test_a_person_sentenced_before_the_day_is_allocated_to_the_one_and_from_it_to_the_next() -> None:
    days = {"A000008": date(2016, 5, 31), "A000009": FROM}
    people = [each for crn, on in days.items() for each in (sentence(crn, on), form(crn, at(on, "15:00")))]
    told = run(area(), passes("C02"), office("HUB1", "C02", "hub", when=at("2016-05-02"), from_=FROM), people)
    assert [each["providerCode"] for each in told.events("provider.decided")] == ["C01", "C02"]


def test_cases_that_have_no_officer_follow_too() -> None:
    prisoner = sentence(disposal="custody", offence_on=date(2016, 1, 4), custodial_term="P18M")
    told = run(area(), prisoner, form(), passes("C02"), passes("C02", code="HUB1"))
    assert told.case().officer is None
    assert transfers(told) == [("C01", "C02", "provider-changed", "2016-06-01")]


def test_a_case_that_was_moved_on_purpose_does_not_follow() -> None:
    agreed = fact(
        "casework.transfer.agreed",
        CRN,
        at("2016-06-10"),
        transfer_id="T1",
        reason="moved-area",
        to_provider_code="C01",
        to_provider_kind="crc",
        agreed_on=date(2016, 6, 10),
    )
    told = held(passes("C02"), agreed)
    last = told.last("case.transferred", CRN)
    assert (last["toProviderCode"], last["reason"]) == ("C01", "moved-area")


# -- what contradicts itself -------------------------------------------------------------------------


def left(code: str, on: date, office_code: str = LMC) -> HistoryRecord:
    return fact("workforce.officer.left", office_code, at(on), officer_code=code, office_code=office_code, left_on=on)


def test_an_officer_at_two_offices_is_refused_and_nothing_moves() -> None:
    told = run(offices(), officer("A"), officer("A", "HUB1", when=at("2016-02-01")))
    assert told.outcomes("workforce.officer.registered") == {"decided": 1, "refused registered-at-another-office": 1}
    assert "A" not in told.office("HUB1").officers


def test_an_officer_who_leaves_one_office_may_come_to_another_and_back() -> None:
    away = [left("A", date(2016, 2, 1)), officer("A", "HUB1", when=at("2016-02-02"))]
    back = [left("A", date(2016, 3, 1), "HUB1"), officer("A", when=at("2016-03-02"))]
    told = run(offices(), officer("A"), away, back)
    assert told.outcomes("workforce.officer.registered") == {"decided": 3}
    assert set(told.office().officers) == {"A"}


def test_what_is_stated_twice_of_an_officer_is_no_second_post() -> None:
    told = run(offices(), officer("A"), officer("A", when=at("2016-02-01")), left("A", date(2016, 3, 1)))
    assert run(offices(), officer("A"), officer("A", when=at("2016-02-01"))).office().officers
    again = [left("A", date(2016, 3, 1)), officer("A", "HUB1", when=at("2016-03-02"))]
    told = run(offices(), officer("A"), officer("A", when=at("2016-02-01")), again)
    assert set(told.office("HUB1").officers) == {"A"}


@pytest.mark.parametrize("field", ["contractedHours", "availableHours", "reductionsPercent"])
def test_negative_hours_are_no_event_at_all(field: str) -> None:
    record = officer("A")
    body = orjson.loads(record.value or b"")
    body["additionalInformation"][field] = "-1"
    decoded = decode("workforce", record.key, orjson.dumps(body))
    assert isinstance(decoded, Poison)
    found = simulate([*offices(), replace(record, value=orjson.dumps(body))], [(SERVICE, POLICY)])[SERVICE.name]
    assert [letter.reason_code for letter in found.dead_letters] == [decoded.reason_code]
    assert found.states[Subject("office", LMC)].officers == {}
