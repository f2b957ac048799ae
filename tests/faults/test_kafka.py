"""Kafka at its worst: brokers killed and silent, too few of them, producers refused, records deleted unread."""

import asyncio
import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy import topics
from deploy.history import HistoryRecord
from deploy.local.kafka import QUICK_START, LocalKafka
from deploy.topics import TimeMode
from shared.kernel.clock import to_ms
from tests.counter.histories import contact, ends, person
from tests.faults import table
from tests.faults.comparison import compare
from tests.faults.extent import extent
from tests.faults.history import eventful, stretches
from tests.faults.nursery import Nursery
from tests.faults.refusals import (
    MESSAGE_TOO_LARGE,
    NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    OUT_OF_ORDER_SEQUENCE,
    UNKNOWN_PRODUCER_ID,
)
from tests.faults.scene import EVENTS, Scene, is_ready, is_red, scene
from tests.faults.stream import decided, decided_more
from tests.running import CLOSED, LONG_AGO, Rig, rig, until_true
from tests.servers import Broker, Database, require_apache_kafka

SILENT_SECONDS = extent(6.0, 30.0)


class Cluster(Broker):
    """Three brokers: every partition on all of them, two of which must have what is acknowledged."""

    async def fresh_topics(self, time: TimeMode = "replay", partitions: int = 4) -> None:
        await topics.apply(self.bootstrap, time, partitions, replication=3)


@pytest.fixture
def three_brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """A cluster whose brokers a test may kill and start."""
    require_apache_kafka()
    with LocalKafka(tmp_path_factory.mktemp("cluster"), brokers=3, java_options=QUICK_START) as cluster:
        yield cluster


async def test_the_broker_killed_and_started_again(own_kafka: LocalKafka, database: Database, tmp_path: Path) -> None:
    """Each time with a part of the history still to be published: a service that has all of it misses nobody."""
    history = eventful(LONG_AGO, EVENTS, people=200, seed=41)
    *parts, (last, _), until = *stretches(history, len(history) // (extent(1, 4) + 1)), ends(history)
    async with rig(database, Broker(own_kafka.bootstrap), tmp_path, THROUGHCARE_RUN_LIMIT="25") as it:
        service = await it.start()
        for part, between in parts:
            before = await it.fetchval("SELECT count(*) FROM journal")
            await it.publish(part, between)
            await decided(it, before + 100)
            await asyncio.to_thread(own_kafka.kill)
            await until_true(lambda: is_red(service), "it says that it cannot work")
            await asyncio.to_thread(own_kafka.start)
            await until_true(lambda: is_ready(service), "it works again")
        await it.publish(last, until)
        await Scene(it, service, history, until).ends_well("Kafka: broker killed, restarted", len(parts))


async def test_the_broker_silent_with_its_connections_open(
    own_kafka: LocalKafka, database: Database, tmp_path: Path
) -> None:
    (node,) = own_kafka.nodes
    async with scene(database, Broker(own_kafka.bootstrap), tmp_path, 42) as there:
        os.kill(node.pid, signal.SIGSTOP)
        await until_true(lambda: is_red(there.service), "it says that it cannot work")
        await asyncio.sleep(SILENT_SECONDS)  # the fault itself: so long is nothing heard
        os.kill(node.pid, signal.SIGCONT)
        await until_true(lambda: is_ready(there.service), "it works again")
        await there.ends_well(f"Kafka: silent {SILENT_SECONDS:.0f} s and more", 1)


async def test_of_three_brokers_the_leader_dies_and_then_two(
    three_brokers: LocalKafka, database: Database, tmp_path: Path
) -> None:
    """With two of three it goes on; with one of three it waits, red; with all again it goes on from where it was."""
    history = eventful(LONG_AGO, EVENTS, people=200, seed=43)
    (one, between), (two, _), until = *stretches(history, len(history) // 2), ends(history)
    first, second, third = three_brokers.nodes
    async with rig(database, Cluster(three_brokers.bootstrap), tmp_path, THROUGHCARE_RUN_LIMIT="25") as it:
        await it.publish(one, between)
        service = await it.start()
        await decided(it, 50)
        first.kill()
        await asyncio.to_thread(three_brokers.wait_until_gone, first)
        await it.closed(between)
        first.start()
        await asyncio.to_thread(three_brokers.wait)
        await it.publish(two, until)
        await decided_more(it, 50)
        second.kill()
        third.kill()
        await until_true(lambda: is_red(service), "with one broker of three it waits")
        second.start()
        third.start()
        await asyncio.to_thread(three_brokers.wait)
        await until_true(lambda: is_ready(service), "it works again")
        await it.closed(until, 150)
        assert service.running
        table.tell("Kafka: 3 brokers, leader lost, then two", len(history), 3, await compare(it, history, until))


async def test_a_producer_refused_though_its_records_were_taken(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    """Sequence, producer id, size, replicas: the relay sends anew with a new producer, and no order is lost."""
    history = eventful(LONG_AGO, EVENTS, people=200, seed=44)
    until = ends(history)
    codes = (OUT_OF_ORDER_SEQUENCE, UNKNOWN_PRODUCER_ID, MESSAGE_TOO_LARGE, NOT_ENOUGH_REPLICAS_AFTER_APPEND)
    refusals = {5 + 7 * n: codes[n % len(codes)] for n in range(extent(8, 40))}
    async with rig(database, kafka, tmp_path, THROUGHCARE_RUN_LIMIT="25") as it, Nursery(tmp_path) as nursery:
        await it.publish(history, until)
        log = tmp_path / "refused.log"
        await nursery.begin(it.service, it.environment(), log, refusals=refusals)

        async def closed() -> bool:
            return bool(await it.fetchval(CLOSED, to_ms(until)))

        await until_true(closed, "everything is decided and published", 150)
        verdict = await compare(it, history, until)
        table.tell("Kafka: producer refused", len(history), len(refusals), verdict)
        assert verdict.sent_again > 0
        assert log.read_text().count("cannot publish") >= len(refusals) // 2


async def test_a_record_that_the_broker_finds_too_large_waits_until_it_is_let_in(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    async with scene(database, kafka, tmp_path, 45) as there:
        await _limit(there.it, "200")
        await until_true(lambda: is_red(there.service), "it says that it cannot publish")
        await _limit(there.it, "8388608")
        await until_true(lambda: is_ready(there.service), "it works again")
        await there.ends_well("Kafka: record too large for the topic", 1)


async def _limit(it: Rig, most: str) -> None:
    async with topics.admin(it.bootstrap) as client:
        kept = {"message.timestamp.type": "CreateTime", "retention.ms": "-1"}
        resource = ConfigResource(
            ConfigResourceType.TOPIC, it.service.output, configs={**kept, "max.message.bytes": most}
        )
        await client.alter_configs([resource])


async def test_records_deleted_before_they_were_read_stop_it_and_it_says_which(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    """While it stands still, a fetch that is on its way brings the first of what is new; the rest is deleted."""
    async with rig(database, kafka, tmp_path) as it:
        await it.publish(_contacts(0), LONG_AGO)
        service = await it.start()
        await it.closed(LONG_AGO)
        service.signal(signal.SIGSTOP)
        for n in (1, 2):
            await it.publish(_contacts(n), LONG_AGO + timedelta(hours=n))
        async with topics.admin(it.bootstrap) as client:
            await client.delete_records({TopicPartition("casework", n): RecordsToDelete(-1) for n in range(4)})
        service.signal(signal.SIGCONT)
        code = await asyncio.wait_for(service.ended(), 60)
        last = service.log.read_text().strip().splitlines()[-1]
        assert (code, "were deleted before they were read" in last) == (1, True), last
        assert "casework[" in last
        decided_n = await it.fetchval(
            "SELECT count(DISTINCT fact_id) FROM journal WHERE content::jsonb ->> 'topic' <> 'due'"
        )
        assert 100 <= decided_n <= 200


def _contacts(hour: int) -> list[HistoryRecord]:
    return [contact(person(n), LONG_AGO + timedelta(hours=hour), 100 * hour + n) for n in range(100)]
