"""What each role may and may not do, asked of the database itself."""

import asyncpg
import pytest

from deploy.postgres.roles import grant, passwords_stated, provision, role_of
from tests.servers import PASSWORDS, Database

TABLES = """
    CREATE TABLE enforcement.aggregate (key text PRIMARY KEY);
    CREATE TABLE enforcement.journal (position bigint GENERATED ALWAYS AS IDENTITY, content text);
    CREATE TABLE enforcement.schema_migration (version integer);
    INSERT INTO enforcement.journal (content) VALUES ('decided');
"""
REFUSED = [
    ("enforcement", "UPDATE journal SET content = 'otherwise'"),
    ("enforcement", "DELETE FROM journal"),
    ("enforcement", "TRUNCATE journal"),
    ("enforcement", "INSERT INTO schema_migration VALUES (2)"),
    ("enforcement", "CREATE TABLE mine (n integer)"),
    ("enforcement", "DROP TABLE aggregate"),
    ("enforcement", "CREATE TABLE public.mine (n integer)"),
    ("allocation", "SELECT * FROM enforcement.journal"),
    ("metrics", "INSERT INTO enforcement.aggregate VALUES ('A000001')"),
]


@pytest.fixture
async def granted(database: Database) -> Database:
    owner = await asyncpg.connect(database.owner_dsn)
    await owner.execute(TABLES)
    for _ in range(2):
        await grant(owner, "enforcement", role_of("enforcement"))
    await owner.close()
    return database


async def test_a_service_writes_its_tables_and_adds_to_its_journal(granted: Database) -> None:
    service = await asyncpg.connect(granted.dsn("enforcement"))
    await service.execute("INSERT INTO aggregate VALUES ('A000001')")
    await service.execute("UPDATE aggregate SET key = 'A000002'")
    await service.execute("DELETE FROM aggregate")
    await service.execute("INSERT INTO journal (content) VALUES ('decided too')")
    assert await service.fetchval("SELECT count(*) FROM journal") == 2
    assert await service.fetchval("SELECT count(*) FROM schema_migration") == 0
    await service.close()


@pytest.mark.parametrize(("service", "statement"), REFUSED)
async def test_it_may_not(granted: Database, service: str, statement: str) -> None:
    connection = await asyncpg.connect(granted.dsn(service))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()


async def test_the_reader_reads_everything_and_writes_nothing(granted: Database) -> None:
    reader = await asyncpg.connect(granted.reader_dsn)
    assert await reader.fetchval("SELECT content FROM enforcement.journal") == "decided"
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await reader.execute("DELETE FROM enforcement.aggregate")
    await reader.execute("SET default_transaction_read_only = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.execute("DELETE FROM enforcement.aggregate")
    await reader.close()


async def test_provisioning_again_keeps_everything_and_sets_passwords(granted: Database) -> None:
    await provision(granted.admin_dsn, PASSWORDS, granted.name)
    service = await asyncpg.connect(granted.dsn("enforcement"))
    assert await service.fetchval("SELECT content FROM journal") == "decided"
    assert not await service.fetchval("SELECT has_database_privilege('public', current_database(), 'CONNECT')")
    await service.close()


def test_passwords_are_taken_from_the_environment_by_role() -> None:
    stated = {"THROUGHCARE_PASSWORD_OWNER": "a", "THROUGHCARE_PASSWORD_METRICS": "b", "HOME": "c"}
    assert passwords_stated(stated) == {"throughcare_owner": "a", "throughcare_metrics": "b"}
