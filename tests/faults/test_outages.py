"""PostgreSQL and Kafka killed in mid-stream: the service waits, says so, goes on, and decides what the model does."""

import asyncio
from datetime import timedelta
from pathlib import Path

from deploy.local.kafka import LocalKafka
from deploy.local.postgres import LocalPostgres
from deploy.postgres.roles import provision
from deploy.services import RunningService
from tests.counter.histories import CANARY, ends, mixed
from tests.running import LONG_AGO, Rig, rig, until_true
from tests.servers import PASSWORDS, Broker, Database, apart

HISTORY = mixed(LONG_AGO, 4000, people=200, seed=4, step=timedelta(minutes=4))
UNTIL = ends(HISTORY)


async def _is_ready(process: RunningService) -> bool:
    status, _ = await process.page("/health/ready")
    return status == 200


async def _is_not_ready(process: RunningService) -> bool:
    status, _ = await process.page("/health/ready")
    return status == 503


async def _decided(it: Rig, least: int) -> None:
    async def enough() -> bool:
        n: int = await it.fetchval("SELECT count(*) FROM journal")
        return n >= least

    await until_true(enough, f"{least} decisions")


async def test_it_waits_for_postgres_to_come_back_and_loses_nothing(
    own_postgres: LocalPostgres, kafka: Broker, tmp_path: Path
) -> None:
    apart(provision(own_postgres.admin_dsn, PASSWORDS, "throughcare"))
    database = Database(own_postgres, "throughcare")
    async with rig(database, kafka, tmp_path, THROUGHCARE_RUN_LIMIT="50") as it:
        await it.publish(HISTORY, UNTIL)
        process = await it.start()
        await _decided(it, 200)
        await asyncio.to_thread(own_postgres.kill)
        await until_true(lambda: _is_not_ready(process), "it says that it cannot work")
        await asyncio.to_thread(own_postgres.start)
        await it.closed(UNTIL)
        assert process.running
        await until_true(lambda: _is_ready(process), "it works again")
        await it.expect_the_models(HISTORY, UNTIL)
        assert CANARY not in it.logs()


async def test_it_waits_for_kafka_to_come_back_and_loses_nothing(
    own_kafka: LocalKafka, database: Database, tmp_path: Path
) -> None:
    async with rig(database, Broker(own_kafka.bootstrap), tmp_path, THROUGHCARE_RUN_LIMIT="50") as it:
        await it.publish(HISTORY, UNTIL)
        process = await it.start()
        await _decided(it, 200)
        await asyncio.to_thread(own_kafka.kill)
        await until_true(lambda: _is_not_ready(process), "it says that it cannot work")
        await asyncio.to_thread(own_kafka.start)
        await it.closed(UNTIL)
        assert process.running
        await until_true(lambda: _is_ready(process), "it works again")
        await it.expect_the_models(HISTORY, UNTIL)
        assert CANARY not in it.logs()
