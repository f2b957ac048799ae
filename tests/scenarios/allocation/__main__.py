"""Writes the history file of every example: `python -m tests.scenarios.allocation`."""

from tests.scenarios.allocation import at_allocation, hub, risk, who_holds, workload
from tests.scenarios.allocation.telling import EXAMPLES, HISTORIES, file_of, lines_of

MODULES = (at_allocation, who_holds, workload, hub, risk)
"""Where the examples are told; importing them registers them."""


def main() -> None:
    """Write every file anew, and take away what no example tells."""
    HISTORIES.mkdir(exist_ok=True)
    for stale in set(HISTORIES.glob("*.jsonl")) - {file_of(name) for name in EXAMPLES}:
        stale.unlink()
    for name in EXAMPLES:
        file_of(name).write_bytes(lines_of(name))


if __name__ == "__main__":
    main()
