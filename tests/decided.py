"""What the model decided, written where the services write it: a database for commands that only read."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import asyncpg

from deploy.history import HistoryRecord
from deploy.migrations import migrate_all
from deploy.simulate import Simulated, simulate
from shared.domain.policy import Policy
from shared.domain.service import Service
from shared.kernel.clock import to_ms
from shared.kernel.packed import pack_state
from tests.servers import Database


async def decided(
    database: Database,
    history: Iterable[HistoryRecord],
    services: list[tuple[Service, Policy]],
    until: datetime,
) -> Mapping[str, Simulated]:
    """Decide a history through `until` and keep states and journals of the services in the database."""
    results = simulate(history, services, until)
    await migrate_all(database.owner_dsn)
    conn = await asyncpg.connect(database.owner_dsn)
    try:
        for name, result in results.items():
            await conn.executemany(
                f'INSERT INTO "{name}".aggregate (kind, key, state) VALUES ($1, $2, $3)',
                [(subject.kind, subject.key, pack_state(state)) for subject, state in result.states.items()],
            )
            await conn.executemany(
                f"""
                INSERT INTO "{name}".journal (kind, key, seq, at, fact_id, content, content_hash, hash)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """,
                [
                    (*line.subject, line.seq, to_ms(line.at), line.fact_id, line.content.decode(), b"", line.hash)
                    for line in result.journal
                ],
            )
            await conn.execute(
                f'INSERT INTO "{name}".progress (topic, partition, next_offset, through) VALUES ($1, 0, 0, $2)',
                result.service.inputs[0],
                to_ms(until),
            )
    finally:
        await conn.close()
    return results
