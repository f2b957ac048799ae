"""What keeps a service from starting, or stops it: one line that says why, and the exit code."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import NewPartitions, RecordsToDelete
from aiokafka.structs import TopicPartition

from deploy import topics
from deploy.postgres.roles import role_of
from deploy.services import RunningService
from tests.counter.histories import contact, person, poison
from tests.faults.database import administrator
from tests.faults.scene import has_said
from tests.running import LONG_AGO, Rig, rig, until_true
from tests.servers import Broker, Database

WRONG = [
    ({"THROUGHCARE_TIME": ""}, "THROUGHCARE_TIME is missing"),
    ({"THROUGHCARE_TIME": "sometimes"}, "THROUGHCARE_TIME is 'sometimes': give live or replay"),
    ({"THROUGHCARE_KAFKA": "nowhere"}, "THROUGHCARE_KAFKA is 'nowhere': give the brokers"),
    ({"THROUGHCARE_DSN": "mysql://secret@x/y"}, "THROUGHCARE_DSN is not of the form"),
    ({"THROUGHCARE_RUN_LIMIT": "many"}, "THROUGHCARE_RUN_LIMIT is 'many': give a whole number"),
    ({"THROUGHCARE_HEARTBEAT_MS": "16000"}, "THROUGHCARE_HEARTBEAT_MS is 16000: give no more than half"),
    ({"THROUGHCARE_POLICY": "/not/there"}, "/not/there"),
]


@pytest.fixture
async def it(database: Database, kafka: Broker, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(database, kafka, tmp_path) as made:
        yield made


async def _ended(process: RunningService) -> tuple[int, list[str]]:
    """Start it, wait for its end: the exit code, and the last line that it said."""
    await process.start()
    return await asyncio.wait_for(process.ended(), 60), process.log.read_text().strip().splitlines()


async def test_a_wrong_setting_ends_it_with_two_and_one_line_that_names_it(tmp_path: Path) -> None:
    nowhere = Rig(None, "127.0.0.1:9", tmp_path)  # type: ignore[arg-type]  # never reached
    right = {"THROUGHCARE_KAFKA": "127.0.0.1:9", "THROUGHCARE_DSN": "postgresql://x@127.0.0.1:9/x"}
    for number, (wrong, told) in enumerate(WRONG):
        environment = {**right, "THROUGHCARE_TIME": "replay", **wrong}
        process = RunningService("enforcement", environment, tmp_path / f"{number}.log", "tests.counter")
        nowhere.processes.append(process)
        code, lines = await _ended(process)
        assert (code, len(lines)) == (2, 1), lines
        assert told in lines[0]
        assert "secret" not in lines[0]


async def test_live_on_topics_that_keep_their_publishers_time_it_does_not_start(it: Rig) -> None:
    it.time = "live"
    code, lines = await _ended(it.process())
    assert code == 1
    assert (
        "casework keeps message.timestamp.type=CreateTime, and THROUGHCARE_TIME=live needs LogAppendTime" in lines[-1]
    )


async def test_a_topic_that_is_missing_is_named(it: Rig) -> None:
    async with topics.admin(it.bootstrap) as client:
        await client.delete_topics(["enforcement.dead-letters"])
    code, lines = await _ended(it.process())
    assert (code, "topics missing: enforcement.dead-letters" in lines[-1]) == (1, True), lines


async def test_topics_that_differ_in_their_partitions_are_named(it: Rig) -> None:
    async with topics.admin(it.bootstrap) as client:
        await client.create_partitions({"casework": NewPartitions(total_count=5)})
    code, lines = await _ended(it.process())
    assert (code, "topics differ in their number of partitions" in lines[-1]) == (1, True), lines


async def test_a_database_without_its_migrations_is_named(database: Database, kafka: Broker, tmp_path: Path) -> None:
    await kafka.fresh_topics("replay")
    bare = Rig(database, kafka.bootstrap, tmp_path)
    code, lines = await _ended(bare.process())
    assert (code, "the database lacks 0001" in lines[-1]) == (1, True), lines


async def test_a_database_that_is_not_there_or_refuses_is_named(it: Rig) -> None:
    for dsn, told in (
        (it.database.dsn("enforcement").replace(it.database.name, "nowhere"), "is not there"),
        (it.database.dsn("enforcement").replace(":test@", ":guessed@"), "refuses THROUGHCARE_DSN"),
    ):
        code, lines = await _ended(it.process(THROUGHCARE_DSN=dsn))
        assert (code, told in lines[-1]) == (1, True), lines
        assert "guessed" not in "".join(lines)


async def test_a_role_that_may_not_connect_is_named(it: Rig) -> None:
    admin = await asyncpg.connect(it.database.admin_dsn)
    try:
        await admin.execute(f'REVOKE CONNECT ON DATABASE "{it.database.name}" FROM PUBLIC, {role_of("enforcement")}')
    finally:
        await admin.close()
    code, lines = await _ended(it.process())
    assert (code, "refuses THROUGHCARE_DSN (InsufficientPrivilegeError)" in lines[-1]) == (1, True), lines


async def test_a_port_that_is_taken_ends_it(it: Rig) -> None:
    first = await it.start()
    await it.publish([contact(person(1), LONG_AGO, 1)], LONG_AGO)
    await it.closed(LONG_AGO)
    second = it.process()
    second._environment["THROUGHCARE_HTTP_PORT"] = str(first.port)
    code, lines = await _ended(second)
    assert (code, "is taken: give another one" in lines[-1]) == (1, True), lines


async def test_a_start_waits_for_a_run_that_somebody_has_not_committed(it: Rig) -> None:
    """Of a replica that was stopped in its tracks, say: until PostgreSQL or another one ends its session."""
    await _some_read(it)
    async with administrator(it) as conn, conn.transaction():
        await conn.execute("UPDATE progress SET step = step")
        process = await it.start()
        await until_true(lambda: has_said(process, "LockNotAvailableError"), "it waits")
        assert process.running
    later = LONG_AGO + timedelta(hours=2)
    await it.publish([contact(person(1), later, 1000)], later)
    await it.closed(later)


async def test_members_that_share_partitions_otherwise_are_named(it: Rig) -> None:
    other = AIOKafkaConsumer(
        "casework",
        bootstrap_servers=it.bootstrap,
        group_id=f"throughcare-{it.service.name}",
        session_timeout_ms=10_000,
        heartbeat_interval_ms=500,
    )
    await other.start()
    try:
        code, lines = await _ended(it.process())
    finally:
        await other.stop()
    assert (code, "the group has members that share partitions otherwise" in lines[-1]) == (1, True), lines


async def test_a_flood_of_poison_stops_it_and_says_where_to_look(it: Rig) -> None:
    flood = [poison(person(n), LONG_AGO, b"no event") for n in range(100)]
    await it.publish(flood, LONG_AGO)
    code, lines = await _ended(it.process(THROUGHCARE_POLICY="", THROUGHCARE_POISON_LIMIT="60"))
    assert code == 1
    assert "records in a row could not be decoded (not-json)" in lines[-1]
    assert "look at enforcement.dead-letters" in lines[-1]


async def test_as_much_poison_among_events_does_not_stop_it(it: Rig) -> None:
    mixed = [
        poison(person(n), LONG_AGO + timedelta(seconds=n), b"no event")
        if n % 2
        else contact(person(n), LONG_AGO + timedelta(seconds=n), n)
        for n in range(200)
    ]
    until = LONG_AGO + timedelta(hours=1)
    await it.publish(mixed, until)
    await it.start(THROUGHCARE_POISON_LIMIT="20")
    await it.closed(until)
    await it.expect_the_models(mixed, until)


async def _some_read(it: Rig) -> None:
    history = [contact(person(n), LONG_AGO + timedelta(seconds=n), n) for n in range(100)]
    await it.publish(history, LONG_AGO + timedelta(hours=1))
    process = await it.start()
    await it.closed(LONG_AGO + timedelta(hours=1))
    await process.stop()


async def test_records_that_were_deleted_before_they_were_read_stop_it(it: Rig) -> None:
    await _some_read(it)
    later = LONG_AGO + timedelta(hours=2)
    await it.publish([contact(person(n), later, 1000 + n) for n in range(100)], later)
    async with topics.admin(it.bootstrap) as client:
        await client.delete_records({TopicPartition("casework", n): RecordsToDelete(-1) for n in range(4)})
    code, lines = await _ended(it.process())
    assert code == 1
    assert "were deleted before they were read" in lines[-1]


async def test_a_topic_that_was_made_anew_stops_it(it: Rig, kafka: Broker) -> None:
    await _some_read(it)
    await kafka.fresh_topics("replay", it.partitions)
    code, lines = await _ended(it.process())
    assert code == 1
    assert "the topic was truncated or made anew" in lines[-1]


async def test_replay_goes_on_where_what_is_older_was_taken_before(it: Rig) -> None:
    await _some_read(it)
    history = [contact(person(n), LONG_AGO + timedelta(seconds=n), n) for n in range(100)]
    newer = contact(person(1), LONG_AGO + timedelta(hours=2), 5000)
    until = LONG_AGO + timedelta(hours=3)
    await it.publish([*history, newer], until)
    await it.start()
    await it.closed(until)
    await it.expect_the_models([*history, *history, newer], until)


async def test_a_repeat_from_before_the_time_that_was_told_is_counted_and_holds_nothing_up(it: Rig) -> None:
    await _some_read(it)
    again = [contact(person(n), LONG_AGO + timedelta(seconds=n), n) for n in range(100)]
    await it.publish(again)
    process = await it.start()
    await until_true(lambda: _is_counted(it, process, 100), "each repeat is counted")


async def _is_counted(it: Rig, process: RunningService, repeats: int) -> bool:
    return await it.metric(process, "throughcare_duplicates_total") == repeats


async def test_replay_stops_where_a_publishers_time_goes_back_with_something_new(it: Rig) -> None:
    await _some_read(it)
    await it.publish([contact(person(1), LONG_AGO, 9999)])
    code, lines = await _ended(it.process())
    assert (code, "replay: the time of casework[" in lines[-1]) == (1, True), lines
    assert "went back at offset" in lines[-1]
