"""Migrations: plain SQL files, forward only, each applied once, never changed after.

A schema has the kernel's files and its service's own, in the order of their numbers, the kernel's first where they are
equal: a service's file is written against what the kernel's of no higher number have made.
"""

import asyncio
import hashlib
from collections.abc import Iterable
from pathlib import Path

import asyncpg

from shared.kernel.database import Connection

KERNEL = Path(__file__).parent / "migrations"
LOCK = 7_401_911


class MigrationError(Exception):
    """A migration cannot be applied; the message says which and what to do."""


async def migrate(dsn: str, schema: str, folders: Iterable[Path]) -> list[str]:
    """Bring a service's schema up to date from the folders, the kernel's first. Returns what was applied.

    Raises `MigrationError` for a file that was changed after it was applied.
    """
    conn = await asyncpg.connect(dsn, server_settings={"search_path": schema, "lock_timeout": "10s"})
    try:
        async with conn.transaction():
            await conn.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            await conn.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            await conn.execute(
                """
                CREATE TABLE IF NOT EXISTS schema_migration (
                    name text PRIMARY KEY,
                    sha256 text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                )
                """
            )
            return [path.stem for path in _files(folders) if await _apply(conn, path)]
    finally:
        await conn.close()


async def _apply(conn: Connection, path: Path) -> bool:
    text = await asyncio.to_thread(path.read_text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    known = await conn.fetchval("SELECT sha256 FROM schema_migration WHERE name = $1", path.stem)
    if known == digest:
        return False
    if known is not None:
        raise MigrationError(f"{path.name} was changed after it was applied: put it back, and write a new file")
    try:
        await conn.execute(text)
    except asyncpg.PostgresError as failure:
        raise MigrationError(f"{path.name}: {failure}") from failure
    await conn.execute("INSERT INTO schema_migration (name, sha256) VALUES ($1, $2)", path.stem, digest)
    return True


async def is_current(conn: Connection, folders: Iterable[Path]) -> list[str]:
    """The migrations that the connected schema still lacks."""
    try:
        rows = await conn.fetch("SELECT name FROM schema_migration")
    except asyncpg.UndefinedTableError:
        rows = []
    known = {row["name"] for row in rows}
    return [path.stem for path in _files(folders) if path.stem not in known]


def _files(folders: Iterable[Path]) -> list[Path]:
    numbered = [
        (file.name.partition("_")[0], n, file) for n, folder in enumerate(folders) for file in folder.glob("*.sql")
    ]
    return [file for _, _, file in sorted(numbered)]
