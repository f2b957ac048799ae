"""Signals of risk that add up while nobody looks."""

from datetime import date
from typing import Any

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, area, form, risk_changed, run, sentence
from tests.unit.services.allocation.test_hub_transfer import reviewed

START = [*area(), sentence(), form()]


def called_out(when: str, kind: str = "domestic-abuse", role: str = "suspect") -> HistoryRecord:
    fields: dict[str, Any] = {
        "call_out_id": f"P-{when}-{kind}",
        "called_on": at(when).date(),
        "kind": kind,
        "person_role": role,
    }
    return fact("casework.police-call-out.reported", CRN, at(when), **fields)


def changed(when: str, *kinds: str) -> HistoryRecord:
    fields: dict[str, Any] = {
        "change_id": f"C-{when}",
        "changed_on": at(when).date(),
        "kinds": list(kinds),
        "source": "police",
    }
    return fact("casework.circumstances.changed", CRN, at(when), **fields)


def considered(when: str) -> HistoryRecord:
    fields: dict[str, Any] = {"considered_at": at(when), "by_grade": "spo", "reason_code": "risk-managed"}
    return fact("casework.risk-escalation.considered", CRN, at(when), **fields)


def requested(when: str) -> HistoryRecord:
    fields: dict[str, Any] = {"escalation_id": "E1", "direction": "crc-to-nps", "from_": "medium", "to": "high"}
    return fact("casework.risk-escalation.requested", CRN, at(when), **fields, requested_at=at(when))


def registered(when: str, code: str) -> HistoryRecord:
    fields: dict[str, Any] = {"registration_id": f"R-{code}", "code": code, "from_": at(when).date()}
    return fact("casework.registration.added", CRN, at(when), **fields)


FOUR_AND_ONE = [called_out("2016-05-02"), changed("2016-05-03", "separated")]
FOUR_AND_TWO = [called_out("2016-05-02"), changed("2016-05-03", "substance-use")]


@pytest.mark.parametrize(
    ("history", "held"),
    [
        (FOUR_AND_ONE, False),
        (FOUR_AND_TWO, True),
        ([called_out("2016-05-02"), called_out("2016-05-03", "violence")], True),
        ([called_out("2016-05-02"), called_out("2016-05-03", role="witness")], False),
        (
            [called_out("2016-05-02", "other"), called_out("2016-05-03", "other"), called_out("2016-05-04", "other")],
            True,
        ),
        ([changed("2016-05-02", "homeless", "substance-use", "separated")], True),
        ([changed("2016-05-02", "homeless", "substance-use", "employment-started")], False),
        ([called_out("2016-05-02"), registered("2016-05-03", "child-in-need")], True),
        ([called_out("2016-03-07"), changed("2016-05-03", "substance-use")], False),
    ],
    ids=[
        "five",
        "six",
        "two calls",
        "a witness",
        "three small",
        "one change of three kinds",
        "an unweighed kind",
        "a registration",
        "from before allocation",
    ],
)
def test_signals_of_six_points_and_nobody_has_looked(history: list[HistoryRecord], held: bool) -> None:
    assert ("risk-signals-unescalated" in run(START, history).open_concerns()) is held


def test_the_explanation_names_the_signals_their_weight_and_the_last_look() -> None:
    raised = run(START, FOUR_AND_TWO).raised()[-1]
    assert (raised["code"], raised["severity"]) == ("risk-signals-unescalated", "serious")
    assert raised["evidence"] == ["C-2016-05-03", "P-2016-05-02-domestic-abuse"]
    assert raised["because"][0]["inputs"] == {
        "weight": "6",
        "signals": "call-out.domestic-abuse, change.substance-use",
        "lookedAtOn": "2016-03-07",
    }


@pytest.mark.parametrize(
    ("look", "held"),
    [
        (considered("2016-05-03"), False),
        (considered("2016-05-01"), True),
        (requested("2016-05-03"), False),
        (reviewed(date(2016, 5, 3), "change"), False),
        (reviewed(date(2016, 5, 2), "change"), False),
        (reviewed(date(2016, 5, 1), "change"), True),
    ],
    ids=["considered", "considered before", "escalated", "reviewed", "reviewed between", "reviewed before"],
)
def test_who_looks_clears_it(look: HistoryRecord, held: bool) -> None:
    assert ("risk-signals-unescalated" in run(START, FOUR_AND_TWO, look).open_concerns()) is held


def test_a_rise_is_a_signal_and_the_services_own_escalation_answers_it() -> None:
    low = [*area(), sentence(), form(rosh_level="low")]
    rise = risk_changed("medium", date(2016, 5, 4), "low")
    assert "risk-signals-unescalated" in run(low, called_out("2016-05-02"), rise).open_concerns()
    high = risk_changed("high", date(2016, 5, 4))
    told = run(START, called_out("2016-05-02"), high)
    assert "risk-signals-unescalated" not in told.open_concerns()
    assert told.events("escalation.requested")


@pytest.mark.parametrize("kind", ["call-out", "change"])
def test_a_signal_withdrawn_weighs_nothing(kind: str) -> None:
    record = "P-2016-05-02-domestic-abuse" if kind == "call-out" else "C-2016-05-03"
    fields: dict[str, Any] = {"record_id": record, "kind": kind, "withdrawn_on": date(2016, 5, 5)}
    gone = fact("casework.record.withdrawn", CRN, at("2016-05-05"), **fields)
    told = run(START, FOUR_AND_TWO, gone)
    assert told.cleared()[-1]["reason"] == "withdrawn"
    assert told.open_concerns() == {}


def test_the_nps_is_not_asked() -> None:
    high = [*area(), sentence(), form(rosh_level="high")]
    assert "risk-signals-unescalated" not in run(high, FOUR_AND_TWO).open_concerns()
