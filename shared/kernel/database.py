"""Connections to PostgreSQL: a dedicated one for each loop, never a pool's, with the settings that the kernel needs."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from shared.domain.identifiers import uuid_of

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection

TRANSIENT: tuple[type[BaseException], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
    OSError,
)
"""Outages and collisions: the run is rolled back and tried again, nothing moves."""


async def connect(dsn: str, schema: str, name: str, idle_seconds: int = 0) -> Connection:
    """A connection of its own to a service's schema; the server ends it after `idle_seconds` without a statement.

    Plans are made anew each time: a plan cached while the tables were empty costs a third of the throughput. The
    server finds out within half a minute that a client's machine is gone, and lets go of what it had locked.
    """
    return await asyncpg.connect(
        dsn,
        timeout=10,
        command_timeout=60,
        server_settings={
            "application_name": f"throughcare-{name}",
            "search_path": schema,
            "jit": "off",
            "plan_cache_mode": "force_custom_plan",
            "statement_timeout": "30s",
            "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "15s",
            "idle_session_timeout": f"{idle_seconds}s",
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
            "timezone": "UTC",
        },
    )


STALLED_SECONDS = 10
"""A client that says nothing for so long in the middle of a transaction is taken for stopped."""


async def end_stalled(dsn: str) -> int:
    """End the role's own sessions that wait in a transaction for a client that says nothing. Returns how many.

    A process that is stopped in its tracks while it sends rows (COPY) keeps its locks for as long as it stands: the
    server looks at no time limit of its own while it waits for the rest.
    """
    conn = await connect(dsn, "pg_catalog", "end-stalled")
    try:
        ended: int = await conn.fetchval(
            """
            SELECT count(*) FILTER (WHERE pg_terminate_backend(pid))
            FROM pg_stat_activity
            WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
              AND xact_start IS NOT NULL AND wait_event_type = 'Client'
              AND greatest(query_start, state_change) < clock_timestamp() - make_interval(secs => $1)
            """,
            STALLED_SECONDS,
        )
    finally:
        await close(conn)
    return ended


def plain_uuid(value: UUID) -> UUID:
    """A driver's UUID as Python's own: encoders know no other."""
    return uuid_of(value.bytes)


async def close(conn: Any) -> None:
    """Close a connection that may be dead already."""
    if conn is None or conn.is_closed():
        return
    try:
        await conn.close(timeout=2)
    except TRANSIENT:
        conn.terminate()
