"""The proof of the journals: what was flipped, deleted or put out of order by an administrator is found and named."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from deploy.catalogue import with_policies
from deploy.demo import feed
from deploy.migrations import migrate_all
from deploy.services import SERVICES
from deploy.simulate import Simulated, simulate
from deploy.verify import Verified, verify, verify_all
from shared.kernel.database import Connection
from tests import modelled
from tests.servers import Database

PLACE = "(SELECT position FROM journal WHERE seq = 4 ORDER BY position LIMIT 1)"
"""The fourth line of one aggregate's journal."""
FLIPPED = {
    "content": """replace(content, '"decided"', '"eecided"')""",
    "content_hash": "set_bit(content_hash, 9, 1 - get_bit(content_hash, 9))",
    "hash": "set_bit(hash, 9, 1 - get_bit(hash, 9))",
    "at": "at # 1",
    "seq": "seq # 1024",
    "fact_id": "encode(set_bit(uuid_send(fact_id), 9, 1 - get_bit(uuid_send(fact_id), 9)), 'hex')::uuid",
    "key": "translate(key, '0123456789', '1032547698')",
    "kind": "'cbse'",
}
"""Each column of a line, with a bit of it other than it was."""
SWAP = f"""
    WITH its AS (SELECT kind, key FROM journal WHERE position = {PLACE}),
         taken AS (DELETE FROM journal USING its
                   WHERE (journal.kind, journal.key) = (its.kind, its.key) AND seq IN (4, 5)
                   RETURNING journal.*)
    INSERT INTO journal (position, kind, key, seq, at, fact_id, content, content_hash, hash) OVERRIDING SYSTEM VALUE
    SELECT sum(position) OVER () - position, kind, key, seq, at, fact_id, content, content_hash, hash FROM taken
"""
"""The fourth and the fifth line change places."""


@pytest.fixture(scope="module")
def decided() -> dict[str, Simulated]:
    """Half a year of a small area, as the model decides it."""
    history = feed(15, 6, 3)
    return simulate(history, with_policies(), history[-1].timestamp + timedelta(days=60))


@pytest.fixture
async def journals(database: Database, decided: dict[str, Simulated]) -> Database:
    """The four journals, as the services would have written them."""
    await migrate_all(database.owner_dsn, SERVICES)
    for result in decided.values():
        await modelled.write(database.owner_dsn, result)
    return database


@pytest.fixture
async def admin(journals: Database) -> AsyncIterator[Connection]:
    """Somebody who may do everything to the journal of enforcement. What is done is undone after each proof."""
    conn = await asyncpg.connect(journals.admin_dsn, server_settings={"search_path": "enforcement"})
    yield conn
    await conn.close()


async def damaged(admin: Connection, journals: Database, statement: str) -> tuple[str, Verified]:
    """Do it, prove, put everything back: how the fourth line is named, and the proof."""
    place = f"enforcement: journal position {await admin.fetchval(f'SELECT {PLACE}')}: "
    await admin.execute("CREATE TABLE kept AS SELECT * FROM journal")
    await admin.execute(statement)
    (proof,) = await verify(journals.reader_dsn, [pair for pair in with_policies() if pair[0].name == "enforcement"])
    await admin.execute("TRUNCATE journal")
    await admin.execute("INSERT INTO journal OVERRIDING SYSTEM VALUE SELECT * FROM kept")
    await admin.execute("DROP TABLE kept")
    return place, proof


async def test_sound_journals_are_proven_side_by_side_and_decided_again_to_the_last_line(
    journals: Database, decided: dict[str, Simulated]
) -> None:
    proofs = await verify_all(journals.reader_dsn)
    assert [proof.service for proof in proofs] == list(SERVICES)
    assert [proof.problems for proof in proofs] == [[]] * 4
    assert [proof.lines for proof in proofs] == [len(decided[name].journal) for name in SERVICES]
    assert all(proof.lines == proof.decided_again > 100 for proof in proofs)


async def test_a_flipped_bit_a_deleted_line_and_lines_out_of_order_are_found_and_named(
    admin: Connection, journals: Database
) -> None:
    for column, other in FLIPPED.items():
        place, proof = await damaged(admin, journals, f"UPDATE journal SET {column} = {other} WHERE position = {PLACE}")
        assert any(problem.startswith(place) for problem in proof.problems), (column, proof.problems)

    _, proof = await damaged(admin, journals, f"DELETE FROM journal WHERE position = {PLACE}")
    told = ["line 5 of its aggregate follows line 3: a line is missing", "the chain is broken"]
    assert [what in problem for what, problem in zip(told, proof.problems, strict=True)] == [True, True]

    place, proof = await damaged(admin, journals, SWAP)
    assert proof.problems[0] == place + "line 5 of its aggregate follows line 3: a line is missing or out of order"

    last = "DELETE FROM journal WHERE position = (SELECT max(position) FROM journal)"
    _, proof = await damaged(admin, journals, last)
    assert ["does not end where its state says" in problem for problem in proof.problems] == [True]

    _, proof = await damaged(admin, journals, "SELECT")
    assert proof.well
