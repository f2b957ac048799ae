"""Migrations and grants of every service, as the owner's role."""

import asyncpg

from deploy.postgres.roles import grant, role_of
from deploy.services import SERVICES
from shared.kernel import migrate
from shared.kernel.process import migrations_of


async def migrate_all(owner_dsn: str, services: tuple[str, ...] = SERVICES) -> dict[str, list[str]]:
    """Bring every schema up to date and give each service its rights. Returns what was applied, by service."""
    applied = {}
    conn = await asyncpg.connect(owner_dsn)
    try:
        for service in services:
            applied[service] = await migrate.migrate(owner_dsn, service, migrations_of(service))
            await grant(conn, service, role_of(service))
    finally:
        await conn.close()
    return applied
