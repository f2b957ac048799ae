"""Rows name all that they read: after any fact, letting every row look again changes nothing and says nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.catalogue import BOOKS, with_policies
from deploy.history import HistoryRecord
from deploy.simulate import simulate
from shared.domain import prisoner
from shared.domain.concern import Concerns
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact
from shared.domain.policy import Policy
from shared.domain.rulebook import Rulebook, look_again
from shared.domain.service import Service
from shared.domain.state import Aggregate, dump
from shared.domain.step import Step
from tests.facts import history

SERVICES = with_policies()


def looking_twice(service: Service) -> Callable[[Rows, Fact, Policy], Decision]:
    """The service's `decide`, and after each decision every row looks again at what has been decided."""

    def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
        decision = service.decide(rows, fact, policy)
        states = {**rows.states, **decision.states}
        owner = decision.owner
        if has_reached_a_date(states[owner], fact.recorded):
            return decision  # its deadline comes after the records of this instant, and is what looks again
        again = Step(service.output, owner, Rows(states, rows.tallies), fact, policy)
        book = prisoner.BOOK if owner.kind == prisoner.PRISONER else BOOKS[service.name][owner.kind]
        again.touch_all(*everything_read(book))
        before = dump(states[owner])
        look_again(again, book, Concerns(again))
        found = again.decision()
        assert [each.payload for each in found.outputs] == []
        assert found.deadlines == ()
        assert dump(again.state(owner)) == before
        return decision

    return decide


def has_reached_a_date(case: Aggregate, now: datetime) -> bool:
    """Whether a date that a workflow or a condition waits for has come, and its deadline has yet to fire."""
    stages = (stage.next_at for refs in case.stages.values() for stage in refs.values())
    looks = (look for refs in case.looks.values() for look in refs.values())
    return any(at is not None and at <= now for at in (*stages, *looks))


def everything_read(book: Rulebook) -> set[str]:
    """Every ledger that some row of a book reads."""
    rows: Sequence[Any] = (*book.views, *book.workflows, *book.duties, *book.conditions, *book.measures)
    return {ledger for row in rows for ledger in row.reads}


@pytest.mark.parametrize(("service", "policy"), SERVICES, ids=[service.name for service, _ in SERVICES])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_row_overlooks_a_ledger_that_it_reads(service: Service, policy: Policy, data: st.DataObject) -> None:
    told: list[HistoryRecord] = data.draw(history(service.reads))
    found = simulate(told, [(replace(service, decide=looking_twice(service)), policy)])[service.name]
    assert not found.parked
