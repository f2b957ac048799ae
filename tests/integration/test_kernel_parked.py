"""A bug on one person: the person is parked with what comes later, everything else goes on; mended, all is decided."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from deploy.history import HistoryRecord
from deploy.migrations import migrate_all
from deploy.services import RunningService
from deploy.simulate import simulate
from deploy.verify import verify
from shared.domain.fact import Subject
from shared.kernel.clock import from_ms
from shared.kernel.process import policy_of
from tests.counter import BELOW, COUNTER, MENDED, QUIET
from tests.counter.histories import contact, person, sentence
from tests.running import LONG_AGO, Rig, rig, until_true
from tests.servers import Broker, Database

DAY = timedelta(days=1)
VICTIM = person(1)
HISTORY = [
    contact(VICTIM, LONG_AGO, 1),
    contact(person(2), LONG_AGO, 2),
    sentence(VICTIM, LONG_AGO + DAY, court="BROKEN"),
    contact(person(2), LONG_AGO + 2 * DAY, 3),
    contact(VICTIM, LONG_AGO + 2 * DAY, 4),
    sentence(VICTIM, LONG_AGO + 3 * DAY, order="another"),
    contact(person(3), LONG_AGO + 4 * DAY, 5),
]
UNTIL = LONG_AGO + 60 * DAY
LATER = UNTIL + 30 * DAY
COUNTERS = [(service, policy_of(service, "")) for service in (COUNTER, BELOW)]


@pytest.fixture
async def it(database: Database, kafka: Broker, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(database, kafka, tmp_path) as made:
        yield made


@pytest.fixture
async def below(it: Rig) -> AsyncIterator[Rig]:
    """The service downstream, on the same database and topics."""
    await migrate_all(it.database.owner_dsn, (BELOW.name,))
    made = Rig(it.database, it.bootstrap, it.folder, BELOW)
    yield made
    await made.end()


def retry(it: Rig, key: str = VICTIM) -> "subprocess.CompletedProcess[str]":
    """What an operator types."""
    command = [str(Path(sys.executable).with_name("throughcare")), "parked", "retry", it.service.name, "case", key]
    environment = {**os.environ, "THROUGHCARE_OWNER_DSN": it.database.owner_dsn}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


async def ask_again(it: Rig) -> None:
    """Retry, and wait until the service has tried."""
    asked = retry(it)
    assert asked.returncode == 0, asked.stdout + asked.stderr
    await until_true(lambda: _answered(it), "the request is carried out")


async def _answered(it: Rig) -> bool:
    return not await it.fetch("SELECT FROM operator_request")


async def queued(it: Rig) -> list[UUID]:
    """The facts behind the parked person, in order."""
    rows = await it.fetch("SELECT fact_id FROM parked_fact WHERE key = $1 ORDER BY position", VICTIM)
    return [UUID(str(row["fact_id"])) for row in rows]


async def lines(it: Rig) -> list[tuple[datetime, UUID]]:
    """The person's journal: log time and fact."""
    rows = await it.fetch("SELECT at, fact_id FROM journal WHERE key = $1 ORDER BY seq", VICTIM)
    return [(from_ms(row["at"]), UUID(str(row["fact_id"]))) for row in rows]


async def told(it: Rig) -> list[str]:
    """What the output topic says of the person, in order: the type, and the count where it is one."""
    outputs = (await it.first_outputs())[VICTIM.encode()]
    events = [orjson.loads(value or b"") for _, value in outputs]
    return [
        f"{event['additionalInformation'].get('orderId', event['eventType'])}"
        f" {event['additionalInformation'].get('acceptableCount', '')}".strip()
        for event in events
    ]


def ids_of(history: list[HistoryRecord]) -> list[UUID]:
    """Event ids."""
    return [UUID(orjson.loads(record.value or b"")["eventId"]) for record in history]


async def mended(it: Rig, process: RunningService) -> RunningService:
    """The next version of the service: without the bug."""
    await process.stop()
    return await it.start(**{MENDED: "1"})


async def test_the_person_is_parked_with_later_facts_in_order_and_all_others_and_time_go_on(
    it: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = await it.start()
    await it.publish(HISTORY, UNTIL)
    await it.closed(UNTIL)
    model = await it.expect_the_models(HISTORY, UNTIL)
    behind = ids_of([HISTORY[2], HISTORY[4], HISTORY[5]])
    assert await queued(it) == behind == [fact.id for fact in model.parked[Subject("case", VICTIM)]]
    assert await it.fetchval("SELECT held FROM due WHERE key = $1", VICTIM)
    assert await told(it) == ["count 1", "enforcement.case.parked"]
    await until_true(lambda: _gauge_is(it, process, 1), "the gauge shows it")

    other = retry(it, person(2))
    assert (other.returncode, "nothing of that name is parked" in other.stderr) == (1, True), other
    await ask_again(it)
    assert await queued(it) == behind, "the bug is still there: nothing moves"
    assert (await told(it))[1:] == ["enforcement.case.parked"]

    process = await mended(it, process)
    await ask_again(it)
    above = UNTIL + timedelta(milliseconds=1)
    assert (await lines(it))[1:] == [(above, event_id) for event_id in behind]
    assert await queued(it) == []
    await it.publish([contact(VICTIM, UNTIL + DAY, 6)], LATER)
    await it.closed(LATER)
    quiet = [f"quiet {n}" for n in range(1, 6)]
    assert (await told(it))[2:] == ["count 2", "count 3", "count 4", "enforcement.case.resumed", "count 5", *quiet]
    await until_true(lambda: _gauge_is(it, process, 0), "the gauge shows it")
    monkeypatch.setenv(MENDED, "1")
    (proof,) = await verify(it.database.reader_dsn, COUNTERS[:1])
    assert (proof.problems, proof.decided_again) == ([], len(await it.journal()))


async def _gauge_is(it: Rig, process: RunningService, n: int) -> bool:
    return await it.metric(process, "throughcare_parked_aggregates") == n


async def test_downstream_holds_the_persons_deadlines_until_the_person_is_resumed(it: Rig, below: Rig) -> None:
    process = await it.start()
    await below.start()
    await it.publish(HISTORY, UNTIL)
    await it.closed(UNTIL)
    await below.closed(UNTIL)
    model = simulate(HISTORY, COUNTERS, UNTIL)[BELOW.name]
    assert await below.journal() == [(line.subject, line.seq, line.hash) for line in model.journal]
    assert await below.fetchval("SELECT held FROM due WHERE key = $1", VICTIM)
    assert await below.fetchval("SELECT held_by FROM aggregate WHERE key = $1", VICTIM) == ["enforcement"]
    due = from_ms(await below.fetchval("SELECT due FROM due WHERE key = $1", VICTIM))
    assert due == LONG_AGO + 3 * DAY + QUIET
    before = await lines(below)
    assert len(before) == 4, "its facts are decided, no deadline has fired"

    await mended(it, process)
    await ask_again(it)
    await it.publish([], LATER)
    await it.closed(LATER)
    await below.closed(LATER)
    resumed = UNTIL + timedelta(milliseconds=1)
    fired = [at for at, _ in (await lines(below))[4:]]
    assert fired == [resumed] * 3 + [resumed + QUIET, resumed + 2 * QUIET]
    (proof,) = await verify(below.database.reader_dsn, COUNTERS[1:])
    assert proof.problems == []
