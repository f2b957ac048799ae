"""The table of faults at the end of a run, and as JSON where FAULTS_JSON says."""

import os
from pathlib import Path

import pytest

from tests.faults import table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One table: fault, runs, events, faults injected, lost, duplicated, diverged."""
    rows = table.lines()
    if rows:
        terminalreporter.section("faults")
        for line in rows:
            terminalreporter.write_line(line)
    if path := os.environ.get("FAULTS_JSON"):
        table.write(Path(path))
