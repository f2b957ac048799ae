"""Workflows: folded over a case's facts in the order of their own dates, so that a late fact finds its place."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from shared.domain.business_days import local_date, start_of_day
from shared.domain.workflow import Entry, Transition, Workflow, stage_of
from tests.unit.shared.domain.engines import Bench, Toy, at, policy

DAY = date(2016, 3, 7)


def entries(case: Toy, ref: str) -> Iterator[Entry]:
    for rank, ledger in enumerate(("started", "inside", "done")):
        row = getattr(case, ledger).get(ref)
        if row is not None:
            yield Entry(ledger, start_of_day(row.on), f"{ref} {row.on}", rank)


def bench(told: list[str] | None = None) -> Bench:
    said = told if told is not None else []

    def tell(what: str) -> Any:
        return lambda _step, ref, entry: said.append(f"{what} {ref} {local_date(entry.on)}")

    row = Workflow(
        name="parcel",
        reads=frozenset({"started", "inside", "done"}),
        refs=lambda case: {*case.started, *case.inside, *case.done},
        entries=entries,
        transitions=(
            Transition(frozenset({"none"}), "started", "sent", tells=tell("sent")),
            Transition(frozenset({"sent", "returned"}), "inside", "returned", tells=tell("returned")),
            Transition(frozenset({"sent", "returned"}), "done", "accepted", tells=tell("accepted")),
        ),
    )
    return Bench(policy(), {"workflows": (row,)})


def test_each_transition_is_told_once() -> None:
    told: list[str] = []
    given = bench(told)
    given.put("started", "A", DAY)
    given.put("started", "A", DAY)
    given.put("done", "A", DAY + timedelta(days=2))
    assert told == ["sent A 2016-03-07", "accepted A 2016-03-09"]
    assert stage_of(given.state, "parcel", "A") == "accepted"


def test_a_fact_before_what_it_needs_moves_the_workflow_once_that_has_come() -> None:
    told: list[str] = []
    given = bench(told)
    given.put("done", "A", DAY + timedelta(days=2))
    assert stage_of(given.state, "parcel", "A") == "none"
    assert given.decisions[-1].notes == ("parcel: no transition from none on done",)
    given.put("started", "A", DAY)
    assert stage_of(given.state, "parcel", "A") == "accepted"
    assert told == ["sent A 2016-03-07", "accepted A 2016-03-09"]


def test_a_fact_without_a_transition_is_noted_once() -> None:
    given = bench()
    given.put("done", "A", DAY)
    given.put("done", "B", DAY)
    notes = [note for decision in given.decisions for note in decision.notes]
    assert notes == ["parcel: no transition from none on done"] * 2


def test_a_fact_taken_back_steps_the_workflow_back() -> None:
    given = bench()
    given.put("started", "A", DAY)
    given.put("done", "A", DAY + timedelta(days=1))
    given.put("done", "A", None)
    assert stage_of(given.state, "parcel", "A") == "sent"
    given.put("started", "A", None)
    assert given.state.stages == {}


def test_entries_of_one_instant_go_by_rank() -> None:
    given = bench()
    for ledger in ("done", "inside", "started"):
        given.put(ledger, "A", DAY)
    assert stage_of(given.state, "parcel", "A") == "accepted"


def test_a_date_to_be_reached_moves_the_workflow_when_it_is_reached() -> None:
    told: list[str] = []
    given = bench(told)
    given.put("started", "A", DAY)
    given.put("done", "A", DAY + timedelta(days=30), recorded=at(DAY))
    assert stage_of(given.state, "parcel", "A") == "sent"
    assert list(given.due) == [("workflow.parcel", "A")]
    given.until(at(DAY + timedelta(days=29)))
    assert stage_of(given.state, "parcel", "A") == "sent"
    given.until(at(DAY + timedelta(days=31)))
    assert stage_of(given.state, "parcel", "A") == "accepted"
    assert given.due == {}
    assert told[-1] == "accepted A 2016-04-06"


def test_a_date_that_is_taken_back_takes_its_deadline_back() -> None:
    given = bench()
    given.put("started", "A", DAY)
    given.put("done", "A", DAY + timedelta(days=30), recorded=at(DAY))
    given.put("done", "A", None)
    assert given.due == {}
    given.put("done", "B", DAY + timedelta(days=30), recorded=at(DAY))
    given.put("done", "B", None)
    assert given.due == {}
    assert sorted(given.state.stages["parcel"]) == ["A"]


def test_since_is_the_date_of_the_fact_that_moved_it() -> None:
    given = bench()
    given.put("started", "A", DAY, recorded=at(DAY + timedelta(days=9)))
    assert given.state.stages["parcel"]["A"].since == start_of_day(DAY)


def test_a_ref_that_the_row_no_longer_names_has_no_stage_whatever_entries_are_left_of_it() -> None:
    row = Workflow(
        name="parcel",
        reads=frozenset({"started", "done"}),
        refs=lambda case: case.started,
        entries=entries,
        transitions=(Transition(frozenset({"none"}), "started", "sent"),),
    )
    given = Bench(policy(), {"workflows": (row,)})
    given.put("started", "A", DAY)
    given.put("done", "A", DAY)
    given.put("started", "A", None)
    assert given.state.stages == {}
