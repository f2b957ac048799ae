"""Concerns: one for a code and ref, whichever rows hold it up; raised again only when it grows; answered by people."""

from datetime import date
from typing import Any

import pytest

from shared.domain.condition import Condition, Held
from shared.domain.duty import Clock, Duty
from shared.domain.state import Severity
from tests.unit.shared.domain.engines import Bench, Toy, at, policy, refs

DAY = date(2016, 3, 7)


def holds_with(severity: Severity, ledger: str, **given: Any) -> Condition:
    def holds(step: Any, ref: str) -> Held | None:
        row = getattr(step.case, ledger).get(ref)
        return None if row is None else Held((row.ref,) if row.ref else (), row.on, severity, order_id="O1")

    def about(case: Toy) -> list[str]:
        return [ref for ref, _ in refs(ledger, case)]

    row: dict[str, Any] = {
        "code": "amiss",
        "part": ledger,
        "reads": frozenset({ledger}),
        "refs": about,
        "holds": holds,
        "owner": "SPO",
    }
    return Condition(**(row | given))


def bench(**given: Any) -> Bench:
    rows = (holds_with("warning", "started", **given), holds_with("serious", "done", **given))
    return Bench(policy(amiss__started="1", amiss__done="1"), {"conditions": rows})


def test_a_concern_is_raised_once_and_says_why() -> None:
    given = bench()
    given.put("started", "A", DAY, evidence="E1")
    given.put("started", "B", DAY, evidence="E2")
    raised = given.told("concern.raised")
    assert [(each.code, each.severity, each.evidence, each.order_id) for each in raised] == [
        ("amiss", "warning", ("E1",), "O1"),
        ("amiss", "warning", ("E2",), "O1"),
    ]
    assert [rule.rule_id for rule in raised[0].because] == ["amiss.started"]
    assert raised[0].threshold_confirmed is False
    assert raised[0].owner_role == "SPO"
    assert raised[0].concern_id != raised[1].concern_id


def test_a_second_row_raises_the_same_concern_again_only_because_it_is_more_severe() -> None:
    given = bench()
    given.put("started", "A", DAY, evidence="E1")
    given.put("done", "A", DAY, evidence="E2")
    given.put("done", "A", None)
    given.put("done", "A", DAY, evidence="E3")
    raised = given.told("concern.raised")
    assert [each.severity for each in raised] == ["warning", "serious"]
    assert len({each.concern_id for each in raised}) == 1
    assert raised[1].evidence == ("E1", "E2")
    assert not given.told("concern.cleared")


def test_a_concern_ends_when_the_last_row_lets_go_and_names_the_rule_that_held_it() -> None:
    given = bench()
    given.put("started", "A", DAY, evidence="E1")
    given.put("done", "A", DAY, evidence="E2")
    given.put("started", "A", None)
    assert not given.told("concern.cleared")
    given.put("done", "A", None)
    (cleared,) = given.told("concern.cleared")
    assert cleared.reason == "ended"
    assert [rule.rule_id for rule in cleared.because] == ["amiss.done"]
    assert given.state.concerns == {}


def test_the_evidence_is_that_of_the_rows_that_hold_now() -> None:
    given = bench()
    given.put("started", "A", DAY, evidence="E1")
    given.put("started", "A", DAY, evidence="E2")
    given.put("done", "A", DAY, evidence="E3")
    (concern,) = given.state.concerns.values()
    assert concern.evidence == ("E2", "E3")


def test_a_concern_that_comes_again_is_another_one() -> None:
    given = bench()
    given.put("started", "A", DAY)
    given.put("started", "A", None)
    given.put("started", "A", DAY)
    first, second = given.told("concern.raised")
    assert first.concern_id != second.concern_id


def test_sums_of_open_concerns_come_out_at_what_is_open() -> None:
    given = bench(answerable=True)
    given.put("started", "A", DAY)
    given.put("done", "A", DAY)
    given.put("started", "B", DAY)
    given.answer(given.told("concern.raised")[-1].concern_id)
    sums: dict[str, int] = {}
    for decision in given.decisions:
        for add in decision.tallies:
            sums[add.name] = sums.get(add.name, 0) + add.n
    assert {name: n for name, n in sums.items() if n} == {"amiss|serious": 1}


# -- answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("evidence", ["E1", ""])
def test_a_recorded_reason_clears_an_answerable_concern_and_keeps_it_down(evidence: str) -> None:
    given = bench(answerable=True)
    given.put("started", "A", DAY, evidence=evidence)
    decision = given.answer(given.told("concern.raised")[0].concern_id)
    assert decision.outcome.verdict == "decided"
    (cleared,) = given.told("concern.cleared")
    assert (cleared.reason, cleared.because[0].inputs["reason_code"]) == ("recorded-reason", "circumstances")
    given.put("started", "A", date(2016, 3, 8), evidence=evidence)
    given.put("started", "B", DAY, evidence="other")
    assert [each[1] for each in given.open_concerns()] == ["B"]


def test_new_evidence_raises_a_silenced_concern_anew_under_another_id() -> None:
    given = bench(answerable=True)
    given.put("started", "A", DAY, evidence="E1")
    given.answer(given.told("concern.raised")[0].concern_id)
    given.put("started", "A", DAY, evidence="E2")
    first, second = given.told("concern.raised")
    assert first.concern_id != second.concern_id
    assert given.open_concerns() == [("amiss", "A", "warning")]


def test_a_silenced_concern_whose_rows_let_go_is_forgotten_without_a_word() -> None:
    given = bench(answerable=True)
    given.put("started", "A", DAY, evidence="E1")
    given.answer(given.told("concern.raised")[0].concern_id)
    given.put("started", "A", None)
    assert len(given.told("concern.cleared")) == 1
    assert given.state.concerns == {}


def test_a_reason_does_not_clear_what_only_facts_can_end() -> None:
    given = bench()
    given.put("started", "A", DAY)
    decision = given.answer(given.told("concern.raised")[0].concern_id)
    assert decision.outcome == ("ignored", "a-reason-does-not-clear-this-concern")
    assert given.open_concerns() == [("amiss", "A", "warning")]


@pytest.mark.parametrize("answer", ["acknowledged", "contested"])
def test_acknowledged_and_contested_leave_a_concern_open_and_marked(answer: str) -> None:
    given = bench(answerable=True)
    given.put("started", "A", DAY, evidence="E1")
    given.answer(given.told("concern.raised")[0].concern_id, answer)
    (concern,) = given.state.concerns.values()
    assert concern.answered == answer
    assert not given.told("concern.cleared")
    given.put("done", "A", DAY, evidence="E2")
    assert [each.severity for each in given.told("concern.raised")] == ["warning", "serious"]


def test_an_answer_to_a_concern_that_is_not_open_is_ignored() -> None:
    given = bench(answerable=True)
    assert given.answer("nobody-raised-this").outcome == ("ignored", "no-such-open-concern")


def test_a_duty_silenced_by_a_reason_stays_down_while_it_stays_missed() -> None:
    row = Duty(
        code="amiss",
        reads=frozenset({"started", "done"}),
        clocks=lambda case: [Clock(ref, each.on, evidence=(each.ref,)) for ref, each in refs("started", case)],
        answerable=True,
    )
    given = Bench(policy(amiss="1 days"), {"duties": (row,)})
    given.put("started", "A", DAY, evidence="E1")
    given.until(at(date(2016, 3, 20)))
    given.answer(given.told("concern.raised")[0].concern_id)
    given.put("done", "irrelevant", date(2016, 3, 21))
    assert not given.open_concerns()
    given.put("started", "A", DAY, evidence="E2", recorded=at(date(2016, 3, 22)))
    assert given.open_concerns() == [("amiss", "A", "warning")]
