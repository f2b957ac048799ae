"""The command line of the benchmarks: which are run, and what the exit code says."""

import argparse
from pathlib import Path

import pytest
from rich.console import Console

from tests.benchmarks import __main__ as command
from tests.benchmarks.figures import Section, Target


def section(name: str, found: float) -> Section:
    return Section(name, {}, {}, "", 0.0, (), (Target("at least one", 1, found),))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    async def bench(name: str, _given: argparse.Namespace, _console: Console) -> Section:
        names.append(name)
        if name == "latency":
            raise RuntimeError("no broker")
        return section(name, 0.5 if name == "scale" else 1)

    monkeypatch.setattr(command, "bench", bench)
    monkeypatch.setattr(command, "what_is_missing", lambda: "")
    return names


def test_without_a_name_the_routine_ones_run(ran: list[str]) -> None:
    assert command.main([]) == 0
    assert ran == ["counter", "services"]


@pytest.mark.parametrize(("name", "code"), [("counter", 0), ("scale", 1), ("tea", 2)])
def test_the_exit_code_says_whether_targets_are_met(ran: list[str], name: str, code: int) -> None:
    assert command.main([name]) == code


def test_of_all_one_that_fails_costs_the_others_nothing(ran: list[str], tmp_path: Path) -> None:
    assert command.main(["all", "--json", str(tmp_path / "figures.json")]) == 1
    assert ran == list(command.BENCHMARKS)


@pytest.mark.parametrize("name", command.BENCHMARKS)
def test_every_benchmark_takes_its_arguments_and_has_defaults(name: str) -> None:
    given = command.parser_of((name,)).parse_args([])
    assert given.json is None
    assert vars(given)
