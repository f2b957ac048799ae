"""AE: packs in time, and breaches due without one, which lower coverage."""

import pytest

from deploy.history import HistoryRecord
from tests.unit.services.metrics.story import (
    CRC,
    allocated,
    breach_due,
    case,
    counted,
    discretion,
    ended,
    levels,
    measured,
    pack,
    provider,
    run,
    told,
    transferred,
    withdrawn,
)

HELD = allocated("2015-10-01")
DUE = "due order-1 2016-03-02 failure-1"


@pytest.mark.parametrize(
    ("submitted", "met"), [("2016-03-02", True), ("2016-03-14", True), ("2016-03-15", False), ("2016-04-20", False)]
)
def test_a_pack_is_in_time_on_the_eighth_business_day_after_awareness(submitted: str, met: bool) -> None:
    found = measured(run(HELD, pack(submitted, aware="2016-03-02")), "AE", "pack-1")
    assert (found.met, found.known, found.provider, found.period) == (met, True, CRC, "2016-03")


def test_only_the_first_submission_counts() -> None:
    first, second = pack("2016-03-10", aware="2016-03-02"), pack("2016-03-30", aware="2016-03-02", submission=2)
    assert measured(run(HELD, first, second), "AE", "pack-1").met is True
    assert "AE" not in case(run(HELD, second)).measured


def test_a_breach_due_without_a_pack_lowers_coverage_and_accuses_nobody() -> None:
    found = run(HELD, breach_due("2016-03-02", aware="2016-03-02"), pack("2016-03-20", aware="2016-03-20", ref="p2",
                failure_ids=["failure-9"]))  # fmt: skip
    row = measured(found, "AE", DUE)
    assert (row.met, row.known) == (None, False)
    (level,) = levels(found, "AE", "2016-03")
    assert (level["numerator"], level["denominator"], level["coveragePercent"]) == (1, 1, "50.0")


@pytest.mark.parametrize(
    "then",
    [
        pack("2016-03-10", aware="2016-03-02"),
        pack("2016-03-10", aware="2016-03-04"),  # the same failures, awareness stated otherwise
        pack("2016-03-10", aware="2016-03-02", failure_ids=["failure-7"]),
        discretion("2016-03-10", "failure-2"),
        counted("2016-03-10", "acceptable"),
        withdrawn("failure-2", kind="failure", recorded="2016-03-10"),
    ],
)
def test_a_breach_is_due_no_more_once_referred_not_pursued_or_undone(then: HistoryRecord) -> None:
    found = run(HELD, breach_due("2016-03-02", aware="2016-03-02"), then)
    assert measured(found, "AE", DUE).exclusion == "withdrawn"
    gone = told(found, "performance.measurement.recorded", exclusion="withdrawn")
    assert len(gone) == 1


def test_a_failure_judged_unacceptable_again_makes_the_breach_due_again() -> None:
    again = [counted("2016-03-10", "acceptable"), counted("2016-03-12", "unacceptable")]
    found = run(HELD, breach_due("2016-03-02", aware="2016-03-02"), *again)
    row = measured(found, "AE", DUE)
    assert (row.exclusion, row.known, row.n) == (None, False, 3)


def test_a_breach_said_again_with_another_awareness_is_the_same_breach() -> None:
    moved = breach_due("2016-03-05", aware="2016-03-04", failure_ids=["failure-2", "failure-3"])
    found = run(HELD, breach_due("2016-03-02", aware="2016-03-02"), moved)
    assert measured(found, "AE", DUE).exclusion == "withdrawn"
    assert measured(found, "AE", "due order-1 2016-03-04 failure-2").exclusion is None


def test_a_breach_that_the_nps_takes_to_court_itself_is_no_referral() -> None:
    assert "AE" not in case(run(HELD, breach_due("2016-03-02", aware="2016-03-02", route="nps-court"))).measured
    nps = allocated("2015-10-01", kind="nps")
    assert "AE" not in case(run(nps, pack("2016-03-10", aware="2016-03-02"))).measured


def test_the_provider_is_the_one_that_supervised_on_the_day_of_awareness() -> None:
    before = transferred("2016-03-01", to_provider_code="CRC-2", to_provider_kind="crc")
    found = run(HELD, before, pack("2016-03-10", aware="2016-03-02"))
    assert measured(found, "AE", "pack-1").provider == "CRC-2"


def test_a_case_transferred_before_it_was_due_is_left_out() -> None:
    found = run(HELD, transferred("2016-03-10"), breach_due("2016-03-02", aware="2016-03-02"))
    row = measured(found, "AE", DUE)
    assert (row.exclusion, row.known) == ("transferred", True)


@pytest.mark.parametrize(("on", "excluded"), [("2016-03-14", "order-ended"), ("2016-03-15", None)])
def test_a_breach_whose_order_ended_before_it_was_due_is_left_out(on: str, excluded: str | None) -> None:
    found = run(HELD, breach_due("2016-03-02", aware="2016-03-02"), ended(on, "expired-incomplete"))
    assert measured(found, "AE", DUE).exclusion == excluded


def test_a_pack_that_comes_before_the_allocation_counts_once_the_provider_is_known() -> None:
    found = run(pack("2016-03-10", aware="2016-03-02"), allocated("2016-03-01", recorded="2016-04-01"))
    assert measured(found, "AE", "pack-1").met is True


@pytest.mark.parametrize(("packs", "open_"), [(1, True), (2, False), (3, False)])
def test_a_month_of_which_less_than_60_percent_can_be_judged_raises_a_concern(packs: int, open_: bool) -> None:
    history = [
        pack("2016-03-03", aware="2016-03-02", ref=f"p{n}", failure_ids=[f"f{n}"], crn="B000001") for n in range(packs)
    ]
    found = run(HELD, breach_due("2016-03-04", aware="2016-03-04"), allocated("2015-10-01", crn="B000001"), *history)
    assert ("measure-under-covered|AE" in provider(found).concerns) is open_


def test_the_next_month_that_is_covered_clears_it() -> None:
    later = pack("2016-04-05", aware="2016-04-04", failure_ids=["failure-9"])
    found = run(HELD, breach_due("2016-03-04", aware="2016-03-04"), later)
    assert len(told(found, "performance.concern.raised", code="measure-under-covered")) == 1
    assert len(told(found, "performance.concern.cleared", code="measure-under-covered")) == 1
