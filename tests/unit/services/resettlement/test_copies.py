"""Copied plans: the same text, or nearly, as an earlier plan of any kind."""

from datetime import date

import pytest

from services.resettlement.domain.copies import similarity
from tests.builders import at
from tests.unit.services.resettlement.story import plan, review, run, said, withdrawn

FIRST = plan(date(2016, 3, 9), "P1", simhash="0000000000000000")
LATER = at("2016-12-01")


def test_the_same_text_is_a_copy_whatever_the_kind() -> None:
    told = run([FIRST, plan(date(2016, 6, 1), "P2", "release")], until=LATER)
    assert told.concerns("plan-copied") == [("2016-06-01", "")]
    assert [ref for _, ref, _ in told.open()] == ["P2"]


@pytest.mark.parametrize(("bits", "copied"), [(6, True), (7, False)])
def test_similarity_above_nine_tenths_is_a_copy(bits: int, copied: bool) -> None:
    other = f"{(1 << bits) - 1:016x}"
    told = run([FIRST, plan(date(2016, 6, 1), "P2", text="b", simhash=other)], until=LATER)
    assert bool(told.concerns("plan-copied")) is copied


def test_similarity_is_one_less_the_share_of_differing_bits() -> None:
    assert similarity("0000000000000000", "0000000000000000") == 1
    assert similarity("0000000000000000", "ffffffffffffffff") == 0
    assert str(similarity("0000000000000000", "0000000000000001")) == "0.984375"


def test_a_plan_of_its_own_is_no_copy() -> None:
    assert run([FIRST, plan(date(2016, 6, 1), "P2", text="b")], until=LATER).concerns("plan-copied") == []


def test_the_earlier_of_two_is_the_original_in_whatever_order_they_come() -> None:
    later = plan(date(2016, 2, 1), "P0")
    late = later.__class__(later.topic, at("2016-07-01"), later.key, later.value)
    told = run([FIRST, late], until=LATER)
    assert [ref for _, ref, _ in told.open()] == ["P1"]


@pytest.mark.parametrize(
    "looked_at",
    [
        review(date(2016, 7, 1), ("routine",), ("P2",)),
        said(
            "oversight.recorded",
            at("2016-07-01", "16:00"),
            oversight_id="OV1",
            trigger="copied-work",
            trigger_event_ids=["P2"],
            decision="keep",
            by_grade="spo",
            recorded_on=date(2016, 7, 1),
            actions=[],
        ),
    ],
)
def test_a_review_or_oversight_of_the_copy_clears_it(looked_at: object) -> None:
    told = run([FIRST, plan(date(2016, 6, 1), "P2"), looked_at], until=LATER)  # type: ignore[list-item]
    assert told.concerns("plan-copied") == [("2016-06-01", "2016-07-01")]


def test_without_the_earlier_plan_there_is_no_copy() -> None:
    told = run([FIRST, plan(date(2016, 6, 1), "P2"), withdrawn("P1", "plan", at("2016-07-01"))], until=LATER)
    assert told.concerns("plan-copied") == [("2016-06-01", "2016-07-01")]
    assert told.events("concern.cleared")[0]["reason"] == "withdrawn"
