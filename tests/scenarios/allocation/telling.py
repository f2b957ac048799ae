"""Examples as histories: each is a function, named as in the table, that tells its facts; the file of an example holds
exactly what its function tells."""

from collections.abc import Callable, Iterable
from pathlib import Path

from deploy.history import HistoryRecord, write

HISTORIES = Path(__file__).parent / "histories"

Tell = Callable[[], Iterable[HistoryRecord]]
EXAMPLES: dict[str, Tell] = {}


def example(tell: Tell) -> Tell:
    """Register an example under its name in the table."""
    name = getattr(tell, "__name__", "").replace("_", "-")
    if name in EXAMPLES:
        raise ValueError(f"two histories of {name}")
    EXAMPLES[name] = tell
    return tell


def file_of(name: str) -> Path:
    """The history file of an example."""
    return HISTORIES / f"{name}.jsonl"


def lines_of(name: str) -> bytes:
    """What the file of an example must hold: its facts in the order of the log."""
    return b"".join(write(each) for each in sorted(EXAMPLES[name](), key=lambda record: record.timestamp))
