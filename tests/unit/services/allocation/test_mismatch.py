"""Whether who holds the case is as it should be: grade, competence, how many officers, hub or not."""

from datetime import date

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import (
    ALL,
    CRN,
    LMC,
    area,
    directed,
    form,
    officer,
    officer_changed,
    offices,
    risk_changed,
    run,
    sentence,
)


def registered(code: str, on: date) -> HistoryRecord:
    return fact("casework.registration.added", CRN, at(on), registration_id=f"R-{code}", code=code, from_=on)


def moved(on: date) -> HistoryRecord:
    return fact("casework.hub-transfer.completed", CRN, at(on), transfer_id="H1", direction="to-hub", moved_on=on)


def test_a_case_that_has_become_complex_needs_a_po() -> None:
    history = [*area(), sentence(), form(), registered("child-protection", date(2016, 5, 2))]
    assert run(history).open_concerns() == {"grade-mismatch": "warning"}
    told = run(history, directed("LMC1-PO", at("2016-05-04")))
    assert told.open_concerns() == {}


def test_a_recorded_override_answers() -> None:
    history = [*area(), sentence(), form(domestic_abuse="current")]
    assert run(history, directed("LMC1-PSO", at("2016-05-04"))).open_concerns() == {"grade-mismatch": "warning"}
    assert run(history, directed("LMC1-PSO", at("2016-05-04"), ["grade"])).open_concerns() == {}


def test_an_officer_who_has_lost_a_competence_is_told_to_the_case_at_midnight() -> None:
    iom = registered("iom", date(2016, 3, 7))
    changed = officer_changed("A", LMC, at("2016-06-01"), competencies=list(ALL[:2]))
    history = [*offices(), officer("A"), iom, sentence(), form(), changed]
    told = run(history)
    assert told.open_concerns() == {"grade-mismatch": "warning"}
    assert told.when("concern.raised")[-1] == at("2016-06-01", "23:00")


def test_the_third_officer_is_one_too_many() -> None:
    team = [officer(code) for code in ("A", "B", "C")]
    history = [*offices(), *team, sentence(), form(), directed("B", at("2016-04-04"))]
    assert run(history).open_concerns() == {}
    assert run(history, directed("C", at("2016-05-04"))).open_concerns() == {"officer-churn": "info"}


def test_an_exclusion_in_the_hub() -> None:
    history = [*area(), sentence(), form(), moved(date(2016, 8, 1))]
    assert "hub-ineligible" not in run(history).open_concerns()
    found = run(history, registered("iom", date(2016, 8, 8)))
    assert found.open_concerns()["hub-ineligible"] == "serious"
    fallen = run(history, risk_changed("low", date(2016, 8, 8)))
    assert "hub-ineligible" not in fallen.open_concerns()
