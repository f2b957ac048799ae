"""The inbox: an event is taken once. The same id with the same content is a duplicate; with another content, poison."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from shared.kernel.database import Connection

WINDOW_MS = 90 * 24 * 3600 * 1000
"""Duplicates are known for 90 days of log time, in milliseconds; part of the rules of the log."""


class Taken(NamedTuple):
    """A known event: the digest of its content and the log time (ms) at which it was taken."""

    digest: bytes
    recorded: int


async def claim(conn: Connection, given: Mapping[UUID, Taken]) -> dict[UUID, Taken]:
    """Insert event ids, sorted, and return what was known of those that stood there before.

    An id that two replicas insert at once waits here for the other's commit.
    """
    order = sorted(given.items(), key=_by_id)
    rows = await conn.fetch(
        """
        INSERT INTO inbox (event_id, digest, recorded)
        SELECT event_id, digest, recorded
        FROM unnest($1::uuid[], $2::bytea[], $3::bigint[]) WITH ORDINALITY AS given (event_id, digest, recorded, n)
        ORDER BY n
        ON CONFLICT (event_id) DO NOTHING
        RETURNING event_id
        """,
        [event_id for event_id, _ in order],
        [taken.digest for _, taken in order],
        [taken.recorded for _, taken in order],
    )
    if len(rows) == len(order):
        return {}
    fresh = {row["event_id"] for row in rows}
    known = await conn.fetch(
        "SELECT event_id, digest, recorded FROM inbox WHERE event_id = ANY($1::uuid[])",
        [event_id for event_id, _ in order if event_id not in fresh],
    )
    return {row["event_id"]: Taken(bytes(row["digest"]), row["recorded"]) for row in known}


def _by_id(row: tuple[UUID, Taken]) -> int:
    """The database's order of ids; their own comparison is Python code that a run would call ten thousand times."""
    return row[0].int


async def give_back(conn: Connection, ids: Iterable[UUID]) -> None:
    """Take out ids that this run claimed and did not come to."""
    await conn.execute("DELETE FROM inbox WHERE event_id = ANY($1::uuid[])", sorted(ids))


async def renew(conn: Connection, ids: Sequence[UUID], digests: Sequence[bytes], recorded: Sequence[int]) -> None:
    """Ids that came again after the window count as new: from now on under this content and time."""
    await conn.execute(
        """
        UPDATE inbox SET digest = given.digest, recorded = given.recorded
        FROM unnest($1::uuid[], $2::bytea[], $3::bigint[]) AS given (event_id, digest, recorded)
        WHERE inbox.event_id = given.event_id
        """,
        ids,
        digests,
        recorded,
    )


async def forget(conn: Connection) -> None:
    """Drop ids whose window has passed for the partition that is furthest behind: a repeat may still come there.

    Leans on the block ranges of `inbox_recorded`.
    """
    await conn.execute(
        """
        DELETE FROM inbox
        WHERE recorded < (SELECT CASE WHEN bool_and(through IS NOT NULL) THEN min(through) END FROM progress) - $1
        """,
        WINDOW_MS,
    )
