"""The relay on real Kafka and PostgreSQL: a long outbox does not silence time, and tells nothing too early."""

import asyncio
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from shared.domain.fact import iso
from shared.kernel import outbox, progress, relay
from shared.kernel.clock import from_ms, to_ms
from shared.kernel.database import connect
from shared.kernel.log_order import TopicPartition
from shared.kernel.outbox import Message
from shared.kernel.relay import Relay
from shared.kernel.settings import Settings
from shared.kernel.telemetry import Telemetry
from tests.running import LONG_AGO, Rig, rig
from tests.servers import Broker, Database

REACHED = to_ms(LONG_AGO)
LATER = to_ms(LONG_AGO + timedelta(days=1))


def _messages(it: Rig, n: int) -> list[Message]:
    return [Message(it.service.output, i % it.partitions, b"key", b"{}", outbox.pack([]), REACHED) for i in range(n)]


async def _told(it: Rig) -> list[str | None]:
    """What the time records of the first partition say, in their order."""
    told = [record for record in await it.everything(it.service.output) if record.tells_time]
    return [orjson.loads(record.value or b"")["through"] for record in told if record.partition == 0]


async def test_time_is_told_while_the_outbox_is_longer_than_one_reading_but_nothing_new_as_reached(
    database: Database, kafka: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "ROWS", 5)
    monkeypatch.setattr(relay, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(relay, "SOONEST_SECONDS", 0.0)
    async with rig(database, kafka, tmp_path, time="live") as it:
        settings = Settings(it.bootstrap, database.dsn(it.service.name), "live")
        conn = await connect(settings.dsn, it.service.name, "test")
        telling = Relay(it.service, settings, it.partitions, Telemetry(), asyncio.Event())
        producer = telling._producer()
        await producer.start()
        try:
            await progress.ensure(conn, [TopicPartition("court", 0)])
            await conn.execute("UPDATE progress SET through = $1", REACHED)
            await telling.turn(conn, producer)
            await conn.execute("UPDATE progress SET through = $1", LATER)
            await outbox.append(conn, _messages(it, 12))
            assert [await telling.turn(conn, producer) for _ in range(3)] == [5, 5, 2]
        finally:
            await producer.stop()
            await conn.close()
        before, after = iso(from_ms(REACHED)), iso(from_ms(LATER))
        assert await _told(it) == [before, before, before, after]
