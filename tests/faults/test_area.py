"""The four services over an eventful year, broken at random instants: always what the model decides."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from deploy.catalogue import with_policies
from deploy.history import HistoryRecord
from deploy.publish import Publisher
from deploy.services import SERVICES
from deploy.simulate import simulate
from deploy.system import System, running
from tests.faults import table
from tests.faults.area import closes, eventful_year, late, model_of
from tests.faults.area_compared import compare_area
from tests.faults.extent import extent
from tests.running import SESSION, until_true
from tests.servers import Broker, Database
from tests.whole_system import ServersOfTheTest

SEED = 61
PATIENCE = extent(200.0, 1200.0)
SHORT_RUNS = {**SESSION, "THROUGHCARE_RUN_LIMIT": "100"}


async def _tell(system: System, history: Sequence[HistoryRecord]) -> None:
    async with Publisher(system.stack.bootstrap) as publisher:
        await publisher.replay(history, closes(history))


async def _decided(database: Database, service: str) -> int:
    conn = await asyncpg.connect(database.reader_dsn)
    try:
        n: int = await conn.fetchval(f'SELECT count(*) FROM "{service}".journal')
    finally:
        await conn.close()
    return n


async def test_killed_at_random_instants_over_a_year_with_duplicates_and_poison(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    chance, history, kills = random.Random(SEED), eventful_year(SEED), extent(3, 24)
    await kafka.fresh_topics("replay")
    async with running(ServersOfTheTest(database, kafka.bootstrap), tmp_path, settings=SHORT_RUNS) as system:
        telling = asyncio.create_task(_tell(system, history))
        for _ in range(kills):
            name = chance.choice(SERVICES)
            wanted = await _decided(database, name) + chance.randrange(1, len(history) // kills)

            async def enough(name: str = name, wanted: int = wanted) -> bool:
                return await _decided(database, name) >= wanted or telling.done()

            await until_true(enough, f"{name} goes on", PATIENCE)
            await system.services[name].kill()
            await system.services[name].start()
        await telling
        await system.closed(closes(history), PATIENCE)
        verdict = await compare_area(system, model_of(SEED))
    table.tell("four services, kill -9 at random instants", len(history), kills, verdict)


async def test_a_publisher_that_is_three_days_late_with_everything(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    """Facts come before what they need, and deadlines pass before what would have met them is told."""
    history = late(eventful_year(SEED), "court", timedelta(days=3))
    model = simulate(history, with_policies(), closes(history))
    await kafka.fresh_topics("replay")
    async with running(ServersOfTheTest(database, kafka.bootstrap), tmp_path, settings=SESSION) as system:
        await _tell(system, history)
        await system.closed(closes(history), PATIENCE)
        verdict = await compare_area(system, model)
    table.tell("four services, the courts three days late", len(history), 1, verdict)


@pytest.mark.whole
async def test_an_upstream_service_that_is_down_for_ten_days(database: Database, kafka: Broker, tmp_path: Path) -> None:
    """Ten days of facts come in meanwhile; no deadline of those downstream passes before it has caught up."""
    history = eventful_year(SEED)
    down = history[len(history) // 2].timestamp
    back = down + timedelta(days=10)
    before = [record for record in history if record.timestamp < down]
    meanwhile = [record for record in history if down <= record.timestamp < back]
    after = [record for record in history if record.timestamp >= back]
    await kafka.fresh_topics("replay")
    async with (
        running(ServersOfTheTest(database, kafka.bootstrap), tmp_path, settings=SESSION) as system,
        Publisher(kafka.bootstrap) as publisher,
    ):
        await publisher.replay(before, down - timedelta(milliseconds=1))
        await system.closed(down - timedelta(milliseconds=1), PATIENCE)
        await system.services["allocation"].kill()
        fired = await _fired_downstream(database)
        await publisher.replay(meanwhile, back - timedelta(milliseconds=1))
        for _ in range(10):
            await asyncio.sleep(0.2)
            assert await _fired_downstream(database) == fired
        await system.services["allocation"].start()
        await publisher.replay(after, closes(history))
        await system.closed(closes(history), PATIENCE)
        verdict = await compare_area(system, model_of(SEED))
    table.tell("four services, allocation down for ten days", len(history), 1, verdict)


async def _fired_downstream(database: Database) -> int:
    conn = await asyncpg.connect(database.reader_dsn)
    try:
        counts = [
            await conn.fetchval(f"""SELECT count(*) FROM "{name}".journal WHERE content::jsonb ->> 'topic' = 'due'""")
            for name in SERVICES[1:]
        ]
    finally:
        await conn.close()
    return sum(counts)
