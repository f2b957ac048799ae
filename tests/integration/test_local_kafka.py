"""Apache Kafka on this machine keeps acknowledged records through a kill -9, alone and as three."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError

from deploy import topics
from deploy.local.kafka import QUICK_START, LocalKafka
from deploy.local.kafka_jars import KafkaMissingError, fetched_jars
from deploy.local.mock_kafka import LocalMockKafka
from tests.servers import Broker, require_apache_kafka

LONG_AGO_MS = 1_400_000_000_000


async def test_a_killed_broker_comes_back_with_its_records_on_its_port(own_kafka: LocalKafka) -> None:
    await topics.apply(own_kafka.bootstrap, "replay", partitions=2)
    address = own_kafka.bootstrap
    await _publish(address, "court", 100)
    own_kafka.kill()
    own_kafka.start()
    assert own_kafka.bootstrap == address
    assert await _count(address, "court", partitions=2) == 100
    own_kafka.stop()
    own_kafka.start()
    assert await _count(address, "court", partitions=2) == 100


async def test_three_brokers_lose_one_and_keep_every_record(tmp_path: Path) -> None:
    require_apache_kafka()
    with LocalKafka(tmp_path, brokers=3, java_options=QUICK_START) as cluster:
        await topics.apply(cluster.bootstrap, "replay", partitions=3, replication=3)
        await _publish(cluster.bootstrap, "court", 100)
        cluster.nodes[1].kill()
        cluster.wait_until_gone(cluster.nodes[1])
        await _publish(cluster.bootstrap, "court", 100)
        assert await _count(cluster.bootstrap, "court", partitions=3) == 200
        cluster.nodes[1].start()
        cluster.wait()
        cluster.kill()


async def test_a_replay_log_takes_the_times_of_years_ago(kafka: Broker) -> None:
    await kafka.fresh_topics("replay")
    assert await _publish(kafka.bootstrap, "court", 1, LONG_AGO_MS) == [LONG_AGO_MS]


async def test_a_live_log_states_its_own_time(kafka: Broker) -> None:
    await kafka.fresh_topics("live")
    (stated,) = await _publish(kafka.bootstrap, "court", 1, LONG_AGO_MS)
    assert stated > LONG_AGO_MS + 10**9


async def test_a_topic_is_not_made_by_writing_to_it(kafka: Broker) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, request_timeout_ms=2_000)
    await producer.start()
    try:
        with pytest.raises(UnknownTopicOrPartitionError):
            await producer.send_and_wait("made-up", b"x")
    finally:
        await producer.stop()


async def test_applying_twice_changes_nothing(kafka: Broker) -> None:
    await kafka.fresh_topics("replay", partitions=4)
    assert await topics.apply(kafka.bootstrap, "replay", partitions=4) == []
    assert await topics.check(kafka.bootstrap, "replay", partitions=4) == []


async def test_a_topic_that_differs_is_reported_and_left_as_it_is(kafka: Broker) -> None:
    await kafka.fresh_topics("replay", partitions=4)
    with pytest.raises(topics.TopicsError) as told:
        await topics.apply(kafka.bootstrap, "live", partitions=6)
    assert "topic court has 4 partitions, not 6" in str(told.value)
    assert "topic court has message.timestamp.type=CreateTime, not LogAppendTime" in str(told.value)
    assert await topics.check(kafka.bootstrap, "replay", partitions=4) == []


async def test_missing_topics_are_made_beside_those_that_are_there(kafka: Broker) -> None:
    await kafka.fresh_topics("replay", partitions=4)
    async with topics.admin(kafka.bootstrap) as client:
        await client.delete_topics(["prison", "metrics.dead-letters"])
        while {"prison", "metrics.dead-letters"} & set(await client.list_topics()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert set(await topics.check(kafka.bootstrap, "replay", partitions=4)) == {
        "topic prison is missing",
        "topic metrics.dead-letters is missing",
    }
    assert set(await topics.apply(kafka.bootstrap, "replay", partitions=4)) == {
        "prison",
        "metrics.dead-letters",
    }


async def test_a_fresh_topic_holds_nothing_of_the_one_before(kafka: Broker) -> None:
    await kafka.fresh_topics()
    await _publish(kafka.bootstrap, "court", 50)
    await kafka.fresh_topics()
    assert await _count(kafka.bootstrap, "court", partitions=4) == 0


async def test_the_mock_broker_serves_where_there_is_no_java(tmp_path: Path) -> None:
    mock = LocalMockKafka(tmp_path).start()
    try:
        await _publish(mock.bootstrap, "court", 1, LONG_AGO_MS)
        reader = AIOKafkaConsumer("court", bootstrap_servers=mock.bootstrap, auto_offset_reset="earliest")
        async with reader:
            assert (await reader.getone()).timestamp == LONG_AGO_MS
        assert await _count(mock.bootstrap, "court", partitions=4) == 1
    finally:
        mock.stop()
    assert not mock.running


def test_without_java_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(KafkaMissingError, match="Java 17 is not installed"):
        fetched_jars()


async def _publish(bootstrap: str, topic: str, records: int, timestamp_ms: int | None = None) -> list[int]:
    """Times that the log recorded, for each."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer:
        return [
            (await producer.send_and_wait(topic, b"x", key=b"%d" % n, timestamp_ms=timestamp_ms)).timestamp
            for n in range(records)
        ]


async def _count(bootstrap: str, topic: str, partitions: int) -> int:
    every = [TopicPartition(topic, n) for n in range(partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        ends = await consumer.end_offsets(every)
    return sum(ends.values())
