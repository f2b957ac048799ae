"""The gate before the hub, each part of it, its override, and what brings a case back."""

from datetime import date
from typing import Any

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, MONDAY, area, ended, form, risk_changed, run, sentence

MOVED = date(2016, 8, 1)


def moved(when: date = MOVED, told_on: date | None = MOVED, direction: str = "to-hub") -> HistoryRecord:
    fields: dict[str, Any] = {"transfer_id": f"T-{when}", "direction": direction, "moved_on": when}
    return fact("casework.hub-transfer.completed", CRN, at(when), **fields, **_stated(officer_told_on=told_on))


def asked(decision: str = "proceed", when: date = MOVED, **also: Any) -> HistoryRecord:
    fields: dict[str, Any] = {"transfer_id": f"T-{MOVED}", "direction": "to-hub", "requested_on": when}
    return fact(
        "casework.hub-transfer.requested", CRN, at(when, "09:00"), **fields, by_grade="spo", decision=decision, **also
    )


def _stated(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def reviewed(on: date, purpose: str = "hub-gate") -> HistoryRecord:
    return fact(
        "casework.review.completed",
        CRN,
        at(on, "08:00"),
        review_id=f"V-{on}",
        purposes=[purpose],
        trigger_event_ids=[],
        reviewed_ids=[],
        completed_on=on,
        plan_changed=False,
        person_involved=True,
        copy_={"text_hash": "0" * 64},
    )


def credited(days: int, on: date, n: int = 1) -> HistoryRecord:
    fields: dict[str, Any] = {"credit_id": f"C-{on}-{n}", "requirement_id": "O1-R1", "activity_on": on, "days": days}
    return fact("casework.rar-day.credited", CRN, at(on), **fields, activity_code="M1", contracted=True)


def checked(asked_on: date, returned_on: date | None) -> HistoryRecord:
    fields: dict[str, Any] = {"check_id": f"K-{asked_on}", "kind": "domestic-abuse", "requested_on": asked_on}
    if returned_on is None:
        return fact("casework.safeguarding-check.requested", CRN, at(asked_on), **fields)
    return fact(
        "casework.safeguarding-check.returned",
        CRN,
        at(returned_on),
        **fields,
        returned_on=returned_on,
        result="nothing-held",
    )


def requirement_ended(on: date, outcome: str = "completed") -> HistoryRecord:
    fields: dict[str, Any] = {
        "requirement_id": "O1-R1",
        "kind": "rehabilitation-activity",
        "ended_on": on,
        "outcome": outcome,
    }
    return fact("casework.requirement.ended", CRN, at(on), **fields)


def changed(on: date) -> HistoryRecord:
    fields: dict[str, Any] = {
        "change_id": f"Z-{on}",
        "changed_on": on,
        "kinds": ["employment-started"],
        "source": "self",
    }
    return fact("casework.circumstances.changed", CRN, at(on, "07:00"), **fields)


START = [*area(), sentence(), form()]
REVIEW, DAYS = reviewed(date(2016, 7, 25)), credited(20, date(2016, 7, 20))


@pytest.mark.parametrize(
    ("history", "unmet"),
    [
        ([REVIEW, DAYS, moved()], []),
        ([DAYS, moved()], ["review"]),
        ([REVIEW, changed(date(2016, 7, 26)), DAYS, moved()], ["review"]),
        ([REVIEW, changed(date(2016, 7, 25)), DAYS, moved()], []),
        ([REVIEW, risk_changed("low", date(2016, 7, 26)), DAYS, moved()], ["review"]),
        ([REVIEW, credited(19, date(2016, 7, 20)), moved()], ["requirements"]),
        ([REVIEW, credited(19, date(2016, 7, 20)), credited(1, date(2016, 7, 21)), moved()], []),
        ([REVIEW, requirement_ended(date(2016, 7, 20)), moved()], []),
        ([REVIEW, DAYS, checked(date(2016, 3, 8), None), moved()], ["police-check"]),
        ([REVIEW, DAYS, checked(date(2016, 3, 8), date(2016, 3, 14)), moved()], []),
        ([REVIEW, DAYS, moved(told_on=None)], ["officer-told"]),
        ([REVIEW, DAYS, asked(officer_told_on=MOVED), moved(told_on=None)], []),
        ([asked(exceptional_reason="vulnerability"), moved(told_on=None)], []),
        ([asked(exceptional_reason="none-needed"), moved()], ["review", "requirements"]),
        ([asked("keep", exceptional_reason="risk"), moved()], ["review", "requirements"]),
    ],
    ids=[
        "met",
        "no review",
        "changed since",
        "reviewed that day",
        "risk changed since",
        "19 days",
        "20 days",
        "requirement ended",
        "check outstanding",
        "check back",
        "officer not told",
        "told with the request",
        "exceptional reason",
        "no reason needed",
        "moved though kept",
    ],
)
def test_the_gate(history: list[HistoryRecord], unmet: list[str]) -> None:
    told = run(START, history)
    assert told.last("route.decided")["unmetGates"] == unmet
    assert ("hub-transfer-ungated" in told.open_concerns()) is bool(unmet)
    if unmet:
        last = at(MOVED, "22:59").replace(second=59, microsecond=999000)
        assert told.when("concern.raised")[-1] == last


@pytest.mark.parametrize("answer", ["current", "history", "not-known"])
def test_where_abuse_is_in_question_the_police_check_is_called_for(answer: str) -> None:
    asks = [*area(), sentence(), form(domestic_abuse=answer), REVIEW, DAYS]
    assert run(asks, moved()).last("route.decided")["unmetGates"] == ["police-check"]
    back = checked(date(2016, 7, 8), date(2016, 7, 14))
    assert run(asks, back, moved()).last("route.decided")["unmetGates"] == []


IN_QUESTION = [*area(), sentence(), form(domestic_abuse="history"), REVIEW, DAYS]


@pytest.mark.parametrize(
    ("answers", "unmet"),
    [
        ([date(2016, 6, 30)], ["police-check"]),
        ([date(2016, 7, 1)], []),
        ([date(2016, 3, 14), date(2016, 7, 1)], []),
        ([date(2016, 3, 14)], ["police-check"]),
    ],
    ids=["a month and a day before", "a month before", "asked again", "asked at the start alone"],
)
def test_hub_police_check_is_a_further_one_before_the_move(answers: list[date], unmet: list[str]) -> None:
    checks = [checked(on, on) for on in answers]
    told = run(IN_QUESTION, checks, moved())
    assert told.last("route.decided")["unmetGates"] == unmet
    assert ("hub-transfer-ungated" in told.open_concerns()) is bool(unmet)


def test_the_police_asked_after_the_move_make_it_good() -> None:
    told = run(IN_QUESTION, moved(), checked(date(2016, 8, 3), date(2016, 8, 5)))
    assert "hub-transfer-ungated" in [each["code"] for each in told.cleared()]
    assert "hub-transfer-ungated" not in told.open_concerns()


def test_days_that_are_folded_for_another_requirement_stay_done() -> None:
    other = [_other_credit(n) for n in range(1, 8)]
    told = run(START, credited(20, date(2016, 4, 1)), other, REVIEW, moved())
    assert told.case().days_folded == {"O1-R1": 20, "other": 1}
    assert told.last("route.decided")["unmetGates"] == []


def _other_credit(n: int) -> HistoryRecord:
    fields: dict[str, Any] = {"credit_id": f"C-other-{n}", "requirement_id": "other", "activity_on": date(2016, 5, n)}
    return fact(
        "casework.rar-day.credited", CRN, at(date(2016, 5, n)), **fields, days=1, activity_code="M1", contracted=True
    )


def test_what_is_made_good_after_the_move_clears_it() -> None:
    told = run(START, DAYS, moved(), reviewed(date(2016, 8, 9)))
    assert [each["code"] for each in told.cleared()] == ["hub-transfer-ungated"]
    assert told.open_concerns() == {}


def test_a_gate_once_met_is_not_asked_again_for_what_comes_after_the_move() -> None:
    later = [changed(date(2016, 9, 5)), checked(date(2016, 9, 6), None), sentence(order="O2", on=date(2016, 9, 7))]
    told = run(START, REVIEW, DAYS, moved(), later)
    assert "hub-transfer-ungated" not in told.open_concerns()


def test_a_case_that_has_gone_back_has_no_gate() -> None:
    told = run(START, moved(), moved(date(2016, 9, 1), direction="to-lmc"))
    assert "hub-transfer-ungated" not in told.open_concerns()
    assert told.case().route == "lmc"


def test_a_move_of_an_earlier_period_of_supervision_is_over() -> None:
    unpaid = sentence(order="O2", on=date(2017, 2, 6), requirements=[{"requirement_id": "U", "kind": "unpaid-work"}])
    over = [ended(CRN, date(2016, 12, 1)), unpaid, form(order="O2", when=at("2017-02-06", "15:00"))]
    told = run(START, DAYS, moved(), over)
    assert [each["route"] for each in told.events("route.decided")] == ["lmc", "hub", "hub"]
    assert "hub-transfer-ungated" not in told.open_concerns()


def test_a_recorded_reason_keeps_it_down() -> None:
    raised = run(START, DAYS, moved()).raised()[-1]
    answered = fact(
        "casework.concern.answered",
        CRN,
        at("2016-08-10"),
        concern_id=raised["concernId"],
        answer="recorded-reason",
        reason_code="circumstances",
        by_grade="spo",
        answered_on=date(2016, 8, 10),
    )
    assert "hub-transfer-ungated" not in run(START, DAYS, moved(), answered).open_concerns()


def test_older_credits_are_folded_and_still_count() -> None:
    days = [credited(2, date(2016, 4, n), n) for n in range(1, 11)]
    told = run(START, days, REVIEW, moved())
    assert len(told.case().credits) == 6
    assert told.last("route.decided")["unmetGates"] == []


def test_credits_of_another_requirement_do_not_count() -> None:
    other = fact(
        "casework.rar-day.credited",
        CRN,
        at("2016-07-20"),
        credit_id="C9",
        requirement_id="other",
        activity_on=date(2016, 7, 20),
        days=20,
        activity_code="M1",
        contracted=True,
    )
    assert run(START, REVIEW, other, moved()).last("route.decided")["unmetGates"] == ["requirements"]


def scored(percent: str, on: date) -> HistoryRecord:
    return fact("casework.risk-score.calculated", CRN, at(on), kind="ogrs2", percent=percent, calculated_on=on)


@pytest.mark.parametrize(
    ("more", "held"),
    [
        (risk_changed("medium", date(2016, 8, 2), "low"), True),
        (risk_changed("medium", date(2016, 8, 1), "low"), False),
        (risk_changed("low", date(2016, 8, 2), "low"), False),
        (scored("50", date(2016, 8, 2)), True),
        (scored("49.99", date(2016, 8, 2)), False),
        (scored("80", date(2016, 7, 31)), False),
    ],
    ids=["harm rises", "rose on the day of the move", "unchanged", "likely now", "unlikely", "known before"],
)
def test_risk_that_rises_in_the_hub_asks_for_the_way_back(more: HistoryRecord, held: bool) -> None:
    low = [*area(), sentence(), form(rosh_level="low"), REVIEW, DAYS, moved()]
    assert ("hub-ineligible" in run(low, more).open_concerns()) is held
    assert MONDAY < MOVED
