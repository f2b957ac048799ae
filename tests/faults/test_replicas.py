"""Replicas that come, go, freeze and wake, live: each fact once, order per key, a journal that decides again."""

import asyncio
import signal
from pathlib import Path

import orjson

from deploy.services import RunningService
from tests.counter.histories import CANARY
from tests.faults import table
from tests.faults.database import rows_locked, terminate, waits_for_a_lock
from tests.faults.extent import extent
from tests.faults.live import compare_live
from tests.faults.stream import decided_more, streaming
from tests.running import live_rig, until_true
from tests.servers import Broker, Database

EVENTS = extent(2_000, 20_000)


async def _holds(process: RunningService, some: bool) -> bool:
    """Whether a replica holds partitions (or none)."""
    _, body = await process.page("/health/ready")
    return bool(body) and (orjson.loads(body)["partitions"] > 0) is some


async def _shared_by(replicas: list[RunningService]) -> None:
    for replica in replicas:
        await until_true(lambda replica=replica: _holds(replica, some=True), "it has partitions")  # type: ignore[misc]


async def test_from_one_replica_to_three_and_back_in_mid_stream(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    async with live_rig(database, kafka, tmp_path) as it:
        first = await it.start()
        async with streaming(it, 21, EVENTS) as sent:
            await _shared_by([first])
            await decided_more(it, 100)
            others = [await it.start(), await it.start()]
            await _shared_by([first, *others])
            await decided_more(it, 100)
            await others[0].stop()
            await others[1].kill()
            await decided_more(it, 100)
        table.tell("replicas 1 to 3 to 1", len(sent), 4, await compare_live(it, sent))
        assert CANARY not in it.logs()


async def test_a_replica_frozen_past_its_session_wakes_and_writes_nothing(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    freezes = extent(1, 4)
    async with live_rig(database, kafka, tmp_path) as it:
        one, other = await it.start(), await it.start()
        async with streaming(it, 22, EVENTS) as sent:
            for n in range(freezes):
                zombie, heir = (one, other) if n % 2 == 0 else (other, one)
                await _shared_by([one, other])
                zombie.signal(signal.SIGSTOP)
                await until_true(lambda heir=heir: _holds_all(heir), "the heir has every partition")  # type: ignore[misc]
                await decided_more(it, 50)
                zombie.signal(signal.SIGCONT)
        table.tell("zombie: SIGSTOP past the session, SIGCONT", len(sent), freezes, await compare_live(it, sent))


async def _holds_all(process: RunningService) -> bool:
    _, body = await process.page("/health/ready")
    return bool(body) and orjson.loads(body)["partitions"] == 8


async def test_two_relays_that_send_the_same_rows(database: Database, kafka: Broker, tmp_path: Path) -> None:
    """The leader has sent and cannot delete; its session ends; the next relay sends the rows again, in their order."""
    races = extent(3, 40)
    async with live_rig(database, kafka, tmp_path) as it:
        await it.start()
        await it.start()
        async with streaming(it, 23, EVENTS) as sent:
            for _ in range(races):
                await decided_more(it, 20)
                async with rows_locked(it, "outbox"):
                    await until_true(lambda: waits_for_a_lock(it, "-relay"), "the leader waits to delete what it sent")
                    assert await terminate(it, "-relay") > 0
        verdict = await compare_live(it, sent)
        table.tell("two relays sending the same rows", len(sent), races, verdict)
        assert verdict.sent_again > 0


async def test_a_rolling_restart_under_load_misses_nothing(database: Database, kafka: Broker, tmp_path: Path) -> None:
    rounds = extent(1, 3)
    async with live_rig(database, kafka, tmp_path) as it:
        replicas = [await it.start(), await it.start()]
        await _shared_by(replicas)
        async with streaming(it, 24, EVENTS) as sent:
            for _ in range(rounds):
                for n, old in enumerate(replicas):
                    replicas[n] = await it.start()
                    assert await old.stop() < 8
                    assert await old.ended() == 0, old.last_words()
                    await asyncio.gather(_shared_by(replicas), decided_more(it, 50))
        table.tell("rolling restart under load", len(sent), rounds * 2, await compare_live(it, sent))
