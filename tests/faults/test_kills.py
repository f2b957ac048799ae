"""kill -9, processes stopped in their tracks, being asked to stop: what is decided and published stays the model's."""

import asyncio
import random
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from tests.counter.histories import CANARY, ends, mixed
from tests.running import LONG_AGO, Rig, rig, until_true
from tests.servers import Broker, Database

HISTORY = mixed(LONG_AGO, 6000, people=200, seed=3, step=timedelta(minutes=3))
UNTIL = ends(HISTORY)


async def _decided(it: Rig, least: int) -> None:
    """Wait until so many decisions are committed."""

    async def enough() -> bool:
        n: int = await it.fetchval("SELECT count(*) FROM journal")
        return n >= least

    await until_true(enough, f"{least} decisions")


@pytest.mark.parametrize("seed", [1, 2])
async def test_killed_three_times_at_any_instant_it_decides_and_publishes_what_the_model_does(
    seed: int, database: Database, kafka: Broker, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    async with rig(database, kafka, tmp_path, THROUGHCARE_RUN_LIMIT="200") as it:
        await it.publish(HISTORY, UNTIL)
        for least in sorted(chance.randrange(1, 5000) for _ in range(3)):
            process = await it.start()
            await _decided(it, least)
            await asyncio.sleep(chance.random() / 20)  # anywhere between two commits
            await process.kill()
        await it.start()
        await it.closed(UNTIL)
        await it.expect_the_models(HISTORY, UNTIL)
        assert CANARY not in it.logs()


async def test_a_replica_stopped_in_its_tracks_is_taken_over_from_and_refused_when_it_wakes(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    async with rig(database, kafka, tmp_path, THROUGHCARE_RUN_LIMIT="100") as it:
        await it.publish(HISTORY, UNTIL)
        zombie = await it.start()
        await _decided(it, 500)
        zombie.signal(signal.SIGSTOP)
        frozen = await it.fetchval("SELECT count(*) FROM journal")
        heir = await it.start()
        await _decided(it, frozen + 500)
        zombie.signal(signal.SIGCONT)
        await it.closed(UNTIL)
        await it.expect_the_models(HISTORY, UNTIL)
        fenced = sum([await it.metric(one, "throughcare_fenced_total") for one in (zombie, heir)])
        assert fenced > 0 or "run not committed" in zombie.log.read_text()
        assert CANARY not in it.logs()


async def test_asked_to_stop_it_leaves_the_group_at_once_and_ends_well(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    """With a session of half a minute: the next replica would wait that long for a member that had not left."""
    async with rig(
        database,
        kafka,
        tmp_path,
        THROUGHCARE_RUN_LIMIT="100",
        THROUGHCARE_SESSION_TIMEOUT_MS="30000",
        THROUGHCARE_HEARTBEAT_MS="3000",
    ) as it:
        await it.publish(HISTORY, UNTIL)
        first = await it.start()
        await _decided(it, 500)
        assert await first.stop() < 5
        assert await first.ended() == 0, first.last_words()
        n = await it.fetchval("SELECT count(*) FROM journal")
        await it.start()
        await until_true(lambda: _more(it, n), "the next replica works", seconds=10)
        await it.closed(UNTIL)
        await it.expect_the_models(HISTORY, UNTIL)


async def _more(it: Rig, than: int) -> bool:
    n: int = await it.fetchval("SELECT count(*) FROM journal")
    return n > than
