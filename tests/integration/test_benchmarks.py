"""The benchmarks run, and check what they measure: a change of tables or kernel may not leave them behind."""

from importlib import import_module
from pathlib import Path

import pytest
from rich.console import Console

from tests.benchmarks.__main__ import parser_of
from tests.benchmarks.figures import Section
from tests.servers import require_apache_kafka

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def run(name: str, *arguments: str) -> Section:
    section: Section = await import_module(f"tests.benchmarks.{name}").run(
        parser_of((name,)).parse_args(arguments), Console(quiet=True)
    )
    return section


@pytest.fixture(autouse=True)
def servers_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_apache_kafka()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


async def test_the_counter_and_its_peers_count_the_same() -> None:
    (table,) = (await run("counter", "--events", "200", "--rounds", "1")).tables
    assert [row[0] for row in table.rows] == ["kernel", "batch", "one by one", "one by one, 4 at once"]


async def test_a_service_its_idiomatic_peer_and_the_raw_limit_leave_the_models_journal() -> None:
    found = await run("services", "--service", "resettlement", "--events", "200", "--rounds", "1")
    rates, profile = found.tables
    assert [row[0] for row in rates.rows] == ["service", "idiomatic", "raw limit"]
    assert {"the process in all", "PostgreSQL", "Kafka"} < {row[0] for row in profile.rows}
    assert [target.what for target in found.targets] == [
        "resettlement, events/s over idiomatic",
        "resettlement, events/s over raw limit",
    ]


async def test_a_service_among_copied_cases_decides_as_the_model() -> None:
    found = await run("scale", "--service", "metrics", "--sizes", "20", "200", "--people", "10", "--events", "80")
    (table,) = found.tables
    assert [row[0] for row in table.rows] == ["20", "200"]
    deadlines = [row[1] for row in table.rows if isinstance(row[1], int | float)]
    assert 150 < deadlines[1] - deadlines[0] < 200
