"""Clocks: the service's own is stepped and nothing moves; the brokers' go back and differ, and no time goes back."""

import asyncio
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy import topics
from deploy.history import HistoryRecord
from deploy.publish import partition_of
from shared.kernel.clock import to_ms
from tests.counter.histories import ends
from tests.faults import table
from tests.faults.clock import ERRORS
from tests.faults.comparison import compare
from tests.faults.extent import extent
from tests.faults.history import eventful
from tests.faults.live import compare_live
from tests.faults.nursery import Nursery
from tests.faults.scene import EVENTS
from tests.faults.stream import decided, decided_more, streaming
from tests.running import CLOSED, LONG_AGO, Rig, live_rig, rig, until_true
from tests.servers import Broker, Database

SKEW = timedelta(seconds=3)
BACK = timedelta(minutes=10)


async def test_in_replay_a_client_clock_that_is_stepped_moves_nothing(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    history = eventful(LONG_AGO, EVENTS, people=200, seed=81)
    until = ends(history)
    async with rig(database, kafka, tmp_path, THROUGHCARE_RUN_LIMIT="25") as it, Nursery(tmp_path) as nursery:
        await it.publish(history, until)
        await nursery.begin(it.service, it.environment(), tmp_path / "stepped.log", clock=True)
        await decided(it, 50)
        for _ in ERRORS:
            nursery.signal(signal.SIGUSR1)
            await decided_more(it, 50)

        async def closed() -> bool:
            return bool(await it.fetchval(CLOSED, to_ms(until)))

        await until_true(closed, "everything is decided and published", 150)
        table.tell("client clock stepped, replay", len(history), len(ERRORS), await compare(it, history, until))


async def test_live_a_client_clock_that_is_stepped_moves_nothing(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    """Deadlines of a week wait for the brokers' clock, whatever the client's says; those of two seconds fire."""
    async with live_rig(database, kafka, tmp_path) as it, Nursery(tmp_path) as nursery:
        await nursery.begin(it.service, it.environment(), tmp_path / "stepped.log", clock=True)
        async with streaming(it, 82, EVENTS, watched=False) as sent:
            for _ in ERRORS:
                await decided_more(it, 50)
                nursery.signal(signal.SIGUSR1)
        table.tell("client clock stepped, live", len(sent), len(ERRORS), await compare_live(it, sent))
        assert await _fired_early(it) == 0


async def _fired_early(it: Rig) -> int:
    """Decisions on deadlines that the brokers' clock had not come to: after anything that it has told."""
    n: int = await it.fetchval(
        "SELECT count(*) FROM journal WHERE at > (SELECT broker_time FROM relay_clock)",
    )
    return n


async def test_brokers_whose_clocks_go_back_and_differ(database: Database, kafka: Broker, tmp_path: Path) -> None:
    """Timestamps as brokers with wrong clocks would have given them: ten minutes back, and 3 s apart by partition."""
    history = eventful(LONG_AGO, extent(1_000, 20_000), people=200, seed=83)
    third = len(history) // 3
    async with live_rig(database, kafka, tmp_path) as it:
        service = await it.start(THROUGHCARE_CLOCK_ALLOWANCE_MS="4000")
        await it.publish(history[:third])
        await decided(it, third // 2)
        await _stamped_by(it, "CreateTime")
        await _send(it, history[third : 2 * third], BACK)
        await _send(it, history[2 * third :], timedelta(0))
        await _stamped_by(it, "LogAppendTime")
        await it.closed(datetime.now(UTC) + timedelta(seconds=3), 150)
        assert service.running
        table.tell("broker clocks going back, and apart", len(history), 2, await compare_live(it, history))
        assert await it.metric(service, "throughcare_late_records_total") > 0


async def _stamped_by(it: Rig, kind: str) -> None:
    async with topics.admin(it.bootstrap) as client:
        settings = {"message.timestamp.type": kind, "retention.ms": "-1"}
        await client.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic, configs=settings) for topic in it.service.inputs]
        )


async def _send(it: Rig, records: Sequence[HistoryRecord], back: timedelta) -> None:
    """One after another; the partitions with odd numbers lie on a broker whose clock is behind."""
    producer = AIOKafkaProducer(bootstrap_servers=it.bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        sending = []
        for record in records:
            partition = partition_of(record.key, it.partitions)
            stamp = datetime.now(UTC) - back - (SKEW if partition % 2 else timedelta(0))
            sending.append(
                await producer.send(
                    record.topic,
                    record.value,
                    key=record.key,
                    partition=partition,
                    timestamp_ms=to_ms(stamp),
                    headers=list(record.headers),
                )
            )
        await asyncio.gather(*sending)
    finally:
        await producer.stop()
