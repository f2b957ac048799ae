"""Reading topics from their beginning to where they end now."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

CHUNK = 2000


async def whole(bootstrap: str, topics: Iterable[str]) -> AsyncIterator[Any]:
    """Every record of some topics, partition by partition, in offset order."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id="throughcare-read",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_bytes=32 * 1024 * 1024,
        max_partition_fetch_bytes=8 * 1024 * 1024,
    )
    await consumer.start()
    try:
        for topic in topics:
            numbers = await _partitions(consumer, topic)
            for partition in (TopicPartition(topic, n) for n in sorted(numbers)):
                async for record in _partition(consumer, partition):
                    yield record
    finally:
        await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    found = await consumer._client._wait_on_metadata(topic)
    return set(found)


async def _partition(consumer: AIOKafkaConsumer, partition: TopicPartition) -> AsyncIterator[Any]:
    consumer.assign([partition])
    await consumer.seek_to_beginning(partition)
    end = (await consumer.end_offsets([partition]))[partition]
    while await consumer.position(partition) < end:
        for records in (await consumer.getmany(timeout_ms=1000, max_records=CHUNK)).values():
            for record in records:
                if record.offset < end:
                    yield record


def is_time_record(record: Any) -> bool:
    """Whether a record only tells time."""
    return ("ce_type", b"throughcare.time") in record.headers
