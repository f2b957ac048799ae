"""Log time that is told while a run is being saved is saved by the next, though nothing else ever comes."""

import pytest

from deploy.migrations import migrate_all
from shared.kernel import progress
from shared.kernel.database import Connection, close
from shared.kernel.log_order import Standing, TopicPartition
from shared.kernel.process import policy_of
from shared.kernel.settings import Settings
from shared.kernel.telemetry import Telemetry
from shared.kernel.worker import Worker
from tests.counter import COUNTER
from tests.running import until_true
from tests.servers import Database

EARLIER, LATER = 1_000, 2_000


async def test_time_told_during_the_save_of_a_run_is_not_forgotten(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate_all(database.owner_dsn, (COUNTER.name,))
    settings = Settings("127.0.0.1:9", database.dsn(COUNTER.name), "replay")
    worker = Worker(COUNTER, policy_of(COUNTER, ""), settings, 1, Telemetry())
    await worker.prepare()
    everything = worker.all_partitions()
    worker.take_over(await worker.stored(everything), lambda _offsets: None)
    for partition in everything:
        worker.order.raise_through(partition, EARLIER)
    save = progress.save
    told: list[int] = []

    async def saving(conn: Connection, standing: Standing, steps: dict[TopicPartition, int]) -> None:
        await save(conn, standing, steps)
        if not told:
            told.append(LATER)
            for partition in everything:
                worker.order.raise_through(partition, LATER)

    monkeypatch.setattr(progress, "save", saving)

    async def is_saved() -> bool:
        await worker.turn()
        return {at.through for at in (await worker.stored(everything)).values()} == {LATER}

    try:
        await until_true(is_saved, "the later time is saved", 10)
    finally:
        await close(await worker._connection())
    assert told
