"""Months: reported once settled, restated when late data moves a figure, and shown on the gauges."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.metrics.domain.reports import ATTAINMENT_SHOWN, TARGET_SHOWN, percent
from shared.domain.fact import Subject
from tests.builders import at
from tests.unit.services.metrics.story import (
    CRC,
    allocated,
    appointment,
    cancelled,
    corrected,
    ended,
    endings,
    levels,
    provider,
    run,
    sums,
    told,
    withdrawn,
)

SL001R, SL008 = f"SL001R|{CRC}", f"SL008|{CRC}"
FIRST = appointment("arranged", "2016-03-04", recorded="2016-03-02")


def test_a_month_is_reported_ten_business_days_after_its_end() -> None:
    found = run(*endings("completed", "completed", "completed", "revoked-breach", "died"))
    (level,) = levels(found, "SL008", "2016-03")
    assert level["asKnownAt"] == "2016-04-14T22:59:59.999000Z"
    assert (level["numerator"], level["denominator"], level["exclusions"]) == (3, 4, 1)
    assert (level["attainmentPercent"], level["coveragePercent"]) == ("75.0", "100.0")
    assert (level["targetPercent"], level["targetStatus"], level["revision"]) == ("75", "confirmed", 1)


def test_an_unconfirmed_target_says_so() -> None:
    (level,) = levels(run(allocated("2016-03-02"), FIRST), "SL001R", "2016-03")
    assert (level["targetPercent"], level["targetStatus"]) == ("97", "default")


def test_what_began_on_the_last_day_of_a_month_has_settled_when_it_is_reported() -> None:
    (level,) = levels(run(allocated("2016-03-31")), "SL001R", "2016-03")
    assert (level["numerator"], level["denominator"]) == (0, 1)


def test_a_month_in_which_nothing_counted_has_no_attainment() -> None:
    (level,) = levels(run(*endings("died")), "SL008", "2016-03")
    assert (level["denominator"], level["exclusions"]) == (0, 1)
    assert "attainmentPercent" not in level


def test_a_late_fact_restates_the_month_at_the_next_midnight() -> None:
    late = appointment("attended", "2016-03-04", recorded="2016-05-20")
    first, second = levels(run(allocated("2016-03-02"), late), "SL001R", "2016-03")
    assert (first["numerator"], first["denominator"], first["revision"]) == (0, 1, 1)
    assert (second["numerator"], second["denominator"], second["revision"]) == (1, 1, 2)
    assert datetime.fromisoformat(second["asKnownAt"]) == datetime(2016, 5, 20, 23, tzinfo=UTC)


def test_several_late_facts_of_a_day_are_one_restatement() -> None:
    history = endings("revoked-breach", "revoked-breach")
    late = [ended("2016-03-15", "completed", recorded="2016-06-01", crn=crn) for crn in ("B000001", "B000002")]
    first, second = levels(run(*history, *late), "SL008", "2016-03")
    assert (first["numerator"], second["numerator"], second["revision"]) == (0, 2, 2)


def test_facts_that_cancel_out_before_midnight_restate_nothing() -> None:
    wrong = ended("2016-03-15", "revoked-breach", recorded="2016-06-01", crn="B000001")
    right = ended("2016-03-15", "completed", recorded="2016-06-01", clock="16:00", crn="B000001")
    found = run(*endings("completed"), wrong, right)
    assert len(levels(found, "SL008", "2016-03")) == 1
    assert provider(found).months["SL008"]["2016-03"].revision == 1


def test_a_withdrawn_record_takes_its_count_back() -> None:
    gone = withdrawn("appointment-1", recorded="2016-05-20")
    first, second = levels(run(allocated("2016-03-02"), FIRST, gone), "SL001R", "2016-03")
    assert (first["numerator"], first["denominator"]) == (1, 1)
    assert (second["numerator"], second["denominator"]) == (0, 1)


def test_a_month_whose_last_unit_is_taken_away_is_restated_as_empty() -> None:
    found = run(allocated("2016-03-02"), FIRST, corrected("2016-03-02", recorded="2016-06-01", kind="nps"))
    first, second = levels(found, "SL001R", "2016-03")
    assert (first["denominator"], second["denominator"], second["coveragePercent"]) == (1, 0, "0.0")
    assert [each["revision"] for each in levels(found, "NPS-SL003R", "2016-03")] == [1]


def test_an_ending_that_moves_to_another_month_restates_both() -> None:
    found = run(*endings("completed"), ended("2016-04-02", "completed", recorded="2016-06-10", crn="B000001"))
    assert [each["denominator"] for each in levels(found, "SL008", "2016-03")] == [1, 0]
    assert [each["denominator"] for each in levels(found, "SL008", "2016-04")] == [1]


def test_a_report_is_about_one_provider() -> None:
    other = [
        allocated("2015-10-01", crn="C000001", provider_code="CRC-2"),
        ended("2016-03-15", "completed", crn="C000001"),
    ]
    found = run(*endings("revoked-breach"), *other)
    by_provider = {each["providerCode"]: each["attainmentPercent"] for each in levels(found, "SL008", "2016-03")}
    assert by_provider == {CRC: "0.0", "CRC-2": "100.0"}


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(2, 3, "66.6"), (1, 3, "33.3"), (969, 1000, "96.9"), (9699, 10000, "96.9"), (1, 1, "100.0")],
)
def test_percentages_are_rounded_down(part: int, whole: int, shown: str) -> None:
    assert percent(part, whole) == Decimal(shown)


def test_gauges_show_the_last_closed_month_in_tenths_of_a_percent() -> None:
    history = [*endings("completed"), *endings("completed", "revoked-breach", on="2016-04-15", first=11)]
    april, june = at("2016-04-20"), at("2016-06-01")
    assert sums(ATTAINMENT_SHOWN, *history, until=april)[SL008] == 1000
    assert sums(TARGET_SHOWN, *history, until=april)[SL008] == 750
    assert sums(ATTAINMENT_SHOWN, *history, until=june)[SL008] == 500


def test_gauges_follow_a_restatement_and_vanish_with_the_last_unit() -> None:
    history = [allocated("2016-03-02"), FIRST]
    july = at("2016-07-01")
    assert sums(ATTAINMENT_SHOWN, *history, until=july) == {SL001R: 1000}
    assert sums(ATTAINMENT_SHOWN, *history, cancelled("provider", recorded="2016-05-20"), until=july) == {}
    gone = corrected("2016-03-02", recorded="2016-06-01", kind="nps")
    assert SL001R not in sums(TARGET_SHOWN, *history, gone, until=july)


def test_every_open_unit_is_in_the_sums_when_it_opens() -> None:
    found = sums(Subject("provider", CRC), allocated("2016-03-02"), until=at("2016-03-03"))
    assert found == {"SL001R.starts": 1, "SL001R.known": 1, "SL001R.open": 1}


def test_a_changed_outcome_that_moves_no_figure_restates_nothing() -> None:
    history = endings("completed")
    late = ended("2016-03-15", "revoked-good-progress", recorded="2016-06-01", crn="B000001")
    found = run(*history, late)
    assert len(told(found, "performance.service-level.reported", measureCode="SL008")) == 1
