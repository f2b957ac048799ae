"""The band of a case of the CRC: the whole table, its hours, its status."""

from datetime import date
from typing import Any

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, MONDAY, area, form, risk_changed, run, sentence

COPY = {"text_hash": "0" * 64}


def assessed(when: str, stage: str, **also: Any) -> HistoryRecord:
    fields = {"ogrs2_percent": "50", "motivation": "low", **also}
    return fact(
        "casework.assessment.completed",
        CRN,
        at(when),
        assessment_id=f"S-{when}",
        tool="justice-star",
        stage=stage,
        completed_on=date.fromisoformat(when),
        needs=[],
        person_involved=True,
        copy_=COPY,
        **{name: value for name, value in fields.items() if value is not None},
    )


@pytest.mark.parametrize(
    ("harm", "ogrs", "motivation", "band", "hours", "more"),
    [
        ("low", "49", "low", "green", "12", "0"),
        ("low", "49", "high", "green", "12", "0"),
        ("low", "50", "low", "yellow", "24", "3.5"),
        ("low", "50", "high", "red", "35", "22.5"),
        ("medium", "49", "low", "yellow", "24", "3.5"),
        ("medium", "49", "high", "yellow", "24", "3.5"),
        ("medium", "50", "low", "blue", "35", "5"),
        ("medium", "50", "high", "red", "35", "22.5"),
    ],
)
def test_the_table(harm: str, ogrs: str, motivation: str, band: str, hours: str, more: str) -> None:
    intake = assessed("2016-03-07", "intake", ogrs2_percent=ogrs, motivation=motivation)
    told = run(area(), sentence(when=at(MONDAY, "09:00")), intake, form(rosh_level=harm))
    found = told.last("band.set")
    assert (found["band"], found["status"]) == (band, "preliminary")
    assert (found["minimumFaceToFaceHours"], found["supplementaryHours"]) == (hours, more)
    assert len(told.events("band.set")) == 1


def test_what_is_not_known_is_presumed_and_marked_unconfirmed() -> None:
    found = run(area(), sentence(), form()).last("band.set")
    assert (found["band"], found["likelihood"], found["motivation"]) == ("blue", "high", "low")
    presumed = {rule["ruleId"]: rule["confirmed"] for rule in found["because"] if "presumed" in rule["ruleId"]}
    assert presumed == {"band.presumed-likelihood": False, "band.presumed-motivation": False}


def test_confirmed_at_induction_and_revised_after_a_breach_pack() -> None:
    pack = fact(
        "casework.breach-pack.submitted",
        CRN,
        at("2016-06-01"),
        pack_id="P1",
        submission=1,
        order_id="O1",
        failure_ids=["F1"],
        aware_on=date(2016, 5, 27),
        proposal="continue",
        circumstances_recorded=True,
        submitted_on=date(2016, 6, 1),
    )
    told = run(area(), sentence(), form(), assessed("2016-03-21", "induction"), pack)
    assert [each["status"] for each in told.events("band.set")] == ["preliminary", "confirmed", "revised"]


def test_a_hearing_revises_the_band() -> None:
    hearing = fact(
        "court.hearing.concluded",
        CRN,
        at("2016-06-01"),
        hearing_id="H1",
        order_id="O1",
        purpose="breach",
        held_on=date(2016, 6, 1),
        outcome="order-continues",
    )
    assert run(area(), sentence(), form(), hearing).last("band.set")["status"] == "revised"


def test_an_induction_recorded_after_a_later_event_leaves_the_band_revised() -> None:
    change = risk_changed("low", date(2016, 6, 1))
    induction = assessed("2016-03-21", "induction")
    late = HistoryRecord(induction.topic, at("2016-06-10"), induction.key, induction.value)
    in_order = run(area(), sentence(), form(), induction, change)
    reversed_order = run(area(), sentence(), form(), change, late)
    assert in_order.case().band == reversed_order.case().band
    assert in_order.last("band.set")["status"] == "revised"


def test_a_case_of_the_nps_has_no_band() -> None:
    assert run(area(), sentence(), form(rosh_level="high")).events("band.set") == []


def test_a_band_that_weighs_less_takes_points_off_the_officer() -> None:
    told = run(area(), sentence(), form())
    assert str(told.office().loads["LMC1-PSO"].points) == "1.8"
    told = run(area(), sentence(), form(), risk_changed("low", date(2016, 6, 1)))
    assert told.last("band.set")["band"] == "yellow"
    assert str(told.office().loads["LMC1-PSO"].points) == "1.3"
