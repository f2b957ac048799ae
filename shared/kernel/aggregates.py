"""Aggregates: loaded under locks, kind after kind in one fixed order, and saved in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.domain.fact import Subject
from shared.domain.publication import GENESIS
from shared.kernel.database import Connection, plain_uuid
from shared.kernel.packed import pack_state, unpack_state


@dataclass(slots=True)
class Loaded:
    """An aggregate in a run: its state, the head of its journal, and whether it may be decided."""

    state: Any
    seq: int
    hash: bytes
    parked_since: int | None = None
    parked_by: UUID | None = None
    held_by: tuple[str, ...] = ()
    dirty: bool = False

    @property
    def held(self) -> bool:
        """Whether its deadlines must not fire now."""
        return self.parked_since is not None or bool(self.held_by)


async def lock(conn: Connection, kind: str, keys: Iterable[str], state_type: type[Any]) -> dict[Subject, Loaded]:
    """Load the aggregates of one kind for update; a row that is not there is made first, for it cannot be locked."""
    ordered = sorted(keys)
    if not ordered:
        return {}
    await conn.execute(
        """
        INSERT INTO aggregate (kind, key)
        SELECT $1, key FROM unnest($2::text[]) WITH ORDINALITY AS given (key, n) ORDER BY n
        ON CONFLICT (kind, key) DO NOTHING
        """,
        kind,
        ordered,
    )
    return _loaded(kind, state_type, await conn.fetch(f"{_ROWS} FOR UPDATE", kind, ordered))


async def lock_free(conn: Connection, kind: str, keys: Iterable[str], state_type: type[Any]) -> dict[Subject, Loaded]:
    """Load those of one kind that are there and that nobody else has locked.

    It never waits, so it is bound to no order of locks.
    """
    return _loaded(kind, state_type, await conn.fetch(f"{_ROWS} FOR UPDATE SKIP LOCKED", kind, sorted(keys)))


_ROWS = """
    SELECT key, state, seq, hash, parked_since, parked_by, held_by
    FROM aggregate
    WHERE kind = $1 AND key = ANY($2::text[])
    ORDER BY key COLLATE "C"
"""


def _loaded(kind: str, state_type: type[Any], rows: Sequence[Any]) -> dict[Subject, Loaded]:
    return {
        Subject(kind, key): Loaded(
            state_type(key=key) if state is None else unpack_state(state, state_type),
            seq,
            GENESIS if hashed is None else hashed,
            parked_since,
            parked_by and plain_uuid(parked_by),
            tuple(held_by),
        )
        for key, state, seq, hashed, parked_since, parked_by, held_by in rows
    }


async def save(conn: Connection, changed: Sequence[tuple[Subject, Loaded]]) -> None:
    """Write the aggregates that the run changed; their rows are locked already."""
    rows = sorted(changed, key=lambda row: row[0])
    waiting = [getattr(loaded.state, "waiting", None) or {} for _, loaded in rows]
    await conn.execute(
        """
        UPDATE aggregate a
        SET state = given.state, seq = given.seq, hash = given.hash,
            waiting = given.waiting, waiting_since = given.waiting_since,
            parked_since = given.parked_since, parked_by = given.parked_by,
            held_by = coalesce(string_to_array(nullif(given.held_by, ''), ','), '{}')
        FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::bytea[], $6::integer[], $7::bigint[],
                    $8::bigint[], $9::uuid[], $10::text[])
            AS given (kind, key, state, seq, hash, waiting, waiting_since, parked_since, parked_by, held_by)
        WHERE a.kind = given.kind AND a.key = given.key
        """,
        [subject.kind for subject, _ in rows],
        [subject.key for subject, _ in rows],
        [pack_state(loaded.state) for _, loaded in rows],
        [loaded.seq for _, loaded in rows],
        [loaded.hash for _, loaded in rows],
        [len(kept) for kept in waiting],
        [_oldest(kept) for kept in waiting],
        [loaded.parked_since for _, loaded in rows],
        [loaded.parked_by for _, loaded in rows],
        [",".join(loaded.held_by) for _, loaded in rows],
    )


def _oldest(kept: dict[str, Any]) -> int | None:
    oldest = min((fact.recorded for fact in kept.values()), default=None)
    return None if oldest is None else int(oldest.timestamp() * 1000)
