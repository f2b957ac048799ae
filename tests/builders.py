"""Builders of test histories: one line a fact, in the contract's own words; ids follow from what is said."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson

from deploy.history import HistoryRecord
from shared.contracts.payload import wire_name
from shared.contracts.registry import MODELS, TOPICS
from shared.domain.identifiers import stable_id


def at(day: date | str, clock: str = "10:00") -> datetime:
    """An instant of a day, UTC."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(day, time.fromisoformat(clock), UTC)


def fact(
    event_type: str, key: str, when: datetime, *, occurred: datetime | None = None, **fields: Any
) -> HistoryRecord:
    """An event as its publisher sends it: fields in snake_case, dates and instants as Python has them."""
    topic = MODELS[event_type, 1].topic
    identifiers = {"crn": [{"type": "CRN", "value": key}], "noms": [{"type": "NOMS", "value": key}]}
    body = {
        "eventType": event_type,
        "version": 1,
        "occurredAt": _plain(occurred or when),
        "personReference": {"identifiers": identifiers.get(TOPICS[topic].key, [])},
        "additionalInformation": _plain(fields),
    }
    if TOPICS[topic].key == "office":
        del body["personReference"]
    body["eventId"] = str(stable_id("test", orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode(), _plain(when)))
    return HistoryRecord(topic, when, key.encode(), orjson.dumps(body))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {wire_name(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def days(n: int) -> timedelta:
    """`n` calendar days."""
    return timedelta(days=n)
