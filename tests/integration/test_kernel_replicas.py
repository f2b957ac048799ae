"""Live replicas of one service, one killed, one replaced: partitions shared, each effect once, each key in order."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from deploy.history import HistoryRecord
from deploy.services import RunningService
from deploy.verify import verify
from shared.domain.fact import Subject
from shared.kernel.process import policy_of
from tests.counter import COUNTER, MENDED
from tests.counter.histories import CANARY, POISON, contact, mixed, person, sentence
from tests.integration.test_kernel_parked import VICTIM, ask_again
from tests.running import LONG_AGO, Rig, rig, until_true
from tests.servers import Broker, Database

PEOPLE = 60
EARLIER = [
    sentence(VICTIM, LONG_AGO, court="BROKEN"),
    *mixed(LONG_AGO, 3000, PEOPLE, seed=11, step=timedelta(minutes=5)),
]
LAST = [contact(person(n), LONG_AGO + timedelta(days=60), 10_000 + n, channel="text") for n in range(PEOPLE)]
"""After this one each person is looked at again in two seconds of the broker's clock."""


def readable(history: Sequence[HistoryRecord]) -> dict[bytes | None, list[tuple[str, UUID]]]:
    """By key, the events that must be decided, as they were published: topic and id, each once."""
    found: dict[bytes | None, dict[tuple[str, UUID], None]] = defaultdict(dict)
    for record in history:
        if record.value in POISON or b"casework.tea.made" in (record.value or b""):
            continue
        found[record.key][record.topic, UUID(orjson.loads(record.value or b"")["eventId"])] = None
    return {key: list(events) for key, events in found.items()}


async def _partitions(process: RunningService) -> int:
    status, body = await process.page("/health/ready")
    return int(orjson.loads(body)["partitions"]) if status else 0


async def _share(*shares: tuple[RunningService, int]) -> bool:
    return all([await _partitions(process) == n for process, n in shares])


async def _decided(it: Rig, least: int) -> bool:
    parked = await it.fetch("SELECT FROM aggregate WHERE parked_since IS NOT NULL")
    return len(parked) == 1 and len(await it.journal()) >= least


async def _all_is_quiet(it: Rig) -> bool:
    """Every person's last deadline has fired, and all of it is published."""
    undecided = await it.fetch("SELECT FROM aggregate WHERE state IS NULL")
    loud = [case for case in (await it.states()).values() if case.quiet < 3]
    return not undecided and not loud and not await it.fetch("SELECT FROM outbox")


async def test_two_replicas_share_the_work_and_one_may_be_killed_and_one_replaced(
    database: Database, kafka: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig(
        database, kafka, tmp_path, "live", THROUGHCARE_CLOCK_ALLOWANCE_MS="300", THROUGHCARE_RUN_LIMIT="50"
    ) as it:
        killed, replaced = await it.start(), await it.start()
        await until_true(lambda: _share((killed, 4), (replaced, 4)), "each replica holds half of the partitions")
        publishing = asyncio.create_task(it.publish(EARLIER))
        await until_true(lambda: _decided(it, 300), "they work, and have met the bug")
        await killed.kill()
        await until_true(lambda: _share((replaced, 8)), "the other one holds everything")
        heir = await it.start(**{MENDED: "1"})
        await until_true(lambda: _share((replaced, 4), (heir, 4)), "they share again")
        await publishing
        await replaced.stop()
        await it.publish(LAST)
        await ask_again(it)
        await until_true(lambda: _all_is_quiet(it), "every deadline has fired and is told")
        await _expect_each_effect_once(it)
        monkeypatch.setenv(MENDED, "1")
        (proof,) = await verify(database.reader_dsn, [(COUNTER, policy_of(COUNTER, ""))])
        assert (proof.problems, proof.decided_again) == ([], proof.lines)
        assert CANARY not in it.logs()


async def _expect_each_effect_once(it: Rig) -> None:
    """Every event decided once, those of a key and topic in their order; every output and every poison once."""
    rows = await it.fetch(
        "SELECT key, content::jsonb ->> 'topic' AS topic, fact_id, content FROM journal ORDER BY key, seq"
    )
    decided: dict[bytes | None, list[tuple[str, UUID]]] = defaultdict(list)
    outputs: dict[bytes | None, list[UUID]] = defaultdict(list)
    for row in rows:
        if row["topic"] != "due":
            decided[row["key"].encode()].append((row["topic"], UUID(str(row["fact_id"]))))
        outputs[row["key"].encode()] += [UUID(e["eventId"]) for e in orjson.loads(row["content"])["events"]]
    published = readable([*EARLIER, *LAST])
    assert decided.keys() == published.keys()
    for key, events in published.items():
        for topic in COUNTER.inputs:
            assert [one for one in decided[key] if one[0] == topic] == [one for one in events if one[0] == topic]
    told = {
        key: [event_id for event_id, value in events if b".case." not in (value or b"")]
        for key, events in (await it.first_outputs()).items()
    }
    assert told == outputs
    letters = Counter(letter.value for letter in await it.dead_letters())
    assert letters == Counter(record.value for record in EARLIER if record.value in POISON)
    states = await it.states()
    for n in range(PEOPLE):
        assert states[Subject("case", person(n))].n == len(published[person(n).encode()])
