"""Replicas in replay, where one reads and the others stand by: taken over from when frozen, when asked to stop."""

import signal
from datetime import timedelta
from pathlib import Path

from tests.counter.histories import CANARY, ends, mixed
from tests.faults.stream import decided
from tests.running import LONG_AGO, Rig, rig, until_true
from tests.servers import Broker, Database

HISTORY = mixed(LONG_AGO, 6000, people=200, seed=3, step=timedelta(minutes=3))
UNTIL = ends(HISTORY)


async def test_a_replica_stopped_in_its_tracks_is_taken_over_from_and_refused_when_it_wakes(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    async with rig(database, kafka, tmp_path, THROUGHCARE_RUN_LIMIT="100") as it:
        await it.publish(HISTORY, UNTIL)
        zombie = await it.start()
        await decided(it, 500)
        zombie.signal(signal.SIGSTOP)
        frozen = await it.fetchval("SELECT count(*) FROM journal")
        heir = await it.start()
        await decided(it, frozen + 500)
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
        await decided(it, 500)
        assert await first.stop() < 5
        assert await first.ended() == 0, first.last_words()
        n = await it.fetchval("SELECT count(*) FROM journal")
        await it.start()
        await until_true(lambda: _more(it, n), "the next replica works", seconds=25)
        await it.closed(UNTIL)
        await it.expect_the_models(HISTORY, UNTIL)


async def _more(it: Rig, than: int) -> bool:
    n: int = await it.fetchval("SELECT count(*) FROM journal")
    return n > than
