"""SL008: how community and suspended sentence orders end, in the month of the ending."""

import pytest

from tests.unit.services.metrics.story import (
    CRC,
    allocated,
    case,
    corrected,
    ended,
    measured,
    run,
    sentenced,
    told,
    transferred,
)

HELD = allocated("2015-10-01")


@pytest.mark.parametrize(
    ("outcome", "met", "excluded"),
    [
        ("completed", True, None),
        ("revoked-good-progress", True, None),
        ("expired-incomplete", False, None),
        ("revoked-breach", False, None),
        ("revoked-reoffending", False, None),
        ("died", None, "died"),
        ("deported", None, "deported"),
        ("quashed", None, "quashed"),
        ("moved-jurisdiction", None, "moved-jurisdiction"),
    ],
)
def test_completed_and_revoked_for_good_progress_are_positive(
    outcome: str, met: bool | None, excluded: str | None
) -> None:
    found = measured(run(HELD, ended("2016-03-31", outcome)), "SL008")
    assert (found.met, found.exclusion, found.period, found.provider) == (met, excluded, "2016-03", CRC)


def test_an_order_that_ended_otherwise_than_first_stated_supersedes() -> None:
    found = run(HELD, ended("2016-03-31", "revoked-breach"), ended("2016-04-01", "completed", recorded="2016-04-05"))
    first, second = told(found, "performance.measurement.recorded", measureCode="SL008")
    assert (first["met"], first["period"], second["met"], second["period"]) == (False, "2016-03", True, "2016-04")
    assert second["supersedes"] == first["measurementId"]


def test_an_ending_before_its_allocation_counts_when_the_provider_is_known() -> None:
    found = run(ended("2016-03-31", "completed"), allocated("2015-10-01", recorded="2016-04-20"))
    assert measured(found, "SL008").met is True


@pytest.mark.parametrize("disposal", ["custody", "deferred-sentence", "supervision-default-order"])
def test_other_disposals_do_not_count(disposal: str) -> None:
    assert (
        "SL008"
        not in case(run(HELD, sentenced("2015-09-30", disposal=disposal), ended("2016-03-31", "completed"))).measured
    )
    assert (
        "SL008" not in case(run(allocated("2015-10-01", disposal=disposal), ended("2016-03-31", "completed"))).measured
    )


def test_orders_of_the_nps_do_not_count() -> None:
    assert "SL008" not in case(run(allocated("2015-10-01", kind="nps"), ended("2016-03-31", "completed"))).measured


@pytest.mark.parametrize(("moved", "provider"), [("2016-03-31", "CRC-2"), ("2016-04-01", CRC)])
def test_the_provider_that_supervised_on_the_day_of_the_ending_answers_for_it(moved: str, provider: str) -> None:
    to = transferred(moved, to_provider_code="CRC-2", to_provider_kind="crc")
    assert measured(run(HELD, to, ended("2016-03-31", "completed")), "SL008").provider == provider


def test_an_ending_under_the_nps_after_a_transfer_is_not_the_crcs() -> None:
    assert "SL008" not in case(run(HELD, transferred("2016-03-01"), ended("2016-03-31", "completed"))).measured


def test_a_corrected_allocation_moves_the_ending_to_the_right_provider() -> None:
    right = corrected("2015-10-01", recorded="2016-05-01", provider_code="CRC-2")
    found = run(HELD, ended("2016-03-31", "completed"), right)
    assert measured(found, "SL008").provider == "CRC-2"
