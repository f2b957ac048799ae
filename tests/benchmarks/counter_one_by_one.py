"""The counter as FastStream's documentation has one write it: one message, one transaction, the offset after it.
`BENCHMARK_WORKERS` above 1 has that many partitions handled at once."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker

from tests.benchmarks.counter_peer import TOPIC, Assigned, ContactEvent, Peer, given, output_of

broker = KafkaBroker(given.kafka, acks="all", enable_idempotence=True, allow_auto_create_topics=False, logger=None)


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """The pool and the relay."""
    await Peer.open()
    yield
    await Peer.close()


app = FastStream(broker, lifespan=lifespan, logger=None)


@broker.subscriber(
    TOPIC,
    group_id=given.group,
    listener=Assigned(),
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.NACK_ON_ERROR,
    max_workers=int(os.environ.get("BENCHMARK_WORKERS", "1")),
)
async def on_contact(event: ContactEvent) -> None:
    """Dedupe, count, and leave the count in the outbox."""
    async with Peer.pool.acquire() as conn, conn.transaction():
        fresh = await conn.fetchval(
            "INSERT INTO inbox (event_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true", event.event_id
        )
        if not fresh:
            return
        n = await conn.fetchval(
            """
            INSERT INTO counted AS c (person, n) VALUES ($1, 1)
            ON CONFLICT (person) DO UPDATE SET n = c.n + 1
            RETURNING n
            """,
            event.person,
        )
        await conn.execute("INSERT INTO outbox (event_id, key, value) VALUES ($1, $2, $3)", *output_of(event, n))


if __name__ == "__main__":
    asyncio.run(app.run())
