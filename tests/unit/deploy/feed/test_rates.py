"""Every cited rate is the figure that its report states in the words quoted; every assumed one says so."""

import re

import pytest

from deploy.local.feed.rates import EARLY, SUF17, SY17, SY20, Rate, all_rates

IN_WORDS = {
    "one-fifth": (0.2, 0.0),
    "one-tenth": (0.1, 0.0),
    "half": (0.5, 0.0),
    "one-third": (1 / 3, 0.0),
    "two-thirds": (2 / 3, 0.0),
    "three-fifths": (0.6, 0.0),
    "four-fifths": (0.8, 0.0),
    "three-quarters": (0.75, 0.0),
    "nearly one in four": (0.25, 0.02),
    "about three-quarters": (0.75, 0.02),
    "almost three in five": (0.6, 0.02),
    "almost three-quarters": (0.75, 0.02),
    "almost one-third": (1 / 3, 0.02),
    "over two-thirds": (2 / 3, 0.02),
    "just under one-third": (1 / 3, 0.02),
    "slightly less than one-third": (1 / 3, 0.02),
    "slightly more than two-fifths": (0.4, 0.02),
    "slightly more than three-fifths": (0.6, 0.02),
    "around 20 per cent": (0.2, 0.02),
}
"""What the reports say in words: the figure, and how far `almost` and the like may be from it."""

CITED = {name: rate for name, rate in all_rates().items() if rate.status == "cited"}


def _stated(words: str) -> tuple[float, float]:
    if words in IN_WORDS:
        return IN_WORDS[words]
    if found := re.fullmatch(r"([\d,]+) of ([\d,]+)", words):
        return int(found[1].replace(",", "")) / int(found[2].replace(",", "")), 0.0
    found = re.fullmatch(r"([\d.]+) ?(?:%|per cent)", words)
    assert found, words
    return float(found[1]) / 100, 0.0


@pytest.mark.parametrize("name", sorted(CITED))
def test_a_cited_rate_is_the_figure_that_its_words_state(name: str) -> None:
    rate = CITED[name]
    figure, leeway = _stated(rate.words or "")
    assert rate.value == pytest.approx(figure, abs=leeway + 1e-9)


@pytest.mark.parametrize("name", sorted(CITED))
def test_a_cited_rate_names_its_report_and_line(name: str) -> None:
    rate = CITED[name]
    assert rate.report in (SY17, SUF17, SY20, EARLY)
    assert rate.line is not None
    assert rate.line > 0


def test_an_assumed_rate_names_no_report() -> None:
    rest = [rate for rate in all_rates().values() if rate.status == "assumed"]
    assert rest
    assert all((rate.report, rate.line, rate.words) == (None, None, None) for rate in rest)


def test_every_rate_is_a_share_and_says_of_what() -> None:
    for rate in all_rates().values():
        assert isinstance(rate, Rate)
        assert 0 < rate.value < 1
        assert rate.of


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("POSITIVE_ENDINGS", 0.75),
        ("LICENCE_COMPLETED", 0.63),
        ("UNPAID_WORK_COMPLETED", 0.96),
        ("UNPAID_WORK_IN_TIME", 0.86),
        ("WOMEN", 0.1407),
        ("NO_SCREENING", 0.70),
        ("NPS_FULL_ANALYSIS_DONE", 0.76),
        ("CONTACT_BEFORE_RELEASE", 0.51),
        ("ABUSE_CHECKED", 0.59),
        ("CHILD_CHECKED", 0.69),
        ("STOOD_DOWN", 0.008),
        ("PROGRAMME_COMPLETED", 0.74),
    ],
)
def test_the_outturns_that_reports_are_tested_against_stand_as_published(name: str, figure: float) -> None:
    assert all_rates()[name].value == figure
