"""Golden samples: synthetic records of every event type, as publishers send them, tagged by what they show."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

DIRECTORY = Path(__file__).parent / "v1"


class Sample(NamedTuple):
    """A record: its event type, what it shows, its topic, key and value."""

    event_type: str
    tag: str
    topic: str
    key: str
    value: dict[str, Any]

    @property
    def record(self) -> tuple[str, bytes, bytes]:
        """Topic, key and value as `decode` takes them."""
        return self.topic, self.key.encode(), json.dumps(self.value).encode()


def samples() -> Iterator[Sample]:
    """Every sample, by event type."""
    for path in sorted(DIRECTORY.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            yield Sample(path.stem, case["tag"], case["topic"], case["key"], case["value"])


def sample(event_type: str, tag: str = "full") -> Sample:
    """One sample, by event type and tag."""
    return next(each for each in samples() if (each.event_type, each.tag) == (event_type, tag))
