"""How much a case weighs and how much an officer can hold."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from deploy.history import HistoryRecord
from services.allocation.domain.office import Officer, share_of
from services.allocation.domain.workload import capacity, is_over, points_available, points_of
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, POLICY, area, form, run, sentence

BY_GRADE = {"po": Decimal(100), "pso": Decimal(100)}


def weighed(*history: Any) -> str:
    return f"{points_of(run(area(), *history).case(), POLICY).normalize():f}"


def required(*kinds: str) -> HistoryRecord:
    return sentence(requirements=[{"requirement_id": f"R{n}", "kind": kind} for n, kind in enumerate(kinds)])


def scored(percent: str) -> HistoryRecord:
    on = date(2016, 3, 7)
    return fact("casework.risk-score.calculated", CRN, at(on), kind="ogrs2", percent=percent, calculated_on=on)


@pytest.mark.parametrize(
    ("history", "points"),
    [
        ([sentence(), scored("49"), form(rosh_level="low")], "0.7"),
        ([sentence(), scored("49"), form()], "1.3"),
        ([sentence(), scored("50"), form()], "1.8"),
        ([sentence(), form(rosh_level="high")], "2.6"),
        ([sentence(), form(rosh_level="very-high")], "3.2"),
    ],
    ids=["green", "yellow", "blue", "high", "very high"],
)
def test_points_by_band_or_by_risk_of_harm(history: list[HistoryRecord], points: str) -> None:
    assert weighed(history) == points


@pytest.mark.parametrize(
    ("kinds", "points"),
    [
        (["unpaid-work"], "1.8"),
        (["drug-rehabilitation"], "2.1"),
        (["drug-rehabilitation", "drug-rehabilitation"], "2.1"),
        (["drug-rehabilitation", "alcohol-treatment"], "2.3"),
    ],
)
def test_some_requirements_add_points_each_kind_once(kinds: list[str], points: str) -> None:
    assert weighed(required(*kinds), form()) == points


def test_a_case_in_prison_weighs_half_and_its_whole_weight_from_release_on() -> None:
    prisoner = sentence(disposal="custody", offence_on=date(2016, 1, 4), custodial_term="P18M", noms_number="G1234AB")
    assert weighed(prisoner, form(rosh_level="high")) == "1.3"
    released = fact(
        "prison-offender-events.prisoner.released",
        "G1234AB",
        at("2016-09-05"),
        noms_number="G1234AB",
        prison_id="LEI",
        reason="RELEASED",
        nomis_movement_reason_code="CR",
    )
    assert weighed(prisoner, form(rosh_level="high"), released) == "2.6"


def test_an_order_that_is_varied_reweighs_the_officers_load_and_says_so() -> None:
    varied = fact(
        "court.order.varied",
        CRN,
        at("2016-05-10"),
        order_id="O1",
        varied_on=date(2016, 5, 10),
        requirements=[{"requirement_id": "D", "kind": "drug-rehabilitation"}],
        reason="review",
    )
    told = run(area(), sentence(), form(), varied)
    assert str(told.office().loads["LMC1-PSO"].points) == "2.1"
    given = run(area(), required("drug-rehabilitation"), form()).last("officer.assigned")
    rules = {each["ruleId"]: each["inputs"] for each in given["because"]}
    assert rules["workload.points-by-requirement"] == {"requirements": "drug-rehabilitation"}
    assert rules["workload.points-by-band"] == {"weighs": "blue", "points": "2.1"}


@pytest.mark.parametrize(
    ("contracted", "available", "reductions", "points"),
    [
        ("37", "37", "0", "100"),
        ("37", "18.5", "0", "50"),
        ("37", "37", "20", "80"),
        ("37", "18.5", "20", "40"),
        ("37", "37", "100", "0"),
        ("37", "0", "0", "0"),
        ("0", "37", "0", "0"),
    ],
    ids=["full time", "part time", "reduced", "both", "parental leave", "no hours", "no contract"],
)
def test_points_available(contracted: str, available: str, reductions: str, points: str) -> None:
    hours, there, less = Decimal(contracted), Decimal(available), Decimal(reductions)
    officer = Officer("po", hours, there, less, (), at("2016-01-04"))
    assert points_available(officer, BY_GRADE) == Decimal(points)
    known = Officer("po", hours, there, less, (), at("2016-01-04"), share=share_of(hours, there, less))
    assert points_available(known, BY_GRADE) == Decimal(points)
    assert points_available(Officer("spo", hours, there, less, (), at("2016-01-04")), BY_GRADE) == 0


@pytest.mark.parametrize(
    ("held", "over"), [("109.99", False), ("110", False), ("110.0000001", True)], ids=["below", "at", "above"]
)
def test_over_the_limit_is_above_it(held: str, over: bool) -> None:
    assert is_over(Decimal(held), Decimal(100), Decimal(110)) is over


def test_who_has_no_points_and_holds_some_is_beyond_every_limit() -> None:
    assert is_over(Decimal("0.7"), Decimal(0), Decimal(140))
    assert capacity(Decimal("0.7"), Decimal(0)) == Decimal("999999.9")
    assert capacity(Decimal(0), Decimal(0)) == 0
