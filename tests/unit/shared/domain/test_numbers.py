"""Numbers that are one person's: which of them stands does not depend on the order in which the mergers are heard."""

from collections.abc import Mapping, Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.numbers import Merger, followed
from tests.builders import at

NUMBERS = ("A", "B", "C", "D", "E")


def mergers(*stated: tuple[str, str]) -> dict[str, Merger]:
    """Mergers stated on one day after another, each of the first number into the second."""
    return {f"F{n}": Merger(at(f"2016-03-{n:02d}"), goes, stays) for n, (goes, stays) in enumerate(stated, 1)}


def pointers(stated: Mapping[str, Merger]) -> dict[str, str]:
    """What each number points to."""
    return followed(stated)[1]


def test_a_number_points_to_the_one_that_it_was_merged_into() -> None:
    assert pointers(mergers(("A", "B"))) == {"A": "B"}


def test_a_chain_comes_to_its_last_number_whichever_merger_is_stated_first() -> None:
    assert pointers(mergers(("A", "B"), ("B", "C"))) == {"A": "B", "B": "C"}
    assert pointers(mergers(("B", "C"), ("A", "B"))) == {"B": "C", "A": "C"}


def test_of_two_mergers_into_each_other_the_earlier_counts() -> None:
    counting, into = followed(mergers(("A", "B"), ("B", "A")))
    assert into == {"A": "B"}
    assert list(counting) == ["F1"]


def test_a_number_that_is_merged_again_takes_along_what_stands_for_it() -> None:
    assert pointers(mergers(("A", "B"), ("A", "C"))) == {"A": "B", "B": "C"}


def test_of_one_instant_the_merger_whose_fact_comes_first_by_id_is_followed_first() -> None:
    noon = at("2016-03-01", "12:00")
    assert pointers({"F2": Merger(noon, "A", "B"), "F1": Merger(noon, "B", "A")}) == {"B": "A"}


STATED = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)), min_size=1, max_size=8
).map(lambda rows: {f"F{n}": Merger(at(f"2016-03-{day:02d}"), *ends) for n, (day, *ends) in enumerate(rows)})


@given(STATED, st.randoms(use_true_random=False))
def test_what_does_not_count_can_be_forgotten_whenever_it_is_heard(stated: dict[str, Merger], rng: Random) -> None:
    heard: Sequence[str] = rng.sample(sorted(stated), len(stated))
    kept: dict[str, Merger] = {}
    for fact_id in heard:
        kept = followed({**kept, fact_id: stated[fact_id]})[0]
    assert followed(kept) == followed(stated)
    assert len(kept) < len(NUMBERS)
