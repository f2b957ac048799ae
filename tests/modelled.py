"""What the model decides, written into the database as the service itself would have: for what only reads it."""

import asyncpg

from deploy.simulate import Simulated
from shared.domain.publication import JournalLine
from shared.kernel import journal
from shared.kernel.database import Connection
from shared.kernel.packed import pack_state


async def write(owner_dsn: str, result: Simulated) -> None:
    """Journal and aggregates of one service, whose tables are there and empty."""
    conn = await asyncpg.connect(owner_dsn, server_settings={"search_path": result.service.name})
    try:
        await journal.append(conn, result.journal)
        await _aggregates(conn, result)
    finally:
        await conn.close()


async def _aggregates(conn: Connection, result: Simulated) -> None:
    heads: dict[object, JournalLine] = {line.subject: line for line in result.journal}
    rows = []
    for subject, state in result.states.items():
        head = heads.get(subject)
        rows.append((*subject, pack_state(state), head.seq if head else 0, head.hash if head else None))
    await conn.copy_records_to_table("aggregate", records=rows, columns=["kind", "key", "state", "seq", "hash"])
