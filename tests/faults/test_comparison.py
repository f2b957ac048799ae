"""The comparison itself: a fault suite that cannot see a loss proves nothing."""

import pytest

from tests.faults.comparison import Verdict

MODEL = [("a", 1), ("b", 2), ("c", 3)]


@pytest.mark.parametrize(
    ("real", "lost", "duplicated", "diverged"),
    [
        ([("a", 1), ("b", 2), ("c", 3)], 0, 0, 0),
        ([("a", 1), ("c", 3)], 1, 0, 0),
        ([("a", 1), ("b", 2), ("b", 2), ("c", 3)], 0, 1, 0),
        ([("a", 1), ("b", 2), ("c", 3), ("d", 4)], 0, 1, 0),
        ([("a", 1), ("b", 7), ("c", 3)], 0, 0, 1),
        ([("a", 1), ("c", 3), ("b", 2)], 0, 0, 2),
        ([], 3, 0, 0),
    ],
)
def test_what_is_lost_twice_or_otherwise_is_counted(
    real: list[tuple[str, int]], lost: int, duplicated: int, diverged: int
) -> None:
    verdict = Verdict()
    verdict.hold("line", real, MODEL, ordered=True)
    assert (verdict.lost, verdict.duplicated, verdict.diverged) == (lost, duplicated, diverged)
    assert verdict.sound is (real == MODEL)


def test_where_order_does_not_count_only_content_does() -> None:
    verdict = Verdict()
    verdict.hold("state", reversed(MODEL), MODEL, ordered=False)
    assert verdict.sound
