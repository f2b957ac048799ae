"""Parked cases: which, since when, how long their queues are; and the operator's word to try one again."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import asyncpg

from shared.domain.fact import iso
from shared.kernel.clock import from_ms


@dataclass(frozen=True, slots=True)
class ParkedAggregate:
    """An aggregate that a bug met."""

    service: str
    kind: str
    key: str
    since: str
    cause_event_id: str
    queued: int

    def as_json(self) -> dict[str, Any]:
        """For a script."""
        return asdict(self)


async def parked(dsn: str, services: Iterable[str]) -> list[ParkedAggregate]:
    """What is parked, oldest first."""
    conn = await asyncpg.connect(dsn)
    try:
        found = []
        for service in services:
            rows = await conn.fetch(
                f"""
                SELECT a.kind, a.key, a.parked_since, a.parked_by, count(f.position) AS queued
                FROM "{service}".aggregate a
                LEFT JOIN "{service}".parked_fact f ON f.kind = a.kind AND f.key = a.key
                WHERE a.parked_since IS NOT NULL
                GROUP BY a.kind, a.key, a.parked_since, a.parked_by
                ORDER BY a.parked_since, a.kind, a.key
                """
            )
            found += [
                ParkedAggregate(
                    service, r["kind"], r["key"], iso(from_ms(r["parked_since"])), str(r["parked_by"]), r["queued"]
                )
                for r in rows
            ]
        return found
    finally:
        await conn.close()


async def retry(owner_dsn: str, service: str, kind: str, key: str) -> bool:
    """Ask the service to decide a parked aggregate's queue. False if nothing of that name is parked."""
    conn = await asyncpg.connect(owner_dsn)
    try:
        row = await conn.fetchval(
            f"""
            INSERT INTO "{service}".operator_request (kind, key)
            SELECT kind, key FROM "{service}".aggregate
            WHERE kind = $1 AND key = $2 AND parked_since IS NOT NULL
            RETURNING id
            """,
            kind,
            key,
        )
        return row is not None
    finally:
        await conn.close()
