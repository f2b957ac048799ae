"""Supervision after release: 12 months in all for short sentences, licence for longer ones, and what ends it early."""

from datetime import date
from typing import Any

import pytest

from tests.builders import at
from tests.unit.services.resettlement.story import (
    due,
    order_ended,
    provider,
    received,
    released,
    run,
    screened,
    sentence,
)

OUT = at("2016-09-02", "09:00")


def periods(until: str = "2030-01-01", *also: Any, **terms: Any) -> list[tuple[str, str, str]]:
    """The periods of supervision of a sentence served until 2 September 2016."""
    told = run([sentence(**terms), received(), provider(), released(OUT), *also], until=at(until))
    return [(each["kind"], each["startsOn"], each["endsOn"]) for each in told.events("supervision.started")]


def test_a_short_sentence_brings_twelve_months_in_all() -> None:
    assert periods() == [("licence", "2016-09-02", "2017-03-03"), ("post-sentence", "2017-03-04", "2017-09-02")]


@pytest.mark.parametrize(
    ("term", "kinds"),
    [
        ("P1D", []),
        ("P2D", ["post-sentence"]),
        ("P23M", ["licence"]),
        ("P24M", ["licence"]),
        ("P2Y", ["licence"]),
        ("P5Y", ["licence"]),
    ],
)
def test_by_length_of_sentence(term: str, kinds: list[str]) -> None:
    assert [kind for kind, _, _ in periods(custodial_term=term)] == kinds


@pytest.mark.parametrize(
    ("offence_on", "kinds"),
    [
        (date(2015, 1, 31), ["licence"]),
        (date(2015, 2, 1), ["licence", "post-sentence"]),
    ],
)
def test_by_date_of_offence(offence_on: date, kinds: list[str]) -> None:
    assert [kind for kind, _, _ in periods(offence_on=offence_on)] == kinds


@pytest.mark.parametrize(
    ("term", "kinds"),
    [("P23M", ["licence", "post-sentence"]), ("P24M", ["licence"]), ("P104W", ["licence", "post-sentence"])],
)
def test_twenty_four_months_and_more_bring_no_post_sentence_supervision(term: str, kinds: list[str]) -> None:
    late = at("2017-12-01")
    told = run([sentence(custodial_term=term), received(), provider(), released(late)], until=at("2019-06-01"))
    assert [each["kind"] for each in told.events("supervision.started")] == kinds


def test_a_life_licence_has_no_end_in_sight() -> None:
    assert periods(custodial_term="life") == [("licence", "2016-09-02", "2199-12-31")]


def test_the_dates_that_the_prison_states_win() -> None:
    stated = due(date(2016, 9, 2), licence_ends_on=date(2017, 1, 15), post_sentence_ends_on=date(2017, 8, 20))
    assert periods("2030-01-01", stated) == [
        ("licence", "2016-09-02", "2017-01-15"),
        ("post-sentence", "2017-01-16", "2017-08-20"),
    ]


def test_release_starts_the_licence_and_its_last_day_starts_post_sentence_supervision() -> None:
    history = [sentence(), received(), screened(), provider(), released(OUT)]
    told = run(history, until=at("2017-03-03", "23:00"))
    (licence,) = told.events("supervision.started")
    assert (licence["releasedOn"], licence["providerCode"]) == ("2016-09-02", "C16")
    assert licence["resettlementProviderCode"] == "C09"
    told = run(history, until=at("2017-03-04", "00:00"))
    (ended,) = told.events("supervision.ended")
    assert (ended["kind"], ended["endedOn"], ended["outcome"]) == ("licence", "2017-03-03", "completed")
    assert "releasedOn" not in told.events("supervision.started")[-1]
    assert told.events("supervision.started")[-1]["supervisionId"] != licence["supervisionId"]


def test_supervision_is_told_once_the_provider_is_known() -> None:
    history = [sentence(), received(), released(OUT)]
    assert run(history, until=at("2016-10-01")).events("supervision.started") == []
    told = run([*history, provider(at("2016-09-10"))], until=at("2016-10-01"))
    (started,) = told.events("supervision.started")
    assert started["when"] == at("2016-09-10")


def test_release_at_court_starts_supervision_with_the_sentence() -> None:
    told = run([sentence(released_at_court=True), provider()], until=at("2016-03-10"))
    assert [each["releasedOn"] for each in told.events("supervision.started")] == ["2016-03-04"]
    assert told.events("custody.entered") == []


def test_a_recall_ends_the_licence_and_release_starts_anew() -> None:
    back = received(at("2016-10-10", "15:00"), "24")
    out = released(at("2016-11-07", "09:00"))
    told = run([sentence(), received(), provider(), released(OUT), back, out], until=at("2018-01-01"))
    ended = [(each["kind"], each["endedOn"], each["outcome"]) for each in told.events("supervision.ended")]
    assert ended[0] == ("licence", "2016-10-10", "recalled")
    started = [(each["kind"], each["startsOn"], each["endsOn"]) for each in told.events("supervision.started")]
    assert started == [
        ("licence", "2016-09-02", "2017-03-03"),
        ("licence", "2016-11-07", "2017-03-03"),
        ("post-sentence", "2017-03-04", "2017-09-02"),
    ]


def test_a_new_sentence_of_custody_ends_supervision() -> None:
    again = sentence(order_id="O2", sentenced_on=date(2016, 12, 1), custodial_term="P3M")
    told = run(
        [sentence(), received(), provider(), released(OUT), again, received(at("2016-12-01", "18:00"))],
        until=at("2017-01-01"),
    )
    (ended,) = told.events("supervision.ended")
    assert (ended["endedOn"], ended["outcome"]) == ("2016-12-01", "custody-new-sentence")


def test_remand_on_licence_leaves_it_open_until_the_sentence() -> None:
    remanded = [sentence(), received(), provider(), released(OUT), received(at("2016-11-01"), "N")]
    assert run(remanded, until=at("2016-12-31")).events("supervision.ended") == []
    again = sentence(order_id="O2", sentenced_on=date(2016, 12, 1), custodial_term="P3M")
    (ended,) = run([*remanded, again], until=at("2016-12-31")).events("supervision.ended")
    assert (ended["endedOn"], ended["outcome"]) == ("2016-12-01", "custody-new-sentence")


@pytest.mark.parametrize(
    ("outcome", "told_as"),
    [
        ("completed", ["completed"]),
        ("revoked-good-progress", ["completed"]),
        ("expired-incomplete", ["completed"]),
        ("revoked-breach", ["revoked"]),
        ("revoked-reoffending", ["revoked"]),
        ("died", ["died"]),
        ("deported", ["deported"]),
        ("quashed", []),
        ("moved-jurisdiction", []),
    ],
)
def test_the_end_of_the_order_ends_supervision(outcome: str, told_as: list[str]) -> None:
    ended = order_ended(date(2016, 12, 1), outcome)
    told = run([sentence(), received(), provider(), released(OUT), ended], until=at("2018-01-01"))
    assert [each["outcome"] for each in told.events("supervision.ended")] == told_as
    assert len(told.events("supervision.started")) == 1
    assert told.open() == set()


def test_the_end_of_the_order_on_the_last_day_tells_one_end() -> None:
    ended = order_ended(date(2017, 9, 2))
    told = run([sentence(), received(), provider(), released(OUT), ended], until=at("2018-01-01"))
    assert [(each["kind"], each["outcome"]) for each in told.events("supervision.ended")] == [
        ("licence", "completed"),
        ("post-sentence", "completed"),
    ]


def test_a_sentence_known_after_the_release_starts_supervision_of_the_same_dates() -> None:
    link = sentence(when=at("2016-10-01"))
    told = run([received(), released(OUT), link, provider()], until=at("2016-10-02"))
    assert [each["startsOn"] for each in told.events("supervision.started")] == ["2016-09-02"]
