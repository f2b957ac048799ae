"""The counter as a careful user of FastStream would have it fast: a batch subscriber, one transaction for each batch,
`executemany` for each table."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker

from tests.benchmarks.counter_peer import TOPIC, Assigned, Connection, ContactEvent, Peer, given, output_of
from tests.benchmarks.rig import RUN_LIMIT

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
    batch=True,
    max_records=RUN_LIMIT,
    batch_timeout_ms=50,
    fetch_max_bytes=32 * 1024 * 1024,
    max_partition_fetch_bytes=8 * 1024 * 1024,
)
async def on_contacts(events: list[ContactEvent]) -> None:
    """Dedupe, count, and leave the counts in the outbox, all in one transaction."""
    async with Peer.pool.acquire() as conn, conn.transaction():
        fresh = await new_ones(conn, events)
        people = list({event.person for event in fresh.values()})
        rows = await conn.fetch("SELECT person, n FROM counted WHERE person = ANY($1::text[]) FOR UPDATE", people)
        counts = dict.fromkeys(people, 0) | {row["person"]: row["n"] for row in rows}
        outputs = []
        for event in fresh.values():
            counts[event.person] += 1
            outputs.append(output_of(event, counts[event.person]))
        await conn.executemany("INSERT INTO inbox (event_id) VALUES ($1)", [(event_id,) for event_id in fresh])
        await conn.executemany(
            "INSERT INTO counted (person, n) VALUES ($1, $2) ON CONFLICT (person) DO UPDATE SET n = excluded.n",
            counts.items(),
        )
        await conn.executemany("INSERT INTO outbox (event_id, key, value) VALUES ($1, $2, $3)", outputs)


async def new_ones(conn: Connection, events: list[ContactEvent]) -> dict[UUID, ContactEvent]:
    """The events that have not been counted, each once, in their order."""
    given_once = {event.event_id: event for event in events}
    known = await conn.fetch("SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[])", list(given_once))
    for row in known:
        del given_once[row["event_id"]]
    return given_once


if __name__ == "__main__":
    asyncio.run(app.run())
