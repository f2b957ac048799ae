"""What a benchmark found, as data: tables of figures, targets judged, and what it was taken on. Kept as JSON, from
which `docs/performance.md` is made; the terminal shows the same."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with its range."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of one figure for each round. Raises `StatisticsError` for none."""
        return cls(median(values), min(values), max(values))


Figure = Spread | float
Cell = Figure | str | None
"""None where there is nothing to say, as a ratio to itself."""


class Column(NamedTuple):
    """A column's heading, and how many digits its figures show after the point."""

    heading: str
    digits: int = 0


@dataclass(frozen=True, slots=True)
class FiguresTable:
    """A table of figures; the first column names the row."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked, in words with its unit, and what was found. A spread is judged by its median."""

    what: str
    wanted: float
    found: Figure
    at_most: bool = False
    digits: int = 1

    @property
    def met(self) -> bool:
        """Whether what was found is on the right side of what is wanted."""
        value = self.found.median if isinstance(self.found, Spread) else self.found
        return value <= self.wanted if self.at_most else value >= self.wanted


@dataclass(frozen=True, slots=True)
class Section:
    """Everything that one benchmark found in one run."""

    name: str
    asked: Mapping[str, Any]
    """What it was given on the command line."""
    machine: Mapping[str, Any]
    taken: str
    """The instant that it ended, UTC."""
    seconds: float
    """How long all of it took."""
    tables: tuple[FiguresTable, ...]
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def met(self) -> bool:
        """Whether every target is met."""
        return all(target.met for target in self.targets)


def keep(path: Path, section: Section) -> None:
    """Put a section into a document, in the place of the one that it held under this name."""
    document = json.loads(path.read_text()) if path.exists() else {}
    document[section.name] = to_json(section)
    path.write_text(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def read(path: Path) -> dict[str, Section]:
    """The sections of a document, by name."""
    return {name: from_json(told) for name, told in json.loads(path.read_text()).items()}


def to_json(section: Section) -> dict[str, Any]:
    """A section as plain data; figures are rounded to six significant digits."""
    return {
        "name": section.name,
        "asked": dict(section.asked),
        "machine": dict(section.machine),
        "taken": section.taken,
        "seconds": _rounded(section.seconds),
        "tables": [
            {
                "title": table.title,
                "columns": [column._asdict() for column in table.columns],
                "rows": [[_plain(cell) for cell in row] for row in table.rows],
            }
            for table in section.tables
        ],
        "targets": [
            {
                "what": target.what,
                "wanted": target.wanted,
                "found": _plain(target.found),
                "atMost": target.at_most,
                "digits": target.digits,
                "met": target.met,
            }
            for target in section.targets
        ],
        "notes": list(section.notes),
    }


def from_json(told: Mapping[str, Any]) -> Section:
    """The section that `to_json` gave."""
    return Section(
        told["name"],
        told["asked"],
        told["machine"],
        told["taken"],
        told["seconds"],
        tuple(
            FiguresTable(
                table["title"],
                tuple(Column(**column) for column in table["columns"]),
                tuple(tuple(_cell(cell) for cell in row) for row in table["rows"]),
            )
            for table in told["tables"]
        ),
        tuple(
            Target(each["what"], each["wanted"], _cell(each["found"]), each["atMost"], each["digits"])
            for each in told["targets"]
        ),
        tuple(told["notes"]),
    )


def _plain(cell: Cell) -> Any:
    if isinstance(cell, Spread):
        return {"median": _rounded(cell.median), "least": _rounded(cell.least), "most": _rounded(cell.most)}
    return _rounded(cell) if isinstance(cell, float) else cell


def _cell(told: Any) -> Any:
    return Spread(**told) if isinstance(told, dict) else told


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
