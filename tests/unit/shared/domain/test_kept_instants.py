"""What is kept of instants that were reckoned with: a service that runs for a year sees millions."""

import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.business_days import local_date
from shared.domain.policy import Term

BEGAN = datetime(2016, 1, 1, tzinfo=UTC)
MANY, MOST_BYTES = 60_000, 6 * 2**20


@pytest.mark.parametrize("reckon", [local_date, Term(5, "business-days").after], ids=["local date", "end of a term"])
def test_a_long_log_of_instants_leaves_little_in_memory(reckon: Callable[[datetime], object]) -> None:
    tracemalloc.start()
    try:
        for n in range(MANY):
            reckon(BEGAN + timedelta(seconds=n))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < MOST_BYTES
