"""Puts a workload's input on topics before anything is timed: as it is, or in the order of the log on one partition."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import orjson
from aiokafka import AIOKafkaProducer

from deploy import topics
from deploy.history import HistoryRecord
from deploy.publish import BATCH_BYTES, Publisher, partition_of
from shared.domain.fact import iso
from shared.domain.service import UPSTREAM, Service
from shared.kernel.clock import to_ms
from tests.benchmarks.workload import Workload

IN_ORDER = "benchmark-in-order"
"""The idiomatic handler's topic: one partition, every record in the order of the log."""
TOPIC_HEADER = "x-topic"
"""Which topic a record of `IN_ORDER` comes from."""

Headers = tuple[tuple[str, bytes | None], ...]
TIME_RECORD: Headers = (("ce_type", b"throughcare.time"),)


async def publish(bootstrap: str, workload: Workload, partitions: int) -> None:
    """The input topics of a service, upstream services' among them, with time told through the end."""
    async with Publisher(bootstrap) as publisher:
        await publisher.replay(workload.history, workload.until)
    told = _time_record(workload.until)
    for topic in sorted(set(workload.service.inputs) & set(UPSTREAM)):
        for partition in range(partitions):
            await _send(bootstrap, topic, partition, [HistoryRecord(topic, workload.until, None, told, TIME_RECORD)])


async def publish_in_order(bootstrap: str, workload: Workload) -> None:
    """The same on one partition of a topic made for it."""
    async with topics.admin(bootstrap) as admin:
        await topics.create(admin, [IN_ORDER], "replay", 1, 1)
    records = [
        HistoryRecord(
            IN_ORDER, record.timestamp, record.key, record.value,
            (*record.headers, (TOPIC_HEADER, record.topic.encode())),
        )
        for record in workload.history
    ]  # fmt: skip
    records.append(HistoryRecord(IN_ORDER, workload.until, None, _time_record(workload.until), TIME_RECORD))
    await _send(bootstrap, IN_ORDER, 0, records)


async def publish_keyed(bootstrap: str, topic: str, records: Sequence[HistoryRecord], partitions: int) -> None:
    """Records on another topic than their own, by key as Kafka's partitioner has it."""
    queues: dict[int, list[HistoryRecord]] = defaultdict(list)
    for record in records:
        queues[partition_of(record.key, partitions)].append(record)
    for partition, queue in queues.items():
        await _send(bootstrap, topic, partition, queue)


async def empty_output(bootstrap: str, service: Service, partitions: int) -> None:
    """A fresh output topic (and one for dead letters)."""
    names = [service.output, service.dead_letters]
    async with topics.admin(bootstrap) as admin:
        there = set(await admin.list_topics())
        await admin.delete_topics([name for name in names if name in there])
        while set(await admin.list_topics()) & set(names):  # noqa: ASYNC110  # the broker has to be asked
            await asyncio.sleep(0.02)
        await topics.create(admin, names, "replay", partitions, 1)


def _time_record(through: datetime) -> bytes:
    return orjson.dumps({"through": iso(through)})


async def _send(bootstrap: str, topic: str, partition: int, records: Sequence[HistoryRecord]) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES,
        max_request_size=8 * 1024 * 1024,
    )  # fmt: skip
    await producer.start()
    try:
        n = 0
        while n < len(records):
            batch = producer.create_batch()
            while n < len(records) and batch.append(
                key=records[n].key, value=records[n].value, timestamp=to_ms(records[n].timestamp),
                headers=list(records[n].headers),
            ):  # fmt: skip
                n += 1
            batch.close()
            await (await producer.send_batch(batch, topic, partition=partition))
    finally:
        await producer.stop()
