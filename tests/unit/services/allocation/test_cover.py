"""Cover while an officer is absent: each case needs some, and is heard of once the limit is reached."""

from datetime import date
from typing import Any

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, LMC, Told, directed, form, officer, offices, run, sentence

FROM = date(2016, 5, 9)
"""A Monday; five business days after it is Monday the 16th."""


def away(when: str = "2016-05-09", **also: Any) -> HistoryRecord:
    named: dict[str, Any] = {"absence_id": "X", "officer_code": "A", "office_code": LMC, "started_on": FROM}
    return fact("workforce.officer.absence-started", LMC, at(when, "08:00"), **named, **also)


def back(on: date, when: str | None = None) -> HistoryRecord:
    named: dict[str, Any] = {"absence_id": "X", "officer_code": "A", "office_code": LMC, "ended_on": on}
    return fact("workforce.officer.absence-ended", LMC, at(when or on, "08:00"), **named)


def covered(when: str, since: date, until: date | None = None, by: str = "B", crn: str = CRN) -> HistoryRecord:
    fields: dict[str, Any] = {"officer_code": "A", "cover_officer_code": by, "from_": since}
    if until is not None:
        fields["until"] = until
    return fact("casework.cover.arranged", crn, at(when), **fields)


def held(*more: HistoryRecord) -> Told:
    return run(offices(), officer("A"), sentence(), form(), officer("B", when=at("2016-04-04")), more)


def missing(told: Told) -> int:
    return sum(each["code"] == "cover-missing" for each in told.raised())


def test_an_absence_without_cover_for_five_business_days_is_a_concern_of_each_case() -> None:
    told = held(away())
    assert told.open_concerns() == {"cover-missing": "warning"}
    assert told.when("concern.raised")[-1] == at("2016-05-16", "22:59").replace(second=59, microsecond=999000)
    raised = told.raised()[-1]
    assert (raised["subject"], raised["evidence"]) == ({"kind": "case", "code": CRN}, ["X"])


@pytest.mark.parametrize(
    ("more", "raised"),
    [
        ([back(date(2016, 5, 16))], 0),
        ([back(date(2016, 5, 17))], 1),
        ([away("2016-05-16", cover_officer_code="B")], 0),
        ([away("2016-05-17", cover_officer_code="B")], 1),
        ([covered("2016-05-16", date(2016, 5, 16))], 0),
        ([covered("2016-05-17", date(2016, 5, 17))], 1),
        ([directed("B", at("2016-05-16"))], 0),
        ([directed("B", at("2016-05-17"))], 1),
    ],
    ids=["back", "back late", "cover", "cover late", "own cover", "own cover late", "given away", "given away late"],
)
def test_return_cover_or_another_officer_by_the_fifth_business_day(more: list[HistoryRecord], raised: int) -> None:
    told = held(away(), *more)
    assert missing(told) == raised
    assert told.open_concerns() == {}


def test_cover_from_the_first_day_is_never_told_to_the_cases() -> None:
    told = held(away(cover_officer_code="B"), back(date(2016, 8, 1)))
    assert told.case().away == {}
    assert not told.outcomes("due.absence-told")


def test_cover_that_ends_before_the_absence_starts_the_count_anew() -> None:
    told = held(away(), covered("2016-05-09", FROM, date(2016, 6, 6)))
    assert told.open_concerns() == {"cover-missing": "warning"}
    assert told.when("concern.raised")[-1].date() == date(2016, 6, 13)


def test_cover_of_another_officers_case_is_none_of_this_one() -> None:
    stray = fact("casework.cover.arranged", CRN, at("2016-05-10"), officer_code="Z", cover_officer_code="B", from_=FROM)
    assert held(away(), stray).open_concerns() == {"cover-missing": "warning"}


def test_an_absence_that_is_recorded_after_its_limit_is_told_at_once() -> None:
    told = held(away("2016-05-20"))
    assert told.open_concerns() == {"cover-missing": "warning"}
    assert told.when("concern.raised")[-1] == at("2016-05-20", "08:00")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (covered("2016-05-10", FROM, by="A"), "refused covers-their-own-absence"),
        (covered("2016-05-10", FROM, date(2016, 5, 8)), "refused ends-before-it-starts"),
    ],
)
def test_cover_that_contradicts_itself_is_refused(record: HistoryRecord, reason: str) -> None:
    assert held(away(), record).outcomes("casework.cover.arranged") == {reason: 1}


def test_an_absence_covered_by_the_absent_is_refused() -> None:
    told = held(away(cover_officer_code="A"))
    assert told.outcomes("workforce.officer.absence-started") == {"refused covers-their-own-absence": 1}
    assert told.office().absences == {}
