"""Percentiles by nearest rank, and hops by topic."""

from uuid import UUID

import pytest

from tests.benchmarks.latency import LAST_HOP, by_hops
from tests.benchmarks.paced import Answered, Paced, Sent, percentile


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (0.991, 100), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(share: float, expected: float) -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], share) == expected


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_an_event_counts_by_the_service_that_it_came_through() -> None:
    root, cold = UUID(int=1), UUID(int=2)
    sent = Paced({root: Sent(1000.0, 1001), cold: Sent(900.0, 901)}, frozenset({root}), 200.0)

    def answer(topic: str, correlation: UUID, at: int) -> Answered:
        return Answered(topic, UUID(int=at), None, correlation, 1001, at)

    found = by_hops(
        sent, [answer("allocation", root, 1010), answer("performance", root, 1200), answer("performance", cold, 999)]
    )
    assert found == {"1 hop": [10.0], "2 hops": [], "3 hops": [], LAST_HOP: [200.0]}
