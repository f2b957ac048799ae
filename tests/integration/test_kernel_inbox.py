"""The inbox on real PostgreSQL: how long an event id is known."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from deploy.migrations import migrate_all
from shared.kernel import inbox, progress
from shared.kernel.database import Connection, connect
from shared.kernel.log_order import TopicPartition
from tests.servers import Database

NOW = 1_460_000_000_000
AHEAD, BEHIND = TopicPartition("casework", 0), TopicPartition("casework", 1)
IDS = [UUID(int=n) for n in range(2)]


@pytest.fixture
async def conn(database: Database) -> AsyncIterator[Connection]:
    await migrate_all(database.owner_dsn, ("enforcement",))
    made = await connect(database.dsn("enforcement"), "enforcement", "test")
    await progress.ensure(made, [AHEAD, BEHIND])
    yield made
    await made.close()


def taken(*recorded: int) -> dict[UUID, inbox.Taken]:
    """The two ids as taken at two instants."""
    return {each: inbox.Taken(b"digest", at) for each, at in zip(IDS, recorded, strict=True)}


async def _read_through(conn: Connection, at: TopicPartition, time: int) -> None:
    await conn.execute("UPDATE progress SET through = $3 WHERE topic = $1 AND partition = $2", *at, time)


async def test_ids_are_known_for_the_window_of_the_partition_that_is_furthest_behind(conn: Connection) -> None:
    await inbox.claim(conn, taken(NOW - inbox.WINDOW_MS - 1, NOW - inbox.WINDOW_MS))
    await _read_through(conn, AHEAD, NOW + 1000)
    await inbox.forget(conn)
    assert set(await inbox.claim(conn, taken(NOW, NOW))) == set(IDS), "one partition tells no time yet"
    await _read_through(conn, BEHIND, NOW)
    await inbox.forget(conn)
    assert set(await inbox.claim(conn, taken(NOW, NOW))) == {IDS[1]}
