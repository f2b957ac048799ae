"""Publishing a history: to replay topics in its own time, with time records; or to live topics, as it is.

In replay the publisher's timestamps are the log's time, so records go out stably sorted, and every few thousand a time
record on every partition of every outside topic says how far the history has been told.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from types import TracebackType
from typing import Self

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

from deploy.history import HistoryRecord
from shared.contracts.registry import TOPICS
from shared.domain.fact import iso

OUTSIDE = tuple(topic.name for topic in TOPICS.values() if topic.direction == "inbound")
"""Topics whose publishers are not our services."""

CHUNK = 4000
"""Records between two time records."""
MILLISECOND = timedelta(milliseconds=1)
BATCH_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class PublishedHistory:
    """What has been sent: how many records, and through which instant time was told (replay)."""

    records: int
    through: datetime | None


class Publisher(AbstractAsyncContextManager["Publisher"]):
    """Sends records to Kafka in built batches, each acknowledged by all replicas before the next."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id="throughcare-publish",
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            max_request_size=8 * 1024 * 1024,
        )

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._producer.stop()

    async def replay(self, records: Iterable[HistoryRecord], until: datetime | None = None) -> PublishedHistory:
        """Publish a history in its own time; `until` closes time there. Records are sorted stably by timestamp."""
        ordered = sorted(records, key=lambda record: record.timestamp)
        through = None
        for start in range(0, len(ordered), CHUNK):
            chunk = ordered[start : start + CHUNK]
            await self._send(chunk, keep_time=True)
            following = ordered[start + CHUNK : start + CHUNK + 1]
            through = (following[0].timestamp if following else chunk[-1].timestamp + MILLISECOND) - MILLISECOND
            if following:
                await self.tell_time(through)
        if until is not None:
            through = max(until, through) if through else until
        if through is not None:
            await self.tell_time(through)
        return PublishedHistory(len(ordered), through)

    async def live(self, records: Iterable[HistoryRecord]) -> PublishedHistory:
        """Publish records as they come; the brokers give them their time."""
        sent = 0
        for chunk in _chunks(records):
            await self._send(chunk, keep_time=False)
            sent += len(chunk)
        return PublishedHistory(sent, None)

    async def tell_time(self, through: datetime) -> None:
        """A time record on every partition of every outside topic."""
        body = orjson.dumps({"through": iso(through)})
        futures = []
        for topic in OUTSIDE:
            for partition in range(await self._partitions(topic)):
                batch = self._producer.create_batch()
                batch.append(key=None, value=body, timestamp=_ms(through), headers=[("ce_type", b"throughcare.time")])
                batch.close()
                futures.append(await self._producer.send_batch(batch, topic, partition=partition))
        for future in futures:
            await future

    async def _partitions(self, topic: str) -> int:
        return len(await self._producer.partitions_for(topic))

    async def _send(self, records: Sequence[HistoryRecord], keep_time: bool) -> None:
        queues: dict[tuple[str, int], list[HistoryRecord]] = defaultdict(list)
        for record in records:
            count = await self._partitions(record.topic)
            queues[record.topic, partition_of(record.key, count)].append(record)
        waiting = [self._send_queue(topic, n, queue, keep_time) for (topic, n), queue in queues.items()]
        for sending in waiting:
            await sending

    async def _send_queue(self, topic: str, partition: int, queue: list[HistoryRecord], keep_time: bool) -> None:
        n = 0
        while n < len(queue):
            batch, begun = self._producer.create_batch(), n
            while n < len(queue) and self._append(batch, queue[n], keep_time):
                n += 1
            if n == begun:
                await self._send_alone(topic, partition, queue[n], keep_time)
                n += 1
                continue
            batch.close()
            await (await self._producer.send_batch(batch, topic, partition=partition))

    @staticmethod
    def _append(batch: object, record: HistoryRecord, keep_time: bool) -> bool:
        timestamp = _ms(record.timestamp) if keep_time else None
        appended = batch.append(  # type: ignore[attr-defined]  # aiokafka is untyped
            key=record.key, value=record.value, timestamp=timestamp, headers=list(record.headers)
        )
        return appended is not None

    async def _send_alone(self, topic: str, partition: int, record: HistoryRecord, keep_time: bool) -> None:
        await self._producer.send_and_wait(
            topic,
            record.value,
            key=record.key,
            partition=partition,
            timestamp_ms=_ms(record.timestamp) if keep_time else None,
            headers=list(record.headers),
        )


@lru_cache(maxsize=1 << 17)
def partition_of(key: bytes | None, count: int) -> int:
    """The partition of a key, as Kafka's default partitioner has it; a record without one goes to the first."""
    return 0 if key is None else int(murmur2(key) & 0x7FFFFFFF) % count


def _chunks(records: Iterable[HistoryRecord]) -> Iterator[list[HistoryRecord]]:
    source = iter(records)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def _ms(instant: datetime) -> int:
    return (instant - datetime.fromisoformat("1970-01-01T00:00:00+00:00")) // MILLISECOND
