"""Escalation over the risk line: asked for, echoed, answered, and the provider that is wrong."""

from datetime import date, datetime

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, area, form, risk_changed, run, sentence

CROSSED = date(2016, 6, 6)


def requested(when: str, escalation: str = "E1", direction: str = "crc-to-nps", clock: str = "12:00") -> HistoryRecord:
    return fact(
        "casework.risk-escalation.requested",
        CRN,
        at(when, clock),
        escalation_id=escalation,
        direction=direction,
        from_="medium",
        to="high",
        requested_at=at(when, clock),
    )


def decided(
    when: str, outcome: str = "accepted", escalation: str = "E1", clock: str = "10:00", late: str | None = None
) -> HistoryRecord:
    return fact(
        "casework.risk-escalation.decided",
        CRN,
        at(late or when, clock),
        escalation_id=escalation,
        outcome=outcome,
        decided_at=at(when, clock),
    )


def supervised() -> list[HistoryRecord]:
    return [*area(), sentence(), form()]


def test_crossing_the_risk_line_asks_the_nps_and_says_who_is_wrong() -> None:
    told = run(supervised(), risk_changed("high", CROSSED), until=at("2016-06-06", "12:00"))
    asked = told.last("escalation.requested")
    assert (asked["direction"], asked["reason"]) == ("crc-to-nps", "rosh")
    assert datetime.fromisoformat(asked["dueAt"]) == at("2016-06-07", "10:00")
    assert told.open_concerns() == {"wrong-provider": "serious", "grade-mismatch": "warning"}


def test_the_nps_accepts_and_the_case_moves() -> None:
    told = run(supervised(), risk_changed("high", CROSSED), requested("2016-06-06"), decided("2016-06-07"))
    assert len(told.events("escalation.requested")) == 1
    assert told.last("escalation.answered")["met"] is True
    moved = told.last("case.transferred")
    assert (moved["toProviderKind"], moved["reason"], moved["transferredOn"]) == ("nps", "escalation", "2016-06-07")
    assert moved["escalationId"] == told.last("escalation.requested")["escalationId"]
    assert told.last("officer.changed")["officeCode"] == "NPS1"
    assert told.open_concerns() == {}
    assert told.case().band is None


@pytest.mark.parametrize("clock", ["09:59", "10:01"])
def test_once_the_officer_has_asked_it_is_only_the_answer_that_is_due(clock: str) -> None:
    history = [*supervised(), risk_changed("high", CROSSED), requested("2016-06-06", clock=clock)]
    assert "wrong-provider" not in run(history, until=at("2016-06-06", "12:00")).open_concerns()
    late = run(history, until=at("2016-06-09")).open_concerns()
    assert "wrong-provider" not in late
    assert late["escalation-unanswered"] == "serious"


def test_what_an_officer_asked_in_the_other_direction_answers_nothing() -> None:
    told = run(
        supervised(),
        risk_changed("high", CROSSED),
        requested("2016-06-06", direction="nps-to-crc"),
        until=at("2016-06-06", "13:00"),
    )
    assert told.open_concerns()["wrong-provider"] == "serious"


@pytest.mark.parametrize(("clock", "met"), [("10:00", True), ("10:01", False)])
def test_the_nps_answers_within_a_day(clock: str, met: bool) -> None:
    told = run(supervised(), risk_changed("high", CROSSED), requested("2016-06-06"), decided("2016-06-07", clock=clock))
    assert told.last("escalation.answered")["met"] is met
    assert ("escalation-unanswered" in {each["code"] for each in told.raised()}) is not met


def test_an_answer_recorded_late_settles_it_by_its_own_time() -> None:
    told = run(
        supervised(), risk_changed("high", CROSSED), requested("2016-06-06"), decided("2016-06-07", late="2016-06-20")
    )
    assert told.last("escalation.answered")["met"] is True
    assert told.open_concerns() == {}


def test_an_answer_may_come_before_its_request() -> None:
    request = requested("2016-06-06")
    late = HistoryRecord(request.topic, at("2016-06-08"), request.key, request.value)
    told = run(supervised(), decided("2016-06-07"), late)
    assert told.last("escalation.answered")["met"] is True
    assert told.last("case.transferred")["toProviderKind"] == "nps"


def test_a_rejection_answers_until_the_grounds_change() -> None:
    history = [*supervised(), risk_changed("high", CROSSED), requested("2016-06-06"), decided("2016-06-07", "rejected")]
    assert "wrong-provider" not in run(history).open_concerns()
    again = fact(
        "casework.registration.added",
        CRN,
        at("2016-07-04"),
        registration_id="R1",
        code="mappa-2",
        from_=date(2016, 7, 4),
    )
    told = run(history, again, until=at("2016-07-04", "12:00"))
    assert told.open_concerns()["wrong-provider"] == "serious"
    assert len(told.events("escalation.requested")) == 2


def test_a_rejection_and_a_risk_that_is_recorded_late_give_the_same() -> None:
    change = risk_changed("high", CROSSED)
    late = HistoryRecord(change.topic, at("2016-06-20"), change.key, change.value)
    told = run(supervised(), requested("2016-06-06"), decided("2016-06-07", "rejected"), late)
    assert "wrong-provider" not in told.open_concerns()


def test_a_risk_that_falls_again_supersedes_what_was_asked() -> None:
    told = run(supervised(), risk_changed("high", CROSSED), risk_changed("medium", date(2016, 6, 7), "high"))
    assert told.open_concerns() == {}
    assert told.events("case.transferred") == []


def test_the_nps_keeps_a_case_whose_risk_falls_until_the_way_back_is_accepted() -> None:
    history = [*area(), sentence(), form(rosh_level="high"), risk_changed("medium", CROSSED, "high")]
    told = run(history, until=at("2016-06-07"))
    assert told.open_concerns() == {"wrong-provider": "serious"}
    asked = told.last("escalation.requested")
    assert (asked["direction"], asked["reason"]) == ("nps-to-crc", "risk-fall")
    assert told.events("case.transferred") == []
    told = run(history, requested("2016-06-08", direction="nps-to-crc"), decided("2016-06-09"))
    assert len(told.events("escalation.requested")) == 1
    moved = told.last("case.transferred")
    assert (moved["toProviderCode"], moved["reason"]) == ("C01", "risk-fall")
    assert told.open_concerns() == {}
    assert told.last("band.set")["band"] == "blue"


@pytest.mark.parametrize(("answered", "raised"), [("2016-06-22", False), ("2016-06-23", True)])
def test_the_way_back_is_answered_within_ten_business_days(answered: str, raised: bool) -> None:
    history = [*area(), sentence(), form(rosh_level="high"), risk_changed("medium", CROSSED, "high")]
    told = run(history, requested("2016-06-08", direction="nps-to-crc"), decided(answered, "rejected"))
    assert ("escalation-unanswered" in {each["code"] for each in told.raised()}) is raised
    assert told.open_concerns() == {}


def test_a_risk_that_rises_again_takes_the_way_back_back() -> None:
    history = [*area(), sentence(), form(rosh_level="high"), risk_changed("medium", CROSSED, "high")]
    told = run(history, risk_changed("high", date(2016, 6, 8)))
    assert told.open_concerns() == {}
    assert {row.superseded for row in told.case().escalations.values()} == {True}


def test_the_nps_does_not_ask_while_the_score_is_not_known() -> None:
    history = [*area(), sentence(), form(rosh_level="high", rsr_percent=None), risk_changed("medium", CROSSED, "high")]
    assert run(history).events("escalation.requested") == []


@pytest.mark.parametrize(
    ("second", "outcome"), [("accepted", "ignored answered-already"), ("rejected", "refused answered-otherwise")]
)
def test_a_second_answer_that_says_otherwise_is_refused(second: str, outcome: str) -> None:
    history = [*supervised(), risk_changed("high", CROSSED), requested("2016-06-06"), decided("2016-06-07")]
    told = run(history, decided("2016-06-08", second))
    assert told.outcomes("casework.risk-escalation.decided") == {"decided": 1, outcome: 1}
    assert len(told.events("case.transferred")) == 1
    holder = told.case().holder
    assert holder is not None
    assert holder.kind == "nps"


def test_a_withdrawn_registration_takes_the_concern_back() -> None:
    added = fact(
        "casework.registration.added",
        CRN,
        at("2016-07-04"),
        registration_id="R1",
        code="mappa-2",
        from_=date(2016, 7, 4),
    )
    withdrawn = fact(
        "casework.record.withdrawn",
        CRN,
        at("2016-07-05", "09:00"),
        record_id="R1",
        kind="registration",
        withdrawn_on=date(2016, 7, 5),
    )
    told = run(supervised(), added, withdrawn)
    assert told.cleared()[-1]["reason"] == "withdrawn"
    assert told.open_concerns() == {}
    late = HistoryRecord(added.topic, at("2016-07-06"), added.key, added.value)
    assert run(supervised(), withdrawn, late).raised() == []
