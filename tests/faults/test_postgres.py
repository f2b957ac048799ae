"""PostgreSQL at its worst: stopped in mid-transaction, sessions ended, silent, locked, refusing what is written."""

import asyncio
import random
from pathlib import Path

from deploy.local.postgres import LocalPostgres
from deploy.postgres.roles import provision
from tests.faults.database import administrator, copying_without_end, locked, terminate, waits_for_a_lock
from tests.faults.extent import extent
from tests.faults.proxy import Proxy
from tests.faults.scene import has_said, is_ready, is_red, scene
from tests.faults.stream import decided_more
from tests.running import Rig, until_true
from tests.servers import PASSWORDS, Broker, Database, apart

MORE_SECONDS = extent(0.0, 25.0)
"""How long it stays silent after the service has said so, which takes it ten seconds."""


async def test_stopped_at_once_in_mid_transaction_and_started_again(
    own_postgres: LocalPostgres, kafka: Broker, tmp_path: Path
) -> None:
    apart(provision(own_postgres.admin_dsn, PASSWORDS, "throughcare"))
    stops = extent(1, 5)
    async with scene(Database(own_postgres, "throughcare"), kafka, tmp_path, 31) as there:
        for _ in range(stops):
            await decided_more(there.it, 100)
            await asyncio.to_thread(own_postgres.stop, "immediate")
            await until_true(lambda: is_red(there.service), "it says that it cannot work")
            await asyncio.to_thread(own_postgres.start)
            await until_true(lambda: is_ready(there.service), "it works again")
        await there.ends_well("PostgreSQL: immediate shutdown, restart", stops)


async def test_sessions_of_every_part_ended_again_and_again(database: Database, kafka: Broker, tmp_path: Path) -> None:
    chance, ended = random.Random(32), 0
    async with scene(database, kafka, tmp_path, 32) as there:
        for n in range(extent(8, 60)):
            await decided_more(there.it, chance.randrange(1, 60))
            ended += await terminate(there.it, ("", "-relay", "", "-gauges")[n % 4])
        await there.ends_well("PostgreSQL: backend terminated", ended)
    assert ended > 4


async def test_a_connection_that_is_silent_and_comes_back_or_is_cut(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    async with Proxy("127.0.0.1", database.server.port) as proxy:
        through = database.dsn("enforcement").replace(f":{database.server.port}/", f":{proxy.port}/")
        async with scene(database, kafka, tmp_path, 33, THROUGHCARE_DSN=through) as there:
            proxy.hold()
            before = await there.it.fetchval("SELECT count(*) FROM journal")
            await until_true(lambda: is_red(there.service), "it says that it cannot work", 30)
            await asyncio.sleep(MORE_SECONDS)  # the fault itself: so long is nothing heard
            assert await there.it.fetchval("SELECT count(*) FROM journal") <= before + 100
            proxy.release()
            await decided_more(there.it, 100)
            proxy.hold()
            await asyncio.sleep(1)  # again the fault
            proxy.cut()
            proxy.release()
            await there.ends_well("PostgreSQL: connections silent, then cut", 2)


async def test_locks_held_against_it_and_a_deadlock(database: Database, kafka: Broker, tmp_path: Path) -> None:
    """A lock is waited for five seconds, then the run is rolled back; of a deadlock the server picks the victim."""
    async with scene(database, kafka, tmp_path, 34) as there:
        async with locked(there.it, "due"):
            await until_true(lambda: waits_for_a_lock(there.it), "its run waits")
            await until_true(lambda: has_said(there.service, "LockNotAvailableError"), "it lets go of the lock", 30)
        deadlocks = 0
        while not deadlocks:
            deadlocks = await _deadlock(there.it)
        await there.ends_well("PostgreSQL: lock_timeout, deadlock", 1 + deadlocks)


async def test_a_process_stopped_while_it_copies_rows_keeps_its_locks_for_seconds_only(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    """The server waits without end for the rest of a COPY; the replica that is kept waiting ends that session."""
    async with scene(database, kafka, tmp_path, 36) as there:
        async with copying_without_end(there.it):
            await until_true(lambda: has_said(there.service, "said nothing in the middle"), "it ends that session")
            await decided_more(there.it, 100)
        await there.ends_well("PostgreSQL: a process stopped in mid-COPY", 1)


async def _deadlock(it: Rig) -> int:
    """Take a late lock of a run, wait for the run to need it, and ask for an early one that the run holds."""
    async with administrator(it) as conn:
        await conn.execute("SET deadlock_timeout = '20s'")  # so that the service is the one that finds it
        async with conn.transaction():
            await conn.execute("LOCK TABLE journal IN SHARE MODE")
            await until_true(lambda: waits_for_a_lock(it), "its run waits")
            await conn.execute("LOCK TABLE progress IN EXCLUSIVE MODE")
    async with administrator(it) as conn:
        n: int = await conn.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return n


async def test_a_write_that_is_refused_as_by_a_full_disk(database: Database, kafka: Broker, tmp_path: Path) -> None:
    """Every table refuses in turn, then room is made: what was rolled back is decided anew."""
    tables = extent(("journal", "outbox"), ("journal", "outbox", "aggregate", "due", "inbox", "progress"))
    async with scene(database, kafka, tmp_path, 35) as there:
        for name in tables:
            async with administrator(there.it) as conn:
                await conn.execute(
                    f"""
                    CREATE OR REPLACE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
                    CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {name} EXECUTE FUNCTION public.full_disk();
                    """
                )
                await until_true(lambda: is_red(there.service), "it says that it cannot work")
                await conn.execute(f"DROP TRIGGER full_disk ON {name}")
            await decided_more(there.it, 50)
        await there.ends_well("PostgreSQL: a refused write on save", len(tables))
