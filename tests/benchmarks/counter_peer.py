"""What the counter's two FastStream peers share: tables of their own, the event as they parse it, the event as they
publish it, and a plain relay that publishes the outbox. No journal, no log time, no order across partitions."""

import asyncio
import os
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg
from aiokafka import AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from shared.contracts.envelope import Event, encode
from tests.benchmarks import counted, peer

TOPIC = os.environ["BENCHMARK_TOPIC"]
NAMESPACE = UUID("0d2f7a53-4c1e-5b0a-8a55-3c7c9c0e2f10")
RELAYED = 5000

log = peer.log_as_services_do("counter-peer")
given = peer.settings()
Connection = Any  # a pool lends proxies


class Camel(BaseModel):
    """As the wire has it."""

    model_config = ConfigDict(alias_generator=to_camel)


class Identifier(Camel):
    """One number of a person."""

    type: str
    value: str


class Reference(Camel):
    """Whom an event is about."""

    identifiers: list[Identifier]


class Attempt(Camel):
    """A contact."""

    contact_id: str
    at: datetime
    channel: str
    purpose: str
    answered: bool


class ContactEvent(Camel):
    """The event that is counted."""

    event_id: UUID
    event_type: str
    version: int
    occurred_at: datetime
    person_reference: Reference
    additional_information: Attempt

    @property
    def person(self) -> str:
        """The person's number."""
        return self.person_reference.identifiers[0].value


def output_of(event: ContactEvent, n: int) -> tuple[UUID, str, bytes]:
    """The event that follows from the person's `n`-th contact: id, key, value."""
    payload, event_id = counted.payload(n), uuid5(NAMESPACE, str(event.event_id))
    value = encode(
        Event(event_id, payload.event_type, payload.version, event.occurred_at, payload, event.person,
              causation_id=event.event_id)
    )  # fmt: skip
    return event_id, event.person, value


class Peer:
    """The pool, and the relay's task."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    relaying: asyncio.Task[None]

    @classmethod
    async def open(cls) -> None:
        """Connect, and relay in the background."""
        cls.pool = await asyncpg.create_pool(
            given.dsn, min_size=2, max_size=8, server_settings={"search_path": "peer", "jit": "off"}
        )
        cls.relaying = asyncio.create_task(relay(cls.pool))

    @classmethod
    async def close(cls) -> None:
        """Let both go."""
        cls.relaying.cancel()
        await asyncio.gather(cls.relaying, return_exceptions=True)
        await cls.pool.close()


class Assigned(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Tells when the peer holds its partitions: its time counts from there, as the kernel's does."""

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Say so."""
        log.info("%s%d partitions", peer.BEGAN, len(assigned))

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Nothing to give back."""


async def relay(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    """Publish the outbox in its order, many at once, and look again when it is empty."""
    producer = AIOKafkaProducer(bootstrap_servers=given.kafka, acks="all", enable_idempotence=True, linger_ms=5)
    await producer.start()
    try:
        await relay_for_ever(pool, producer)
    finally:
        await producer.stop()


async def relay_for_ever(pool: "asyncpg.Pool[asyncpg.Record]", producer: AIOKafkaProducer) -> None:
    """Batch after batch; rows go once their records are acknowledged."""
    while True:
        rows = await pool.fetch("SELECT id, event_id, key, value FROM outbox ORDER BY id LIMIT $1", RELAYED)
        sent = [
            await producer.send(
                counted.OUTPUT,
                row["value"],
                key=row["key"].encode(),
                headers=[("ce_id", str(row["event_id"]).encode())],
            )
            for row in rows
        ]
        if not sent:
            await asyncio.sleep(0.02)
            continue
        await asyncio.gather(*sent)
        await pool.execute("DELETE FROM outbox WHERE id = ANY($1::bigint[])", [row["id"] for row in rows])
