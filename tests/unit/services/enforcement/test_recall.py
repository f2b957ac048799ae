"""Recall: requested within a day of the decision, answered by the authority."""

from datetime import date

import pytest

from tests.unit.services.enforcement.person import Person


def on_licence() -> Person:
    person = Person().sentenced("2015-06-01", disposal="custody", offence_on=date(2015, 3, 1))
    person.allocated("2015-06-02", disposal="custody").released("2016-01-04")
    return person.attended("2016-01-05", "A0")


def test_a_recall_is_raised_when_it_is_requested_and_concluded_when_it_is_answered() -> None:
    person = on_licence().considered("2016-02-01", "recall").recall_requested("2016-02-01", "15:00")
    found = person.recall_decided("2016-02-02", "issued", kind="fixed-28").through("2016-02-02")
    (raised,) = found.told("recall.raised")
    assert (raised["decidedAt"], raised["requestedAt"]) == ("2016-02-01T12:00:00Z", "2016-02-01T15:00:00Z")
    (concluded,) = found.told("recall.concluded")
    assert (concluded["outcome"], concluded["kind"], concluded["concludedOn"]) == ("issued", "fixed-28", "2016-02-02")
    assert raised["because"]
    assert concluded["because"]


@pytest.mark.parametrize(("clock", "raised"), [("12:00", []), ("12:01", ["serious"])])
def test_recall_is_requested_within_24_hours_of_the_decision(clock: str, raised: list[str]) -> None:
    person = on_licence().considered("2016-02-01", "recall").recall_requested("2016-02-02", clock)
    found = person.through("2016-02-03")
    assert found.raised("recall-late") == raised
    assert found.concerns() == []


def test_an_alternative_to_recall_starts_no_clock() -> None:
    found = on_licence().considered("2016-02-01", "alternative").through("2016-02-05")
    assert found.case.stages["recall"]["R1"].stage == "alternative"
    assert found.concerns() == []


def test_a_request_recorded_before_the_decision_is_the_same_recall() -> None:
    person = on_licence().recall_requested("2016-02-01", "15:00").considered("2016-02-01", "recall", "12:00")
    found = person.through("2016-02-05")
    assert found.case.stages["recall"]["R1"].stage == "requested"
    assert len(found.told("recall.raised")) == 1
    assert found.concerns() == []


def test_a_refused_recall_is_concluded() -> None:
    person = on_licence().considered("2016-02-01", "recall").recall_requested("2016-02-01", "15:00")
    found = person.recall_decided("2016-02-02", "refused").through("2016-02-02")
    assert found.case.stages["recall"]["R1"].stage == "refused"
    assert [each["outcome"] for each in found.told("recall.concluded")] == ["refused"]


def test_an_answer_before_its_request_is_recorded_concludes_the_recall_once_it_is() -> None:
    person = on_licence().considered("2016-02-01", "recall").recall_decided("2016-02-02", "issued", kind="standard")
    assert person.through("2016-02-02").told("recall.concluded") == []
    person.recall_requested("2016-02-01", "15:00", recorded="2016-02-04")
    found = person.through("2016-02-04")
    assert [each["recallId"] for each in found.told("recall.raised")] == ["R1"]
    assert [each["outcome"] for each in found.told("recall.concluded")] == ["issued"]
    assert found.case.stages["recall"]["R1"].stage == "issued"
    assert found.concerns() == []


def test_of_two_statements_of_a_decision_the_later_stands_whichever_comes_last() -> None:
    corrected = on_licence().considered("2016-02-01", "recall", "12:00")
    corrected.considered("2016-02-01", "alternative", "13:00")
    stale = on_licence().considered("2016-02-01", "alternative", "13:00")
    stale.considered("2016-02-01", "recall", "12:00", recorded="2016-02-02")
    for person in (corrected, stale):
        found = person.through("2016-02-05")
        assert found.case.recalls_considered["R1"].decision == "alternative"
        assert found.concerns() == []


def test_the_order_of_a_recall_is_the_one_last_stated() -> None:
    person = on_licence().considered("2016-02-01", "recall", order="O9").recall_requested("2016-02-01", "15:00")
    person.ended("2016-02-03", "O9")
    assert person.through("2016-02-03").case.stages["recall"]["R1"].stage == "requested"
    person.ended("2016-02-04", "O1")
    assert "recall" not in person.through("2016-02-04").case.stages
