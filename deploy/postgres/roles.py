"""Roles, schemas and grants. A service can write to its own schema alone, and to its journal only at the end:
what has been decided cannot be rewritten by the program that decided it."""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

DATABASE = "throughcare"
SERVICES = ("allocation", "resettlement", "enforcement", "metrics")
OWNER = "throughcare_owner"
READER = "throughcare_reader"
APPEND_ONLY = ("journal",)
READ_ONLY = ("schema_migration",)


def role_of(service: str) -> str:
    return f"throughcare_{service}"


ROLES = (OWNER, *(role_of(service) for service in SERVICES), READER)


def passwords_stated(environment: Mapping[str, str]) -> dict[str, str]:
    """Passwords by role, as far as stated: `THROUGHCARE_PASSWORD_OWNER`, `_ALLOCATION`, … `_READER`."""
    by_variable = {f"THROUGHCARE_PASSWORD_{role.removeprefix('throughcare_').upper()}": role for role in ROLES}
    return {role: environment[name] for name, role in by_variable.items() if environment.get(name)}


async def provision(admin_dsn: str, passwords: Mapping[str, str], database: str = DATABASE) -> None:
    """Make the roles, the database and the schemas, as far as they are not there, and set these passwords.
    `admin_dsn` is of a role that may create roles and databases, on any database of the server."""
    server = await asyncpg.connect(admin_dsn)
    try:
        await server.execute(_sql("roles.sql"))
        for role, password in passwords.items():
            await _execute(server, "ALTER ROLE %I PASSWORD %L", role, password)
        if not await server.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
            await _execute(server, "CREATE DATABASE %I OWNER %I", database, OWNER)
    finally:
        await server.close()
    inside = await asyncpg.connect(admin_dsn, database=database)
    try:
        await inside.execute(_sql("schemas.sql"))
    finally:
        await inside.close()


async def grant(
    conn: "Connection",
    schema: str,
    role: str,
    append_only: Iterable[str] = APPEND_ONLY,
    read_only: Iterable[str] = READ_ONLY,
) -> None:
    """Give a service its rights to the tables of its schema, after every migration, in one transaction.
    Tables of these names that do not exist are passed over. Run it as the owner of the tables."""
    names = {"schema": await _quoted(conn, schema), "role": await _quoted(conn, role), "reader": READER}
    refused = dict.fromkeys(append_only, "UPDATE, DELETE, TRUNCATE")
    refused |= dict.fromkeys(read_only, "INSERT, UPDATE, DELETE, TRUNCATE")
    async with conn.transaction():
        await conn.execute(_sql("grants.sql").format(**names))
        for table, rights in refused.items():
            if await conn.fetchval("SELECT to_regclass(format('%I.%I', $1::text, $2::text))", schema, table):
                await _execute(conn, f"REVOKE {rights} ON %I.%I FROM %I", schema, table, role)


async def _execute(conn: "Connection", statement: str, *names: str) -> None:
    """A statement that takes no parameters, its %I and %L filled in by the server's own quoting."""
    places = ", ".join(f"${number}::text" for number in range(2, len(names) + 2))
    await conn.execute(await conn.fetchval(f"SELECT format($1, {places})", statement, *names))


async def _quoted(conn: "Connection", name: str) -> str:
    quoted: str = await conn.fetchval("SELECT quote_ident($1)", name)
    return quoted


def _sql(file: str) -> str:
    return (files("deploy.postgres") / file).read_text()
