"""How far each partition has been decided, and the fence: commits compare and raise `step`; a zombie writes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import asyncpg

from shared.kernel.database import Connection
from shared.kernel.log_order import PartitionState, TopicPartition


class Fenced(Exception):
    """Another consumer has committed to a partition that this one held for its own; nothing of the run was written."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The stored progress of one partition."""

    next_offset: int
    ahead: tuple[int, ...]
    clock: int | None
    through: int | None
    step: int

    def starting_at(self, first: int) -> "Progress":
        """The progress of a partition that was never read, from the first record that the topic holds."""
        return replace(self, next_offset=first)


async def ensure(conn: Connection, partitions: Iterable[TopicPartition]) -> None:
    """A progress row for every input partition, before the first run: an unknown one counts as minus infinity."""
    rows = sorted(partitions)
    await conn.execute(
        """
        INSERT INTO progress (topic, partition, next_offset)
        SELECT topic, partition, 0
        FROM unnest($1::text[], $2::integer[]) AS given (topic, partition)
        ON CONFLICT (topic, partition) DO NOTHING
        """,
        [row.topic for row in rows],
        [row.partition for row in rows],
    )


async def load(conn: Connection, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Progress]:
    """The stored progress of some partitions."""
    rows = sorted(partitions)
    found = await conn.fetch(
        """
        SELECT p.topic, p.partition, p.next_offset, p.ahead, p.clock, p.through, p.step
        FROM progress p
        JOIN unnest($1::text[], $2::integer[]) AS given (topic, partition) USING (topic, partition)
        """,
        [row.topic for row in rows],
        [row.partition for row in rows],
    )
    return {
        TopicPartition(r["topic"], r["partition"]): Progress(
            r["next_offset"], tuple(r["ahead"]), r["clock"], r["through"], r["step"]
        )
        for r in found
    }


async def fence(conn: Connection, steps: Mapping[TopicPartition, int]) -> None:
    """Lock the progress rows of this replica's partitions and compare their steps. Raises `Fenced`."""
    rows = sorted(steps)
    found = await conn.fetch(
        """
        SELECT p.topic, p.partition, p.step
        FROM progress p
        JOIN unnest($1::text[], $2::integer[]) AS given (topic, partition) USING (topic, partition)
        ORDER BY p.topic, p.partition
        FOR UPDATE OF p
        """,
        [row.topic for row in rows],
        [row.partition for row in rows],
    )
    stored = {TopicPartition(r["topic"], r["partition"]): r["step"] for r in found}
    if stored != dict(steps):
        raise Fenced("another consumer owns a partition of this run")


async def hold_all(conn: Connection) -> None:
    """Lock the progress of every partition, other replicas' too: until the commit, nobody moves time."""
    await conn.execute("SELECT FROM progress ORDER BY topic, partition FOR UPDATE")


async def save(
    conn: Connection,
    states: Sequence[tuple[TopicPartition, PartitionState]],
    steps: Mapping[TopicPartition, int],
) -> None:
    """Write the progress of the fenced partitions and raise their steps."""
    rows = sorted(states, key=lambda row: row[0])
    await conn.execute(
        """
        UPDATE progress p
        SET next_offset = given.next_offset,
            ahead = coalesce(string_to_array(nullif(given.ahead, ''), ',')::bigint[], '{}'),
            clock = given.clock,
            through = given.through,
            step = given.step + 1
        FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
            AS given (topic, partition, next_offset, ahead, clock, through, step)
        WHERE p.topic = given.topic AND p.partition = given.partition
        """,
        [at.topic for at, _ in rows],
        [at.partition for at, _ in rows],
        [state.next_offset for _, state in rows],
        [",".join(map(str, sorted(state.ahead))) for _, state in rows],
        [state.committed_clock() for _, state in rows],
        [state.committed_through() for _, state in rows],
        [steps[at] for at, _ in rows],
    )


async def reached(conn: asyncpg.Connection) -> int | None:
    """The instant through which every input partition has been decided, by any replica; None while one is unknown.

    Below the next deadline that has neither fired nor is held. Leans on `due_next`.
    """
    row = await conn.fetchrow(
        """
        SELECT (SELECT CASE WHEN bool_and(through IS NOT NULL) THEN min(through) END FROM progress) AS through,
               (SELECT fires_at FROM due WHERE NOT held ORDER BY fires_at LIMIT 1) AS next_deadline
        """
    )
    if row is None or row["through"] is None:
        return None
    through: int = row["through"]
    return through if row["next_deadline"] is None else min(through, row["next_deadline"] - 1)
