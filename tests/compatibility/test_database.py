"""A database that an earlier version wrote: migrated, loaded by today's types, its journals still chains."""

import asyncio
import subprocess
from pathlib import Path

import asyncpg
import pytest

from deploy.catalogue import SERVICES, with_policies
from deploy.local.postgres import tool
from deploy.migrations import migrate_all
from deploy.verify import verify
from shared.kernel.packed import pack_state, unpack_state
from tests.compatibility import DATABASES
from tests.servers import Database


@pytest.mark.parametrize("kept", DATABASES, ids=lambda kept: kept.stem)
async def test_a_database_of_an_earlier_version_is_read_whole(database: Database, kept: Path) -> None:
    await _restore(database, kept)
    await migrate_all(database.owner_dsn)
    conn = await asyncpg.connect(database.reader_dsn)
    try:
        for service in SERVICES:
            rows = await conn.fetch(f'SELECT kind, state FROM "{service.name}".aggregate WHERE state IS NOT NULL')
            assert rows
            for row in rows:
                state = unpack_state(row["state"], service.kinds[row["kind"]])
                assert unpack_state(pack_state(state), service.kinds[row["kind"]]) == state
    finally:
        await conn.close()
    for proof in await verify(database.reader_dsn, with_policies()):
        assert proof.lines > 0
        assert not any("chain" in problem or "changed" in problem or "missing" in problem for problem in proof.problems)


async def _restore(database: Database, kept: Path) -> None:
    conn = await asyncpg.connect(database.admin_dsn)
    try:
        for service in SERVICES:
            await conn.execute(f'DROP SCHEMA IF EXISTS "{service.name}" CASCADE')
    finally:
        await conn.close()
    restore = [tool("pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={database.owner_dsn}", str(kept)]
    done = await asyncio.to_thread(subprocess.run, restore, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
