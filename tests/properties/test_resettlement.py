"""Properties of resettlement: facts may come late, twice, corrected or taken back, in any order, and the same stands
in the end; what is decided on stored states is what is decided on those in memory, and neither is touched."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.history import HistoryRecord
from deploy.simulate import simulate
from services.resettlement.app import SERVICE
from services.resettlement.domain.case import STATED, Case, subject_of
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact
from shared.domain.policy import Policy
from shared.domain.state import dump, load
from tests.builders import at
from tests.unit.services.resettlement.story import (
    CRN,
    NOMS,
    POLICY,
    Told,
    address,
    appointment,
    due,
    form,
    handover,
    officer,
    order_ended,
    plan,
    provider,
    received,
    released,
    review,
    run,
    said,
    screened,
    sentence,
    withdrawn,
)

UNTIL = at("2018-06-01")
"""Long after the last fact can have come: every deadline before it has fired."""

LATEST_DAYS = 120


def days(first: str, last: str) -> st.SearchStrategy[date]:
    """A day of a span."""
    return st.dates(date.fromisoformat(first), date.fromisoformat(last))


@st.composite
def stays(draw: st.DrawFn) -> list[HistoryRecord]:
    """A stay in custody with what may happen in it and after it."""
    told = [sentence(noms_number=draw(st.sampled_from([NOMS, None])), custodial_term=draw(TERMS)), received()]
    told.append(said("person.linked", at(draw(days("2016-02-01", "2016-10-01"))), noms_number=NOMS))
    stated = draw(st.lists(days("2016-03-08", "2016-09-01"), max_size=3, unique=True))
    told += [due(draw(st.none() | days("2016-05-01", "2017-03-01")), at(stated_on)) for stated_on in stated]
    told += draw(st.lists(HAPPENINGS, max_size=26))
    told.append(provider(at(draw(days("2016-03-05", "2016-10-01")), "09:00")))
    if draw(st.integers(0, 3)):
        out_on = draw(days("2016-04-01", "2016-10-01"))
        told.append(released(at(out_on, "09:00"), draw(st.sampled_from(["CR", "CR", "HD", "DEC", "UAL"]))))
        if draw(st.booleans()):
            back_on = draw(st.dates(out_on + timedelta(days=1), date(2017, 2, 1)))
            told.append(received(at(back_on, "15:00"), draw(st.sampled_from(["24", "N", "L"]))))
            if draw(st.booleans()):
                told.append(released(at(back_on + timedelta(days=draw(st.integers(1, 60))), "09:00")))
    return told


TERMS = st.sampled_from(["P1D", "P6M", "P12M", "P23M", "P24M", "P4Y", "life"])
INSIDE, AFTER = days("2016-03-05", "2016-10-01"), days("2016-04-02", "2017-02-01")


def _one(build: Callable[[date], HistoryRecord], when: st.SearchStrategy[date]) -> st.SearchStrategy[HistoryRecord]:
    return when.map(build)


def _appointment(event: str, n: int, **also: Any) -> Callable[[date], HistoryRecord]:
    return lambda day: appointment(event, at(day, "14:00"), at(day, "09:00"), appointment_id=f"A{n}", **also)


HAPPENINGS: st.SearchStrategy[HistoryRecord] = st.one_of(
    _one(lambda day: screened(at(day, "11:00")), days("2016-03-05", "2016-03-11")),
    _one(plan, days("2016-03-05", "2016-04-01")),
    _one(lambda day: plan(day, "P2", "release"), AFTER),
    _one(lambda day: handover("sent", day), INSIDE),
    _one(lambda day: handover("returned", day, "11:00"), INSIDE),
    _one(lambda day: handover("accepted", day, "12:00"), INSIDE),
    _one(lambda day: handover("accepted", day, "12:30", "H2"), INSIDE),
    _one(lambda day: address(at(day)), INSIDE),
    _one(lambda day: address(at(day), "AD2", "LDU9"), INSIDE),
    _one(lambda day: said("release-address.withdrawn", at(day), address_id="AD1", withdrawn_on=day), INSIDE),
    _one(lambda day: officer("OFF1", at(day, "08:00")), INSIDE),
    _one(lambda day: officer("OFF2", at(day, "08:30")), INSIDE),
    _one(lambda day: form(at(day), domestic_abuse="current"), INSIDE),
    _one(lambda day: form(at(day, "10:30"), domestic_abuse="none"), INSIDE),
    _one(_appointment("attended", 1, channel="prison", officer_code="OFF1"), INSIDE),
    _one(_appointment("arranged", 2), AFTER),
    _one(_appointment("rearranged", 2, changed_by="provider"), AFTER),
    _one(_appointment("attended", 3, officer_code="OFF1"), AFTER),
    _one(_appointment("attended", 4, purpose="programme-session"), AFTER),
    _one(
        lambda day: said(
            "appointment.cancelled", at(day), appointment_id="A2", cancelled_by="provider", cancelled_on=day
        ),
        AFTER,
    ),
    _one(review, AFTER),
    _one(lambda day: order_ended(day, "completed"), days("2016-12-01", "2017-02-01")),
    _one(lambda day: order_ended(day, "quashed"), days("2016-06-01", "2017-02-01")),
    _one(lambda day: withdrawn("A3", "appointment", at(day)), AFTER),
    _one(lambda day: withdrawn("P1", "plan", at(day)), AFTER),
)


def arrive(history: Sequence[HistoryRecord], delays: Sequence[int]) -> list[HistoryRecord]:
    """The history with every fact that many days late, some of them sent twice.

    A publisher states a record and its corrections in order, on one partition: of these types none overtakes another.
    """
    latest: dict[str, datetime] = {}
    found = []
    for record, delay in sorted(zip(history, delays, strict=False), key=lambda pair: pair[0].timestamp):
        when = record.timestamp + timedelta(days=delay)
        event_type = orjson.loads(record.value or b"")["eventType"]
        if event_type in CORRECTED_BY_THE_LATEST:
            when = max(when, latest.get(event_type, when) + timedelta(milliseconds=1))
            latest[event_type] = when
        found.append(replace(record, timestamp=when))
        if delay % 7 == 3:
            found.append(replace(record, timestamp=when + timedelta(days=delay // 7)))
    return found


CORRECTED_BY_THE_LATEST = {
    "casework.appointment.attended",
    "casework.order.ended",
    "casework.plan.completed",
    "prison.resettlement-screening.completed",
}


def stands(told: Told) -> dict[str, Any]:
    """What stands in the end: ledgers, stays, supervision, stages, duties, and the concerns that are open."""
    case = told.case()
    ledgers = {name: getattr(case, name) for name in (*STATED, "episodes", "supervisions")}
    return {**ledgers, "stages": case.stages, "duties": case.duties, "open": told.open(), "waiting": case.waiting}


DELAYS = st.lists(st.integers(0, LATEST_DAYS) | st.just(0), min_size=60, max_size=60)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(stays(), DELAYS)
def test_late_and_repeated_facts_leave_the_same_standing(history: list[HistoryRecord], delays: list[int]) -> None:
    history = unique(history)
    in_time = run(arrive(history, [0] * len(history)), until=UNTIL)
    late = run(arrive(history, delays), until=UNTIL)
    expected, found = stands(in_time), stands(late)
    for name, ledger in expected.items():
        assert found[name] == ledger, name


def unique(history: list[HistoryRecord]) -> list[HistoryRecord]:
    """The same fact drawn twice is one."""
    return list({record.value: record for record in history}.values())


def checked_decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """Decide twice, on the states handed in and on what storage gives back; neither may differ or be touched."""
    before = {subject: dump(state) for subject, state in rows.states.items()}
    decision = SERVICE.decide(rows, fact, policy)
    assert {subject: dump(state) for subject, state in rows.states.items()} == before
    stored = {subject: load(data, SERVICE.kinds[subject.kind]) for subject, data in before.items()}
    assert stored == dict(rows.states)
    again = SERVICE.decide(Rows(stored, rows.tallies), fact, policy)
    assert again == decision
    return decision


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(stays(), DELAYS)
def test_stored_states_decide_alike_and_nothing_handed_in_is_touched(
    history: list[HistoryRecord], delays: list[int]
) -> None:
    service = replace(SERVICE, decide=checked_decide)
    out = simulate(arrive(unique(history), delays), [(service, POLICY)], until=UNTIL)["resettlement"]
    assert not out.parked
    case: Case = out.states[subject_of(CRN)]
    assert load(dump(case), Case) == case


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(stays(), st.permutations(range(40)))
def test_the_order_of_ledgers_decides_nothing(history: list[HistoryRecord], order: list[int]) -> None:
    def shuffled(rows: Rows, fact: Fact, policy: Policy) -> Decision:
        states = {subject: load(dump(state), type(state)) for subject, state in rows.states.items()}
        for state in states.values():
            for name in state.__struct_fields__:
                ledger = getattr(state, name)
                if isinstance(ledger, dict):
                    keys = sorted(ledger, key=lambda key: (order[hash_of(key) % 40], key))
                    setattr(state, name, {key: ledger[key] for key in keys})
        return SERVICE.decide(Rows(states, rows.tallies), fact, policy)

    plain = run(unique(history), until=UNTIL)
    service = replace(SERVICE, decide=shuffled)
    other = simulate(unique(history), [(service, POLICY)], until=UNTIL)["resettlement"]
    assert [event.value for event in other.outputs] == [event.value for event in plain.out.outputs]


def hash_of(text: str) -> int:
    """A number of a text that is the same in every process."""
    return sum(text.encode())
