"""Publishes records at a steady rate, live, and remembers when each was sent; and reads back when what followed from
them was taken down by the broker."""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson
from aiokafka import AIOKafkaProducer

from deploy.consume import is_time_record, whole
from deploy.history import HistoryRecord
from deploy.publish import partition_of
from shared.kernel.incoming import LOGTIME


@dataclass(frozen=True, slots=True)
class Sent:
    """When a record was handed to the client (ms since 1970), and the broker's time of it."""

    at: float
    broker: int


@dataclass(frozen=True, slots=True)
class Answered:
    """An event that was published because of another: what caused it, and when the broker took it down (ms)."""

    topic: str
    event_id: UUID
    causation_id: UUID | None
    correlation_id: UUID | None
    logtime: int
    at: int


@dataclass(frozen=True, slots=True)
class Paced:
    """All records by their event's id; `counted` are those that were sent to a warm system."""

    sent: dict[UUID, Sent]
    counted: frozenset[UUID]
    rate: float
    """Records a second, as it came out."""

    @property
    def until(self) -> datetime:
        """The broker's time of the last record."""
        return datetime.fromtimestamp(max(each.broker for each in self.sent.values()) / 1000, UTC)


async def publish(bootstrap: str, records: Sequence[HistoryRecord], partitions: int, rate: float, warm: int) -> Paced:
    """Send so many a second, each by itself, without waiting for the one before; the first `warm` do not count."""
    ids = [_id_of(record) for record in records]
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0)
    await producer.start()
    try:
        sending, instants, began = [], [], time.monotonic()
        for n, record in enumerate(records):
            await asyncio.sleep(max(0.0, began + n / rate - time.monotonic()))
            instants.append(time.time() * 1000)
            sending.append(
                await producer.send(
                    record.topic, record.value, key=record.key, headers=list(record.headers),
                    partition=partition_of(record.key, partitions),
                )
            )  # fmt: skip
        acknowledged = await asyncio.gather(*sending)
        came_to = len(records) / (time.monotonic() - began)
    finally:
        await producer.stop()
    sent: dict[UUID, Sent] = {}
    for event_id, at, ack in zip(ids, instants, acknowledged, strict=True):
        if event_id is not None:
            sent.setdefault(event_id, Sent(at, ack.timestamp))
    counted = frozenset(each for each in ids[warm:] if each is not None) - set(ids[:warm])
    return Paced(sent, counted, came_to)


async def answers(bootstrap: str, topics: Sequence[str]) -> list[Answered]:
    """Every event of some topics."""
    found = []
    async for record in whole(bootstrap, topics):
        if is_time_record(record):
            continue
        told = orjson.loads(record.value)
        found.append(
            Answered(
                record.topic, UUID(told["eventId"]), _uuid(told.get("causationId")), _uuid(told.get("correlationId")),
                int(dict(record.headers)[LOGTIME]), record.timestamp,
            )
        )  # fmt: skip
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that so much of all values do not exceed (nearest rank). Raises ValueError for none."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _id_of(record: HistoryRecord) -> UUID | None:
    return _uuid(orjson.loads(record.value or b"{}").get("eventId"))


def _uuid(text: object) -> UUID | None:
    return UUID(text) if isinstance(text, str) else None
