"""Sums as Prometheus reads them: histograms with counts up to each bound, gauges with an age in log time."""

from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from shared.domain.service import TallyGauge, TallyHistogram
from shared.kernel.clock import to_ms
from shared.kernel.gauges import Histograms, by_age, labels_of
from tests.builders import at

WAITED = TallyHistogram("waited", "waited_days", "How long.", ("sex",), (1, 5))


@pytest.mark.parametrize(
    ("value", "adds"),
    [
        (0, {"female|1": 1, "female|sum": 0}),
        (1, {"female|1": 1, "female|sum": 1}),
        (2, {"female|5": 1, "female|sum": 2}),
        (6, {"female|+Inf": 1, "female|sum": 6}),
    ],
)
def test_an_observation_adds_to_its_bucket_and_to_the_sum(value: int, adds: dict[str, int]) -> None:
    assert WAITED.observed(("female",), value) == adds


def test_a_histogram_is_read_with_counts_up_to_each_bound() -> None:
    registry = CollectorRegistry(auto_describe=False)
    histograms = Histograms([WAITED])
    registry.register(histograms)
    assert b"waited_days_bucket" not in generate_latest(registry)
    histograms.show(WAITED, {("female|1", ""): 2, ("female|+Inf", ""): 1, ("female|sum", ""): 11})
    read = generate_latest(registry).decode()
    assert 'waited_days_bucket{le="1.0",sex="female"} 2.0' in read
    assert 'waited_days_bucket{le="5.0",sex="female"} 2.0' in read
    assert 'waited_days_bucket{le="+Inf",sex="female"} 3.0' in read
    assert 'waited_days_count{sex="female"} 3.0' in read
    assert 'waited_days_sum{sex="female"} 11.0' in read


@pytest.mark.parametrize(
    ("passed", "age"),
    [
        (timedelta(), "under-1-day"),
        (timedelta(days=1) - timedelta(milliseconds=1), "under-1-day"),
        (timedelta(days=1), "1-to-7-days"),
        (timedelta(days=7), "7-to-30-days"),
        (timedelta(days=30), "over-30-days"),
        (timedelta(days=-1), "under-1-day"),
    ],
)
def test_a_sum_of_a_date_ages_in_log_time(passed: timedelta, age: str) -> None:
    now = to_ms(at("2016-03-21", "00:00") + passed)
    assert by_age({("crc-to-nps", "2016-03-21"): 2}, now) == {("crc-to-nps", age): 2}


def test_an_aged_gauge_has_one_label_more() -> None:
    assert labels_of(TallyGauge("a", "a", "A.", ("direction",), aged=True)) == ("direction", "age")
    assert labels_of(TallyGauge("a", "a", "A.", ("direction",))) == ("direction",)
