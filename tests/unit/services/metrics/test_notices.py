"""Below target for a month, and an improvement notice after three in a row; two at target end it."""

from typing import Any

import pytest

from deploy.history import HistoryRecord
from deploy.simulate import Simulated
from tests.unit.services.metrics.story import CRC, ended, endings, provider, run, told

BELOW, NOTICE = "service-level-below-target", "improvement-notice-recommended"
RECOMMENDED = "performance.improvement-notice.recommended"


def months(pattern: str) -> list[HistoryRecord]:
    """Months from January 2016: `-` below the target of SL008, `+` at it, a blank without any ending."""
    history: list[HistoryRecord] = []
    for n, side in enumerate(pattern, 1):
        outcomes = {"-": ["completed", "revoked-breach"], "+": ["completed"], " ": []}[side]
        history += endings(*outcomes, on=f"2016-{n:02d}-15", first=n * 10)
    return history


def raised(found: Simulated, code: str) -> list[dict[str, Any]]:
    """The concerns raised with a code about SL008."""
    concerns = told(found, "performance.concern.raised", code=code)
    return [concern for concern in concerns if concern["evidence"][0].startswith("SL008 ")]


def is_open(found: Simulated, code: str) -> bool:
    """Whether the concern about SL008 is open at the end."""
    return f"{code}|SL008" in provider(found).concerns


@pytest.mark.parametrize(
    ("pattern", "below", "notice"),
    [
        ("-", True, False),
        ("+", False, False),
        ("--", True, False),
        ("---", True, True),
        ("--+", False, False),
        ("--+-", True, False),
        ("-- -", True, False),  # a month without figures breaks the run
        ("---+", False, True),
        ("---+-", True, True),
        ("---++", False, False),
        ("---+ +", False, True),
        ("---++--", True, False),
        ("---++---", True, True),
    ],
)
def test_three_months_below_target_bring_a_notice_and_two_at_target_end_it(
    pattern: str, below: bool, notice: bool
) -> None:
    found = run(*months(pattern))
    assert (is_open(found, BELOW), is_open(found, NOTICE)) == (below, notice)


def test_a_month_exactly_at_target_is_not_below_it() -> None:
    assert not is_open(run(*endings("completed", "completed", "completed", "expired-incomplete")), BELOW)
    assert is_open(run(*endings(*["completed"] * 74, *["expired-incomplete"] * 25)), BELOW)


def test_the_notice_names_its_months_and_is_told_once() -> None:
    found = run(*months("-----"))
    (notice,) = told(found, RECOMMENDED)
    assert notice["periods"] == ["2016-01", "2016-02", "2016-03"]
    assert (notice["providerCode"], notice["measureCode"]) == (CRC, "SL008")
    (concern,) = raised(found, NOTICE)
    assert (concern["severity"], concern["subject"]) == ("serious", {"kind": "provider", "code": CRC})
    assert concern["thresholdConfirmed"] is False


def test_a_second_run_after_recovery_brings_a_second_notice() -> None:
    found = run(*months("---++---"))
    assert [each["periods"][-1] for each in told(found, RECOMMENDED)] == ["2016-03", "2016-08"]
    assert len(told(found, "performance.concern.cleared", code=NOTICE)) == 1


def test_the_next_month_at_target_clears_below_target() -> None:
    found = run(*months("-+-"))
    assert len(raised(found, BELOW)) == 2
    assert len(told(found, "performance.concern.cleared", code=BELOW)) == 1


def test_a_restatement_of_an_old_month_takes_the_notice_back() -> None:
    late = ended("2016-02-15", "completed", recorded="2016-07-01", crn="B000021")
    found = run(*months("---"), late)
    assert not is_open(found, NOTICE)
    assert is_open(found, BELOW)


def test_a_measure_without_a_target_raises_nothing() -> None:
    found = run(*endings("revoked-breach", on="2014-03-15"))
    assert not provider(found).concerns
