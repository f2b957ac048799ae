"""Licences: every matter of the history is answered, and a variation is authorised."""

from datetime import date
from typing import Any

import pytest

from tests.builders import at
from tests.unit.services.resettlement.story import ORDER, form, order_ended, run, said, sentence, withdrawn


def licence(
    covers: tuple[str, ...] = (), justified: tuple[str, ...] = (), grade: str = "", when: str = "2016-09-01"
) -> Any:
    """A licence as issued, or as varied where a grade authorised it."""
    fields: dict[str, Any] = {
        "order_id": ORDER,
        "issued_on": date(2016, 9, 1),
        "conditions": [{"condition_id": "C1", "kind": "no-contact", "covers": covers}],
        "justified": justified,
    }
    if grade:
        varied: dict[str, Any] = {"authorised_by_grade": grade, "varied_on": date.fromisoformat(when)}
        return said("licence.varied", at(when), **fields, **varied)
    return said("licence.issued", at(when), **fields)


ABUSE = [sentence(), form(at("2016-03-05"), domestic_abuse="history")]
REGISTERED: dict[str, Any] = {"registration_id": "G1", "code": "victim-contact", "from": date(2016, 3, 6)}
VICTIM = [sentence(), said("registration.added", at("2016-03-06"), **REGISTERED)]
LATER = at("2016-12-01")


def test_a_history_without_a_matching_condition_is_ignored_history() -> None:
    assert run([*ABUSE, licence()], until=LATER).concerns("licence-ignores-history") == [("2016-09-01", "")]
    assert run([*VICTIM, licence(("domestic-abuse",))], until=LATER).concerns("licence-ignores-history")


@pytest.mark.parametrize(
    "answer", [licence(("domestic-abuse",)), licence((), ("domestic-abuse",)), licence(("child", "domestic-abuse"))]
)
def test_a_condition_or_a_justification_answers_it(answer: Any) -> None:
    assert run([*ABUSE, answer], until=LATER).concerns("licence-ignores-history") == []


def test_a_variation_that_answers_clears_it() -> None:
    varied = licence(("domestic-abuse",), grade="nps-senior-manager", when="2016-10-03")
    told = run([*ABUSE, licence(), varied], until=LATER)
    assert told.concerns("licence-ignores-history") == [("2016-09-01", "2016-10-03")]


def test_history_that_becomes_known_after_the_licence_is_to_be_answered() -> None:
    told = run([sentence(), licence(), form(at("2016-09-05"), child_safeguarding="current")], until=LATER)
    assert told.concerns("licence-ignores-history") == [("2016-09-05", "")]


def test_a_registration_taken_back_is_no_history() -> None:
    told = run([*VICTIM, licence(), withdrawn("G1", "registration", at("2016-09-10"))], until=LATER)
    assert told.concerns("licence-ignores-history") == [("2016-09-01", "2016-09-10")]


def test_the_end_of_the_order_ends_its_concerns() -> None:
    told = run([*ABUSE, licence(), order_ended(date(2016, 10, 3), "revoked-breach")], until=LATER)
    assert told.concerns("licence-ignores-history") == [("2016-09-01", "2016-10-03")]
    assert told.events("concern.cleared")[0]["reason"] == "order-ended"


@pytest.mark.parametrize(
    ("grade", "raised"), [("nps-senior-manager", False), ("spo", True), ("manager", True), ("po", True)]
)
def test_a_variation_is_authorised_by_a_senior_manager(grade: str, raised: bool) -> None:
    told = run([sentence(), licence(grade=grade)], until=LATER)
    assert bool(told.concerns("licence-variation-unauthorised")) is raised


def test_the_variation_stated_again_with_its_authority_clears_it() -> None:
    again = licence(grade="nps-senior-manager", when="2016-09-08")
    told = run([sentence(), licence(grade="spo"), again], until=LATER)
    assert told.concerns("licence-variation-unauthorised") == [("2016-09-01", "2016-09-08")]
