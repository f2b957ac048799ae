"""Parked aggregates: a bug on one of them queues its facts in order, and everything else goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from shared.contracts.envelope import from_canonical
from shared.domain.fact import DUE, Fact, Passed, Subject, deadline_fact, event_fact
from shared.domain.fact import instant as parse_instant
from shared.domain.service import LOCK_ORDER
from shared.kernel.clock import from_ms, to_ms
from shared.kernel.database import Connection, plain_uuid


@dataclass(frozen=True, slots=True)
class ParkedFact:
    """A fact in the queue of a parked aggregate."""

    position: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class Request:
    """What an operator asked: to try a parked aggregate again."""

    id: UUID
    subject: Subject


async def queue(conn: Connection, facts: Sequence[tuple[Subject, Fact]]) -> None:
    """Append facts to the queues of their parked aggregates, in order."""
    await conn.copy_records_to_table(
        "parked_fact",
        records=[
            (s.kind, s.key, fact.id, fact.topic, fact.key, to_ms(fact.recorded), fact.content.decode())
            for s, fact in facts
        ],
        columns=["kind", "key", "fact_id", "topic", "fact_key", "recorded", "content"],
    )


async def together(conn: Connection, subject: Subject) -> list[Subject]:
    """An aggregate and those that the same fact parked with it (a prisoner's case), in lock order."""
    rows = await conn.fetch(
        """
        SELECT kind, key FROM aggregate
        WHERE parked_since IS NOT NULL
          AND parked_by = (SELECT parked_by FROM aggregate WHERE kind = $1 AND key = $2)
        """,
        subject.kind,
        subject.key,
    )
    found = {subject, *(Subject(row["kind"], row["key"]) for row in rows)}
    return sorted(found, key=lambda one: (LOCK_ORDER.index(one.kind), one.key))


async def first(conn: Connection, subjects: Sequence[Subject], at: int) -> ParkedFact | None:
    """The first fact in the queues of aggregates, recorded at `at` (ms), the log time of the retry."""
    row = await conn.fetchrow(
        """
        SELECT position, fact_id, topic, fact_key, content
        FROM parked_fact
        JOIN unnest($1::text[], $2::text[]) AS given (kind, key) USING (kind, key)
        ORDER BY position LIMIT 1
        """,
        [subject.kind for subject in subjects],
        [subject.key for subject in subjects],
    )
    if row is None:
        return None
    content = row["content"].encode()
    if row["topic"] == DUE:
        fact = deadline_fact(plain_uuid(row["fact_id"]), passed_from(content), from_ms(at))
    else:
        fact = event_fact(from_canonical(content), row["topic"], row["fact_key"], from_ms(at), content)
    return ParkedFact(row["position"], fact)


def passed_from(content: bytes) -> Passed:
    """The deadline that a journaled or queued fact's content tells of."""
    told = orjson.loads(content)
    return Passed(Subject(told["kind"], told["key"]), told["deadline"], told["ref"], parse_instant(told["due"]))


async def done(conn: Connection, position: int) -> None:
    """Take a decided fact out of its queue."""
    await conn.execute("DELETE FROM parked_fact WHERE position = $1", position)


async def requests(conn: Connection) -> list[Request]:
    """What operators ask, oldest first."""
    rows = await conn.fetch("SELECT id, kind, key FROM operator_request ORDER BY asked, id LIMIT 100")
    return [Request(row["id"], Subject(row["kind"], row["key"])) for row in rows]


async def answered(conn: Connection, request_id: UUID) -> None:
    """The request has been carried out."""
    await conn.execute("DELETE FROM operator_request WHERE id = $1", request_id)
