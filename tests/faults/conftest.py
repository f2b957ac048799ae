"""The table of faults at the end of a run, and as JSON where FAULTS_JSON says."""

import os
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.extent import EVERYTHING

WHOLE_SECONDS = 3600


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With FAULTS=all a test may take as long as the whole suite is given; without, some are left out."""
    if not EVERYTHING:
        left_out = [item for item in items if "whole" in item.keywords]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items if EVERYTHING else ():
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(WHOLE_SECONDS))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One table: fault, runs, events, faults injected, lost, duplicated, diverged."""
    rows = table.lines()
    if rows:
        terminalreporter.section("faults")
        for line in rows:
            terminalreporter.write_line(line)
    if path := os.environ.get("FAULTS_JSON"):
        table.write(Path(path))
