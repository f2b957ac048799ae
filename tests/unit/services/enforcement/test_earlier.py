"""Failures of long ago go, and stay as numbers: nothing that is told of later ones changes by it."""

from datetime import timedelta
from typing import Any

import pytest

from services.enforcement.domain import earlier
from shared.domain.state import dump
from tests.unit.services.enforcement.person import Decided, Person, day

FIRST = day("2016-02-01")


def on(n: int) -> str:
    """The n-th day."""
    return (FIRST + timedelta(days=n)).isoformat()


def on_order() -> Person:
    return Person().sentenced("2016-01-04").allocated("2016-01-05").attended("2016-01-07", "A0")


def counts(found: Decided) -> list[tuple[Any, ...]]:
    return [
        (each["failureId"], each["judgement"], each["acceptableCount"], each["failureDates"], each["since"])
        for each in found.told("absence.counted")
    ]


def with_kept(monkeypatch: pytest.MonkeyPatch, n: int, person: Person, until: str) -> Decided:
    monkeypatch.setattr(earlier, "KEPT", n)
    return person.through(until)


def a_long_breach() -> Person:
    """A breach referred at the second failure; more follow, some two on a day, until it ends; then some more."""
    person = on_order().absent(on(0), "F0").warned(on(1), "W", "F0").absent(on(2), "F2").pack(on(3), "F0", "F2")
    for n in range(4, 20):
        person.absent(on(n), f"F{n}", "acceptable" if n % 3 == 0 else "unacceptable")
        if n % 4 == 0:
            person.absent(on(n), f"G{n}")
    person.heard(on(20), "order-continues")
    for n in range(21, 30):
        person.absent(on(n), f"F{n}", "acceptable" if n % 3 == 0 else "unacceptable")
    return person


@pytest.mark.parametrize("kept", [3, 4, 5, 9])
def test_what_is_counted_does_not_depend_on_how_many_are_kept(monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    person = a_long_breach()
    whole = with_kept(monkeypatch, 1000, person, on(40))
    folded = with_kept(monkeypatch, kept, person, on(40))
    assert len(folded.case.counted) < len(whole.case.counted)
    assert counts(folded) == counts(whole)
    assert folded.concerns() == whole.concerns()
    assert folded.case.called == whole.case.called


def test_acceptable_absences_are_too_many_also_where_most_have_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    person = on_order()
    for n in range(20):
        person.absent(on(n), f"A{n}", "acceptable")
    found = with_kept(monkeypatch, 3, person, on(30))
    assert sorted(found.case.counted) == ["A17", "A18", "A19"]
    assert found.raised("acceptable-absences-high") == ["warning", "serious"]
    assert found.told("absence.counted")[-1]["acceptableCount"] == 20


def test_a_failure_stays_while_something_rests_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    person = on_order().absent(on(0), "F0").missed(on(1), "F1")
    for n in range(2, 10):
        person.absent(on(n), f"A{n}", "acceptable")
    found = with_kept(monkeypatch, 2, person, on(30))
    assert sorted(found.case.failures) == ["A8", "A9", "F0", "F1"]
    assert found.concerns("warning-overdue", "absence-unjudged") == [
        ("absence-unjudged", "F1"),
        ("warning-overdue", f"O1|{on(0)}"),
    ]


def test_a_case_with_many_failures_stays_as_small(monkeypatch: pytest.MonkeyPatch) -> None:
    person = on_order()
    sizes = []
    for n in range(60):
        person.absent(on(n), f"A{n:02}", "acceptable")
        if n in (29, 59):
            sizes.append(len(dump(with_kept(monkeypatch, 8, person, on(n)).case)))
    assert sizes[1] <= sizes[0] + 8
