"""The poor examples of the inspection reports raise their concerns, and the good ones none."""

import re

import pytest

from services.allocation.domain.decide import BOOKS
from tests.scenarios.allocation.__main__ import MODULES
from tests.scenarios.allocation.area import staffed
from tests.scenarios.allocation.custody import Imprisoned
from tests.scenarios.allocation.noticed import history_of, noticed
from tests.scenarios.allocation.supervision import Supervised
from tests.scenarios.allocation.table import Example, examples, left_to_others, reports
from tests.scenarios.allocation.telling import EXAMPLES, HISTORIES, file_of, lines_of

TABLE = {row.name: row for row in examples()}
CODES = {duty.code for book in BOOKS.values() for duty in book.duties} | {
    condition.code for book in BOOKS.values() for condition in book.conditions
}
NEVER_NEAR_A_GOOD_ONE = {"allocation-overdue", "assignment-burst"}
"""No good example comes near these; they are among what a poor one of another kind must not raise."""

LINES = re.compile(r"\d+(-\d+)?(, \d+(-\d+)?)*")
assert MODULES


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_raises_what_the_table_says_and_nothing_else(name: str) -> None:
    row = TABLE[name]
    found = noticed(history_of(name))
    assert found == row.notices
    assert not found & row.must_not


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_file_of_an_example_holds_what_it_tells(name: str) -> None:
    assert file_of(name).read_bytes() == lines_of(name), "python -m tests.scenarios.allocation writes it anew"


def test_every_example_of_the_table_has_its_history() -> None:
    assert set(TABLE) == set(EXAMPLES)
    assert {path.stem for path in HISTORIES.iterdir()} == set(EXAMPLES)


def test_every_concern_of_allocation_is_noticed_in_an_example_and_left_alone_in_another() -> None:
    assert {code for row in examples() for code in row.notices} == CODES
    assert {code for row in examples() if row.kind == "good" for code in row.must_not} >= CODES - NEVER_NEAR_A_GOOD_ONE


def test_the_baselines_raise_nothing() -> None:
    assert noticed([*staffed(), *Supervised().compliant()]) == set()
    assert noticed([*staffed(), *Imprisoned().compliant()]) == set()


def test_every_row_of_the_table_says_where_it_stands_and_what_it_is_not() -> None:
    rows = examples()
    assert len(TABLE) == len(rows)
    for row in rows:
        assert row.report in reports()
        assert LINES.fullmatch(row.lines), row.name
        assert row.must_not, row.name
        assert row.must_not <= CODES, row.name
        assert not row.notices & row.must_not, row.name
        assert not (row.kind == "good" and row.notices), row.name
    for other in left_to_others():
        assert LINES.fullmatch(other["lines"]), other
        assert other["report"] in reports()


def _is_turned(row: Example) -> bool:
    return row.kind == "turned"


def test_an_example_that_was_turned_stands_beside_the_good_one() -> None:
    good = {(row.report, part) for row in examples() if row.kind == "good" for part in row.lines.split("-")[:1]}
    for row in filter(_is_turned, examples()):
        assert (row.report, row.lines.split("-")[0]) in good, row.name
