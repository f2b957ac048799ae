"""One number for everything that a history led to: SHA-256 over the canonical lines of all outputs and journals.

A line holds at, service, topic, key, ordinal and value; no time records, no database ids, nothing of when or where it
ran. The ordinal is the line's place among those of its topic (or journal) and key.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import orjson


class Line(NamedTuple):
    """One event published, or one line of a journal (`topic` then names the journal and the aggregate's kind)."""

    service: str
    topic: str
    key: str
    ordinal: int
    at: str
    value: str


def ordinals(lines: Iterable[tuple[str, str, str, str, str]]) -> list[Line]:
    """Lines from (service, topic, key, at, value), each key's in its order."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for service, topic, key, at, value in lines:
        found.append(Line(service, topic, key, seen[service, topic, key], at, value))
        seen[service, topic, key] += 1
    return found


def digest(lines: Iterable[Line]) -> str:
    """The digest, as hex."""
    total = hashlib.sha256()
    for line in sorted(lines):
        told = {
            "at": line.at, "service": line.service, "topic": line.topic, "key": line.key,
            "ordinal": line.ordinal, "value": line.value,
        }  # fmt: skip
        total.update(orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
    return total.hexdigest()
