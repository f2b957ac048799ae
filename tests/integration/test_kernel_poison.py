"""Records that cannot be decided, one of each kind: bytes unchanged in the dead letters, neighbours decided."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from deploy.history import HistoryRecord
from deploy.topics import MIB
from tests.counter.histories import contact, person, poison, unread
from tests.running import LONG_AGO, Kept, rig
from tests.servers import Broker, Database

HEADERS = (("trace", b"\xff\x00"), ("empty", None))
DAY = timedelta(days=1)


def changed(record: HistoryRecord, **fields: object) -> HistoryRecord:
    """A record whose envelope says something else."""
    return replace(record, value=orjson.dumps({**orjson.loads(record.value or b""), **fields}), headers=HEADERS)


async def largest(bootstrap: str, record: HistoryRecord) -> HistoryRecord:
    """The record with as many blanks at the end of its value as the topic allows, to the byte."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=2 * MIB, max_request_size=4 * MIB)
    await producer.start()
    try:
        batch = producer.create_batch()
        batch.append(key=record.key, value=bytes(MIB - 1000), timestamp=0, headers=list(record.headers))
        room = MIB - len(batch._builder.build()) + MIB - 1000
        full = replace(record, value=(record.value or b"").ljust(room))
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(record.topic, (full.value or b"") + b" ", key=record.key, timestamp_ms=0,
                                         headers=list(record.headers))  # fmt: skip
    finally:
        await producer.stop()
    return full


def matrix(when: datetime) -> dict[str, tuple[str, HistoryRecord]]:
    """By name: the reason, and the record."""
    key = person(1)
    sound = contact(key, when, 100)
    body = sound.value or b""
    crn = {"personReference": {"identifiers": [{"type": "CRN", "value": "1234567"}]}}
    wrong = orjson.loads(body)["additionalInformation"] | {"answered": "perhaps"}
    return {
        "invalid UTF-8": ("not-json", poison(key, when, b'{"eventType": "\xff\xfe"}')),
        "truncated JSON": ("not-json", poison(key, when, body[:-20])),
        "a wrong type": ("invalid", changed(sound, additionalInformation=wrong)),
        "an unknown version": ("unknown-version", changed(sound, version=99)),
        "a CRN that is none": ("invalid-identifier", changed(sound, **crn)),
        "a null value": ("null-value", poison(key, when, None)),
        "a null key": ("null-key", replace(sound, key=None, headers=HEADERS)),
        "another's topic": ("wrong-topic", replace(sound, topic="court")),
        "no event": ("not-an-event", poison(key, when, b"[]")),
        "a clock in 2099": ("occurred-in-the-future", changed(sound, occurredAt="2099-01-01T00:00:00Z")),
    }


async def test_each_kind_of_bad_record_is_kept_byte_for_byte_with_its_reason_and_nothing_else_moves(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    before = [contact(person(n), LONG_AGO, n) for n in range(3)]
    bad = matrix(LONG_AGO + timedelta(minutes=1))
    body = orjson.loads(before[1].value or b"")["additionalInformation"] | {"channel": "text"}
    reused = replace(changed(before[1], additionalInformation=body), timestamp=LONG_AGO + timedelta(minutes=2))
    after = [contact(person(n), LONG_AGO + timedelta(minutes=3), 10 + n) for n in range(3)]
    ahead = contact(person(2), LONG_AGO + timedelta(minutes=4), 20)
    ahead = changed(ahead, occurredAt=(ahead.timestamp + DAY).isoformat())
    until = LONG_AGO + 30 * DAY
    async with rig(database, kafka, tmp_path) as it:
        bulk = [
            await largest(kafka.bootstrap, poison(person(1), LONG_AGO + timedelta(minutes=5), b"no event")),
            await largest(kafka.bootstrap, contact(person(1), LONG_AGO + timedelta(minutes=6), 30)),
        ]
        kinds = {**bad, "an id with another body": ("id-reused", reused), "the largest": ("not-json", bulk[0])}
        history = [*before, *(record for _, record in kinds.values()), unread(person(1), LONG_AGO + DAY), *after,
                   ahead, bulk[1]]  # fmt: skip
        process = await it.start()
        await it.publish(history, until)
        await it.closed(until)
        model = await it.expect_the_models(history, until)
        assert len(model.journal) == 8 + 3 * 5, "the neighbours, and the quiet weeks of three people"
        inputs = {(r.topic, r.partition, r.offset): r for topic in it.service.inputs for r in await it.kept(topic)}
        letters = {_place(letter): letter for letter in await it.dead_letters()}
        assert len(letters) == len(kinds)
        for name, (reason, record) in kinds.items():
            (place,) = [at for at, kept in inputs.items() if _same(kept, record)]
            _expect(name, reason, inputs[place], letters[place])
        for reason in {reason for reason, _ in kinds.values()}:
            counted = await it.metric(process, "throughcare_dead_letters_total", reason=reason)
            assert counted == sum(reason == each for each, _ in kinds.values()), reason
        assert await it.metric(process, "throughcare_passed_over_total", reason="unknown-type") == 1
        assert await it.fetchval("SELECT count(*) FROM inbox") == 8
        assert await it.fetch("SELECT FROM aggregate WHERE parked_since IS NOT NULL") == []


def _place(letter: Kept) -> tuple[str, int, int]:
    told = {name: (value or b"").decode() for name, value in letter.headers.items() if name.startswith("x-")}
    return (told["x-original-topic"], int(told["x-original-partition"]), int(told["x-original-offset"]))


def _same(kept: Kept, record: HistoryRecord) -> bool:
    return (kept.topic, kept.key, kept.value) == (record.topic, record.key, record.value)


def _expect(name: str, reason: str, kept: Kept, letter: Kept) -> None:
    """The letter is the record, byte for byte, and says what is wrong with it, and what to do."""
    ours = {header: value for header, value in letter.headers.items() if header.startswith("x-")}
    theirs = {header: value for header, value in letter.headers.items() if header not in ours}
    assert (letter.key, letter.value, theirs) == (kept.key, kept.value, kept.headers), name
    assert ours["x-reason-code"] == reason.encode(), name
    assert ours["x-reason"], name
    assert ours["x-hint"], name
    assert ours["x-service"] == b"enforcement", name
    assert ours["x-original-timestamp"] == str(kept.timestamp).encode(), name
