"""What the form leaves open, and the papers that are due beside it."""

from datetime import date
from typing import Any

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, MONDAY, Told, area, form, run, sentence

COPY = {"text_hash": "0" * 64}


def raised(told: Told, code: str) -> list[str]:
    """Severities of a code, as raised; none of it may be left open."""
    return [each["severity"] for each in told.events("concern.raised") if each["code"] == code]


def still_open(told: Told, code: str) -> bool:
    """Whether a concern of a code is open at the end."""
    cleared = {each["concernId"] for each in told.events("concern.cleared")}
    return any(each["code"] == code and each["concernId"] not in cleared for each in told.events("concern.raised"))


def score(on: str, **also: Any) -> HistoryRecord:
    return fact("casework.risk-score.calculated", CRN, at(on), kind="rsr", calculated_on=date.fromisoformat(on), **also)


def assessed(on: str, tool: str) -> HistoryRecord:
    return fact(
        "casework.assessment.completed",
        CRN,
        at(on),
        assessment_id=f"S-{tool}",
        tool=tool,
        stage="intake",
        completed_on=date.fromisoformat(on),
        needs=[],
        person_involved=True,
        copy_=COPY,
    )


def reviewed(on: str, purpose: str = "risk-review", review: str = "V1") -> HistoryRecord:
    return fact(
        "casework.review.completed",
        CRN,
        at(on),
        review_id=review,
        purposes=[purpose],
        trigger_event_ids=[],
        reviewed_ids=[],
        completed_on=date.fromisoformat(on),
        plan_changed=False,
        person_involved=True,
        copy_=COPY,
    )


@pytest.mark.parametrize(
    ("answers", "held"),
    [
        ({}, False),
        ({"not_known": ["diversity"]}, False),
        ({"not_known": ["accommodation"]}, True),
        ({"not_known": ["domestic-abuse", "diversity"]}, True),
        ({"priors_of_concern": [{"code": "arson", "explored": True}]}, False),
        ({"priors_of_concern": [{"code": "arson", "explored": False}]}, True),
    ],
)
def test_every_answer_that_is_not_known_is_chased_but_diversity(answers: dict[str, Any], held: bool) -> None:
    assert raised(run(area(), sentence(), form(**answers)), "allocation-form-incomplete") == ["warning"] * held


def test_a_later_form_answers() -> None:
    told = run(area(), sentence(), form(not_known=["priors"]), form(when=at("2016-03-14")))
    assert raised(told, "allocation-form-incomplete") == ["warning"]
    assert not still_open(told, "allocation-form-incomplete")


@pytest.mark.parametrize(("on", "late"), [("2016-03-07", False), ("2016-03-08", False), ("2016-03-09", True)])
def test_rsr_is_due_the_day_after_sentence(on: str, late: bool) -> None:
    told = run(area(), sentence(), score(on, percent="2.00"), form(when=at("2016-03-09", "15:00"), rsr_percent=None))
    assert raised(told, "rsr-missing") == ["warning"] * late
    assert not still_open(told, "rsr-missing")


def test_that_none_is_required_settles_it_and_so_does_a_form() -> None:
    assert raised(run(sentence(), score("2016-03-08", not_required_reason="already-nps")), "rsr-missing") == []
    dated = form(when=at("2016-03-10"), rsr_calculated_on=MONDAY)
    assert not still_open(run(area(), sentence(), dated), "rsr-missing")


def test_a_later_score_does_not_undo_the_first() -> None:
    told = run(area(), sentence(), score("2016-03-08", percent="2.00"), score("2016-06-08", percent="3.00"))
    assert raised(told, "rsr-missing") == []


@pytest.mark.parametrize(("screened_on", "late"), [(MONDAY, False), (None, True)])
def test_harm_is_screened_by_the_day_of_allocation(screened_on: date | None, late: bool) -> None:
    told = run(area(), sentence(), form(rosh_screened_on=screened_on), until=at("2016-03-10"))
    assert raised(told, "rosh-screening-missing") == ["serious"] * late


def test_a_screening_that_comes_later_clears_it() -> None:
    told = run(area(), sentence(), form(rosh_screened_on=None), assessed("2016-03-10", "rosh-screening"))
    assert not still_open(told, "rosh-screening-missing")


@pytest.mark.parametrize(("analysed_on", "late"), [("2016-03-08", False), ("2016-03-09", False), ("2016-03-10", True)])
def test_a_full_analysis_is_due_two_business_days_after_sentence(analysed_on: str, late: bool) -> None:
    told = run(area(), sentence(), form(full_analysis="required"), assessed(analysed_on, "rosh-full-analysis"))
    assert raised(told, "rosh-screening-missing") == ["serious"] * late
    assert not still_open(told, "rosh-screening-missing")


def test_no_analysis_is_missed_where_none_is_required() -> None:
    assert raised(run(area(), sentence(), form()), "rosh-screening-missing") == []


@pytest.mark.parametrize(
    ("report", "later", "late"),
    [
        ({"kind": "standard"}, None, False),
        ({"kind": "oral", "written_up_on": MONDAY}, None, False),
        ({"kind": "oral"}, "2016-03-07", False),
        ({"kind": "oral"}, "2016-03-08", True),
    ],
)
def test_an_oral_report_is_written_up_by_the_day_of_allocation(
    report: dict[str, Any], later: str | None, late: bool
) -> None:
    history = [*area(), sentence(report=report), form()]
    if later is not None:
        up: dict[str, Any] = {"order_id": "O1", "written_up_on": date.fromisoformat(later)}
        history.append(fact("court.report.written-up", CRN, at(later, "18:00"), **up))
    told = run(history)
    assert raised(told, "report-not-written-up") == ["warning"] * late
    assert not still_open(told, "report-not-written-up")


@pytest.mark.parametrize(("done", "late"), [("2016-04-04", False), ("2016-04-05", True)])
def test_a_review_that_was_put_off_is_due_on_its_date(done: str, late: bool) -> None:
    told = run(area(), sentence(), form(risk_review_on=date(2016, 4, 4)), reviewed(done))
    assert raised(told, "risk-review-overdue") == ["warning"] * late
    assert not still_open(told, "risk-review-overdue")


def test_another_review_or_one_that_is_withdrawn_does_not_count() -> None:
    later = form(risk_review_on=date(2016, 4, 4))
    assert still_open(run(area(), sentence(), later, reviewed("2016-04-01", "routine")), "risk-review-overdue")
    gone = fact(
        "casework.record.withdrawn",
        CRN,
        at("2016-04-02"),
        record_id="V1",
        kind="review",
        withdrawn_on=date(2016, 4, 2),
    )
    assert still_open(run(area(), sentence(), later, reviewed("2016-04-01"), gone), "risk-review-overdue")


def test_a_later_form_moves_the_date() -> None:
    told = run(
        area(),
        sentence(),
        form(risk_review_on=date(2016, 4, 4)),
        form(when=at("2016-03-14"), risk_review_on=date(2016, 5, 4)),
        reviewed("2016-05-04"),
    )
    assert raised(told, "risk-review-overdue") == []


def check(kind: str, asked: str, returned: str | None = None) -> HistoryRecord:
    fields: dict[str, Any] = {"check_id": f"C-{kind}", "kind": kind, "requested_on": date.fromisoformat(asked)}
    if returned is None:
        return fact("casework.safeguarding-check.requested", CRN, at(asked), **fields)
    answer: dict[str, Any] = {"returned_on": date.fromisoformat(returned), "result": "nothing-held"}
    return fact("casework.safeguarding-check.returned", CRN, at(returned), **fields, **answer)


def test_both_checks_are_asked_for_by_the_day_of_allocation() -> None:
    none = run(area(), sentence(), form())
    assert raised(none, "safeguarding-check-outstanding") == ["warning", "warning"]
    both = [check(kind, "2016-03-07", "2016-03-09") for kind in ("domestic-abuse", "child")]
    both += [check(kind, "2016-03-07") for kind in ("domestic-abuse", "child")]
    assert raised(run(area(), sentence(), form(), both), "safeguarding-check-outstanding") == []


@pytest.mark.parametrize(("returned", "late"), [("2016-03-14", False), ("2016-03-15", True)])
def test_a_check_comes_back_in_five_business_days(returned: str, late: bool) -> None:
    asked = [check(kind, "2016-03-07") for kind in ("domestic-abuse", "child")]
    answers = [check("child", "2016-03-07", "2016-03-08"), check("domestic-abuse", "2016-03-07", returned)]
    told = run(area(), sentence(), form(), asked, answers)
    assert raised(told, "safeguarding-check-outstanding") == ["warning"] * late
    assert not still_open(told, "safeguarding-check-outstanding")


def test_a_check_that_is_withdrawn_was_never_asked_for() -> None:
    asked = [check(kind, "2016-03-07") for kind in ("domestic-abuse", "child")]
    gone = fact(
        "casework.record.withdrawn",
        CRN,
        at("2016-03-08"),
        record_id="C-child",
        kind="check",
        withdrawn_on=date(2016, 3, 8),
    )
    told = run(area(), sentence(), form(), asked, gone, until=at("2016-03-09"))
    assert still_open(told, "safeguarding-check-outstanding")
