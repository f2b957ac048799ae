"""The engines under any order of arrival: what is open in the end follows from what was stated, not from when.

A history states clocks, what was done, and custody, and corrects and withdraws some of it; it is recorded in any
order, with deadlines falling between. What must be so in the end is worked out by brute force.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.business_days import end_of_day, is_business_day, start_of_day
from shared.domain.condition import Condition, Held
from shared.domain.duty import Clock, Done, Duty, Pause
from shared.domain.workflow import Entry, Transition, Workflow
from tests.unit.shared.domain.engines import Bench, Toy, at, policy, refs

FIRST = date(2016, 3, 1)
HORIZON = FIRST + timedelta(days=120)
REFS = ("A", "B")
TERM = 5


class Stated(NamedTuple):
    """A date written to a ledger (or taken out), recorded so many days after `FIRST`."""

    ledger: str
    ref: str
    on: date | None
    recorded: int


def _pauses(case: Toy, _clock: Clock) -> Sequence[Pause]:
    row, end = case.inside.get("since"), case.inside.get("until")
    return () if row is None else (Pause(row.on, end.on if end is not None and end.on >= row.on else None),)


def _clocks(case: Toy) -> Iterator[Clock]:
    return (Clock(ref, row.on, evidence=(f"{ref} {row.on}",)) for ref, row in refs("started", case))


def _done(case: Toy, clock: Clock) -> Done | None:
    row = case.done.get(clock.ref)
    return None if row is None else Done(row.on)


LEDGERS = frozenset({"started", "done", "inside"})
PLAIN = Duty(code="plain", reads=LEDGERS, clocks=_clocks, done=_done, answerable=True)
PAUSED = Duty(code="paused", reads=LEDGERS, clocks=_clocks, done=_done, pauses=_pauses, severity="serious")
LATE_DONE = Condition(
    code="plain",
    part="late",
    reads=LEDGERS,
    refs=lambda case: sorted(case.done),
    holds=lambda step, ref: (
        Held((f"{ref} late",), step.case.done[ref].on, "serious")
        if ref in step.case.started and step.case.done[ref].on > step.case.started[ref].on + timedelta(days=20)
        else None
    ),
)
PARCEL = Workflow(
    name="parcel",
    reads=LEDGERS,
    refs=lambda case: sorted({*case.started, *case.done}),
    entries=lambda case, ref: [
        Entry(ledger, start_of_day(getattr(case, ledger)[ref].on), ref, rank)
        for rank, ledger in enumerate(("started", "done"))
        if ref in getattr(case, ledger)
    ],
    transitions=(
        Transition(frozenset({"none"}), "started", "begun"),
        Transition(frozenset({"begun"}), "done", "over"),
    ),
)
ROWS = {"duties": (PLAIN, PAUSED), "conditions": (LATE_DONE,), "workflows": (PARCEL,)}
POLICY = policy(plain=f"{TERM} business-days", paused=f"{TERM} business-days", plain__late="20 days")

days = st.integers(0, 60).map(lambda n: FIRST + timedelta(days=n))
maybe = st.one_of(days, days, days, st.none())
statements = st.lists(
    st.one_of(
        st.tuples(st.just("started"), st.sampled_from(REFS), maybe, st.integers(0, 80)),
        st.tuples(st.just("done"), st.sampled_from(REFS), maybe, st.integers(0, 80)),
        st.tuples(st.just("inside"), st.sampled_from(("since", "until")), maybe, st.integers(0, 80)),
    ).map(lambda told: Stated(*told)),
    max_size=14,
)


def run(told: Sequence[Stated]) -> Bench:
    """Record statements in the order of their recording, and let time go on to the horizon."""
    bench = Bench(POLICY, ROWS)
    for each in sorted(told, key=lambda each: each.recorded):
        when = at(FIRST + timedelta(days=each.recorded))
        bench.put(each.ledger, each.ref, each.on, recorded=max(when, bench.now))
    bench.until(at(HORIZON))
    return bench


def last_word(told: Sequence[Stated]) -> dict[tuple[str, str], date]:
    """What is on the record in the end: the last statement of each record."""
    final: dict[tuple[str, str], date | None] = {}
    for each in sorted(told, key=lambda each: each.recorded):
        final[each.ledger, each.ref] = each.on
    return {key: on for key, on in final.items() if on is not None}


def due_by_hand(start: date, since: date | None, until: date | None) -> date | None:
    """Count business days one by one, leaving out those inside; None while inside at the last of them."""
    day, counted = start, 0
    while counted < TERM:
        day += timedelta(days=1)
        if since is not None and day >= since and (until is None or day < until):
            if until is None:
                return None
            continue
        counted += is_business_day(day)
        if day > HORIZON + timedelta(days=400):
            return None
    return day


@given(statements)
@settings(max_examples=200, deadline=None)
def test_what_is_open_in_the_end_follows_from_the_record_alone(told: list[Stated]) -> None:
    record = last_word(told)
    bench = run(told)
    since, until = record.get(("inside", "since")), record.get(("inside", "until"))
    if until is not None and since is not None and until < since:
        until = None
    for code, pause in (("plain", (None, None)), ("paused", (since, until))):
        for ref in REFS:
            start, done = record.get(("started", ref)), record.get(("done", ref))
            state = bench.state.duties.get(code, {}).get(ref)
            if start is None:
                assert state is None
                continue
            assert state is not None
            due = due_by_hand(start, *pause)
            assert state.due == (None if due is None else end_of_day(due))
            if done is not None and (due is None or done <= due):
                assert state.outcome == "met"
            elif due is None:
                assert state.outcome == "open"
            else:
                assert (state.outcome, state.cleared) == ("missed", done is not None)


@given(statements, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_facts_recorded_in_another_order_leave_the_same_duties_concerns_and_stages(
    told: list[Stated], rng: object
) -> None:
    record = [Stated(*key, on, 0) for key, on in sorted(last_word(told).items())]
    shuffled = list(record)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    straight = run(record)
    for other in (run(told), run([each._replace(recorded=7 * n) for n, each in enumerate(shuffled)])):
        assert other.state.duties == straight.state.duties
        assert {k: v.sources for k, v in other.state.concerns.items()} == {
            k: v.sources for k, v in straight.state.concerns.items()
        }, "what holds a concern up is the same; its severity stays the highest that was told"
        found = {ref: stage.stage for ref, stage in other.state.stages.get("parcel", {}).items()}
        assert found == {ref: stage.stage for ref, stage in straight.state.stages.get("parcel", {}).items()}
        assert sorted(other.due) == sorted(straight.due)


@given(statements)
@settings(max_examples=150, deadline=None)
def test_every_concern_raised_is_open_or_was_cleared_and_severity_only_rises(told: list[Stated]) -> None:
    bench = run(told)
    standing: dict[str, int] = {}
    ranks = {"info": 0, "warning": 1, "serious": 2}
    for output in bench.outputs:
        payload = output.payload
        assert payload.because, "every event says why"
        if payload.event_type.endswith("raised"):
            assert ranks[payload.severity] > standing.get(payload.concern_id, -1)
            standing[payload.concern_id] = ranks[payload.severity]
        else:
            assert standing.pop(payload.concern_id) >= 0
    assert set(standing) == {each.concern_id for each in bench.state.concerns.values() if each.concern_id}


@given(statements)
@settings(max_examples=150, deadline=None)
def test_a_recorded_reason_silences_until_the_evidence_changes(told: list[Stated]) -> None:
    bench = run(told)
    for key, concern in sorted(bench.state.concerns.items()):
        if concern.code != "plain" or not concern.concern_id:
            continue
        bench.answer(concern.concern_id)
        assert bench.state.concerns[key].concern_id == ""
        bench.put("done", "nobody", HORIZON)
        bench.put("inside", "other", HORIZON)
        assert bench.state.concerns[key].concern_id == ""
        bench.put("started", concern.ref, FIRST - timedelta(days=1))
        bench.until(at(HORIZON + timedelta(days=1)))
        again = bench.state.concerns.get(key)
        if again is not None and again.evidence != concern.evidence:
            assert again.concern_id not in ("", concern.concern_id)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 10))
@settings(max_examples=150, deadline=None)
def test_short_notice_is_a_floor_and_the_target_a_ceiling(target: int, known: int, floor: int) -> None:
    on, known_on = FIRST + timedelta(days=target), FIRST + timedelta(days=known)
    row = Duty(
        code="plain",
        reads=LEDGERS,
        timing="before",
        clocks=lambda case: [Clock(ref, each.on, known_on=known_on) for ref, each in refs("started", case)],
    )
    bench = Bench(policy(plain=f"{TERM} days", short_notice=f"{floor} days"), {"duties": (row,)})
    bench.put("started", "A", on, recorded=at(FIRST))
    due = bench.state.duties["plain"]["A"].due
    usual = end_of_day(on - timedelta(days=TERM))
    noticed = end_of_day(known_on + timedelta(days=floor))
    assert due == max(usual, min(noticed, end_of_day(on)))
