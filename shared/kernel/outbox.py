"""The outbox: what a run publishes, written with what it decided, in order."""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg
import msgspec

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
