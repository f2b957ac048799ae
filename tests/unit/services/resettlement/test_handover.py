"""Hand-over: sent 10 business days before release, accepted 5 before, sent again where it comes back."""

from datetime import date

import pytest

from tests.builders import at
from tests.unit.services.resettlement.story import due, handover, inside, received, released, run, sentence

START = [sentence(), received(), due()]
"""Release on Thursday 2016-09-15: due to be sent by 1 September, accepted by 8 September."""


def test_a_hand_over_is_scheduled_when_pre_release_work_opens() -> None:
    told = run(START, until=at("2016-06-24"))
    (scheduled,) = told.events("handover.scheduled")
    assert scheduled["sendDueAt"] == "2016-09-01T22:59:59.999000Z"
    assert scheduled["acceptDueAt"] == "2016-09-08T22:59:59.999000Z"
    assert scheduled["releaseOn"] == "2016-09-15"


@pytest.mark.parametrize(("sent_on", "late"), [("2016-08-31", False), ("2016-09-01", False), ("2016-09-02", True)])
def test_sent_by_ten_business_days_before_release(sent_on: str, late: bool) -> None:
    told = run([*START, handover("sent", date.fromisoformat(sent_on))], until=at("2016-09-05"))
    assert [overdue["stage"] for overdue in told.events("handover.overdue")] == (["send"] if late else [])
    assert told.concerns("handover-overdue") == ([("2016-09-01", "2016-09-02")] if late else [])
    assert [sent["handoverId"] for sent in told.events("handover.sent")] == ["H1"]


@pytest.mark.parametrize(("accepted_on", "late"), [("2016-09-08", False), ("2016-09-09", True)])
def test_accepted_by_five_business_days_before_release(accepted_on: str, late: bool) -> None:
    told = run(
        [*START, handover("sent", date(2016, 8, 31)), handover("accepted", date.fromisoformat(accepted_on))],
        until=at("2016-09-12"),
    )
    assert [overdue["stage"] for overdue in told.events("handover.overdue")] == (["accept"] if late else [])
    assert told.concerns("handover-overdue") == ([("2016-09-08", "2016-09-09")] if late else [])


def test_a_sending_told_late_counts_by_its_own_date() -> None:
    told = run([*START, handover("accepted", date(2016, 9, 7))], until=at("2016-09-12"))
    assert told.duty("handover-overdue.send") == {"2016-03-04T18:00:00.000Z": "missed"}
    early = handover("sent", date(2016, 8, 31))
    late = early.__class__(early.topic, at("2016-09-06"), early.key, early.value)
    told = run([*START, late, handover("accepted", date(2016, 9, 7))], until=at("2016-09-12"))
    assert set(told.duty("handover-overdue.send").values()) == {"met"}
    assert told.concerns("handover-overdue") == [("2016-09-01", "2016-09-06")]


def test_a_returned_hand_over_is_to_be_sent_again() -> None:
    sent, back = handover("sent", date(2016, 8, 30)), handover("returned", date(2016, 8, 31))
    told = run([*START, sent, back], until=at("2016-09-02"))
    assert told.stage("handover") == ["returned"]
    assert told.concerns("handover-overdue") == [("2016-09-01", "")]
    again = handover("sent", date(2016, 8, 31), "14:00")
    told = run([*START, sent, back, again], until=at("2016-09-02"))
    assert told.stage("handover") == ["sent"]
    assert told.concerns("handover-overdue") == []
    assert len(told.events("handover.sent")) == 2


def test_a_hand_over_returned_after_its_limit_is_overdue_again() -> None:
    told = run(
        [*START, handover("sent", date(2016, 8, 30)), handover("returned", date(2016, 9, 6))], until=at("2016-09-07")
    )
    assert told.concerns("handover-overdue") == [("2016-09-06", "")]


def test_an_accepted_hand_over_is_completed_by_the_release() -> None:
    steps = [handover("sent", date(2016, 8, 30)), handover("accepted", date(2016, 9, 1))]
    told = run([*inside(), *steps, released()], until=at("2016-09-15", "12:00"))
    (completed,) = told.events("handover.completed")
    assert (completed["handoverId"], completed["stage"], completed["at"]) == ("H1", "accept", "2016-09-15T09:00:00Z")
    assert told.stage("handover") == ["completed"]


@pytest.mark.parametrize("steps", [[], [handover("sent", date(2016, 8, 30))]])
def test_an_unfinished_hand_over_lapses_with_the_release(steps: list[object]) -> None:
    told = run([*inside(), *steps, released()], until=at("2016-09-15", "12:00"))  # type: ignore[list-item]
    assert told.events("handover.completed") == []
    assert told.stage("handover") == ["lapsed"]


def test_a_hand_over_sent_before_pre_release_work_opens_counts_when_it_does() -> None:
    told = run([*START, handover("sent", date(2016, 5, 3))], until=at("2016-06-01"))
    assert told.events("handover.sent") == []
    told = run([*START, handover("sent", date(2016, 5, 3))], until=at("2016-06-24"))
    assert told.types()[-3:] == ["pre-release.opened", "handover.scheduled", "handover.sent"]


def test_known_five_days_before_release_everything_is_due_on_the_day_itself() -> None:
    told = run([sentence(), received(), due(date(2016, 3, 10))], until=at("2016-03-09"))
    (scheduled,) = told.events("handover.scheduled")
    assert scheduled["sendDueAt"] == scheduled["acceptDueAt"] == "2016-03-10T23:59:59.999000Z"
