"""Sums that replicas feed and one reads, on real PostgreSQL: the journal has the order of what was counted."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from deploy.migrations import migrate_all
from shared.domain.fact import Subject
from shared.kernel import outbox
from shared.kernel.database import Connection, connect
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
    await outbox.settle_sums(conn, reads=False)
    await outbox.add_tallies(conn, {(SUM, "counted", "2016-03", partition): 1})


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
    reading = asyncio.create_task(outbox.settle_sums(reader, reads=True))
    assert not (await asyncio.wait([reading], timeout=0.3))[0]
    await first.commit()
    await second.commit()
    await reading
    assert await outbox.sums_of(reader, [SUM]) == {SUM: {("counted", "2016-03"): 2}}
    await third.start()
    adding = asyncio.create_task(_add(one, 0))
    assert not (await asyncio.wait([adding], timeout=0.3))[0]
    await reads.commit()
    await adding
    await third.commit()
