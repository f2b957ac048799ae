"""What a step works out of its owner's ledgers: once, and anew after a change of one that it rests on."""

from collections.abc import Callable
from datetime import date

import pytest

from shared.domain.decision import Rows
from shared.domain.fact import Fact, Subject
from shared.domain.identifiers import stable_id
from shared.domain.step import Step
from tests.unit.shared.domain.engines import CASE, Found, Toy, at, policy

DAY = date(2016, 3, 4)
OTHER = Subject("case", "X000002")
RESTS_ON = frozenset(("started", "done"))


class Counted:
    """Counts how often the first dates of a step's owner were worked out."""

    def __init__(self) -> None:
        fact = Fact(stable_id("step"), "test", "casework", CASE.key, at(DAY), at(DAY), None, b"{}")
        rows = Rows({CASE: Toy(key=CASE.key, started={"a": Found(DAY)}), OTHER: Toy(key=OTHER.key)})
        self.step = Step("enforcement", CASE, rows, fact, policy())
        self.times = 0

    def ask(self) -> list[str]:
        """The ids of what has started and what is done."""
        return self.step.worked_out("ids", RESTS_ON, self._work)

    def _work(self) -> list[str]:
        self.times += 1
        return [*self.step.case.started, *self.step.case.done]


def test_it_is_worked_out_once() -> None:
    counted = Counted()
    assert (counted.ask(), counted.ask(), counted.times) == (["a"], ["a"], 1)


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        (lambda step: step.put("started", "b", Found(DAY)), ["a", "b"]),
        (lambda step: step.put("done", "c", Found(DAY)), ["a", "c"]),
        (lambda step: step.drop("started", "a"), []),
        (lambda step: step.touch_all("inside", "done"), ["a"]),
        (lambda step: setattr(step, "owner", OTHER), []),
    ],
)
def test_it_is_worked_out_anew_after_a_change_it_rests_on(change: Callable[[Step], object], ids: list[str]) -> None:
    counted = Counted()
    counted.ask()
    change(counted.step)
    assert (counted.ask(), counted.ask(), counted.times) == (ids, ids, 2)


@pytest.mark.parametrize(
    "change",
    [
        lambda step: step.put("inside", "b", Found(DAY)),
        lambda step: step.put("started", "a", Found(DAY)),
        lambda step: step.put("started", "b", Found(DAY), OTHER),
        lambda step: step.touch_all("inside"),
    ],
)
def test_it_stands_after_any_other_change(change: Callable[[Step], object]) -> None:
    counted = Counted()
    counted.ask()
    change(counted.step)
    assert (counted.ask(), counted.times) == (["a"], 1)
