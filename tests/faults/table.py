"""The one table at the end: what was broken on purpose, how often, and what became of the promises."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.faults.comparison import Verdict
from tests.faults.extent import EVERYTHING


@dataclass
class Row:
    """One kind of fault, over all of its runs."""

    fault: str
    runs: int = 0
    events: int = 0
    injected: int = 0
    lost: int = 0
    duplicated: int = 0
    diverged: int = 0
    sent_again: int = 0
    dead_letters: int = 0


COLUMNS = ("runs", "events", "injected", "lost", "duplicated", "diverged", "sent_again", "dead_letters")
_rows: dict[str, Row] = {}


def tell(fault: str, events: int, injected: int, verdict: Verdict) -> None:
    """Add a run to the table, and fail where a promise was broken."""
    row = _rows.setdefault(fault, Row(fault))
    row.runs += 1
    row.events += events
    row.injected += injected
    row.lost += verdict.lost
    row.duplicated += verdict.duplicated
    row.diverged += verdict.diverged
    row.sent_again += verdict.sent_again
    row.dead_letters += verdict.dead_letters
    assert verdict.sound, "; ".join(verdict.examples)


def lines() -> list[str]:
    """The table as text, a line a row."""
    if not _rows:
        return []
    width = max(len(fault) for fault in _rows)
    heads = [name.replace("_", " ") for name in COLUMNS]
    out = [f"{'fault':<{width}}  " + "  ".join(heads)]
    for row in _rows.values():
        cells = (f"{getattr(row, name):>{len(head)}}" for name, head in zip(COLUMNS, heads, strict=True))
        out.append(f"{row.fault:<{width}}  " + "  ".join(cells))
    return out


def write(path: Path) -> None:
    """The table as JSON."""
    told = {"extent": "all" if EVERYTHING else "selection", "rows": [asdict(row) for row in _rows.values()]}
    path.write_text(json.dumps(told, indent=2) + "\n")
