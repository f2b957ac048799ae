"""The handler that FastStream's documentation would have one write, with the service's guarantees and its domain.

One message, one transaction: the inbox, each aggregate loaded and locked, the same `decide`, each row written by a
statement of its own; the offset committed after it. A plain relay publishes the outbox with `broker.publish`. Deadlines
fire before the first record that is later than they are, each in its own transaction. It is given its input on one
topic in the order of the log, so it is spared the ordering that the service does.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any

import asyncpg
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

from shared.contracts.decoding import TimeRecord, decode
from shared.contracts.envelope import Event, canonical_json
from shared.domain.decision import Decision, Rows, TallyAdd
from shared.domain.fact import Fact, Passed, Subject, deadline_fact, event_fact
from shared.domain.publication import GENESIS, deadline_id, journal_line, publish
from shared.kernel.clock import from_ms, to_ms
from shared.kernel.database import plain_uuid
from shared.kernel.effects import event_message, partition_of
from shared.kernel.outbox import unpack
from shared.kernel.packed import pack_state, unpack_state
from shared.kernel.process import policy_of
from tests.benchmarks import peer
from tests.benchmarks.preload import IN_ORDER, TOPIC_HEADER
from tests.benchmarks.workload import service_of

log = peer.log_as_services_do("idiomatic")

given = peer.settings()
service = service_of(given.service)
policy = policy_of(service, "")
broker = KafkaBroker(given.kafka, acks="all", enable_idempotence=True, allow_auto_create_topics=False, logger=None)

Connection = Any  # a pool lends proxies


class Database:
    """The pool, opened with the application."""

    pool: "asyncpg.Pool[asyncpg.Record]"


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """The pool, and the relay beside the subscriber."""
    peer.build_validators()
    async with asyncpg.create_pool(
        given.dsn, min_size=2, max_size=4, server_settings={"search_path": service.name, "jit": "off"}
    ) as Database.pool:
        yield
        relaying.cancel()


app = FastStream(broker, lifespan=lifespan, logger=None)


@app.after_startup
async def start_relay() -> None:
    """Publish beside the subscriber."""
    global relaying  # noqa: PLW0603  # as the documentation has it
    relaying = asyncio.create_task(relay())
    log.info("%s%s", peer.BEGAN, IN_ORDER)


relaying: asyncio.Task[None]


@broker.subscriber(IN_ORDER, group_id=given.group, auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR)
async def on_message(message: KafkaMessage) -> None:
    """One message, one transaction."""
    record: Any = message.raw_message
    topic = str(message.headers.get(TOPIC_HEADER, ""))
    event = decode(topic, record.key, record.value, record.headers, service.reads)
    if isinstance(event, TimeRecord):
        if event.through is not None:
            await fire_deadlines(to_ms(event.through) + 1)
        return
    if not isinstance(event, Event) or event.event_type not in service.reads:
        return
    recorded = record.timestamp
    await fire_deadlines(recorded)
    content = canonical_json(event)
    async with Database.pool.acquire() as conn, conn.transaction():
        fresh = await conn.fetchval(
            "INSERT INTO inbox (event_id, digest, recorded) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true",
            event.event_id, sha256(content).digest()[:16], recorded,
        )  # fmt: skip
        if fresh:
            await settle(conn, event_fact(event, topic, record.key.decode(), from_ms(recorded), content))


async def fire_deadlines(before: int) -> None:
    """Decide the deadlines that come before this instant, in order, each in its own transaction."""
    while True:
        async with Database.pool.acquire() as conn, conn.transaction():
            row = await conn.fetchrow(
                """
                SELECT subject_kind, key, kind, ref, deadline_id, due, fires_at
                FROM due
                WHERE NOT held AND fires_at < $1
                ORDER BY fires_at, kind COLLATE "C", subject_kind COLLATE "C", key COLLATE "C", ref COLLATE "C"
                LIMIT 1
                """,
                before,
            )
            if row is None:
                return
            subject = Subject(row["subject_kind"], row["key"])
            await take_back(conn, subject, row["kind"], row["ref"])
            passed = Passed(subject, row["kind"], row["ref"], from_ms(row["due"]))
            await settle(conn, deadline_fact(plain_uuid(row["deadline_id"]), passed, from_ms(row["fires_at"])))


async def settle(conn: Connection, fact: Fact) -> None:
    """Load what the fact needs, decide, and write what follows, a statement for each row."""
    rows, heads = await load_rows(conn, fact)
    decision = service.decide(rows, fact, policy)
    seq, head = heads[decision.owner]
    events = publish(service, fact, decision, seq + 1)
    line = journal_line(fact, decision, events, seq + 1, head, policy.version)
    for subject, state in decision.states.items():
        await conn.execute("UPDATE aggregate SET state = $3 WHERE kind = $1 AND key = $2", *subject, pack_state(state))
    await conn.execute(
        "UPDATE aggregate SET seq = $3, hash = $4 WHERE kind = $1 AND key = $2", *line.subject, line.seq, line.hash
    )
    await conn.execute(
        """
        INSERT INTO journal (kind, key, seq, at, fact_id, content, content_hash, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        *line.subject, line.seq, to_ms(line.at), line.fact_id, line.content.decode(), line.content_hash, line.hash,
    )  # fmt: skip
    await write_deadlines(conn, fact, decision)
    for add in decision.tallies:
        await write_tally(conn, add, partition_of(decision.owner.key, given.partitions))
    for event in events:
        await conn.execute(
            "INSERT INTO outbox (topic, partition, key, value, headers, logtime) VALUES ($1, $2, $3, $4, $5, $6)",
            *event_message(event, service.name, given.partitions),
        )


async def load_rows(conn: Connection, fact: Fact) -> tuple[Rows, dict[Subject, tuple[int, bytes]]]:
    """The aggregates that a fact needs, each locked; asked until it names no new one."""
    states: dict[Subject, Any] = {}
    heads: dict[Subject, tuple[int, bytes]] = {}
    sums = {subject: await load_sums(conn, subject) for subject in service.sums(fact)}
    rows = Rows(states, sums)
    while missing := [subject for subject in service.subjects(fact, rows) if subject not in states]:
        for subject in missing:
            kind = service.kinds[subject.kind]
            row = await conn.fetchrow(
                "SELECT state, seq, hash FROM aggregate WHERE kind = $1 AND key = $2 FOR UPDATE", *subject
            )
            if row is None:
                await conn.execute("INSERT INTO aggregate (kind, key) VALUES ($1, $2)", *subject)
            kept = row and row["state"]
            states[subject] = kind(key=subject.key) if kept is None else unpack_state(kept, kind)
            heads[subject] = (row["seq"], row["hash"] or GENESIS) if row else (0, GENESIS)
    return rows, heads


async def load_sums(conn: Connection, subject: Subject) -> dict[tuple[str, str], int]:
    """The sums of a subject over all partitions."""
    rows = await conn.fetch(
        """
        SELECT name, period, sum(n)::bigint AS n FROM tally
        WHERE subject_kind = $1 AND key = $2 GROUP BY name, period HAVING sum(n) <> 0
        """,
        *subject,
    )
    return {(row["name"], row["period"]): row["n"] for row in rows}


async def write_deadlines(conn: Connection, fact: Fact, decision: Decision) -> None:
    """Set deadlines and take them back."""
    for n, change in enumerate(decision.deadlines):
        if change.due is None:
            await take_back(conn, *change[:3])
            continue
        fires_at: datetime = max(change.due, fact.recorded)
        await conn.execute(
            """
            INSERT INTO due (subject_kind, key, kind, ref, deadline_id, due, fires_at, partition)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (subject_kind, key, kind, ref) DO UPDATE
            SET deadline_id = excluded.deadline_id, due = excluded.due, fires_at = excluded.fires_at
            """,
            *change.subject, change.kind, change.ref,
            deadline_id(fact, change.subject, change.kind, change.ref, change.due, n),
            to_ms(change.due), to_ms(fires_at), partition_of(change.subject.key, given.partitions),
        )  # fmt: skip


async def take_back(conn: Connection, subject: Subject, kind: str, ref: str) -> None:
    """Delete a deadline that fired or is no more."""
    await conn.execute(
        "DELETE FROM due WHERE subject_kind = $1 AND key = $2 AND kind = $3 AND ref = $4", *subject, kind, ref
    )


async def write_tally(conn: Connection, add: TallyAdd, partition: int) -> None:
    """Add to a sum."""
    await conn.execute(
        """
        INSERT INTO tally AS t (subject_kind, key, name, period, partition, n) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (subject_kind, key, name, period, partition) DO UPDATE SET n = t.n + excluded.n
        """,
        *add.subject, add.name, add.period, partition, add.n,
    )  # fmt: skip


async def relay() -> None:
    """Publish the outbox in its order, and look again when it is empty."""
    while True:
        async with Database.pool.acquire() as conn, conn.transaction():
            rows = await conn.fetch("SELECT * FROM outbox ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED")
            for row in rows:
                headers = {name: (value or b"").decode() for name, value in unpack(row["headers"])}
                await broker.publish(
                    row["value"], row["topic"], key=row["key"], partition=row["partition"],
                    timestamp_ms=row["logtime"], headers=headers,
                )  # fmt: skip
            await conn.execute("DELETE FROM outbox WHERE id = ANY($1::bigint[])", [row["id"] for row in rows])
        if not rows:
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(app.run())
