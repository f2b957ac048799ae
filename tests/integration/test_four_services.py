"""The four services as processes on real Kafka and PostgreSQL, over a sample feed: always what the model says."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from deploy.catalogue import SERVICES as CATALOGUE
from deploy.catalogue import with_policies
from deploy.demo import feed
from deploy.digest import Line, digest
from deploy.history import HistoryRecord
from deploy.outcome import modelled
from deploy.publish import Publisher
from deploy.services import SERVICES
from deploy.simulate import simulate
from deploy.system import running
from deploy.verify import verify
from tests.builders import fact
from tests.running import SESSION, until_true
from tests.servers import Broker, Database
from tests.whole_system import AFTER, ServersOfTheTest, first_difference, found, tell

PEOPLE, MONTHS, SEED = 40, 6, 7
PATIENCE = 150.0


@pytest.fixture(scope="module")
def history() -> list[HistoryRecord]:
    """A small area's half year."""
    return feed(PEOPLE, MONTHS, SEED)


@pytest.fixture(scope="module")
def expected(history: list[HistoryRecord]) -> list[Line]:
    """What the model decides over it."""
    return modelled(simulate(history, with_policies(), history[-1].timestamp + AFTER))


async def test_a_feed_through_the_real_system_is_decided_as_the_model_decides_it_and_its_journal_proves_it(
    database: Database, kafka: Broker, tmp_path: Path, history: list[HistoryRecord], expected: list[Line]
) -> None:
    await kafka.fresh_topics("replay")
    async with running(ServersOfTheTest(database, kafka.bootstrap), tmp_path, settings=SESSION) as system:
        await system.closed(await tell(system, history), PATIENCE)
        real = await found(system)
    assert digest(real) == digest(expected), first_difference(real, expected)
    proofs = await verify(database.reader_dsn, with_policies())
    assert [proof.problems for proof in proofs] == [[], [], [], []]
    assert all(proof.lines == proof.decided_again > 0 for proof in proofs)

    await _as_administrator(
        database,
        """
        UPDATE enforcement.journal SET content = replace(content, '"decided"', '"Decided"')
        WHERE position = (SELECT min(position) FROM enforcement.journal)
        """,
        "DELETE FROM metrics.journal WHERE position = (SELECT min(position) + 3 FROM metrics.journal)",
    )
    by_service = {proof.service: proof for proof in await verify(database.reader_dsn, with_policies())}
    assert any("it was changed" in problem for problem in by_service["enforcement"].problems)
    assert any("missing or out of order" in problem for problem in by_service["metrics"].problems)
    assert by_service["allocation"].well


async def test_services_killed_at_random_instants_decide_the_same(
    database: Database, kafka: Broker, tmp_path: Path, history: list[HistoryRecord], expected: list[Line]
) -> None:
    chance = random.Random(SEED)
    await kafka.fresh_topics("replay")
    async with running(ServersOfTheTest(database, kafka.bootstrap), tmp_path, settings=SESSION) as system:
        telling = asyncio.create_task(tell(system, history))
        for _ in range(3):
            decided = await _decisions(database)
            victim = system.services[chance.choice(SERVICES)]
            wanted = decided + chance.randint(100, 1200)
            await until_true(lambda wanted=wanted: _at_least(database, wanted), "the services go on", 60)  # type: ignore[misc]
            await victim.kill()
            await victim.start()
        await system.closed(await telling, PATIENCE)
        real = await found(system)
    assert digest(real) == digest(expected), first_difference(real, expected)


async def test_a_service_that_is_down_for_ten_days_makes_no_one_late(
    database: Database, kafka: Broker, tmp_path: Path, history: list[HistoryRecord], expected: list[Line]
) -> None:
    """Ten days of facts, and their midnights, that allocation has not read: nobody downstream goes on without it."""
    down = history[len(history) // 2].timestamp
    up = down + timedelta(days=10)
    before = [record for record in history if record.timestamp <= down]
    during = [record for record in history if down < record.timestamp <= up]
    after = [record for record in history if record.timestamp > up]
    downstream = ("resettlement", "enforcement", "metrics")
    await kafka.fresh_topics("replay")
    async with (
        running(ServersOfTheTest(database, kafka.bootstrap), tmp_path, settings=SESSION) as system,
        Publisher(kafka.bootstrap) as publisher,
    ):
        await publisher.replay(before, down)
        await system.closed(down, PATIENCE)
        await system.services["allocation"].kill()
        fired = await _deadlines_fired(database, downstream)
        await publisher.replay(during, up)
        for _ in range(10):
            await asyncio.sleep(0.3)
            assert await _deadlines_fired(database, downstream) == fired
        await system.services["allocation"].start()
        await publisher.replay(after, until := history[-1].timestamp + AFTER)
        await system.closed(until, PATIENCE)
        real = await found(system)
    assert digest(real) == digest(expected), first_difference(real, expected)


async def test_live_a_deadline_long_past_waits_for_a_minute_for_the_upstream_service_that_is_down(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    missed = datetime.now(UTC) - timedelta(days=30)
    crn, order_id, appointment_id = "Z700001", "order-1", "appointment-1"
    facts = [
        fact(
            "court.sentence.recorded", crn, missed - timedelta(days=30), order_id=order_id, court_code="C",
            sentenced_on=(missed - timedelta(days=30)).date(), disposal="community-order", requirements=[],
            report={"kind": "none"}, local_delivery_unit="U", office_code="O", sex="male", attributes=[],
        ),
        fact(
            "casework.appointment.missed", crn, missed, appointment_id=appointment_id, order_ids=[order_id],
            starts_at=missed, channel="office", purpose="supervision", aware_on=missed.date(),
        ),
    ]  # fmt: skip
    await kafka.fresh_topics("live")
    servers = ServersOfTheTest(database, kafka.bootstrap, "live")
    settings = {**SESSION, "THROUGHCARE_CLOCK_ALLOWANCE_MS": "300"}
    async with running(servers, tmp_path, settings=settings) as system:
        await until_true(lambda: _tells_time(database), "allocation's time is heard", 60)
        await system.services["allocation"].kill()
        async with Publisher(kafka.bootstrap) as publisher:
            await publisher.live(facts)
        await until_true(lambda: _at_least(database, 2, ("enforcement",)), "the facts are decided at once", 30)
        for _ in range(60):
            await asyncio.sleep(1)
            assert await _deadlines_fired(database, ("enforcement",)) == 0
        await system.services["allocation"].start()
        await until_true(
            lambda: _deadlines_fired(database, ("enforcement",)), "the absence that nobody judged is noticed", 60
        )


async def _tells_time(database: Database) -> bool:
    conn = await asyncpg.connect(database.reader_dsn)
    try:
        heard = "SELECT bool_and(through IS NOT NULL) FROM enforcement.progress WHERE topic = 'allocation'"
        return bool(await conn.fetchval(heard))
    finally:
        await conn.close()


async def _decisions(database: Database, services: tuple[str, ...] = SERVICES) -> int:
    return await _count(database, services, "true")


async def _at_least(database: Database, n: int, services: tuple[str, ...] = SERVICES) -> bool:
    return await _decisions(database, services) >= n


async def _deadlines_fired(database: Database, services: tuple[str, ...]) -> int:
    return await _count(database, services, "content::jsonb ->> 'topic' = 'due'")


async def _count(database: Database, services: tuple[str, ...], where: str) -> int:
    conn = await asyncpg.connect(database.reader_dsn)
    try:
        counts = [
            await conn.fetchval(f'SELECT count(*) FROM "{service.name}".journal WHERE {where}')
            for service in CATALOGUE
            if service.name in services
        ]
    finally:
        await conn.close()
    return sum(counts)


async def _as_administrator(database: Database, *statements: str) -> None:
    conn = await asyncpg.connect(database.admin_dsn)
    try:
        for statement in statements:
            await conn.execute(statement)
    finally:
        await conn.close()
