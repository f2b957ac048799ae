"""A feed of 1,500 people lands near every cited rate: within three and a half standard errors of a share of so
many, and two points; within ten points for the two shares of cases with many absences, which are made to come
near and not drawn."""

from math import sqrt

import pytest

from deploy.local.feed import rates
from tests.scenarios.feed.observed import OBSERVED, UNSEEN, cited, observed
from tests.scenarios.feed.reading import people

ONLY_NEAR = {"OVER_FIVE_ABSENCES", "OVER_ELEVEN_ABSENCES"}


@pytest.mark.parametrize("name", sorted(OBSERVED))
def test_a_feed_lands_near_a_cited_rate(name: str) -> None:
    rate = rates.all_rates()[name].value
    yes, total = observed(name, people(1500))
    assert total >= 20
    tolerance = 0.10 if name in ONLY_NEAR else 0.02 + 3.5 * sqrt(rate * (1 - rate) / total)
    assert abs(yes / total - rate) <= tolerance, f"{yes} of {total} = {yes / total:.3f}, not {rate:.3f}"


def test_every_cited_rate_is_seen_or_said_to_be_unseen() -> None:
    assert set(OBSERVED) | set(UNSEEN) == set(cited())
    assert not set(OBSERVED) & set(UNSEEN)
