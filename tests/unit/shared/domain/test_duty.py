"""Duties: opened, re-timed, fired, settled, re-opened, void; pauses, floors and severities at the boundary."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.business_days import end_of_day, start_of_day
from shared.domain.duty import Clock, Done, Duty, Pause, due_at
from shared.domain.policy import Term, Value
from shared.domain.state import DutyState
from shared.domain.step import by_id
from tests.unit.shared.domain.engines import Bench, Toy, at, policy, refs

MONDAY = date(2016, 3, 7)
FRIDAY = date(2016, 3, 11)


def clocks(case: Toy) -> Iterator[Clock]:
    return (Clock(ref, row.on, evidence=(row.ref,) if row.ref else ()) for ref, row in refs("started", case))


def done(case: Toy, clock: Clock) -> Done | None:
    found = case.done.get(clock.ref)
    return None if found is None else Done(found.on, evidence=("D",))


def pauses(case: Toy, _clock: Clock) -> list[Pause]:
    found = dict(refs("inside", case))
    return [Pause(row.on, found[f"until {ref}"].on if f"until {ref}" in found else None)
            for ref, row in found.items() if not ref.startswith("until ")]  # fmt: skip


def duty(**given: Any) -> Duty:
    row: dict[str, Any] = {
        "code": "task-late",
        "reads": frozenset({"started", "done", "inside"}),
        "clocks": clocks,
        "done": done,
    }
    return Duty(**(row | given))


def bench(*rows: Duty, **terms: str) -> Bench:
    return Bench(policy(**({"task_late": "4 business-days"} | terms)), {"duties": rows or (duty(),)})


def test_a_duty_opens_when_its_clock_starts_and_is_due_at_the_end_of_its_day() -> None:
    given = bench()
    given.put("started", "A", MONDAY)
    state = given.state.duties["task-late"]["A"]
    assert (state.start, state.due, state.outcome) == (MONDAY, end_of_day(FRIDAY), "open")
    assert given.due["task-late", "A"] == (end_of_day(FRIDAY), end_of_day(FRIDAY))


@pytest.mark.parametrize(("on", "outcome", "raised"), [(FRIDAY, "met", 0), (FRIDAY + timedelta(days=1), "missed", 1)])
def test_done_on_the_due_day_is_met_and_on_the_day_after_is_missed(on: date, outcome: str, raised: int) -> None:
    given = bench()
    given.put("started", "A", MONDAY)
    given.put("done", "A", on)
    given.until(at(date(2016, 4, 1)))
    assert given.outcomes("task-late") == {"A": outcome}
    assert len(given.told("concern.raised")) == raised
    assert not given.open_concerns()


def test_a_concern_is_raised_only_when_the_due_instant_has_passed() -> None:
    given = bench()
    given.put("started", "A", MONDAY)
    given.until(end_of_day(FRIDAY))
    assert not given.open_concerns()
    given.until(end_of_day(FRIDAY) + timedelta(milliseconds=1))
    assert given.open_concerns() == [("task-late", "A", "warning")]


def test_a_clock_recorded_after_its_due_date_fires_at_once_but_not_within_its_own_fact() -> None:
    given = bench()
    given.put("started", "A", MONDAY, recorded=at(date(2016, 5, 2)))
    assert not given.open_concerns()
    given.until(at(date(2016, 5, 2), 13))
    assert given.open_concerns() == [("task-late", "A", "warning")]


def test_done_in_time_but_recorded_late_clears_the_concern_as_met() -> None:
    given = bench()
    given.put("started", "A", MONDAY)
    given.put("done", "A", FRIDAY, recorded=at(date(2016, 3, 20)))
    assert given.outcomes("task-late") == {"A": "met"}
    assert [each.reason for each in given.told("concern.cleared")] == ["ended"]


def test_done_late_stays_missed_and_clears_the_concern() -> None:
    given = bench()
    given.put("started", "A", MONDAY)
    given.put("done", "A", date(2016, 3, 18))
    state = given.state.duties["task-late"]["A"]
    assert (state.outcome, state.cleared, state.settled_on) == ("missed", True, date(2016, 3, 18))
    assert not given.open_concerns()


def test_what_was_done_taken_back_reopens_a_met_duty_which_then_fires() -> None:
    given = bench()
    given.put("started", "A", MONDAY)
    given.put("done", "A", FRIDAY)
    assert given.outcomes("task-late") == {"A": "met"}
    given.put("done", "A", None, recorded=at(date(2016, 3, 20)))
    assert given.outcomes("task-late") == {"A": "open"}
    given.until(at(date(2016, 3, 21)))
    assert given.open_concerns() == [("task-late", "A", "warning")]


def test_a_clock_taken_back_voids_the_duty_and_its_concern() -> None:
    given = bench()
    given.put("started", "A", MONDAY)
    given.until(at(date(2016, 3, 20)))
    given.put("started", "A", None)
    assert not given.open_concerns()
    assert given.state.duties == {}
    assert given.due == {}


def test_a_clock_that_moves_retimes_the_duty() -> None:
    given = bench()
    given.put("started", "A", MONDAY)
    given.put("started", "A", MONDAY + timedelta(days=7), recorded=at(FRIDAY))
    assert given.due["task-late", "A"][1] == end_of_day(FRIDAY + timedelta(days=7))


def test_a_missed_duty_retimed_to_a_later_date_is_open_again_and_its_concern_superseded() -> None:
    given = bench()
    given.put("started", "A", MONDAY)
    given.put("started", "A", date(2016, 3, 21), recorded=at(date(2016, 3, 20)))
    assert given.outcomes("task-late") == {"A": "open"}
    assert [each.reason for each in given.told("concern.cleared")] == ["superseded"]


def test_seen_again_starts_the_clock_anew_and_ends_the_concern() -> None:
    given = bench(duty(timing="since"))
    given.put("started", "A", MONDAY)
    given.put("started", "A", date(2016, 3, 21), recorded=at(date(2016, 3, 21)))
    assert given.outcomes("task-late") == {"A": "open"}
    assert [each.reason for each in given.told("concern.cleared")] == ["ended"]


def test_the_same_clock_again_changes_nothing() -> None:
    given = bench()
    given.put("started", "A", MONDAY)
    before = given.state
    given.put("started", "A", MONDAY)
    assert given.state == before
    assert given.decisions[-1].deadlines == ()


def test_only_what_was_cleared_by_its_own_rule_clears_a_missed_duty() -> None:
    given = bench(duty(cleared=lambda case, clock: done(case, Clock(f"{clock.ref} cleared", clock.start))))
    given.put("started", "A", MONDAY)
    given.put("done", "A", date(2016, 3, 18))
    assert given.open_concerns() == [("task-late", "A", "warning")]
    given.put("done", "A cleared", date(2016, 3, 19))
    assert not given.open_concerns()
    assert given.outcomes("task-late") == {"A": "missed"}


# -- pauses -------------------------------------------------------------------------------------


def test_an_open_pause_suspends_the_duty() -> None:
    given = bench(duty(pauses=pauses))
    given.put("started", "A", MONDAY)
    given.put("inside", "C", MONDAY + timedelta(days=1))
    assert given.state.duties["task-late"]["A"].due is None
    assert given.due == {}
    given.until(at(date(2017, 1, 1)))
    assert not given.open_concerns()


@pytest.mark.parametrize(
    ("since", "until", "due"),
    [
        (date(2016, 3, 8), date(2016, 3, 10), date(2016, 3, 15)),  # two business days lost
        (date(2016, 3, 11), date(2016, 3, 14), date(2016, 3, 14)),  # the Friday; a weekend does not count anyway
        (date(2016, 3, 12), date(2016, 3, 20), FRIDAY),  # begins after the due day
        (date(2016, 3, 1), date(2016, 3, 7), FRIDAY),  # over when the clock starts
        (date(2016, 3, 1), date(2016, 3, 8), FRIDAY),  # the start day never counts
        (date(2016, 3, 7), date(2016, 3, 9), date(2016, 3, 14)),  # the start day, and one that counts
        (date(2016, 3, 8), date(2016, 3, 8), FRIDAY),  # in and out on one day
    ],
)
def test_paused_business_days_do_not_count(since: date, until: date, due: date) -> None:
    given = bench(duty(pauses=pauses))
    given.put("started", "A", MONDAY)
    given.put("inside", "C", since, recorded=at(MONDAY))
    given.put("inside", "until C", until, recorded=at(MONDAY))
    assert given.state.duties["task-late"]["A"].due == end_of_day(due)


def test_overlapping_pauses_count_their_days_once() -> None:
    given = bench(duty(pauses=pauses), task_late="10 days")
    given.put("started", "A", MONDAY)
    for ref, since, until in (("C", 8, 11), ("D", 9, 13), ("E", 10, 12)):
        given.put("inside", ref, date(2016, 3, since), recorded=at(MONDAY))
        given.put("inside", f"until {ref}", date(2016, 3, until), recorded=at(MONDAY))
    assert given.state.duties["task-late"]["A"].due == end_of_day(date(2016, 3, 22))


def test_a_pause_reached_only_because_of_an_earlier_one_counts_too() -> None:
    given = bench(duty(pauses=pauses), task_late="4 days")
    given.put("started", "A", MONDAY)
    for ref, since, until in (("C", 9, 11), ("D", 13, 16)):
        given.put("inside", ref, date(2016, 3, since), recorded=at(MONDAY))
        given.put("inside", f"until {ref}", date(2016, 3, until), recorded=at(MONDAY))
    assert given.state.duties["task-late"]["A"].due == end_of_day(date(2016, 3, 16))


def test_a_term_in_hours_moves_on_by_whole_paused_days() -> None:
    value = Value("x", 24, "hours", "default", "", "", date(2000, 1, 1))
    clock = Clock("A", datetime.fromisoformat("2016-03-07T15:30:00+00:00"))
    paused = duty(pauses=lambda _case, _clock: (Pause(date(2016, 3, 8), date(2016, 3, 10)),))
    found = due_at(paused, None, clock, value, None)
    assert found == datetime.fromisoformat("2016-03-10T15:30:00+00:00")


def test_custody_after_the_due_date_does_not_undo_a_missed_duty() -> None:
    given = bench(duty(pauses=pauses))
    given.put("started", "A", MONDAY)
    given.put("inside", "C", date(2016, 3, 20))
    assert given.open_concerns() == [("task-late", "A", "warning")]


def test_custody_recorded_late_suspends_a_missed_duty_and_its_end_lets_it_go_on() -> None:
    given = bench(duty(pauses=pauses))
    given.put("started", "A", MONDAY)
    given.put("inside", "C", date(2016, 3, 9), recorded=at(date(2016, 3, 20)))
    assert not given.open_concerns()
    given.put("inside", "until C", date(2016, 3, 23))
    assert given.due["task-late", "A"][1] == end_of_day(date(2016, 3, 29))  # Good Friday, Easter Monday
    given.until(at(date(2016, 4, 5)))
    assert given.open_concerns() == [("task-late", "A", "warning")]


# -- before a target ----------------------------------------------------------------------------


def before(known_on: date | None) -> Duty:
    return duty(
        timing="before",
        clocks=lambda case: [Clock(ref, row.on, known_on=known_on) for ref, row in refs("started", case)],
    )


@pytest.mark.parametrize(
    ("known_on", "due"),
    [
        (None, date(2016, 3, 1)),
        (date(2016, 2, 1), date(2016, 3, 1)),  # known long before
        (date(2016, 2, 28), date(2016, 3, 2)),  # short notice: three business days
        (date(2016, 3, 4), date(2016, 3, 7)),  # never after the target itself
        (date(2016, 3, 9), date(2016, 3, 7)),  # known after it
    ],
)
def test_short_notice_moves_the_due_date_but_never_beyond_the_target(known_on: date | None, due: date) -> None:
    given = bench(before(known_on), short_notice="3 business-days")
    given.put("started", "A", MONDAY, recorded=at(date(2016, 2, 1)))
    assert given.state.duties["task-late"]["A"].due == end_of_day(due)


def test_a_duty_on_a_date_is_due_at_its_end() -> None:
    given = bench(duty(timing="on"))
    given.put("started", "A", MONDAY, recorded=at(date(2016, 2, 1)))
    assert given.state.duties["task-late"]["A"].due == end_of_day(MONDAY)


# -- instants -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "outcome"), [(24 * 60, "met"), (24 * 60 + 1, "missed")])
def test_a_term_in_hours_is_judged_by_the_instant(minutes: int, outcome: str) -> None:
    decided = at(MONDAY)
    row = duty(
        clocks=lambda case: [Clock("A", decided)] if case.started else [],
        done=lambda case, _clock: Done(MONDAY, decided + timedelta(minutes=minutes)) if case.done else None,
    )
    given = bench(row, task_late="24 hours")
    given.put("started", "A", MONDAY)
    given.put("done", "A", MONDAY, recorded=decided + timedelta(minutes=minutes))
    assert given.outcomes("task-late") == {"A": outcome}


def test_a_day_ends_at_local_midnight_in_summer() -> None:
    given = bench(duty(), task_late="1 days")
    given.put("started", "A", date(2016, 7, 4))
    assert given.due["task-late", "A"][1] == start_of_day(date(2016, 7, 6)) - timedelta(milliseconds=1)
    assert given.due["task-late", "A"][1].hour == 22


# -- what others hear ---------------------------------------------------------------------------


def test_a_duty_tells_each_moment_once() -> None:
    moments: list[str] = []

    def tells(_step: Any, moment: str, _clock: Clock, _state: DutyState, _rule: Any) -> None:
        moments.append(moment)

    given = bench(duty(tells=tells))
    given.put("started", "A", MONDAY)
    given.put("started", "A", MONDAY)
    given.put("started", "A", date(2016, 3, 8))
    given.until(at(date(2016, 3, 20)))
    given.put("done", "A", date(2016, 3, 20))
    given.put("done", "A", date(2016, 3, 11))
    given.put("done", "A", None)
    given.until(at(date(2016, 3, 22)))
    given.put("started", "A", None)
    assert moments == ["opened", "retimed", "missed", "cleared", "met", "reopened", "missed"]


def test_a_void_duty_with_a_term_by_state_names_the_term_that_it_had() -> None:
    rules: list[str] = []

    def tells(_step: Any, _moment: str, _clock: Clock, _state: DutyState, rule: Any) -> None:
        rules.append(rule.rule_id)

    row = duty(
        tells=tells, clocks=lambda case: [Clock(r, f.on, parameter="by-state") for r, f in refs("started", case)]
    )
    given = Bench(policy(by_state="3 days"), {"duties": (row,)})
    given.put("started", "A", MONDAY)
    given.put("started", "A", None)
    assert rules == ["by-state", "by-state"]


def test_a_row_that_does_not_raise_keeps_no_concern() -> None:
    given = bench(duty(raises=False))
    given.put("started", "A", MONDAY)
    given.until(at(date(2016, 3, 20)))
    assert given.outcomes("task-late") == {"A": "missed"}
    assert given.state.concerns == {}


def test_terms_count_business_days_weeks_and_months() -> None:
    start = date(2016, 1, 31)
    assert Term(1, "months").after(start) == end_of_day(date(2016, 2, 29))
    assert Term(2, "weeks").after(start) == end_of_day(date(2016, 2, 14))
    assert Term(1, "business-days").after(start) == end_of_day(date(2016, 2, 1))


def test_what_is_arranged_for_too_late_a_day_is_raised_and_cleared_at_once() -> None:
    given = bench()
    given.put("started", "A", MONDAY)
    given.put("done", "A", date(2016, 3, 14), recorded=at(MONDAY))
    given.until(at(date(2016, 3, 12)))
    assert [len(given.told(name)) for name in ("concern.raised", "concern.cleared")] == [1, 1]
    assert given.state.concerns == {}
    state = given.state.duties["task-late"]["A"]
    assert (state.outcome, state.cleared) == ("missed", True)


def test_what_was_done_late_before_the_clock_was_recorded_is_never_raised() -> None:
    given = bench()
    given.put("done", "A", date(2016, 3, 14))
    given.put("started", "A", MONDAY, recorded=at(date(2016, 3, 20)))
    given.until(at(date(2016, 3, 21)))
    assert given.outcomes("task-late") == {"A": "missed"}
    assert given.outputs == []


def counting(asked: list[str]) -> Duty:
    """A row whose refs are the ids of the rows of two ledgers; it notes which clocks it is asked for."""

    def clock(case: Toy, ref: str) -> Clock | None:
        asked.append(ref)
        row = case.started.get(ref)
        return None if row is None else Clock(ref, row.on)

    def all_clocks(case: Toy) -> Iterator[Clock]:
        return (found for ref in case.started if (found := clock(case, ref)) is not None)

    return duty(clocks=all_clocks, clock=clock, keyed_by={"started": by_id, "done": by_id})


def test_a_fact_about_one_row_asks_for_its_clock_alone() -> None:
    asked: list[str] = []
    given = bench(counting(asked))
    for ref in "ABC":
        given.put("started", ref, MONDAY)
    asked.clear()
    given.put("done", "B", FRIDAY)
    assert set(asked) == {"B"}
    assert given.outcomes("task-late") == {"A": "open", "B": "met", "C": "open"}
    given.put("started", "A", None)
    assert given.outcomes("task-late") == {"B": "met", "C": "open"}
    asked.clear()
    given.put("inside", "A", MONDAY)
    assert set(asked) == {"B", "C"}


def test_a_deadline_asks_for_its_own_clock_alone() -> None:
    asked: list[str] = []
    given = bench(counting(asked))
    for n, ref in enumerate("ABC"):
        given.put("started", ref, MONDAY + timedelta(days=n))
    asked.clear()
    given.until(at(date(2016, 3, 12)))
    assert set(asked) == {"A"}
    assert given.outcomes("task-late") == {"A": "missed", "B": "open", "C": "open"}
