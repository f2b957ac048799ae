"""What a run waits for in another replica's, on real PostgreSQL: for sums, and for no aggregate found in its midst."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from deploy.migrations import migrate_all
from shared.contracts.decoding import decode
from shared.contracts.envelope import Event
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Subject, event_fact
from shared.domain.policy import Policy
from shared.domain.step import Step
from shared.kernel import aggregates, sums
from shared.kernel.database import Connection, connect
from shared.kernel.log_order import LogOrder
from shared.kernel.run import Run
from tests.counter import COUNTER, subjects
from tests.counter.histories import contact, person
from tests.running import LONG_AGO
from tests.servers import Database

SUM = Subject("provider", "C01")


@pytest.fixture
async def replicas(database: Database) -> AsyncIterator[list[Connection]]:
    await migrate_all(database.owner_dsn, ("metrics",))
    made = [await connect(database.dsn("metrics"), "metrics", f"replica-{n}") for n in range(3)]
    yield made
    for conn in made:
        await conn.close()


async def _add(conn: Connection, partition: int) -> None:
    await sums.settle(conn, reads=False)
    await sums.add(conn, {(SUM, "counted", "2016-03", partition): 1})


async def test_who_reads_sums_waits_for_those_who_add_and_those_who_add_do_not_wait_for_each_other(
    replicas: list[Connection],
) -> None:
    reader, one, other = replicas
    reads, first, second, third = (conn.transaction() for conn in (reader, one, other, one))
    await reads.start()
    await first.start()
    await second.start()
    await _add(one, 0)
    await _add(other, 1)
    reading = asyncio.create_task(sums.settle(reader, reads=True))
    assert not (await asyncio.wait([reading], timeout=0.3))[0]
    await first.commit()
    await second.commit()
    await reading
    assert await sums.sums_of(reader, [SUM]) == {SUM: {("counted", "2016-03"): 2}}
    await third.start()
    adding = asyncio.create_task(_add(one, 0))
    assert not (await asyncio.wait([adding], timeout=0.3))[0]
    await reads.commit()
    await adding
    await third.commit()


def _reads_and_adds(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    step = Step("metrics", subjects(fact, rows)[0], rows, fact, policy)
    step.note(f"counted {dict(step.tallies(SUM))}")
    step.tally(SUM, "counted", "2016-03", 1)
    return step.decision()


READING = replace(COUNTER, name="metrics", decide=_reads_and_adds, sums=lambda _fact: (SUM,))


def _fact(n: int) -> Fact:
    record = contact(person(n), LONG_AGO + timedelta(days=n), n)
    event = decode(record.topic, record.key, record.value)
    assert isinstance(event, Event)
    return event_fact(event, record.topic, person(n), record.timestamp)


async def test_an_operators_retry_reads_what_was_stored_and_what_its_own_run_has_added(
    replicas: list[Connection],
) -> None:
    conn = replicas[0]
    async with conn.transaction():
        await _add(conn, 0)
    run = Run(READING, Policy.load(*READING.policy), 4, LogOrder("live", lambda _topic: 0, lambda _topic: True))
    async with conn.transaction():
        for n in (1, 2):
            await run.working_set.load(conn, [_fact(n)])
            assert run.retry([Subject("case", person(n))], _fact(n))
        await run.working_set.sums.save(conn)
    assert "2016-03'): 1}" in run.effects.lines[0].content.decode()
    assert "2016-03'): 2}" in run.effects.lines[1].content.decode()
    assert await sums.sums_of(conn, [SUM]) == {SUM: {("counted", "2016-03"): 3}}


async def test_an_aggregate_that_a_run_comes_upon_is_loaded_only_where_no_other_has_locked_it(
    replicas: list[Connection],
) -> None:
    """To wait for it would be out of the order of locks: two replicas might each wait for the other."""
    conn, other = replicas[:2]
    first, second, absent = (Subject("case", person(n)) for n in range(3))
    run = Run(COUNTER, Policy.load(*COUNTER.policy), 4, LogOrder("live", lambda _topic: 0, lambda _topic: True))
    async with other.transaction():
        await aggregates.lock(other, "case", [first.key, second.key], COUNTER.kinds["case"])
    async with conn.transaction():
        async with other.transaction():
            await aggregates.lock(other, "case", [first.key], COUNTER.kinds["case"])
            await asyncio.wait_for(run.working_set.load_on_the_way(conn, [_fact(n) for n in range(3)]), 2)
        assert run.working_set.loaded.keys() == {second}, "one is locked, one has no row yet"
        await run.working_set.load_on_the_way(conn, [_fact(0)])
        assert run.working_set.loaded.keys() == {first, second}
        await run.working_set.load(conn, [_fact(2)])
        assert absent in run.working_set.loaded
