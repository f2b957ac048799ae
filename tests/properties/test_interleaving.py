"""Every service under any interleaving of its topics: each key's order within a topic is kept, as Kafka keeps it, and
anything may come twice. Whichever topic is ahead, what stands of a case in the end is the same.

What tells of the way is left out: how often a concern was raised, ids of measurements, when waiting facts came. What
allocation has decided (provider, officer, band, which request of an escalation another echoes and whose answer was
first) rests on what was known then, by design; what was stated does not. The limits are those of ADR 7.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.catalogue import with_policies
from deploy.history import HistoryRecord
from deploy.simulate import simulate
from services.allocation.domain.case import Case as AllocationCase
from services.allocation.domain.records import PERSON, STATED
from shared.domain.measure import WITHDRAWN
from shared.domain.policy import Policy
from shared.domain.service import Service
from tests.builders import at, fact
from tests.facts import CRNS, INSTANTS, SPAN, START, whole_history

END = at(START + timedelta(days=SPAN + 700))
SERVICES = with_policies()
MERGED = "casework.person.merged"
OF_THE_WAY = frozenset({"raised", "concerns", "waiting", "measured"})
OF_ALLOCATION = {*STATED, *PERSON, "sex", "merged_into", "mergers"} - {"grade_decided_on"}
"""The fields of a case of allocation that are compared: what was stated. Who directs an officer decides on the grade,
but only of a case that is open when that is heard."""


def interleaved(told: Sequence[HistoryRecord], rng: Random, latest: int) -> list[HistoryRecord]:
    """The facts as they arrive: each up to so many days late, in its place on its topic and key; some again."""
    last: dict[tuple[str, bytes | None], datetime] = {}
    arrived = []
    for record in sorted(told, key=lambda record: record.timestamp):
        stream = (record.topic, record.key)
        when = record.timestamp + timedelta(days=rng.randint(0, latest))
        when = max(when, last.get(stream, when) + timedelta(milliseconds=1))
        last[stream] = when
        arrived.append(replace(record, timestamp=when))
        if rng.random() < 0.2:
            arrived.append(replace(record, timestamp=when + timedelta(days=rng.randint(0, 50))))
    return arrived


def standing(service: Service, policy: Policy, arrived: Sequence[HistoryRecord]) -> dict[str, dict[str, Any]]:
    """What stands of every case once everything has arrived and every deadline has passed."""
    found = simulate(arrived, [(service, policy)], END)[service.name]
    assert not found.parked
    assert not found.dead_letters
    return {
        subject.key: of_case(service.name, state)
        for subject, state in found.states.items()
        if subject.kind in ("case", "prisoner")
    }


def of_case(service: str, case: Any) -> dict[str, Any]:
    """The ledgers of a case, with the concerns that are open, the answers of its measurements, the facts that wait."""
    fields = {name: getattr(case, name) for name in case.__struct_fields__}
    if service == "allocation" and isinstance(case, AllocationCase):
        return {name: fields[name] for name in sorted(OF_ALLOCATION)}
    stands = {name: value for name, value in fields.items() if name not in OF_THE_WAY}
    stands["open"] = {key: concern.sources for key, concern in case.concerns.items() if concern.concern_id}
    stands["waits"] = sorted(kept.content for kept in case.waiting.values())
    if "measured" in fields:
        stands["answers"] = {
            (code, ref): answer_of(row)
            for code, rows in case.measured.items()
            for ref, row in rows.items()
            if row.exclusion != WITHDRAWN
        }
    return stands


def answer_of(measured: Any) -> tuple[Any, ...]:
    """A measurement without its id and count."""
    return tuple(getattr(measured, name) for name in measured.__struct_fields__ if name not in ("measurement_id", "n"))


def of_one_person(service: Service, *, more: int) -> st.SearchStrategy[list[HistoryRecord]]:
    """Facts under three CRNs and three prison numbers, with mergers every way; in the end the CRNs are one person's."""
    mergers = [
        st.builds(lambda when, one=one, other=other: fact(MERGED, one, when, into_crn=other), INSTANTS)
        for one, other in ((CRNS[0], CRNS[1]), (CRNS[2], CRNS[1]))
    ]
    told = whole_history(service.reads, more=more, crns=CRNS).map(_in_order_of_enforcement)
    return st.builds(lambda facts, *merged: [*facts, *merged], told, *mergers)


def _in_order_of_enforcement(told: Sequence[HistoryRecord]) -> list[HistoryRecord]:
    """A failure that is counted anew moves a breach that metrics has heard of, and no other: what enforcement says of
    both comes in its own order, under one number."""
    return [record for record in told if record.topic != "enforcement" or record.key == CRNS[0].encode()]


@pytest.mark.parametrize(("service", "policy"), SERVICES, ids=[service.name for service, _ in SERVICES])
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), seed=st.integers(0, 1_000_000))
def test_whichever_topic_is_ahead_the_same_stands_in_the_end(
    service: Service, policy: Policy, data: st.DataObject, seed: int
) -> None:
    expect_the_same(service, policy, data.draw(of_one_person(service, more=20)), seed)


def expect_the_same(service: Service, policy: Policy, told: Sequence[HistoryRecord], seed: int) -> None:
    """What stands is the same where everything comes in time and where each topic is up to 200 days late."""
    in_time = standing(service, policy, interleaved(told, Random(seed), 0))
    late = standing(service, policy, interleaved(told, Random(seed), 200))
    for key, stands in in_time.items():
        for name, value in stands.items():
            assert late[key][name] == value, (service.name, name)
    assert late.keys() == in_time.keys()
