"""The outbox: what a run publishes, written with what it decided, in order. Also the tallies."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import asyncpg
import msgspec

from shared.domain.fact import Subject
from shared.kernel.database import Connection

Headers = list[tuple[str, bytes | None]]


class Message(NamedTuple):
    """One record to publish; `logtime` in milliseconds."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: bytes
    logtime: int


def pack(headers: Headers) -> bytes:
    """Headers as the outbox stores them."""
    return _HEADERS_OUT.encode(headers)


def unpack(data: bytes) -> Headers:
    """Headers as Kafka takes them."""
    return _HEADERS_IN.decode(data)


_HEADERS_OUT = msgspec.msgpack.Encoder()
_HEADERS_IN = msgspec.msgpack.Decoder(Headers)


async def append(conn: Connection, messages: Sequence[Message]) -> None:
    """Append records in their order; called when all locks are held, so identities follow the order of a key."""
    await conn.copy_records_to_table(
        "outbox", records=messages, columns=["topic", "partition", "key", "value", "headers", "logtime"]
    )


async def oldest(conn: Connection, limit: int) -> list[asyncpg.Record]:
    """The first records to publish, by identity: `id`, and what a `Message` has."""
    return await conn.fetch(
        "SELECT id, topic, partition, key, value, headers, logtime FROM outbox ORDER BY id LIMIT $1", limit
    )


async def delete(conn: Connection, ids: Sequence[int]) -> None:
    """Delete records by their listed ids, never by "up to": an identity may commit out of order."""
    await conn.execute("DELETE FROM outbox WHERE id = ANY($1::bigint[])", ids)


SUMS_LOCK = 7_401_913
"""The advisory lock of a schema's sums; its other half is the schema's oid, unsigned, moved into a signed number."""


async def settle_sums(conn: Connection, *, reads: bool) -> None:
    """Take the lock of the sums until the commit: whoever reads them waits for those who add, and they for it.

    So a decision that rests on sums stands in the journal after all that it counted and before all that it did not.
    Aggregates are locked before, other rows after.
    """
    how = "pg_advisory_xact_lock" if reads else "pg_advisory_xact_lock_shared"
    await conn.execute(
        f"""
        SELECT {how}($1, (oid::bigint - 2147483648)::integer)
        FROM pg_namespace WHERE nspname = current_schema()
        """,  # noqa: S608  # one of two names of our own
        SUMS_LOCK,
    )


async def add_tallies(conn: Connection, sums: Mapping[tuple[Subject, str, str, int], int]) -> None:
    """Add to sums; each feeder's partition has its own row, so that replicas do not wait for each other."""
    rows = sorted((key, n) for key, n in sums.items() if n)
    await conn.execute(
        """
        INSERT INTO tally AS t (subject_kind, key, name, period, partition, n)
        SELECT subject_kind, key, name, period, partition, n
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::bigint[]) WITH ORDINALITY
            AS given (subject_kind, key, name, period, partition, n, place)
        ORDER BY place
        ON CONFLICT (subject_kind, key, name, period, partition) DO UPDATE SET n = t.n + excluded.n
        """,
        [key[0].kind for key, _ in rows],
        [key[0].key for key, _ in rows],
        [key[1] for key, _ in rows],
        [key[2] for key, _ in rows],
        [key[3] for key, _ in rows],
        [n for _, n in rows],
    )


async def sums_of(conn: Connection, subjects: Iterable[Subject]) -> dict[Subject, dict[tuple[str, str], int]]:
    """The sums of some subjects over all partitions; those that came back to nothing are left out."""
    wanted = sorted(set(subjects))
    rows = await conn.fetch(
        """
        SELECT t.subject_kind, t.key, t.name, t.period, sum(t.n)::bigint AS n
        FROM tally t
        JOIN unnest($1::text[], $2::text[]) AS given (subject_kind, key) USING (subject_kind, key)
        GROUP BY t.subject_kind, t.key, t.name, t.period
        HAVING sum(t.n) <> 0
        """,
        [subject.kind for subject in wanted],
        [subject.key for subject in wanted],
    )
    found: dict[Subject, dict[tuple[str, str], int]] = {subject: {} for subject in wanted}
    for row in rows:
        found[Subject(row["subject_kind"], row["key"])][row["name"], row["period"]] = row["n"]
    return found
