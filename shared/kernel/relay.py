"""The relay: publishes what was decided, in order, and then tells through which instant everything has been told.

One relay of a service is active, by an advisory lock on a connection of its own. In one snapshot it reads the outbox
and the instant that is reached; it publishes every row and awaits every acknowledgement before the time record goes
out. After any failure the producer is thrown away: an idempotent producer that lost one batch refuses the next.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import asyncpg
import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.domain.fact import iso
from shared.domain.service import Service
from shared.kernel import outbox, progress
from shared.kernel.clock import from_ms
from shared.kernel.database import TRANSIENT, Connection, close, connect
from shared.kernel.log_order import TopicPartition
from shared.kernel.settings import Settings
from shared.kernel.telemetry import Telemetry

log = logging.getLogger(__name__)

TIME_RECORD = "throughcare.time"
LEADER_LOCK = 7_401_912
"""The advisory lock of the active relay; its other half is the schema's oid, unsigned, moved into a signed number."""
LEADER_IDLE_SECONDS = 10
"""The server ends the session, and so the lock, of a leader that was silent for so long (a stopped process)."""
ALIVE_SECONDS = 2.0
ROWS = 20_000
SEND_SECONDS = 30.0
LOOK_SECONDS = 0.1
"""What another replica decided is looked for so often."""
EVERY_SECONDS = 1.0
SOONEST_SECONDS = 0.25
"""Time is told at least and at most so often. Each time is a record in every partition, which each service downstream
reads, and only deadlines wait for."""
BATCH_BYTES = 512 * 1024
LARGEST_REQUEST = 8 * 1024 * 1024

Failures = (*TRANSIENT, KafkaError)


class Relay:
    """Publishes a service's outbox while it holds the leader's lock."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        partitions: int,
        telemetry: Telemetry,
        committed: asyncio.Event,
    ) -> None:
        self.service = service
        self.settings = settings
        self.partitions = partitions
        self.telemetry = telemetry
        self.committed = committed
        self.stopping = False
        self.leader = False
        self.failing_since: float | None = None
        self.sending_since: float | None = None
        """Since when acknowledgements are waited for; Kafka is away where that is long."""
        self.on_broker_time: Callable[[int], None] = lambda _ms: None
        self._told: int | None = None
        self._told_at = 0.0
        self._untold = False
        self._emptied_at = time.monotonic()

    async def run(self) -> None:
        """Publish until `stopping`, whenever this replica is the leader."""
        delay = 0.0
        while not self.stopping:
            conn: Connection | None = None
            producer: AIOKafkaProducer | None = None
            try:
                conn = await connect(
                    self.settings.dsn, self.service.name, f"{self.service.name}-relay", LEADER_IDLE_SECONDS
                )
                if not await self._lead(conn):
                    await asyncio.sleep(0.2)
                    continue
                producer = self._producer()
                await self._leading(conn, asyncio.wait_for(producer.start(), SEND_SECONDS))
                self._set_leader(leader=True)
                while not self.stopping:
                    await self.turn(conn, producer)
                    self.failing_since, delay = None, 0.0
                    await self._wait()
            except Failures as failure:
                self.failing_since = self.failing_since or time.monotonic()
                delay = min(max(0.1, delay * 2), 5.0)
                log.warning("cannot publish (%s): trying again in %.1f s", type(failure).__name__, delay)
                await asyncio.sleep(delay)
            finally:
                self._set_leader(leader=False)
                await _discard(producer)
                await close(conn)

    async def turn(self, conn: Connection, producer: AIOKafkaProducer) -> int:
        """Publish what stands in the outbox, then time. Returns how many records were published."""
        decided = self.committed.is_set()
        self.committed.clear()
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            reached = await progress.reached(conn)
            rows = await outbox.oldest(conn, ROWS)
        if rows:
            began = time.perf_counter()
            try:
                await self._publish(conn, producer, rows)
            finally:
                self.telemetry.publish_seconds.observe(time.perf_counter() - began)
        self.telemetry.outbox_depth.set(len(rows))
        if len(rows) == ROWS:  # more may stand behind: no more is told yet than before, but told it is
            await self._tell_time(conn, producer, self._told, decided=False)
            return len(rows)
        self._emptied_at = time.monotonic()
        await self._tell_time(conn, producer, reached, decided or bool(rows))
        return len(rows)

    async def _leading(self, conn: Connection, work: Awaitable[Any]) -> Any:
        """Wait for Kafka, and show the server meanwhile that the leader lives. Raises when the lock is lost."""
        task = asyncio.ensure_future(work)
        self.sending_since = time.monotonic()
        try:
            while not (await asyncio.wait([task], timeout=ALIVE_SECONDS))[0]:
                await conn.execute("SELECT 1")
            return task.result()
        finally:
            self.sending_since = None
            task.cancel()
            await asyncio.wait([task])

    async def _lead(self, conn: Connection) -> bool:
        return bool(
            await conn.fetchval(
                """
                SELECT pg_try_advisory_lock($1, (oid::bigint - 2147483648)::integer)
                FROM pg_namespace WHERE nspname = current_schema()
                """,
                LEADER_LOCK,
            )
        )

    def _set_leader(self, *, leader: bool) -> None:
        self.leader = leader
        self.telemetry.relay_leader.set(leader)

    def _producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self.settings.kafka,
            client_id=f"throughcare-{self.service.name}-relay",
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=BATCH_BYTES,
            max_request_size=LARGEST_REQUEST,
            request_timeout_ms=20_000,
            metadata_max_age_ms=30_000,
        )

    async def _publish(self, conn: Connection, producer: AIOKafkaProducer, rows: list[asyncpg.Record]) -> None:
        by_partition: dict[tuple[str, int], list[asyncpg.Record]] = defaultdict(list)
        for row in rows:
            by_partition[row["topic"], row["partition"]].append(row)
        acknowledged: list[int] = []
        sending = (self._send(producer, TopicPartition(*at), queue, acknowledged) for at, queue in by_partition.items())
        sent = await self._leading(conn, asyncio.gather(*sending, return_exceptions=True))
        if acknowledged:
            await outbox.delete(conn, sorted(acknowledged))
        for (topic, _), result in zip(by_partition, sent, strict=True):
            if isinstance(result, BaseException):
                raise result
            self.telemetry.published.labels(topic).inc(result)

    async def _send(
        self,
        producer: AIOKafkaProducer,
        at: TopicPartition,
        queue: list[asyncpg.Record],
        acknowledged: list[int],
    ) -> int:
        """Send one partition's rows batch after batch; each is acknowledged before the next is sent."""
        n = 0
        while n < len(queue):
            batch = producer.create_batch()
            ids: list[int] = []
            while n < len(queue):
                row = queue[n]
                appended = batch.append(
                    key=row["key"],
                    value=row["value"],
                    timestamp=row["logtime"],
                    headers=outbox.unpack(row["headers"]),
                )
                if appended is None:
                    break
                ids.append(row["id"])
                n += 1
            if not ids:
                await self._send_alone(producer, at, queue[n])
                ids.append(queue[n]["id"])
                n += 1
            else:
                batch.close()
                future = await asyncio.wait_for(
                    producer.send_batch(batch, at.topic, partition=at.partition), SEND_SECONDS
                )
                await asyncio.wait_for(future, SEND_SECONDS)
            acknowledged.extend(ids)
        return n

    @staticmethod
    async def _send_alone(producer: AIOKafkaProducer, at: TopicPartition, row: asyncpg.Record) -> None:
        """A record that is larger than a batch goes by itself."""
        future = await producer.send(
            at.topic,
            row["value"],
            key=row["key"],
            partition=at.partition,
            timestamp_ms=row["logtime"],
            headers=outbox.unpack(row["headers"]),
        )
        await asyncio.wait_for(future, SEND_SECONDS)

    async def _tell_time(
        self, conn: Connection, producer: AIOKafkaProducer, reached: int | None, decided: bool
    ) -> None:
        live = self.settings.time == "live"
        since = time.monotonic() - self._told_at
        # Live, time moves by being told: that alone is no news, else it would be told over and over for ever.
        self._untold = self._untold or decided
        news = self._untold or (reached != self._told and not live)
        if since < (SOONEST_SECONDS if news else EVERY_SECONDS):
            return
        if reached is None and not live:
            return
        body = orjson.dumps({"through": None if reached is None else iso(from_ms(reached))})
        futures = []
        for partition in range(self.partitions):
            batch = producer.create_batch()
            batch.append(key=None, value=body, timestamp=reached or 0, headers=[("ce_type", TIME_RECORD.encode())])
            batch.close()
            futures.append(await producer.send_batch(batch, self.service.output, partition=partition))
        acknowledged = asyncio.wait_for(asyncio.gather(*futures), SEND_SECONDS)
        acknowledgements = await self._leading(conn, acknowledged)
        self._told, self._told_at, self._untold = reached, time.monotonic(), False
        if live:
            broker_time = min(told.timestamp for told in acknowledgements)
            await conn.execute(
                """
                INSERT INTO relay_clock (broker_time) VALUES ($1)
                ON CONFLICT (singleton) DO UPDATE SET broker_time = excluded.broker_time
                """,
                broker_time,
            )
            self.on_broker_time(broker_time)

    async def _wait(self) -> None:
        self.telemetry.outbox_age.set(time.monotonic() - self._emptied_at)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.committed.wait(), LOOK_SECONDS)


async def _discard(producer: AIOKafkaProducer | None) -> None:
    """Stop a producer that may hang while the broker is away."""
    if producer is not None:
        with suppress(TimeoutError, KafkaError, OSError):
            await asyncio.wait_for(producer.stop(), 2.0)
