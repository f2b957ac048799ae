"""The raw limit: fetch, parse, one bulk transaction of the rows that the service would write, produce; no domain.

Three stages work at once: the next records are fetched and parsed, and the last run's records produced, while
PostgreSQL writes. The rows were worked out beforehand; nothing is ordered, deduplicated, loaded, decided or hashed.
"""

import asyncio
import signal
from collections.abc import Container, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.contracts.decoding import TimeRecord, decode
from shared.kernel.database import Connection, connect
from tests.benchmarks import peer, run_rows
from tests.benchmarks.run_rows import Record, Row, RunRows
from tests.benchmarks.workload import service_of

log = peer.log_as_services_do("raw-limit")

Runs = asyncio.Queue[RunRows | None]


async def main() -> None:
    """Work the runs off, say so, and wait to be stopped."""
    given = peer.settings()
    service = service_of(given.service)
    runs = run_rows.read(given.rows)
    partitions = [TopicPartition(topic, n) for topic in service.inputs for n in range(given.partitions)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=given.kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
        fetch_max_bytes=32 * 1024 * 1024,
        max_partition_fetch_bytes=8 * 1024 * 1024,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=given.kafka,
        acks="all",
        enable_idempotence=True,
        max_batch_size=512 * 1024,
        max_request_size=8 * 1024 * 1024,
    )
    conn = await connect(given.dsn, service.name, "raw-limit")
    peer.build_validators()
    consumer.assign(partitions)
    await consumer.start()
    await producer.start()
    log.info("%s%d partitions", peer.BEGAN, len(partitions))
    read: Runs = asyncio.Queue(2)
    written: Runs = asyncio.Queue(2)
    async with asyncio.TaskGroup() as stages:
        stages.create_task(_read(consumer, service.reads, runs, read))
        stages.create_task(_write_all(conn, read, written))
        stages.create_task(_produce_all(producer, written))
    log.info(peer.FINISHED)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await consumer.stop()
    await producer.stop()
    await conn.close()


async def _read(consumer: AIOKafkaConsumer, reads: Container[str], runs: Sequence[RunRows], out: Runs) -> None:
    """Hand a run on when as many records are parsed as stand before its end in the log."""
    parsed = 0
    for run in runs:
        while parsed < run.after:
            for records in (await consumer.getmany(timeout_ms=50, max_records=1000)).values():
                for record in records:
                    found = decode(record.topic, record.key, record.value, record.headers, reads)
                    parsed += not isinstance(found, TimeRecord)
        await out.put(run)
    await out.put(None)


async def _write_all(conn: Connection, given: Runs, out: Runs) -> None:
    while run := await given.get():
        async with conn.transaction():
            await _write(conn, run)
        await out.put(run)
    await out.put(None)


async def _write(conn: Connection, run: RunRows) -> None:
    """One statement for each table."""
    await conn.execute(
        """
        INSERT INTO inbox (event_id, digest, recorded)
        SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bigint[])
        ON CONFLICT (event_id) DO NOTHING
        """,
        *_columns(run.inbox, 3),
    )
    await conn.execute(
        """
        INSERT INTO aggregate AS a (kind, key, state, seq, hash)
        SELECT kind, key, state, coalesce(seq, 0), hash
        FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::bytea[])
            AS given (kind, key, state, seq, hash)
        ON CONFLICT (kind, key) DO UPDATE
        SET state = coalesce(excluded.state, a.state),
            seq = greatest(excluded.seq, a.seq),
            hash = coalesce(excluded.hash, a.hash)
        """,
        *_columns(run.aggregate, 5),
    )
    await conn.execute(
        """
        DELETE FROM due
        USING unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS given (subject_kind, key, kind, ref)
        WHERE due.subject_kind = given.subject_kind AND due.key = given.key
          AND due.kind = given.kind AND due.ref = given.ref
        """,
        *_columns(run.due_gone, 4),
    )
    await conn.execute(
        """
        INSERT INTO due (subject_kind, key, kind, ref, deadline_id, due, fires_at, partition)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::bigint[], $7::bigint[],
                             $8::integer[])
        ON CONFLICT (subject_kind, key, kind, ref) DO UPDATE
        SET deadline_id = excluded.deadline_id, due = excluded.due, fires_at = excluded.fires_at
        """,
        *_columns(run.due, 8),
    )
    if run.tally:
        await conn.execute(
            """
            INSERT INTO tally AS t (subject_kind, key, name, period, partition, n)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::bigint[])
            ON CONFLICT (subject_kind, key, name, period, partition) DO UPDATE SET n = t.n + excluded.n
            """,
            *_columns(run.tally, 6),
        )
    await conn.copy_records_to_table(
        "journal",
        records=run.journal,
        columns=["kind", "key", "seq", "at", "fact_id", "content", "content_hash", "hash"],
    )
    await conn.copy_records_to_table(
        "outbox", records=run.outbox, columns=["topic", "partition", "key", "value", "headers", "logtime"]
    )


def _columns(rows: Sequence[Row], width: int) -> list[list[object]]:
    """Rows as arrays for `unnest`."""
    return [[row[n] for row in rows] for n in range(width)]


async def _produce_all(producer: AIOKafkaProducer, given: Runs) -> None:
    while run := await given.get():
        sending = (_produce(producer, topic, n, records) for (topic, n), records in run.records.items())
        await asyncio.gather(*sending)


async def _produce(producer: AIOKafkaProducer, topic: str, partition: int, records: Sequence[Record]) -> None:
    """One partition's records in built batches, each acknowledged before the next."""
    n = 0
    while n < len(records):
        batch = producer.create_batch()
        while n < len(records):
            key, value, timestamp, headers = records[n]
            if batch.append(key=key, value=value, timestamp=timestamp, headers=headers) is None:
                break
            n += 1
        batch.close()
        await (await producer.send_batch(batch, topic, partition=partition))


if __name__ == "__main__":
    asyncio.run(main())
