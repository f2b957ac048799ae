"""Conditions: hold and let go as what is stated changes, and look again at the date that they name."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.business_days import end_of_day
from shared.domain.condition import Condition, Held
from shared.domain.step import by_id
from tests.unit.shared.domain.engines import Bench, Found, Toy, at, policy, refs

DAY = date(2016, 3, 7)
WEEK = timedelta(days=7)


def recent(step: Any, ref: str) -> Held | None:
    """Holds for a week after the stated day."""
    until: datetime = end_of_day(step.case.started[ref].on + WEEK)
    return Held((ref,), DAY, until=until + timedelta(milliseconds=1)) if step.now <= until else None


def bench(**given: Any) -> Bench:
    row: dict[str, Any] = {
        "code": "recent",
        "reads": frozenset({"started"}),
        "refs": lambda case: [ref for ref, _ in refs("started", case)],
        "holds": recent,
    }
    return Bench(policy(recent="7 days"), {"conditions": (Condition(**(row | given)),)})


def test_a_condition_is_looked_at_again_at_the_date_that_it_names_and_lets_go() -> None:
    given = bench()
    given.put("started", "A", DAY)
    assert given.open_concerns() == [("recent", "A", "warning")]
    assert list(given.due) == [("recent", "A")]
    given.until(at(DAY + WEEK + timedelta(days=1)))
    assert not given.open_concerns()
    assert given.due == {}
    assert given.state.looks == {}


def test_new_facts_move_the_date_to_look_again() -> None:
    given = bench()
    given.put("started", "A", DAY)
    given.put("started", "A", DAY + WEEK)
    given.until(at(DAY + WEEK + timedelta(days=1)))
    assert given.open_concerns() == [("recent", "A", "warning")]
    assert len(given.told("concern.raised")) == 1


def test_a_condition_whose_subject_is_gone_lets_go_and_takes_its_date_back() -> None:
    given = bench()
    given.put("started", "A", DAY)
    given.put("started", "A", None)
    assert not given.open_concerns()
    assert given.due == {}


def test_a_condition_tells_once_each_time_that_it_begins_to_hold() -> None:
    told: list[str] = []
    given = bench(tells=lambda _step, ref, _held: told.append(ref))
    given.put("started", "A", DAY)
    given.put("started", "A", DAY + timedelta(days=1))
    given.put("started", "A", None)
    given.put("started", "A", DAY + timedelta(days=2))
    assert told == ["A", "A"]


def test_a_condition_is_not_asked_about_ledgers_that_it_does_not_read() -> None:
    asked: list[str] = []

    def holds(_step: Any, ref: str) -> None:
        asked.append(ref)

    given = bench(holds=holds)
    given.put("started", "A", DAY)
    given.put("done", "A", DAY)
    assert asked == ["A"]


def test_a_concern_names_the_order_that_it_is_about_now() -> None:
    def held(step: Any, ref: str) -> Held:
        return Held((ref,), DAY, order_id=step.case.started[ref].ref)

    given = bench(holds=held)
    given.put("started", "A", DAY, evidence="O1")
    given.put("started", "A", DAY, evidence="O2")
    assert [concern.order_id for concern in given.state.concerns.values()] == ["O2"]
    assert len(given.told("concern.raised")) == 1


def by_record(_case: Toy, _row_id: str, row: Found) -> tuple[str, ...]:
    return (row.ref,) if row.ref else ()


def several(asked: list[str]) -> dict[str, Any]:
    """A condition on records of which two were stated from one day on; it notes which it is asked for."""

    def holds(step: Any, ref: str) -> Held | None:
        asked.append(ref)
        rows = [row for _, row in refs("started", step.case) if row.ref == ref and row.on >= DAY]
        return Held(tuple(str(row.on) for row in rows), DAY) if len(rows) > 1 else None

    return {
        "reads": frozenset({"started", "done"}),
        "refs": lambda case: {row.ref for _, row in refs("started", case) if row.ref},
        "holds": holds,
        "keyed_by": {"started": by_record},
    }


def test_a_row_of_a_ledger_with_a_key_asks_for_the_refs_on_which_it_bears_alone() -> None:
    asked: list[str] = []
    given = bench(**several(asked))
    for n, ref in enumerate(("R1", "R1", "R2")):
        given.put("started", f"row{n}", DAY, evidence=ref)
    assert asked == ["R1", "R1", "R2"]
    assert given.open_concerns() == [("recent", "R1", "warning")]
    asked.clear()
    given.put("started", "row3", DAY)
    assert asked == []
    given.put("done", "any", DAY)
    assert asked == ["R1", "R2"]


def test_a_row_that_bears_on_another_ref_than_before_asks_for_both() -> None:
    asked: list[str] = []
    given = bench(**several(asked))
    for n, ref in enumerate(("R1", "R1", "R2", "R3")):
        given.put("started", f"row{n}", DAY, evidence=ref)
    asked.clear()
    given.put("started", "row0", DAY, evidence="R2")
    assert asked == ["R1", "R2"]
    assert given.open_concerns() == [("recent", "R2", "warning")]
    given.put("started", "row0", None)
    assert asked == ["R1", "R2", "R2"]
    assert given.open_concerns() == []


def test_a_condition_with_a_key_may_name_no_date_to_look_again() -> None:
    """The log may reach it before its deadline fires, and only the refs that a fact touches are looked at."""
    given = bench(keyed_by={"started": by_id})
    with pytest.raises(TypeError, match=r"recent: .* no dates"):
        given.put("started", "A", DAY)
