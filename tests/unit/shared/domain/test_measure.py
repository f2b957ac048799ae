"""The measure engine: one measurement for a case, measure and episode; a changed answer supersedes and restates."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.domain.business_days import end_of_day
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Subject
from shared.domain.measure import WITHDRAWN, Measure, Unit, counts, first_day_of, period_of, reconcile
from shared.domain.policy import Policy
from shared.domain.policy_files import Entry
from shared.domain.state import Aggregate, Measured
from shared.domain.step import Step

NOW = datetime(2016, 3, 4, 10, tzinfo=UTC)
SUBJECT = Subject("case", "A123456")
RULE = Entry("the-rule", "A rule.", ((date(2000, 1, 1), 5),), "business-days", "confirmed", "MoJ", "")
POLICY = Policy({RULE.id: RULE})
CLOSED = datetime(2016, 4, 14, tzinfo=UTC)


class Case(Aggregate, omit_defaults=True):
    """The least aggregate that has measurements."""

    measured: dict[str, dict[str, Measured]] = {}  # noqa: RUF012 - msgspec gives each state its own


def unit(**said: Any) -> Unit:
    """A unit that is open, of the CRC, begun on 2 March."""
    start = date(2016, 3, 2)
    fields: dict[str, Any] = {"ref": "order-1", "provider": "CRC", "clock_start_on": start, "due_at": end_of_day(start)}
    return Unit(**fields | said)


def decide(case: Case, *units: Unit) -> Decision:
    """What the engine decides when these units stand."""
    fact = Fact(UUID(int=1), "a.fact", "casework", SUBJECT.key, NOW, NOW, None, b"{}")
    step = Step("performance", SUBJECT, Rows({SUBJECT: case}), fact, POLICY)
    measure = Measure(code="M", clock="allocation", reads=frozenset(), units=lambda _: units, parameter=RULE.id)
    reconcile(step, measure, lambda _step, _period: CLOSED)
    return step.decision()


def after(*decided: tuple[Unit, ...]) -> tuple[Case, Decision]:
    """The case after several decisions, and the last one."""
    case = Case(key=SUBJECT.key)
    decision = decide(case)
    for units in decided:
        decision = decide(case, *units)
        case = decision.states.get(SUBJECT, case)
    return case, decision


def sums(decision: Decision) -> dict[tuple[str, str, str], int]:
    """What a decision adds to the sums."""
    return {(add.subject.key, add.name, add.period): add.n for add in decision.tallies}


def test_a_unit_is_recorded_and_counted_when_it_opens() -> None:
    case, decision = after((unit(),))
    (output,) = decision.outputs
    assert (output.payload.met, output.payload.supersedes, output.payload.period) == (None, None, "2016-03")
    assert output.payload.because[0].rule_id == "the-rule"
    names = {("CRC", "M.known", "2016-03"): 1, ("CRC", "M.open", "2016-03"): 1, ("CRC", "M.starts", "2016-03"): 1}
    assert sums(decision) == names
    assert case.measured["M"]["order-1"].measurement_id == output.payload.measurement_id


def test_the_same_answer_again_says_and_counts_nothing() -> None:
    _, decision = after((unit(),), (unit(),))
    assert (decision.outputs, decision.tallies, decision.deadlines, decision.states) == ((), (), (), {})


def test_a_changed_answer_supersedes_and_moves_only_what_changed() -> None:
    case, decision = after((unit(),), (unit(met=True),))
    (output,) = decision.outputs
    first, _ = after((unit(),))
    assert output.payload.supersedes == first.measured["M"]["order-1"].measurement_id
    assert sums(decision) == {("CRC", "M.open", "2016-03"): -1, ("CRC", "M.met", "2016-03"): 1}
    assert case.measured["M"]["order-1"].n == 2


@pytest.mark.parametrize(
    ("change", "restated"),
    [
        ({"provider": "OTHER"}, {("CRC", "2016-03"), ("OTHER", "2016-03")}),
        ({"clock_start_on": date(2016, 2, 29)}, {("CRC", "2016-02"), ("CRC", "2016-03")}),
        ({"ended_on": date(2016, 5, 1)}, {("CRC", "2016-03"), ("CRC", "2016-05")}),
        ({"exclusion": "died"}, {("CRC", "2016-03")}),
        ({"known": False}, {("CRC", "2016-03")}),
    ],
)
def test_what_moves_is_reported_where_it_was_and_where_it_is(
    change: dict[str, Any], restated: set[tuple[str, str]]
) -> None:
    _, decision = after((unit(met=True),), (unit(met=True, **change),))
    assert {(each.subject.key, each.ref) for each in decision.deadlines} == restated
    assert {(each.kind, each.due) for each in decision.deadlines} == {("report", CLOSED)}


def test_a_clock_that_moves_within_its_month_supersedes_but_restates_nothing() -> None:
    _, decision = after((unit(),), (unit(clock_start_on=date(2016, 3, 3)),))
    assert len(decision.outputs) == 1
    assert (decision.tallies, decision.deadlines) == ((), ())


def test_a_unit_that_is_none_is_withdrawn_by_a_measurement_of_its_own() -> None:
    case, decision = after((unit(met=True),), ())
    (output,) = decision.outputs
    assert (output.payload.exclusion, output.payload.met, output.payload.settled_at) == (WITHDRAWN, None, None)
    assert set(sums(decision).values()) == {-1}
    assert counts(case.measured["M"]["order-1"]) == ()


def test_a_unit_that_comes_back_gets_a_measurement_with_an_id_of_its_own() -> None:
    standing = [after(*([(unit(),), ()] * 2)[:n])[0].measured["M"]["order-1"].measurement_id for n in (1, 2, 3)]
    assert len(set(standing)) == 3


def test_withdrawn_stays_withdrawn_without_another_word() -> None:
    _, decision = after((unit(),), (), ())
    assert not decision.outputs


def test_units_are_told_in_the_order_of_their_refs() -> None:
    _, decision = after((unit(ref="b"), unit(ref="a")))
    ids = [output.payload.measurement_id for output in decision.outputs]
    assert ids == [after((unit(ref=ref),))[1].outputs[0].payload.measurement_id for ref in ("a", "b")]


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"met": True}, ("starts", "known", "met")),
        ({"met": False}, ("starts", "known", "missed")),
        ({}, ("starts", "known", "open")),
        ({"exclusion": "died"}, ("starts", "known", "excluded")),
        ({"known": False}, ("starts", "open")),
    ],
)
def test_each_answer_is_in_its_sums(said: dict[str, Any], names: tuple[str, ...]) -> None:
    case, _ = after((unit(**said),))
    assert counts(case.measured["M"]["order-1"]) == names


def test_the_state_given_stays_as_it_is() -> None:
    case, _ = after((unit(),))
    before = dict(case.measured["M"])
    decide(case, unit(met=True))
    assert case.measured["M"] == before


@pytest.mark.parametrize(
    ("convert", "given", "expected"),
    [
        (period_of, date(2016, 3, 31), "2016-03"),
        (period_of, date(987, 1, 1), "0987-01"),
        (first_day_of, "2016-12", date(2016, 12, 1)),
    ],
)
def test_months_are_written_as_in_the_contract(convert: Callable[[Any], Any], given: object, expected: object) -> None:
    assert convert(given) == expected
