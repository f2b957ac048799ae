"""Properties of metrics: the order of arrival does not matter, sums are what the cases' measurements add up to, what is
published stands for what is on the record, and decisions are a function of what was saved."""

import copy
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.history import HistoryRecord
from deploy.simulate import Simulated, simulate
from services.metrics.app import SERVICE
from services.metrics.domain.case import Case
from services.metrics.domain.provider import Provider
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact
from shared.domain.measure import counts
from shared.domain.policy import Policy
from shared.domain.state import dump, load
from tests.builders import at, fact
from tests.unit.services.metrics import story
from tests.unit.services.metrics.story import POLICY, Sums

START = date(2016, 2, 20)
FEW = settings(max_examples=60, deadline=None)
CRNS = ("A000001", "A000002")
END = at("2016-09-01")


def on(n: int) -> str:
    """The n-th day of the time in which things happen."""
    return (START + timedelta(days=n)).isoformat()


DAYS = st.integers(0, 50).map(on)
PROVIDERS = st.sampled_from([("CRC-1", "crc"), ("CRC-2", "crc"), ("NPS-1", "nps")])
ORDERS = st.sampled_from(["order-1", "order-2"])
OUTCOMES = st.sampled_from(["completed", "revoked-breach", "died", "expired-incomplete"])


@st.composite
def told_once(draw: st.DrawFn, crn: str) -> list[HistoryRecord]:
    """Facts about a case, each record stated once, as they happened."""
    history: list[HistoryRecord] = []
    for order in draw(st.sets(ORDERS, min_size=1)):
        code, kind = draw(PROVIDERS)
        history.append(story.allocated(draw(DAYS), crn=crn, provider_code=code, kind=kind, order_ids=[order]))
        if draw(st.booleans()):
            history.append(story.ended(draw(DAYS), draw(OUTCOMES), order=order, crn=crn))
    if draw(st.booleans()):
        code, kind = draw(PROVIDERS)
        history.append(story.transferred(draw(DAYS), crn=crn, to_provider_code=code, to_provider_kind=kind))
    if draw(st.booleans()):
        code, _ = draw(PROVIDERS)
        history.append(story.released(draw(DAYS), crn=crn, provider_code=code, order_id=draw(ORDERS)))
    for n in range(draw(st.integers(0, 3))):
        history += draw(appointments(f"appointment-{n}", crn))
    for n in range(draw(st.integers(0, 2))):
        pack: dict[str, Any] = {"order_id": draw(ORDERS), "failure_ids": [f"failure-{n}"]}
        history.append(story.pack(draw(DAYS), aware=draw(DAYS), ref=f"pack-{n}", crn=crn, **pack))
        if draw(st.booleans()):
            history.append(story.breach_due(draw(DAYS), aware=draw(DAYS), crn=crn, **pack))
    if draw(st.booleans()):
        history += [story.entered_custody(draw(DAYS), crn=crn), story.left_custody(draw(DAYS), crn=crn)]
    return history


@st.composite
def appointments(draw: st.DrawFn, ref: str, crn: str) -> list[HistoryRecord]:
    """One appointment: arranged, perhaps moved, cancelled, come of, taken back, at instants of their own."""
    order = [draw(ORDERS)]
    steps = [story.appointment("arranged", draw(DAYS), recorded=on(0), ref=ref, crn=crn, order_ids=order)]
    if draw(st.booleans()):
        by = draw(st.sampled_from(["person", "provider"]))
        steps.append(
            story.appointment(
                "rearranged", draw(DAYS), recorded=on(1), ref=ref, crn=crn, order_ids=order, changed_by=by
            )
        )
    if draw(st.booleans()):
        steps.append(story.cancelled(draw(st.sampled_from(["person", "provider"])), recorded=on(2), ref=ref, crn=crn))
    if draw(st.booleans()):
        steps.append(story.appointment("attended", draw(DAYS), recorded=on(3), ref=ref, crn=crn, order_ids=order))
    if draw(st.integers(0, 3)) == 0:
        steps.append(story.withdrawn(ref, recorded=on(4), crn=crn))
    return steps


HISTORIES = st.tuples(*(told_once(crn) for crn in CRNS)).map(lambda each: [*each[0], *each[1]])


@st.composite
def arrivals(draw: st.DrawFn, history: list[HistoryRecord]) -> list[HistoryRecord]:
    """The same facts as the log may get them: in any order, some late, some twice."""
    order = draw(st.permutations(range(len(history))))
    late = draw(st.lists(st.integers(0, 25), min_size=len(history), max_size=len(history)))
    arrived = [replace(history[i], timestamp=at(on(55 + late[n]), "09:00")) for n, i in enumerate(order)]
    return arrived + [replace(each, timestamp=each.timestamp + timedelta(days=1)) for each in arrived[:2]]


TWO_WAYS = HISTORIES.flatmap(lambda history: st.tuples(arrivals(history), arrivals(history)))


def ledgers(found: Simulated) -> dict[str, Any]:
    """The cases at the end, without the ids of their measurements, which tell of the way there."""
    return {
        subject.key: orjson.loads(dump(state)) | {"measured": answers(state)}
        for subject, state in found.states.items()
        if isinstance(state, Case)
    }


def answers(case: Case) -> set[tuple[object, ...]]:
    """The measurements that stand, those withdrawn left out."""
    return {
        (code, ref, row.provider, row.period, row.start, row.due_at, row.met, row.exclusion, row.known)
        for code, rows in case.measured.items()
        for ref, row in rows.items()
        if row.exclusion != "withdrawn"
    }


def recounted(found: Simulated) -> Counter[tuple[str, str, str]]:
    """The sums by provider, name and period, counted anew from every case."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for state in found.states.values():
        if isinstance(state, Case):
            for code, rows in state.measured.items():
                for row in rows.values():
                    counted.update((row.provider, f"{code}.{name}", row.period) for name in counts(row))
    return counted


def of_providers(sums: Sums) -> dict[tuple[str, str, str], int]:
    """The sums that cases feed, by provider, name and period."""
    return {(of.key, name, period): n for (of, name, period), n in sums.items() if of.kind == "provider"}


@FEW
@given(TWO_WAYS)
def test_the_order_of_arrival_changes_neither_ledgers_nor_measurements_nor_last_figures(
    ways: tuple[list[HistoryRecord], list[HistoryRecord]],
) -> None:
    (one, first), (other, second) = (story.summed(*way, until=END) for way in ways)
    assert ledgers(one) == ledgers(other)
    assert of_providers(first) == of_providers(second)
    assert figures(one) == figures(other)


@FEW
@given(
    told_once(CRNS[0]),
    st.lists(st.sampled_from(CRNS), min_size=1, max_size=7),
    st.lists(st.integers(0, 25), min_size=1, max_size=5),
    st.integers(0, 90),
)
def test_a_person_of_two_numbers_is_measured_once_they_are_merged_as_one(
    history: list[HistoryRecord], numbers: list[str], late: list[int], merged: int
) -> None:
    split = [under(numbers[n % len(numbers)], each) for n, each in enumerate(history)]
    arrived = [
        replace(each, timestamp=at(on(55 + late[n % len(late)]), "09:00") + timedelta(milliseconds=n))
        for n, each in enumerate(split)
    ]
    merger = fact("casework.person.merged", CRNS[1], at(on(merged)), into_crn=CRNS[0])
    (straight, counted), (one, of_one) = (story.summed(*told, until=END) for told in ([*history], [*arrived, merger]))
    assert ledgers(one)[CRNS[0]] | {"mergers": {}} == ledgers(straight)[CRNS[0]] | {"mergers": {}}
    assert of_providers(of_one) == of_providers(counted)


def under(crn: str, record: HistoryRecord) -> HistoryRecord:
    """The same fact, stated under another number."""
    body = orjson.loads(record.value or b"")
    body["personReference"]["identifiers"] = [{"type": "CRN", "value": crn}]
    return replace(record, key=crn.encode(), value=orjson.dumps(body))


def figures(found: Simulated) -> dict[tuple[str, str, str], tuple[object, ...]]:
    """What providers last reported, empty months left out; they are those from which everything was taken away."""
    return {
        (subject.key, code, period): (row.numerator, row.denominator, row.exclusions, row.coverage)
        for subject, state in found.states.items()
        if isinstance(state, Provider)
        for code, months in state.months.items()
        for period, row in months.items()
        if row.coverage or row.denominator or row.exclusions
    }


@FEW
@given(HISTORIES.flatmap(arrivals))
def test_sums_are_always_what_a_recount_of_all_cases_gives(history: list[HistoryRecord]) -> None:
    for until in (None, at(on(60)), at(on(90))):
        found, sums = story.summed(*history, until=until)
        assert of_providers(sums) == dict(recounted(found))


@FEW
@given(HISTORIES.flatmap(arrivals))
def test_the_last_report_of_a_month_says_what_the_cases_say(history: list[HistoryRecord]) -> None:
    found = story.run(*history, until=END)
    counted = recounted(found)
    for (provider, code, period), (met, denominator, excluded, _) in figures(found).items():
        assert met == counted[provider, f"{code}.met", period]
        assert denominator == met + counted[provider, f"{code}.missed", period]
        assert excluded == counted[provider, f"{code}.excluded", period]
    reported = set(figures(found))
    assert reported == {(provider, name.rpartition(".")[0], period) for provider, name, period in counted}


@FEW
@given(HISTORIES.flatmap(arrivals))
def test_what_is_published_and_not_superseded_is_what_is_on_the_record(history: list[HistoryRecord]) -> None:
    found = story.run(*history, until=END)
    told = story.told(found, "performance.measurement.recorded")
    ids = [each["measurementId"] for each in told]
    assert len(set(ids)) == len(ids)
    standing = set(ids) - {each.get("supersedes") for each in told}
    cases = [state for state in found.states.values() if isinstance(state, Case)]
    on_record = {row.measurement_id for case in cases for rows in case.measured.values() for row in rows.values()}
    assert standing == on_record


def through_storage(rows: Rows) -> Rows:
    """The rows as they come back from where they were saved."""
    states = {subject: load(dump(state), type(state)) for subject, state in rows.states.items()}
    return Rows(states, rows.tallies)


@FEW
@given(HISTORIES.flatmap(arrivals))
def test_a_decision_leaves_its_rows_alone_and_is_the_same_from_storage(history: list[HistoryRecord]) -> None:
    def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
        before = copy.deepcopy(dict(rows.states))
        decision = SERVICE.decide(rows, fact, policy)
        assert rows.states == before
        assert SERVICE.decide(through_storage(rows), fact, policy) == decision
        return decision

    found = simulate(history, [(replace(SERVICE, decide=decide), POLICY)], END)["metrics"]
    assert not found.parked


@FEW
@given(HISTORIES)
def test_no_measurement_is_accused_before_its_day_is_over(history: list[HistoryRecord]) -> None:
    found = story.run(*sorted(history, key=lambda each: each.timestamp), until=END)
    for each in found.outputs:
        if each.event_type != "performance.measurement.recorded":
            continue
        payload = orjson.loads(each.value)["additionalInformation"]
        if payload["clock"] in ("allocation", "release") and payload.get("met") is False:
            assert each.at >= datetime.fromisoformat(payload["dueAt"]).astimezone(UTC)


def test_ids_of_events_never_repeat() -> None:
    history = [story.allocated("2016-03-02", crn=crn) for crn in CRNS]
    ids: list[UUID] = [each.event_id for each in story.run(*history).outputs]
    assert len(set(ids)) == len(ids)
