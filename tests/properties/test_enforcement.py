"""Enforcement under any order of arrival: late, corrected, withdrawn and repeated facts leave the same case behind.

A story is what happened, each fact with its own date; beside stories that make sense there are heaps of any facts that
publishers may state. Each is recorded once as it happens and once with arbitrary delays and repeats; when both have
been read, duties, concerns and ledgers are the same.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.history import HistoryRecord
from deploy.simulate import simulate
from services.enforcement.app import SERVICE
from services.enforcement.domain.case import Case
from services.enforcement.domain.decide import decide
from shared.contracts.decoding import decode
from shared.contracts.envelope import Event
from shared.domain.business_days import end_of_day
from shared.domain.decision import Rows
from shared.domain.fact import Subject, event_fact
from shared.domain.policy import NotInForce
from shared.domain.state import dump, load
from tests.builders import at, fact
from tests.facts import OTHER_CRN, SPAN, history
from tests.unit.services.enforcement.person import CRN, POLICY, Decided, Person, decided

START = date(2016, 1, 4)
HORIZON = START + timedelta(days=500)
SUBJECT = Subject("case", CRN)

TOLD_ON_THE_WAY = frozenset({"raised", "concerns"})
"""Fields that may remember how things came: how many concerns were ever raised, under which ids and severity."""


def on(n: int) -> str:
    """The n-th day of the story."""
    return (START + timedelta(days=n)).isoformat()


OUTCOMES = (
    "attended", "missed", "unacceptable", "unacceptable", "unacceptable", "acceptable", "pending", "rejudged",
    "attended after all", "stood down", "stood down, withdrawn", "withdrawn", "withdrawn, then stated again",
    "cancelled by person", "cancelled by provider", "moved by person", "moved by provider", "telephone",
)  # fmt: skip


def happen(person: Person, ref: str, day: int, orders: Sequence[str], outcome: str) -> None:
    """One appointment and what became of it."""
    person.arranged(on(day - 3), ref, on(day), orders)
    if outcome in ("attended", "telephone"):
        person.attended(on(day), ref, orders, channel="telephone" if outcome == "telephone" else "office")
    elif outcome.startswith("cancelled"):
        person.cancelled(on(day - 1), ref, outcome.rpartition(" ")[2])
    elif outcome.startswith("moved"):
        person.arranged(on(day - 1), ref, on(day + 5), orders, changed_by=outcome.rpartition(" ")[2])
        person.attended(on(day + 5), ref, orders)
    else:
        person.missed(on(day), ref, orders)
        _judge(person, ref, day, orders, outcome)


def _judge(person: Person, ref: str, day: int, orders: Sequence[str], outcome: str) -> None:
    if outcome in ("unacceptable", "acceptable"):
        person.judged(on(day + 1), ref, outcome)
    elif outcome == "pending":
        person.judged(on(day + 1), ref, "pending-evidence")
    elif outcome == "rejudged":
        person.judged(on(day + 1), ref, "unacceptable").judged(on(day + 9), ref, "acceptable", n=2)
    elif outcome == "attended after all":
        person.judged(on(day + 1), ref).attended(on(day), ref, orders)
    elif outcome.startswith("stood down"):
        person.judged(on(day + 1), ref).stood_down(on(day + 2), ref, f"S{ref}")
        if outcome.endswith("withdrawn"):
            person.withdrawn(on(day + 3), f"S{ref}", "session")
    elif outcome.startswith("withdrawn"):
        person.judged(on(day + 1), ref).withdrawn(on(day + 4), ref)
        if outcome.endswith("again"):
            person.attended(on(day + 6), ref, orders)


def enforce(person: Person, step: tuple[str, int, str, Sequence[str]]) -> None:
    """One step of enforcement on an order, about some of the appointments."""
    what, day, order, refs = step
    if what == "warning":
        person.warned(on(day), f"W{day}{order}", *refs, order=order)
    elif what == "final warning":
        person.warned(on(day), f"W{day}{order}", *refs, order=order, level="final")
    elif what == "warning, withdrawn":
        person.warned(on(day), f"W{day}{order}", *refs, order=order).warning_withdrawn(on(day + 2), f"W{day}{order}")
    elif what == "discretion":
        person.discretion(on(day), *refs, order=order)
    elif what == "pack":
        person.pack(on(day), *refs, order=order, aware=on(day - 2)).pack_returned(on(day + 3), order=order)
        person.pack(on(day + 5), *refs, order=order, n=2, aware=on(day - 2)).pack_accepted(on(day + 7), 2, order)
    elif what == "laid":
        person.laid(on(day), *refs, order=order, ref=f"I{day}{order}")
    elif what == "heard":
        person.listed(on(day - 9), on(day), f"H{day}{order}", order).heard(on(day), "fined", f"H{day}{order}", order)
    elif what == "adjourned":
        person.listed(on(day - 9), on(day), f"H{day}{order}", order)
        person.heard(on(day), "adjourned", f"H{day}{order}", order)
    elif what == "oversight":
        person.overseen(on(day))
    elif what == "recall":
        person.considered(on(day), "recall", order=order).recall_requested(on(day), "15:00", order)
        person.recall_decided(on(day + 1), "issued")


STEPS = (
    "warning", "warning", "warning", "final warning", "warning, withdrawn", "discretion", "pack", "laid", "heard",
    "adjourned", "oversight", "recall",
)  # fmt: skip
APPOINTMENTS = tuple(f"A{n}" for n in range(8))
ORDERS = (("O1",), ("O1",), ("O2",), ("O1", "O2"))

appointments = st.lists(
    st.tuples(st.integers(4, 200), st.sampled_from(ORDERS), st.sampled_from(OUTCOMES)), min_size=1, max_size=8
)
steps = st.lists(
    st.tuples(
        st.sampled_from(STEPS),
        st.integers(10, 260),
        st.sampled_from(("O1", "O2")),
        st.lists(st.sampled_from(APPOINTMENTS), min_size=1, max_size=3, unique=True),
    ),
    max_size=5,
    unique_by=(lambda step: step[1], lambda step: (step[0], step[2])),
)
around = st.fixed_dictionaries(
    {},
    optional={
        "licence": st.integers(0, 60),
        "custody": st.tuples(st.integers(5, 100), st.integers(1, 60)),
        "hub": st.integers(5, 100),
        "transferred": st.integers(5, 150),
        "varied": st.integers(30, 300),
        "ended": st.integers(60, 300),
    },
)


@st.composite
def stories(draw: Any) -> list[HistoryRecord]:
    """What happened to one person with one or two orders, each fact recorded as it happened."""
    person, facts = Person(), draw(around)
    person.sentenced(on(0)).allocated(on(1))
    if "licence" in facts:
        released = facts["licence"]
        person.sentenced(on(0), "O2", disposal="custody", offence_on=START).allocated(on(1), "O2", disposal="custody")
        person.released(on(released), "O2").supervision_ended(on(released + 200), "O2")
        person.released(on(released + 200), "O2", kind="post-sentence")
    else:
        person.sentenced(on(2), "O2", "suspended-sentence-order").allocated(on(3), "O2", kind="nps")
    for n, (day, orders, outcome) in enumerate(draw(appointments)):
        happen(person, f"A{n}", day, orders, outcome)
    for step in draw(steps):
        enforce(person, step)
    if "custody" in facts:
        since, days = facts["custody"]
        person.entered_custody(on(since)).left_custody(on(since + days))
    if "hub" in facts:
        person.routed(on(facts["hub"]), "hub")
    if "transferred" in facts:
        person.transferred(on(facts["transferred"]), "nps")
    if "varied" in facts:
        person.varied(on(20), on(facts["varied"]))
    if "ended" in facts:
        person.ended(on(facts["ended"]))
    return person.records


def delayed(records: Sequence[HistoryRecord], lags: Sequence[int]) -> list[HistoryRecord]:
    """The same facts, each recorded so many days later; every third one twice."""
    told = []
    for n, record in enumerate(records):
        late = record.timestamp + timedelta(days=lags[n % len(lags)], milliseconds=n)
        told.append(replace(record, timestamp=late))
        if n % 3 == 0:
            told.append(replace(record, timestamp=late + timedelta(days=2)))
    return told


def ledgers(case: Case) -> dict[str, Any]:
    """Everything that a case remembers of what was stated, and what follows from it."""
    return {name: getattr(case, name) for name in case.__struct_fields__ if name not in TOLD_ON_THE_WAY}


def held(case: Case) -> dict[str, Any]:
    """The concerns that are open: what holds each of them up, and which order it is about."""
    return {key: (concern.sources, concern.order_id) for key, concern in case.concerns.items() if concern.concern_id}


LAGS = st.lists(st.integers(0, 150), min_size=1, max_size=11)


@given(stories(), LAGS)
@settings(max_examples=100, deadline=None)
def test_any_order_of_arrival_leaves_the_same_case(records: list[HistoryRecord], lags: list[int]) -> None:
    straight = decided(records, HORIZON).case
    late = decided(delayed(records, lags), HORIZON).case
    assert ledgers(late) == ledgers(straight)
    assert held(late) == held(straight)


TWO_ORDERS = (
    Person()
    .sentenced(on(0))
    .allocated(on(1))
    .sentenced(on(2), "O2", disposal="custody", offence_on=START)
    .allocated(on(2), "O2", disposal="custody")
    .released(on(28), "O2")
    .records
)
"""An order in the community and a licence, so that there is something to enforce."""


OF_ONE_NUMBER = SERVICE.reads - {"casework.person.merged"}


@given(history(OF_ONE_NUMBER, least=8, most=45), st.booleans(), LAGS)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_publishers_state_any_order_of_arrival_leaves_the_same_case(
    told: list[HistoryRecord], sentenced: bool, lags: list[int]
) -> None:
    records = [*(TWO_ORDERS if sentenced else TWO_ORDERS[:1]), *told]
    until = HORIZON + timedelta(days=SPAN)
    straight, late = decided(records, until).case, decided(delayed(records, lags), until).case
    assert ledgers(late) == ledgers(straight)
    assert held(late) == held(straight)


ONE_OF_TWO_NUMBERS = st.lists(st.sampled_from((CRN, OTHER_CRN)), min_size=1, max_size=13)


@given(history(OF_ONE_NUMBER, least=4, most=30), LAGS, ONE_OF_TWO_NUMBERS, st.integers(0, SPAN))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_person_of_two_numbers_is_one_case_once_they_are_merged(
    told: list[HistoryRecord], lags: list[int], numbers: list[str], merged: int
) -> None:
    records = [*TWO_ORDERS, *told]
    merger = fact("casework.person.merged", OTHER_CRN, at(START + timedelta(days=merged)), into_crn=CRN)
    split = [under(numbers[n % len(numbers)], record) for n, record in enumerate(records)]
    until = HORIZON + timedelta(days=SPAN)
    straight, one = decided(records, until).case, decided([*delayed(split, lags), merger], until).case
    assert ledgers(one) | {"mergers": {}} == ledgers(straight)
    assert held(one) == held(straight)


def under(crn: str, record: HistoryRecord) -> HistoryRecord:
    """The same fact, stated under another number."""
    body = orjson.loads(record.value or b"")
    body["personReference"]["identifiers"] = [{"type": "CRN", "value": crn}]
    return replace(record, key=crn.encode(), value=orjson.dumps(body))


@given(stories())
@settings(max_examples=60, deadline=None)
def test_every_event_says_why_and_every_concern_is_raised_once_and_cleared_once(records: list[HistoryRecord]) -> None:
    found: Decided = decided(records, HORIZON)
    standing: dict[str, str] = {}
    for event_type, payload in found.events:
        assert payload["because"], event_type
        if event_type.endswith("concern.raised"):
            assert payload["evidence"] or payload["code"] == "breach-stuck"
            assert payload["severity"] != standing.get(payload["concernId"])
            standing[payload["concernId"]] = payload["severity"]
        elif event_type.endswith("concern.cleared"):
            del standing[payload["concernId"]]
    assert set(standing) == {each.concern_id for each in found.case.concerns.values()}


@given(stories())
@settings(max_examples=40, deadline=None)
def test_decide_touches_nothing_and_is_the_same_from_a_stored_state(records: list[HistoryRecord]) -> None:
    state = Case(key=CRN)
    for record in sorted(records, key=lambda each: each.timestamp):
        event = decode(record.topic, record.key, record.value, record.headers)
        assert isinstance(event, Event)
        fact = event_fact(event, record.topic, CRN, record.timestamp)
        before = dump(state)
        decision = decide(Rows({SUBJECT: state}), fact, POLICY)
        assert dump(state) == before
        stored = decide(Rows({SUBJECT: load(before, Case)}), fact, POLICY)
        assert stored.outputs == decision.outputs
        assert stored.deadlines == decision.deadlines
        assert stored.states == decision.states
        state = decision.states.get(SUBJECT, state)
        assert load(dump(state), Case) == state


@given(stories())
@settings(max_examples=20, deadline=None)
def test_nothing_is_left_to_do_once_every_order_has_ended(records: list[HistoryRecord]) -> None:
    person = Person(list(records))
    person.ended(on(320)).ended(on(321), "O2")
    found = decided(person.records, HORIZON)
    assert found.case.duties == {}
    assert found.case.concerns == {}
    assert found.case.stages == {}
    assert found.case.called == {}


def test_facts_of_any_age_find_a_policy_in_force() -> None:
    for parameter in POLICY:
        try:
            POLICY.at(parameter.id, date(2000, 1, 1))
        except NotInForce:
            assert parameter.id not in SERVICE.reads, parameter.id


def test_a_history_of_nothing_decides_nothing() -> None:
    assert simulate([], [(SERVICE, POLICY)], end_of_day(HORIZON))["enforcement"].outputs == []
