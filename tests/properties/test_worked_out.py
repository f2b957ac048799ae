"""What a step works out once names every ledger that it rests on: else it would stand after one of them has changed."""

from collections.abc import Callable, Hashable
from typing import Any

import pytest

from deploy.catalogue import with_policies
from deploy.demo import feed
from deploy.simulate import simulate
from shared.domain.step import Step


class Reading:
    """A case that notes which of its fields are read."""

    def __init__(self, case: Any, read: set[str]) -> None:
        self._case = case
        self._read = read

    def __getattr__(self, name: str) -> Any:
        self._read.add(name)
        return getattr(self._case, name)


def test_it_names_every_field_that_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out = Step.worked_out
    declared: dict[Hashable, frozenset[str]] = {}
    read: dict[Hashable, set[str]] = {}

    def noting(step: Step, what: Hashable, rests_on: frozenset[str], work: Callable[[], Any]) -> Any:
        name = what[0] if isinstance(what, tuple) else what
        declared[name] = rests_on

        def watched() -> Any:
            case = step.case
            step.case = Reading(case, read.setdefault(name, set()))
            try:
                return work()
            finally:
                step.case = case

        return worked_out(step, what, rests_on, watched)

    monkeypatch.setattr(Step, "worked_out", noting)
    history = feed(cases=60, months=12, seed=5)
    found = simulate(history, with_policies(), max(record.timestamp for record in history))
    assert not any(each.parked for each in found.values())
    assert set(read) == {"grounds", "needs", "points"}
    for name, fields in read.items():
        assert fields <= declared[name], f"{name} rests on {sorted(fields - declared[name])} too"
