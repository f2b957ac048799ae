"""Statements: the latest of a record stands, by its own instant, whatever comes last."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from services.enforcement.domain.case import Case, StoodDown
from shared.domain.decision import Rows, ignored
from shared.domain.fact import Fact, Subject
from shared.domain.identifiers import stable_id
from shared.domain.policy import Policy
from shared.domain.statement import put_latest
from shared.domain.step import Step

NOON = datetime(2016, 3, 7, 12, tzinfo=UTC)
CASE = Subject("case", "X000001")


def step() -> Step:
    fact = Fact(stable_id("f"), "stated", "casework", CASE.key, NOON, NOON, None, b"{}")
    return Step("enforcement", CASE, Rows({CASE: Case(key=CASE.key)}), fact, Policy({}))


def stated(appointment: str, minutes: int) -> StoodDown:
    return StoodDown(appointment, NOON + timedelta(minutes=minutes))


def test_the_later_statement_stands_and_an_older_one_is_ignored() -> None:
    at_work = step()
    assert put_latest(at_work, "stood_down", "S", stated("A1", 5)) is None
    assert put_latest(at_work, "stood_down", "S", stated("A2", 4)) == ignored("older-than-what-is-known")
    assert put_latest(at_work, "stood_down", "S", stated("A3", 6)) is None
    assert at_work.case.stood_down == {"S": stated("A3", 6)}


def test_the_same_statement_again_changes_nothing() -> None:
    at_work = step()
    put_latest(at_work, "stood_down", "S", stated("A1", 5))
    at_work.changed.clear()
    assert put_latest(at_work, "stood_down", "S", stated("A1", 5)) is None
    assert at_work.changed == {}


def test_of_several_of_one_instant_the_same_one_stands_in_any_order() -> None:
    found = set()
    for order in permutations((stated("A1", 0), stated("A2", 0), stated("A3", 0))):
        at_work = step()
        for row in order:
            put_latest(at_work, "stood_down", "S", row)
        found.add(at_work.case.stood_down["S"])
    assert len(found) == 1
