"""Poison: nothing that is published crashes a service, holds it up, or costs a neighbour."""

import random
import time
from datetime import timedelta
from pathlib import Path

from deploy.history import HistoryRecord
from shared.contracts.decoding import decode
from tests.counter import COUNTER
from tests.counter.histories import CANARY, contact, ends, person
from tests.faults import table
from tests.faults.comparison import compare
from tests.faults.extent import extent
from tests.faults.fuzz import fuzzed
from tests.running import LONG_AGO, rig
from tests.servers import Broker, Database

HANG_SECONDS = 1.0
RECORDS = 20_000


def _fuzzed(records: int, seed: int) -> list[HistoryRecord]:
    """Fuzzed records, and among them sound ones, each with the fuzzed one before and behind it on its partition."""
    chance, now, history = random.Random(seed), LONG_AGO, list[HistoryRecord]()
    for n in range(records):
        now += timedelta(minutes=chance.randrange(1, 30))
        history.append(fuzzed(chance, now, n))
        if n % 4 == 0:
            history.append(contact(person(chance.randrange(300)), now, n))
    return history


def test_no_record_is_decoded_for_longer_than_a_second_and_none_raises() -> None:
    slowest = 0.0
    for record in _fuzzed(RECORDS, seed=51):
        began = time.process_time()
        decode(record.topic, record.key, record.value, record.headers, COUNTER.reads)
        slowest = max(slowest, time.process_time() - began)
    assert slowest < HANG_SECONDS


async def test_fuzzed_records_reach_the_dead_letters_byte_for_byte_and_their_neighbours_are_decided(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    history = _fuzzed(extent(2_000, RECORDS), seed=52)
    until = ends(history)
    async with rig(database, kafka, tmp_path) as it:
        await it.publish(history, until)
        service = await it.start()
        await it.closed(until, 150)
        assert service.running
        verdict = await compare(it, history, until)
        table.tell("poison: fuzzed records", len(history), verdict.dead_letters, verdict)
        assert verdict.dead_letters > len(history) // 4
        assert CANARY not in it.logs()
