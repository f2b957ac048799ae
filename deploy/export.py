"""Export: topics as a history file, sorted by log time, ready for `simulate` and `publish`."""

from collections.abc import Iterable

from deploy.consume import is_time_record, whole
from deploy.history import HistoryRecord
from shared.contracts.registry import TOPICS
from shared.kernel.clock import from_ms

OUTSIDE = tuple(topic.name for topic in TOPICS.values() if topic.direction == "inbound")


async def export(bootstrap: str, topics: Iterable[str] = OUTSIDE) -> list[HistoryRecord]:
    """The records of topics in one history. Time records are left out: they are of the log, not of the history."""
    found = [
        HistoryRecord(record.topic, from_ms(record.timestamp), record.key, record.value, tuple(record.headers))
        async for record in whole(bootstrap, topics)
        if not is_time_record(record)
    ]
    return sorted(found, key=lambda record: record.timestamp)
