"""The journal: every decision, append-only by grant, hash-chained for each aggregate."""

from collections.abc import Sequence

from shared.domain.publication import JournalLine
from shared.kernel.clock import to_ms
from shared.kernel.database import Connection


async def append(conn: Connection, lines: Sequence[JournalLine]) -> None:
    """Append lines in the order in which they were decided."""
    await conn.copy_records_to_table(
        "journal",
        records=(
            (
                line.subject.kind,
                line.subject.key,
                line.seq,
                to_ms(line.at),
                line.fact_id,
                line.content.decode(),
                line.content_hash,
                line.hash,
            )
            for line in lines
        ),
        columns=["kind", "key", "seq", "at", "fact_id", "content", "content_hash", "hash"],
    )
