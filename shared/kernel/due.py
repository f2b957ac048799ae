"""The due table: deadlines as one more input of the log's order, in the same transaction as what set them."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from shared.domain.fact import Subject
from shared.kernel.database import Connection, plain_uuid
from shared.kernel.log_order import DeadlinePlace

Identity = tuple[Subject, str, str]
"""Aggregate, kind and ref of a deadline: what a later change of it replaces."""


class Due(msgspec.Struct, frozen=True):
    """A deadline that stands: `due` as the rule says, `fires_at` no earlier than the step that set it (ms)."""

    subject: Subject
    kind: str
    ref: str
    deadline_id: UUID
    due: int
    fires_at: int
    partition: int
    held: bool | None = False
    """None: the aggregate was not loaded; the insert asks whether it is parked or held."""

    @property
    def place(self) -> DeadlinePlace:
        """Where it stands among deadlines."""
        return DeadlinePlace(self.fires_at, self.kind, self.subject.kind, self.subject.key, self.ref)

    @property
    def identity(self) -> Identity:
        """What a later change of the same deadline replaces."""
        return (self.subject, self.kind, self.ref)


async def passed(conn: Connection, partitions: Sequence[int] | None, safe: int, limit: int) -> list[Due]:
    """Deadlines that safe time has passed, in order. Leans on `due_next`; `partitions` None means all."""
    rows = await conn.fetch(
        """
        SELECT subject_kind, key, kind, ref, deadline_id, due, fires_at, partition
        FROM due
        WHERE NOT held AND fires_at <= $1 AND ($2::integer[] IS NULL OR partition = ANY($2::integer[]))
        ORDER BY fires_at, kind COLLATE "C", subject_kind COLLATE "C", key COLLATE "C", ref COLLATE "C"
        LIMIT $3
        """,
        safe,
        partitions,
        limit,
    )
    return [
        Due(
            Subject(r["subject_kind"], r["key"]),
            r["kind"],
            r["ref"],
            plain_uuid(r["deadline_id"]),
            r["due"],
            r["fires_at"],
            r["partition"],
        )
        for r in rows
    ]


async def take_back(conn: Connection, identities: Iterable[Identity]) -> None:
    """Delete deadlines that fired or were taken back."""
    rows = sorted(identities)
    await conn.execute(
        """
        DELETE FROM due
        USING unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS given (subject_kind, key, kind, ref)
        WHERE due.subject_kind = given.subject_kind AND due.key = given.key
          AND due.kind = given.kind AND due.ref = given.ref
        """,
        [subject.kind for subject, _, _ in rows],
        [subject.key for subject, _, _ in rows],
        [kind for _, kind, _ in rows],
        [ref for _, _, ref in rows],
    )


async def put(conn: Connection, deadlines: Mapping[Identity, Due]) -> None:
    """Set deadlines, each in the place of the one that its aggregate, kind and ref had."""
    rows = [deadlines[identity] for identity in sorted(deadlines)]
    await conn.execute(
        """
        INSERT INTO due (subject_kind, key, kind, ref, deadline_id, due, fires_at, partition, held)
        SELECT subject_kind, key, kind, ref, deadline_id, due, fires_at, partition,
               coalesce(held, EXISTS (SELECT FROM aggregate a
                                      WHERE a.kind = given.subject_kind AND a.key = given.key
                                        AND (a.parked_since IS NOT NULL OR a.held_by <> '{}')))
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::bigint[], $7::bigint[],
                    $8::integer[], $9::boolean[]) WITH ORDINALITY
            AS given (subject_kind, key, kind, ref, deadline_id, due, fires_at, partition, held, n)
        ORDER BY n
        ON CONFLICT (subject_kind, key, kind, ref) DO UPDATE
        SET deadline_id = excluded.deadline_id, due = excluded.due, fires_at = excluded.fires_at,
            partition = excluded.partition, held = excluded.held
        """,
        [row.subject.kind for row in rows],
        [row.subject.key for row in rows],
        [row.kind for row in rows],
        [row.ref for row in rows],
        [row.deadline_id for row in rows],
        [row.due for row in rows],
        [row.fires_at for row in rows],
        [row.partition for row in rows],
        [row.held for row in rows],
    )


async def hold(conn: Connection, subjects: Iterable[Subject]) -> None:
    """Keep the deadlines of parked or held aggregates from firing."""
    rows = sorted(subjects)
    await conn.execute(
        """
        UPDATE due SET held = true
        FROM unnest($1::text[], $2::text[]) AS given (subject_kind, key)
        WHERE due.subject_kind = given.subject_kind AND due.key = given.key AND NOT due.held
        """,
        [row.kind for row in rows],
        [row.key for row in rows],
    )


async def release(conn: Connection, released: Iterable[tuple[Subject, int]]) -> None:
    """Let the deadlines of resumed aggregates fire again, no earlier than the log time of their release."""
    rows = sorted(released)
    await conn.execute(
        """
        UPDATE due SET held = false, fires_at = greatest(due.fires_at, given.at)
        FROM unnest($1::text[], $2::text[], $3::bigint[]) AS given (subject_kind, key, at)
        WHERE due.subject_kind = given.subject_kind AND due.key = given.key AND due.held
        """,
        [subject.kind for subject, _ in rows],
        [subject.key for subject, _ in rows],
        [at for _, at in rows],
    )
