"""What a database administrator's mistake, or a bad day of the server, does to a service: as the superuser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from tests.running import Rig, until_true


@asynccontextmanager
async def administrator(it: Rig) -> AsyncIterator[Any]:
    """A superuser's connection to the service's schema."""
    conn = await asyncpg.connect(it.database.admin_dsn, server_settings={"search_path": it.service.name})
    try:
        yield conn
    finally:
        await conn.close()


@asynccontextmanager
async def rows_locked(it: Rig, table: str) -> AsyncIterator[None]:
    """Nobody else deletes some rows of a table meanwhile. Waits until there are any: who locks an empty table whole
    keeps every row from coming."""
    async with administrator(it) as conn, conn.transaction():
        await until_true(lambda: conn.fetch(f"SELECT FROM {table} FOR UPDATE"), f"rows stand in {table}")
        yield


@asynccontextmanager
async def locked(it: Rig, table: str) -> AsyncIterator[None]:
    """Nobody else writes to a table meanwhile."""
    async with administrator(it) as conn, conn.transaction():
        await conn.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield


@asynccontextmanager
async def copying_without_end(it: Rig) -> AsyncIterator[None]:
    """A replica that was stopped in its tracks: it has locked all progress, sends rows, and says no more."""

    async def one_row_and_no_more() -> AsyncIterator[bytes]:
        yield b"0\n"
        began.set()
        await asyncio.Event().wait()

    began = asyncio.Event()
    conn = await asyncpg.connect(
        it.database.dsn(it.service.name),
        server_settings={"search_path": it.service.name, "idle_in_transaction_session_timeout": "15s"},
    )
    try:
        await conn.execute("BEGIN")
        await conn.execute("SELECT FROM progress FOR UPDATE")
        await conn.execute("CREATE TEMPORARY TABLE copied (n integer) ON COMMIT DROP")
        copying = asyncio.create_task(conn.copy_to_table("copied", source=one_row_and_no_more()))
        await began.wait()
        yield
    finally:
        copying.cancel()
        conn.terminate()
        await asyncio.gather(copying, return_exceptions=True)


async def waits_for_a_lock(it: Rig, part: str = "") -> bool:
    """Whether a part of the service (its worker, unless named) waits for a lock."""
    async with administrator(it) as conn:
        n: int = await conn.fetchval(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'
            """,
            _name(it, part),
        )
    return n > 0


async def terminate(it: Rig, part: str = "") -> int:
    """End the server's side of the connections of a part of the service. Returns how many there were."""
    async with administrator(it) as conn:
        ended: int = await conn.fetchval(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = $1
            """,
            _name(it, part),
        )
    return ended


def _name(it: Rig, part: str) -> str:
    return f"throughcare-{it.service.name}{part}"
