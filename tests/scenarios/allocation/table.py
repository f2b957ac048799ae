"""The table of examples, read: what each must raise, and what it must not."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

FILE = Path(__file__).parent / "examples.yaml"


@dataclass(frozen=True, slots=True)
class Example:
    """A row: where the report tells it, and the concerns of allocation that it must and must not raise."""

    name: str
    report: str
    lines: str
    kind: Literal["poor", "good", "turned"]
    tells: str
    notices: frozenset[str]
    must_not: frozenset[str]


def _read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def reports() -> dict[str, str]:
    """Titles of the reports by their short names."""
    found: dict[str, str] = _read()["reports"]
    return found


def examples() -> list[Example]:
    """Every example that allocation has something to notice, or to leave alone, in."""
    return [
        Example(
            row["example"],
            row["report"],
            row["lines"],
            row["kind"],
            row["tells"],
            frozenset(row["notices"]),
            frozenset(row["must_not"]),
        )
        for row in _read()["examples"]
    ]


def left_to_others() -> list[dict[str, str]]:
    """Every other example of the same reports, and why allocation has nothing to notice in it."""
    found: list[dict[str, str]] = _read()["elsewhere"]
    return found
