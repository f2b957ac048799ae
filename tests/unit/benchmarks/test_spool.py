"""A feed spooled to disk is the feed."""

from itertools import chain, pairwise
from pathlib import Path

import pytest

from deploy.demo import feed
from tests.benchmarks import spool


def test_a_spooled_feed_has_the_same_records_in_the_same_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "SHARE", 3)
    written = spool.write(tmp_path / "feed", cases=8, months=6, seed=1, workers=1)
    days = list(written.days())
    assert list(chain.from_iterable(days)) == feed(8, 6, 1)
    assert written.lines == sum(map(len, days))
    assert all(before[-1].timestamp < after[0].timestamp for before, after in pairwise(days))
