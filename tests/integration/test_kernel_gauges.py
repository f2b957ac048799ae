"""What watching costs: gauges look at what they show, never at every aggregate, whatever stands in the tables."""

import math
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from deploy.migrations import migrate_all
from shared.kernel.database import Connection, connect
from shared.kernel.gauges import Gauges
from shared.kernel.process import policy_of
from shared.kernel.settings import Settings
from shared.kernel.telemetry import Telemetry
from shared.kernel.worker import Worker
from tests.counter import COUNTER
from tests.servers import Database

MANY = 5000


@pytest.fixture
async def conn(database: Database) -> AsyncIterator[Connection]:
    await migrate_all(database.owner_dsn, (COUNTER.name,))
    made = await connect(database.dsn(COUNTER.name), COUNTER.name, "test")
    yield made
    await made.close()


def gauges_of(telemetry: Telemetry) -> Gauges:
    settings = Settings("", "", "replay")
    worker = Worker(COUNTER, policy_of(COUNTER, ""), settings, 4, telemetry)
    return Gauges(COUNTER, settings, worker, telemetry, telemetry.registry())


async def set_deadline(conn: Connection, key: str) -> None:
    await conn.execute(
        """
        INSERT INTO due (subject_kind, key, kind, ref, deadline_id, due, fires_at, partition)
        VALUES ('case', $1, 'quiet', '', gen_random_uuid(), 1, 1, 0)
        """,
        key,
    )


async def test_standing_deadlines_are_counted_for_a_hundredth_of_the_time_at_most(conn: Connection) -> None:
    telemetry = Telemetry()
    gauges = gauges_of(telemetry)
    await set_deadline(conn, "A")
    before = time.monotonic()
    await gauges._refresh(conn)
    took = time.monotonic() - before
    assert telemetry.due_open.labels("quiet")._value.get() == 1
    assert before < gauges._next_count <= time.monotonic() + 100 * took

    await set_deadline(conn, "B")
    gauges._next_count = math.inf
    await gauges._refresh(conn)
    assert telemetry.due_open.labels("quiet")._value.get() == 1
    gauges._next_count = time.monotonic()
    await gauges._refresh(conn)
    assert telemetry.due_open.labels("quiet")._value.get() == 2


async def test_held_aggregates_are_counted_from_their_own_index(database: Database, conn: Connection) -> None:
    await conn.execute(
        """
        INSERT INTO aggregate (kind, key, held_by)
        SELECT 'case', n::text, CASE WHEN n = 7 THEN ARRAY['allocation'] ELSE '{}' END FROM generate_series(1, $1) n
        """,
        MANY,
    )
    owner = await asyncpg.connect(database.owner_dsn, server_settings={"search_path": COUNTER.name})
    await owner.execute("VACUUM ANALYZE aggregate")
    await owner.close()
    telemetry = Telemetry()
    await gauges_of(telemetry)._refresh(conn)
    assert telemetry.held._value.get() == 1
    assert await _rows_read(conn) < MANY


async def _rows_read(conn: Connection) -> int:
    """Rows that sequential scans of the aggregates have read so far, once the server has written its statistics."""
    await conn.execute("SELECT pg_stat_force_next_flush()")
    return int(
        await conn.fetchval(
            """
            SELECT seq_tup_read FROM pg_stat_user_tables
            WHERE schemaname = current_schema() AND relname = 'aggregate'
            """
        )
    )
