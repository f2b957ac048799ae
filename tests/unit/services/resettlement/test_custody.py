"""Custody: which movements begin and end a stay, and of which kind it is."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.builders import at
from tests.unit.services.resettlement.story import (
    ORDER,
    SENTENCED,
    due,
    moved,
    order_ended,
    received,
    released,
    run,
    said,
    sentence,
)


def test_a_sentence_and_an_admission_make_a_stay_in_custody() -> None:
    told = run([sentence(), received()])
    (entered,) = told.events("custody.entered")
    assert (entered["kind"], entered["orderId"], entered["enteredAt"]) == ("sentence", ORDER, "2016-03-04T18:00:00Z")


@pytest.mark.parametrize(
    ("way", "reason", "code", "why"),
    [
        ("received", "TEMPORARY_ABSENCE_RETURN", "C3", "temporary-absence"),
        ("received", "RETURN_FROM_COURT", "CRT", "court-appearance"),
        ("received", "TRANSFERRED", "INT", "transfer-between-prisons"),
        ("released", "TEMPORARY_ABSENCE_RELEASE", "C3", "temporary-absence"),
        ("released", "RELEASED_TO_HOSPITAL", "HP", "hospital"),
        ("released", "SENT_TO_COURT", "CRT", "court-appearance"),
        ("released", "TRANSFERRED", "TRN", "transfer-between-prisons"),
        ("released", "UNKNOWN", "X", "unknown-movement"),
        ("released", "RELEASED", "DD", "immigration-detention"),
        ("released", "RELEASED", "ECSLIRC", "immigration-detention"),
        ("released", "RELEASED", "MRG", "administrative-merge"),
        ("released", "RELEASED", "UAL", "unlawfully-at-large"),
    ],
)
def test_movements_that_neither_begin_nor_end_a_stay_are_ignored_by_name(
    way: str, reason: str, code: str, why: str
) -> None:
    told = run([sentence(), received(), moved(way, at("2016-04-01"), reason, code)])
    assert told.outcomes(f"prison-offender-events.prisoner.{way}")[-1] == ("ignored", why)
    assert told.stage("custody") == ["serving"]


@pytest.mark.parametrize("code", ["24", "L", "B", "Y", "PD", "ELR", "ETRLR"])
def test_a_movement_code_tells_a_recall(code: str) -> None:
    told = run([sentence(), received(), released(at("2016-06-01")), received(at("2016-08-01"), code)])
    assert [entered["kind"] for entered in told.events("custody.entered")] == ["sentence", "recall"]


def test_an_admission_after_an_issued_recall_is_a_recall_whatever_its_code() -> None:
    issued: dict[str, Any] = {
        "recall_id": "R1",
        "outcome": "issued",
        "kind": "standard",
        "decided_at": at("2016-07-20"),
    }
    recalled = said("recall.decided", at("2016-07-20"), **issued)
    told = run([sentence(), received(), released(at("2016-06-01")), recalled, received(at("2016-08-01"), "N")])
    assert told.events("custody.entered")[-1]["kind"] == "recall"
    refused = said("recall.decided", at("2016-07-20"), **{**issued, "outcome": "refused"})
    told = run([sentence(), received(), released(at("2016-06-01")), refused, received(at("2016-08-01"), "N")])
    assert told.events("custody.entered")[-1]["kind"] == "remand-or-unknown"


def test_remand_has_no_duties_until_the_sentence_which_is_told_as_a_stay_of_its_kind() -> None:
    on_remand = received(at("2016-02-01"), "N")
    link = said("person.linked", at("2016-02-01", "12:00"), noms_number="A1234BC")
    told = run([on_remand, link], until=at("2016-03-01"))
    assert [entered["kind"] for entered in told.events("custody.entered")] == ["remand-or-unknown"]
    assert told.case().duties == {}
    told = run([on_remand, link, sentence()], until=at("2016-03-06"))
    entered = told.events("custody.entered")
    assert [each["kind"] for each in entered] == ["remand-or-unknown", "sentence"]
    assert {each["enteredAt"] for each in entered} == {"2016-02-01T10:00:00Z"}
    assert entered[-1]["orderId"] == ORDER


def test_an_admission_on_licence_for_something_else_is_remand() -> None:
    told = run([sentence(), received(), released(at("2016-06-01")), received(at("2016-08-01"), "N")])
    assert told.events("custody.entered")[-1]["kind"] == "remand-or-unknown"
    assert told.stage("custody") == ["released", "remand"]


def test_a_second_admission_inside_goes_on_with_the_stay() -> None:
    told = run([sentence(), received(), received(at("2016-04-01"), "N"), released(at("2016-06-01"))])
    assert len(told.events("custody.entered")) == 1
    assert len(told.events("custody.left")) == 1


def test_a_release_without_a_known_admission_shows_that_the_sentence_was_served() -> None:
    told = run([sentence(), released(at("2016-06-01"))])
    assert told.events("custody.entered")[0]["kind"] == "sentence"
    assert told.events("custody.left")[0]["leftAt"] == "2016-06-01T10:00:00Z"


def test_a_release_of_someone_without_a_sentence_is_no_stay() -> None:
    link = said("person.linked", at("2016-02-01"), noms_number="A1234BC")
    assert run([link, released(at("2016-06-01"))]).types() == []


def test_death_in_custody_ends_the_stay_and_no_supervision_follows() -> None:
    told = run([sentence(), received(), due(), released(at("2016-05-01"), "DEC")])
    assert told.events("custody.left")[0]["reason"] == "died"
    assert told.stage("custody") == ["died"]
    assert told.events("supervision.started") == []
    assert told.case().duties == {}


def test_an_admission_told_late_takes_its_place() -> None:
    late = received(at(SENTENCED, "18:00"), recorded=at("2016-07-01"))
    in_order = run([sentence(), received(), due(), released(at("2016-06-01"))])
    too_late = run([sentence(), due(), released(at("2016-06-01")), late])
    assert too_late.stage("custody") == in_order.stage("custody")
    assert [entered["enteredAt"] for entered in too_late.events("custody.entered")][-1] == "2016-03-04T18:00:00Z"


@pytest.mark.parametrize(("term", "bound"), [("P1D", False), ("P2D", True), ("P1M", True), ("life", True)])
def test_through_the_gate_serves_a_sentence_of_more_than_a_day(term: str, bound: bool) -> None:
    told = run([sentence(custodial_term=term), received(), due(date(2016, 8, 2))])
    assert bool(told.case().duties) is bound


def test_the_end_of_the_order_ends_the_duties_of_the_stay() -> None:
    told = run([sentence(), received(), due(), order_ended(date(2016, 5, 2), "quashed")])
    assert told.case().duties == {}
    assert {code for code, _, _ in told.open()} == set()


def test_of_two_sentences_the_longer_one_is_served() -> None:
    shorter = sentence(order_id="O2", custodial_term="P3M", when=at(SENTENCED, "16:30"))
    told = run([sentence(), shorter, received()])
    assert told.events("custody.entered")[0]["orderId"] == ORDER


def test_the_end_of_an_order_that_is_not_custody_stands_whether_it_comes_before_the_sentence_or_after() -> None:
    community = sentence(disposal="community-order", custodial_term=None)
    end = order_ended(date(2016, 5, 2))
    ended_first = run([end, replace(community, timestamp=at("2016-06-01"))])
    ended_last = run([community, end])
    assert ended_first.case().orders == ended_last.case().orders
    assert ended_last.case().orders[ORDER].ended_on == date(2016, 5, 2)
