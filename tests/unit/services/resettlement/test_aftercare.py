"""After release: a review, constructive work in every period, an officer who meets a person released out of area."""

from datetime import date
from typing import Any

import pytest

from tests.builders import at
from tests.unit.services.resettlement.story import (
    address,
    appointment,
    officer,
    provider,
    received,
    released,
    review,
    run,
    said,
    sentence,
    withdrawn,
)

OUT = [sentence(), received(), provider(), released(at("2016-09-02", "09:00"))]
"""Released on Friday 2016-09-02: review by 23 September, work by 28 October, an officer out of area by 30 September."""


def worked(on: str, **also: Any) -> Any:
    """A day of rehabilitation activity is credited."""
    fields: dict[str, Any] = {
        "credit_id": f"RAR-{on}",
        "requirement_id": "RAR",
        "activity_on": date.fromisoformat(on),
        "days": 1,
        "activity_code": "X",
        "contracted": True,
    }
    return said("rar-day.credited", at(on, "17:00"), **{**fields, **also})


@pytest.mark.parametrize(("on", "late"), [("2016-09-23", False), ("2016-09-26", True)])
def test_the_plan_is_reviewed_within_fifteen_business_days_of_release(on: str, late: bool) -> None:
    told = run([*OUT, review(date.fromisoformat(on))], until=at("2016-09-27"))
    assert told.concerns("post-release-review-missing") == ([("2016-09-23", on)] if late else [])


def test_another_review_is_no_review_of_the_release() -> None:
    told = run([*OUT, review(date(2016, 9, 20), ("routine",))], until=at("2016-09-27"))
    assert told.concerns("post-release-review-missing") == [("2016-09-23", "")]


def test_custody_on_licence_pauses_the_review() -> None:
    remanded = [received(at("2016-09-12"), "N"), released(at("2016-09-19"))]
    told = run([*OUT, *remanded, review(date(2016, 9, 30))], until=at("2016-10-10"))
    assert told.concerns("post-release-review-missing") == []
    told = run([*OUT, received(at("2016-09-12"), "N")], until=at("2016-10-10"))
    assert told.concerns("post-release-review-missing") == []


@pytest.mark.parametrize(("worked_on", "raised_on"), [("2016-09-30", "2016-11-25"), (None, "2016-10-28")])
def test_eight_weeks_without_constructive_work_is_drift(worked_on: str | None, raised_on: str) -> None:
    told = run([*OUT, *([worked(worked_on)] if worked_on else [])], until=at("2016-12-10"))
    assert told.concerns("supervision-drift") == [(raised_on, "")]


@pytest.mark.parametrize(
    ("fact", "counts"),
    [
        (worked("2016-10-20"), True),
        (worked("2016-10-20", contracted=False), False),
        (worked("2016-10-20", days=0), False),
        (said("referral.started", at("2016-10-20"), referral_id="R1", started_on=date(2016, 10, 20)), True),
        (appointment("attended", at("2016-10-20"), purpose="programme-session"), True),
        (appointment("attended", at("2016-10-20"), purpose="supervision"), False),
    ],
)
def test_what_is_constructive_work(fact: Any, counts: bool) -> None:
    told = run([*OUT, fact], until=at("2016-11-01"))
    assert (told.concerns("supervision-drift") == []) is counts


def test_work_clears_drift_and_work_taken_back_raises_it_again() -> None:
    told = run(
        [*OUT, worked("2016-11-07"), withdrawn("RAR-2016-11-07", "credit", at("2016-11-14"))], until=at("2016-12-01")
    )
    assert told.concerns("supervision-drift") == [("2016-10-28", "2016-11-07"), ("2016-11-14", "")]


def test_post_sentence_supervision_has_a_drift_of_its_own() -> None:
    told = run([*OUT, worked("2017-02-20")], until=at("2017-05-10"))
    refs = {ref for code, ref, _ in told.open() if code == "supervision-drift"}
    assert refs == {"post-sentence.2016-09-02"}


OUT_OF_AREA = [*OUT, officer(when=at("2016-08-01")), address(at("2016-08-10"), unit="LDU9")]


@pytest.mark.parametrize(
    ("seen_on", "by", "met"),
    [("2016-09-30", "OFF1", True), ("2016-10-03", "OFF1", False), ("2016-09-20", "OFF2", False)],
)
def test_out_of_area_the_officer_meets_the_person_within_twenty_business_days(seen_on: str, by: str, met: bool) -> None:
    told = run([*OUT_OF_AREA, appointment("attended", at(seen_on), officer_code=by)], until=at("2016-10-02"))
    assert (told.concerns("out-of-area-unmet") == []) is met


def test_at_home_no_meeting_is_asked_for() -> None:
    at_home = [*OUT, officer(when=at("2016-08-01")), address(at("2016-08-10"))]
    assert run(at_home, until=at("2016-10-10")).concerns("out-of-area-unmet") == []
