"""What a history led to, from a real system or from the model, in one form: to be compared, and to be digested."""

from collections.abc import Iterable, Mapping

import asyncpg

from deploy.consume import is_time_record, whole
from deploy.digest import Line, ordinals
from deploy.simulate import Simulated
from shared.contracts.registry import TOPICS
from shared.domain.fact import iso
from shared.kernel.clock import from_ms

OUTPUT_TOPICS: Mapping[str, str] = {
    topic.name: topic.publisher for topic in TOPICS.values() if topic.direction == "outbound"
}


async def published(bootstrap: str, topics: Iterable[str] = OUTPUT_TOPICS) -> list[Line]:
    """Every event of the services' topics once, by its id, in the order of its key."""
    lines: list[tuple[str, str, str, str, str]] = []
    seen: set[bytes] = set()
    async for record in whole(bootstrap, topics):
        if is_time_record(record):
            continue
        headers = dict(record.headers)
        if headers["ce_id"] in seen:
            continue
        seen.add(headers["ce_id"])
        at = iso(from_ms(int(headers["logtime"])))
        lines.append((OUTPUT_TOPICS[record.topic], record.topic, record.key.decode(), at, record.value.decode()))
    return ordinals(lines)


async def journaled(dsn: str, services: Iterable[str]) -> list[Line]:
    """Every line of the services' journals."""
    conn = await asyncpg.connect(dsn)
    lines: list[tuple[str, str, str, str, str]] = []
    try:
        for service in services:
            async with conn.transaction(readonly=True):
                async for row in conn.cursor(
                    f'SELECT kind, key, at, content FROM "{service}".journal ORDER BY kind, key, seq', prefetch=5000
                ):
                    at = iso(from_ms(row["at"]))
                    lines.append((service, f"journal.{row['kind']}", row["key"], at, row["content"]))
    finally:
        await conn.close()
    return ordinals(lines)


def modelled(results: Mapping[str, Simulated]) -> list[Line]:
    """The same lines, as the model has them."""
    lines = [
        (name, event.topic, event.key, iso(event.at), event.value.decode())
        for name, result in results.items()
        for event in result.outputs
    ]
    lines += [
        (name, f"journal.{line.subject.kind}", line.subject.key, iso(line.at), line.content.decode())
        for name, result in results.items()
        for line in result.journal
    ]
    return ordinals(lines)
