"""Tables that hold many cases: what the model decided up to an instant, its cases copied under other keys; and the
stretch of the log after it, which is then decided among them."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from shared.domain.fact import Subject
from shared.domain.publication import JournalLine, deadline_id
from shared.kernel.clock import to_ms
from shared.kernel.database import Connection
from shared.kernel.effects import partition_of
from shared.kernel.packed import pack_state
from tests.benchmarks.workload import Workload

COPY_MARK = "~"
"""In every copied key, and in no other."""
FAR = timedelta(days=365 * 100)
"""Copied deadlines are moved so far ahead: they stand, and never fire."""
CASE = "case"


@dataclass(frozen=True, slots=True)
class Split:
    """A workload cut in two: what stands before the cut, and the workload after it."""

    standing: "Standing"
    stretch: Workload
    facts: int
    """Facts to be decided after the cut."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the tables hold at an instant."""

    states: dict[Subject, Any]
    last_lines: dict[Subject, JournalLine]
    due: dict[tuple[Subject, str, str], tuple[UUID, int, int]]
    """Deadline id, due and fires at, in milliseconds."""
    tallies: Counter[tuple[str, str, str, str, int]]
    end: datetime
    """Where the log ends: copied event ids are as young as that, so that none is forgotten meanwhile."""


def split(workload: Workload, facts: int, partitions: int) -> Split:
    """Cut a workload so that about so many facts are left. Records sent again across the cut are left out after it:
    the ids of what came before are not in the tables."""
    count = min(facts, len(workload.decided) - 1)
    until = workload.decided[-count][0].recorded - timedelta(milliseconds=1)
    standing = Standing({}, {}, {}, Counter(), workload.until)
    lines = iter(workload.result.journal)
    before: set[str] = set()
    decided = iter(workload.decided)
    left = 0
    for fact, decision in decided:
        line = next(lines)
        if fact.recorded > until:
            left = 1 + sum(1 for _ in decided)
            break
        before.add(str(fact.id))
        standing.states.update(decision.states)
        standing.last_lines[line.subject] = line
        if fact.is_deadline:
            passed = fact.payload
            standing.due.pop((passed.subject, passed.kind, passed.ref), None)
        for n, change in enumerate(decision.deadlines):
            identity = (change.subject, change.kind, change.ref)
            if change.due is None:
                standing.due.pop(identity, None)
                continue
            its_id = deadline_id(fact, change.subject, change.kind, change.ref, change.due, n)
            standing.due[identity] = (its_id, to_ms(change.due), to_ms(max(change.due, fact.recorded)))
        for add in decision.tallies:
            standing.tallies[(*add.subject, add.name, add.period, partition_of(decision.owner.key, partitions))] += (
                add.n
            )
    history = [
        record for record in workload.history
        if record.timestamp > until and orjson.loads(record.value or b"{}").get("eventId") not in before
    ]  # fmt: skip
    return Split(standing, replace(workload, history=history), left)


async def fill(conn: Connection, standing: Standing, cases: int, partitions: int) -> int:
    """Fill the tables of the schema in the search path: what stands, and its cases copied until there are `cases`.

    Each copy has a deadline far ahead, a journal line and an event id; copies lie among the originals, in the tables
    as in their indexes. Within, a copy's state and line still say the original's key: nobody reads them. Returns the
    number of open deadlines.
    """
    originals = sum(subject.kind == CASE for subject in standing.states)
    copies = max(1, round(cases / originals))
    await conn.execute(_ORIGINALS)
    await _copy_originals(conn, standing, partitions)
    await conn.execute(_COPIES, copies, CASE, COPY_MARK)
    await conn.execute(_LINES, copies, CASE, COPY_MARK)
    await conn.execute(_DEADLINES, copies, CASE, COPY_MARK, FAR // timedelta(milliseconds=1), partitions)
    await conn.execute(_EVENT_IDS, originals * copies, to_ms(standing.end))
    for table in ("aggregate", "journal", "due", "inbox", "tally"):
        await conn.execute(f"VACUUM (ANALYZE, FREEZE) {table}", timeout=1800)
    await conn.execute("CHECKPOINT")
    open_deadlines: int = await conn.fetchval("SELECT count(*) FROM due")
    return open_deadlines


async def _copy_originals(conn: Connection, standing: Standing, partitions: int) -> None:
    lines = standing.last_lines
    await conn.copy_records_to_table(
        "original",
        columns=["kind", "key", "state", "seq", "hash"],
        records=[
            (*subject, pack_state(state), lines[subject].seq if subject in lines else 0,
             lines[subject].hash if subject in lines else None)
            for subject, state in sorted(standing.states.items(), key=lambda row: row[0])
        ],
    )  # fmt: skip
    await conn.copy_records_to_table(
        "original_line",
        columns=["kind", "key", "seq", "at", "fact_id", "content", "content_hash", "hash"],
        records=[
            (*subject, line.seq, to_ms(line.at), line.fact_id, line.content.decode(), line.content_hash, line.hash)
            for subject, line in sorted(lines.items(), key=lambda row: row[0])
        ],
    )
    await conn.copy_records_to_table(
        "due",
        columns=["subject_kind", "key", "kind", "ref", "deadline_id", "due", "fires_at", "partition"],
        records=[
            (*subject, kind, ref, *row, partition_of(subject.key, partitions))
            for (subject, kind, ref), row in standing.due.items()
        ],
    )
    await conn.copy_records_to_table(
        "tally",
        columns=["subject_kind", "key", "name", "period", "partition", "n"],
        records=[(*key, n) for key, n in standing.tallies.items() if n],
    )


_ORIGINALS = """
SET synchronous_commit = off;
CREATE TEMP TABLE original AS SELECT kind, key, state, seq, hash FROM aggregate WITH NO DATA;
CREATE TEMP TABLE original_line AS
    SELECT kind, key, seq, at, fact_id, content, content_hash, hash FROM journal WITH NO DATA;
"""
_COPIES = """
INSERT INTO aggregate (kind, key, state, seq, hash, waiting, held_by)
SELECT o.kind, CASE WHEN n = 0 THEN o.key ELSE o.key || $3 || n END, o.state, o.seq, o.hash, 0, '{}'
FROM original o
CROSS JOIN LATERAL generate_series(0, CASE WHEN o.kind = $2 THEN $1::integer - 1 ELSE 0 END) AS n
"""
_LINES = """
INSERT INTO journal (kind, key, seq, at, fact_id, content, content_hash, hash)
SELECT o.kind, CASE WHEN n = 0 THEN o.key ELSE o.key || $3 || n END, o.seq, o.at, o.fact_id, o.content,
       o.content_hash, o.hash
FROM original_line o
CROSS JOIN LATERAL generate_series(0, CASE WHEN o.kind = $2 THEN $1::integer - 1 ELSE 0 END) AS n
"""
_DEADLINES = """
INSERT INTO due (subject_kind, key, kind, ref, deadline_id, due, fires_at, partition)
SELECT o.kind, o.key || $3 || n, 'benchmark', '', gen_random_uuid(), (1 + random()) * $4, (2 + random()) * $4,
       (random() * ($5::integer - 1))::integer
FROM original o
CROSS JOIN LATERAL generate_series(1, $1::integer - 1) AS n
WHERE o.kind = $2
"""
_EVENT_IDS = """
INSERT INTO inbox (event_id, digest, recorded)
SELECT gen_random_uuid(), '', $2::bigint FROM generate_series(1, $1::integer)
"""
