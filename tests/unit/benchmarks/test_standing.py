"""A workload cut in two: what stands before the cut, and what is left after it."""

import orjson
import pytest

from tests.benchmarks.standing import Split, split
from tests.benchmarks.workload import Workload, prepare


@pytest.fixture(scope="module")
def workload() -> Workload:
    return prepare("enforcement", 15)


@pytest.fixture(scope="module")
def cut(workload: Workload) -> Split:
    return split(workload, workload.facts // 3, partitions=4)


def test_both_sides_of_a_cut_are_the_whole(workload: Workload, cut: Split) -> None:
    lines = cut.standing.last_lines
    assert 0 < cut.facts < workload.facts
    assert sum(line.seq for line in lines.values()) + cut.facts == workload.facts


def test_a_deadline_that_stands_at_the_cut_has_not_fired_before_it(workload: Workload, cut: Split) -> None:
    before, after = workload.decided[: -cut.facts], workload.decided[-cut.facts :]
    standing = {row[0] for row in cut.standing.due.values()}
    assert standing & {fact.id for fact, _ in after if fact.is_deadline}
    assert not standing & {fact.id for fact, _ in before}


def test_no_record_after_the_cut_repeats_an_event_of_before(workload: Workload, cut: Split) -> None:
    before = {str(fact.id) for fact, _ in workload.decided[: -cut.facts]}
    after = {orjson.loads(record.value or b"{}").get("eventId") for record in cut.stretch.history}
    assert after
    assert not before & after
