"""A service of the tests as a process on real Kafka and PostgreSQL: started, fed, awaited, held against the model."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from prometheus_client.parser import text_string_to_metric_families

from deploy.history import HistoryRecord
from deploy.migrations import migrate_all
from deploy.publish import PublishedHistory, Publisher
from deploy.services import RunningService, ServiceFailed
from deploy.simulate import Simulated, simulate
from deploy.topics import TimeMode
from shared.domain.fact import Subject
from shared.domain.service import Service
from shared.kernel.clock import to_ms
from shared.kernel.packed import unpack_state
from shared.kernel.process import policy_of
from shared.kernel.relay import TIME_RECORD
from tests.counter import BELOW, COUNTER
from tests.servers import Broker, Database

MODULES = {COUNTER.name: "tests.counter", BELOW.name: "tests.counter.below"}
SESSION = {"THROUGHCARE_SESSION_TIMEOUT_MS": "2000", "THROUGHCARE_HEARTBEAT_MS": "300"}
"""A killed member is missed after two seconds."""
PATIENCE = 60.0
CLOSED = """
    SELECT coalesce((SELECT bool_and(through IS NOT NULL) AND min(through) >= $1 FROM progress), false)
       AND NOT EXISTS (SELECT FROM outbox)
       AND NOT EXISTS (SELECT FROM due WHERE NOT held AND fires_at <= $1)
"""
"""Whether everything through an instant (ms) is decided and published."""


async def until_true(what: Callable[[], Awaitable[object]], told: str, seconds: float = PATIENCE) -> None:
    """Ask again and again until it is so. Fails, saying what was waited for, when it takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not await what():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still not so: {told}"
        await asyncio.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as a topic holds it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes | None]
    timestamp: int

    @property
    def tells_time(self) -> bool:
        """Whether it is a time record."""
        return self.headers.get("ce_type") == TIME_RECORD.encode()


@dataclass
class Rig:
    """One service on a database and topics of its own, and the processes that a test starts of it."""

    database: Database
    bootstrap: str
    folder: Path
    service: Service = COUNTER
    time: TimeMode = "replay"
    partitions: int = 4
    settings: Mapping[str, str] = field(default_factory=dict)
    processes: list[RunningService] = field(default_factory=list)

    # -- processes ------------------------------------------------------------------------------

    def process(self, **settings: str) -> RunningService:
        """One more replica, not yet started; its log is its own."""
        log = self.folder / f"{self.service.name}-{len(self.processes)}.log"
        made = RunningService(self.service.name, self.environment(**settings), log, MODULES[self.service.name])
        self.processes.append(made)
        return made

    def environment(self, **settings: str) -> dict[str, str]:
        """What a replica is told: servers, mode, short sessions, and the settings of the rig and of the call."""
        return {
            "THROUGHCARE_KAFKA": self.bootstrap,
            "THROUGHCARE_DSN": self.database.dsn(self.service.name),
            "THROUGHCARE_TIME": self.time,
            **SESSION,
            **self.settings,
            **settings,
        }

    async def start(self, **settings: str) -> RunningService:
        """One more replica."""
        made = self.process(**settings)
        await made.start()
        return made

    async def end(self) -> None:
        """Whatever still runs is killed, also where it was stopped in its tracks."""
        for process in self.processes:
            if process.running:
                process.signal(signal.SIGCONT)
            await process.kill()

    def logs(self) -> str:
        """What all processes have said."""
        return "".join(process.log.read_text() for process in self.processes if process.log.exists())

    # -- what it is given -----------------------------------------------------------------------

    async def publish(self, history: Iterable[HistoryRecord], until: datetime | None = None) -> PublishedHistory:
        """Records as their publishers send them: in their own time in replay, else in the broker's."""
        async with Publisher(self.bootstrap) as publisher:
            if self.time == "replay":
                return await publisher.replay(history, until)
            return await publisher.live(history)

    # -- what came of it ------------------------------------------------------------------------

    async def closed(self, until: datetime, seconds: float = PATIENCE) -> None:
        """Wait until everything through that instant is decided and published."""

        async def done() -> bool:
            self._expect_one_running()
            closed: bool = await self.fetchval(CLOSED, to_ms(until))
            return closed

        await until_true(done, "the log is decided and published to its end", seconds)

    def _expect_one_running(self) -> None:
        if not any(process.running for process in self.processes):
            raise ServiceFailed(self.processes[-1].last_words())

    async def fetch(self, query: str, *given: Any) -> list[Any]:
        """Ask the service's schema."""
        conn = await asyncpg.connect(
            self.database.owner_dsn, server_settings={"search_path": self.service.name, "timezone": "UTC"}
        )
        try:
            return list(await conn.fetch(query, *given))
        finally:
            await conn.close()

    async def fetchval(self, query: str, *given: Any) -> Any:
        """One value of the service's schema."""
        rows = await self.fetch(query, *given)
        return rows[0][0] if rows else None

    async def metric(self, process: RunningService, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        _, body = await process.page("/metrics")
        return sum(
            sample.value
            for family in text_string_to_metric_families(body.decode())
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    async def kept(self, topic: str) -> list[Kept]:
        """All records of a topic, partition by partition, time records left out."""
        return [record for record in await self.everything(topic) if not record.tells_time]

    async def everything(self, topic: str) -> list[Kept]:
        """All records of a topic, partition by partition, time records among them."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        await consumer.start()
        try:
            partitions = [TopicPartition(topic, n) for n in range(self.partitions)]
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            ends = await consumer.end_offsets(partitions)
            found: list[Kept] = []
            while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found.extend(
                        Kept(r.topic, r.partition, r.offset, r.key, r.value, dict(r.headers), r.timestamp)
                        for r in records
                    )
        finally:
            await consumer.stop()
        found.sort(key=lambda record: (record.partition, record.offset))
        return found

    async def first_outputs(self) -> dict[bytes | None, list[tuple[UUID, bytes | None]]]:
        """By key, the events of the output topic in the order of their first occurrence: id and value."""
        found: dict[bytes | None, dict[UUID, bytes | None]] = {}
        for record in await self.kept(self.service.output):
            event_id = UUID((record.headers["ce_id"] or b"").decode())
            assert found.setdefault(record.key, {}).setdefault(event_id, record.value) == record.value
        return {key: list(events.items()) for key, events in found.items()}

    async def dead_letters(self) -> list[Kept]:
        """Each dead letter once: sent again after a kill, it names the same place that it came from."""
        place = ("x-original-topic", "x-original-partition", "x-original-offset")
        found = {
            tuple(letter.headers[name] for name in place): letter
            for letter in await self.kept(self.service.dead_letters)
        }
        return list(found.values())

    async def repeated_outputs(self) -> int:
        """How many events the output topic holds more than once."""
        records = await self.kept(self.service.output)
        return len(records) - len({record.headers["ce_id"] for record in records})

    async def journal(self) -> list[tuple[Subject, int, bytes]]:
        """Every decision, in the order in which it was taken."""
        rows = await self.fetch("SELECT kind, key, seq, hash FROM journal ORDER BY position")
        return [(Subject(row["kind"], row["key"]), row["seq"], row["hash"]) for row in rows]

    async def states(self) -> dict[Subject, Any]:
        """Every aggregate that has been decided."""
        rows = await self.fetch("SELECT kind, key, state FROM aggregate WHERE state IS NOT NULL")
        return {
            Subject(row["kind"], row["key"]): unpack_state(row["state"], self.service.kinds[row["kind"]])
            for row in rows
        }

    def model(self, history: Iterable[HistoryRecord], until: datetime) -> Simulated:
        """What the model decides."""
        return simulate(history, [(self.service, policy_of(self.service, ""))], until)[self.service.name]

    async def expect_the_models(self, history: Sequence[HistoryRecord], until: datetime) -> Simulated:
        """Journal in order, states, outputs by key, dead letters: all as the model's."""
        model = self.model(history, until)
        assert await self.journal() == [(line.subject, line.seq, line.hash) for line in model.journal]
        assert await self.states() == model.states
        outputs: dict[bytes | None, list[tuple[UUID, bytes | None]]] = {}
        for event in model.outputs:
            outputs.setdefault(event.key.encode(), []).append((event.event_id, event.value))
        assert await self.first_outputs() == outputs
        letters = await self.dead_letters()
        expected = Counter((letter.record.value, letter.reason_code.encode()) for letter in model.dead_letters)
        assert Counter((letter.value, letter.headers["x-reason-code"]) for letter in letters) == expected
        return model


@asynccontextmanager
async def rig(
    database: Database,
    kafka: Broker,
    folder: Path,
    time: TimeMode = "replay",
    service: Service = COUNTER,
    partitions: int = 4,
    **settings: str,
) -> AsyncIterator[Rig]:
    """A service with its tables and empty topics; whatever runs is killed at the end."""
    await migrate_all(database.owner_dsn, (service.name,))
    await kafka.fresh_topics(time, partitions)
    made = Rig(database, kafka.bootstrap, folder, service, time, partitions, settings)
    try:
        yield made
    finally:
        await made.end()


LIVE = {"THROUGHCARE_CLOCK_ALLOWANCE_MS": "300", "THROUGHCARE_RUN_LIMIT": "100"}
"""One broker with one clock: hardly any allowance is needed, and deadlines need not wait for it."""


@asynccontextmanager
async def live_rig(database: Database, kafka: Broker, folder: Path) -> AsyncIterator[Rig]:
    """As `rig`, in the broker's time."""
    async with rig(database, kafka, folder, "live") as made:
        made.settings = LIVE
        yield made


def instants(start: datetime, step: timedelta) -> Iterator[datetime]:
    """One instant after another, `step` apart."""
    while True:
        yield start
        start += step


LONG_AGO = datetime(2016, 1, 4, 9, tzinfo=UTC)
"""When the histories of the tests begin."""
