"""The rulebook: which fact is taken down, which one waits and is tried again, and which rows look again after it."""

from datetime import date
from typing import Any

from deploy.history import HistoryRecord
from shared.contracts.casework import OrderEnded, PlanItemClosed, RequirementEnded
from shared.contracts.decoding import decode
from shared.contracts.envelope import Event
from shared.domain import rulebook
from shared.domain.condition import Condition
from shared.domain.decision import Decision, Outcome, Rows, ignored, refused, waits
from shared.domain.fact import Fact, event_fact
from shared.domain.rulebook import Rulebook, View
from shared.domain.state import dump, load
from shared.domain.step import Step
from tests.builders import at, fact
from tests.unit.shared.domain.engines import CASE, Found, Toy, policy

DAY = date(2016, 3, 7)


def take_order(step: Step, _fact: Fact, ended: OrderEnded) -> Outcome | None:
    if ended.order_id == "BAD":
        return refused("no-such-order")
    step.put("started", ended.order_id, Found(ended.ended_on))
    return None


def take_requirement(step: Step, _fact: Fact, ended: RequirementEnded) -> Outcome | None:
    """Needs the order of the same id."""
    if ended.requirement_id not in step.case.started:
        return waits("order-unknown")
    step.put("done", ended.requirement_id, Found(ended.ended_on))
    return None


def take_item(step: Step, _fact: Fact, closed: PlanItemClosed) -> Outcome | None:
    """Needs the requirement of the same id."""
    if closed.item_id not in step.case.done:
        return waits("requirement-unknown")
    if closed.outcome == "withdrawn":
        return ignored("withdrawn")
    step.put("inside", closed.item_id, Found(closed.closed_on))
    return None


TAKES: dict[type[Any], rulebook.Take] = {
    OrderEnded: take_order,
    RequirementEnded: take_requirement,
    PlanItemClosed: take_item,
}


class Case:
    """One aggregate that facts come to."""

    def __init__(self, **rows: Any) -> None:
        self.book = Rulebook(takes=TAKES, **rows)
        self.state = Toy(key=CASE.key)
        self.n = 0

    def take(self, record: HistoryRecord) -> Decision:
        event = decode(record.topic, record.key, record.value, record.headers)
        assert isinstance(event, Event)
        given = event_fact(event, record.topic, CASE.key, record.timestamp)
        step = Step("enforcement", CASE, Rows({CASE: self.state}), given, policy())
        decision = rulebook.decide(step, self.book)
        self.state = load(dump(decision.states.get(CASE, self.state)), Toy)
        return decision

    def _when(self) -> Any:
        self.n += 1
        return at(DAY, f"{8 + self.n:02d}:00")

    def order(self, ref: str) -> Decision:
        return self.take(
            fact("casework.order.ended", CASE.key, self._when(), order_id=ref, ended_on=DAY, outcome="completed")
        )

    def requirement(self, ref: str) -> Decision:
        fields: dict[str, Any] = {"requirement_id": ref, "kind": "other", "ended_on": DAY, "outcome": "completed"}
        return self.take(fact("casework.requirement.ended", CASE.key, self._when(), **fields))

    def item(self, ref: str, outcome: str = "completed") -> Decision:
        fields: dict[str, Any] = {"plan_id": "P", "item_id": ref, "closed_on": DAY, "outcome": outcome}
        return self.take(fact("casework.plan-item.closed", CASE.key, self._when(), **fields))


def test_a_fact_that_no_concept_takes_is_ignored_by_name() -> None:
    record = fact("casework.referral.started", CASE.key, at(DAY), referral_id="R", started_on=DAY)
    assert Case().take(record).outcome == ("ignored", "not-read")


def test_a_refused_fact_moves_nothing() -> None:
    case = Case()
    assert case.order("BAD").outcome == ("refused", "no-such-order")
    assert case.state == Toy(key=CASE.key)


def test_a_fact_before_what_it_needs_waits_and_is_taken_when_that_comes() -> None:
    case = Case()
    waiting = case.requirement("A")
    assert waiting.outcome == ("waits", "order-unknown")
    assert len(case.state.waiting) == 1
    decision = case.order("A")
    assert [outcome for _, outcome in decision.retried] == [("decided", "")]
    assert sorted(case.state.done) == ["A"]
    assert case.state.waiting == {}


def test_a_chain_of_waiting_facts_is_taken_in_one_step_whatever_their_order() -> None:
    case = Case()
    case.item("A")
    case.requirement("A")
    decision = case.order("A")
    assert len(decision.retried) == 2
    assert sorted(case.state.inside) == ["A"]
    assert case.state.waiting == {}


def test_a_waiting_fact_that_needs_something_else_goes_on_waiting() -> None:
    case = Case()
    case.requirement("A")
    case.requirement("B")
    case.order("B")
    assert [kept.reason for kept in case.state.waiting.values()] == ["order-unknown"]
    assert sorted(case.state.done) == ["B"]


def test_a_waiting_fact_that_comes_to_nothing_stops_waiting() -> None:
    case = Case()
    case.item("A", "withdrawn")
    case.requirement("A")
    decision = case.order("A")
    assert [outcome for _, outcome in decision.retried] == [("decided", ""), ("ignored", "withdrawn")]
    assert case.state.waiting == {}


def test_a_fact_that_only_waits_makes_no_row_look_again() -> None:
    asked: list[str] = []

    def about(case: Toy) -> list[str]:
        asked.append(case.key)
        return []

    row = Condition(
        code="any",
        reads=frozenset({"started", "waiting"}),
        refs=about,
        holds=lambda _step, _ref: None,
    )
    case = Case(conditions=(row,))
    case.requirement("A")
    assert asked == []
    case.order("A")
    assert asked == [CASE.key]


def test_a_view_is_derived_before_the_rows_that_read_it_and_only_if_what_it_reads_changed() -> None:
    derived: list[int] = []

    def derive(step: Step) -> None:
        derived.append(len(step.case.started))
        step.put("inside", "latest", Found(max(row.on for row in step.case.started.values())))

    seen: list[bool] = []

    def about(case: Toy) -> list[str]:
        seen.append("latest" in case.inside)
        return []

    row = Condition(
        code="any",
        reads=frozenset({"inside"}),
        refs=about,
        holds=lambda _step, _ref: None,
    )
    case = Case(views=(View(reads=frozenset({"started"}), derive=derive),), conditions=(row,))
    case.requirement("A")
    case.order("B")
    case.order("C")
    assert derived == [1, 2]
    assert seen == [True]


def test_what_a_row_changes_is_read_by_the_rows_after_it_and_not_by_those_before() -> None:
    asked: list[str] = []

    def noting(name: str) -> Any:
        return lambda _subject: asked.append(name)

    def derive(step: Step) -> None:
        asked.append("deriving")
        step.put("inside", "latest", Found(DAY))

    views = (
        View(reads=frozenset({"inside"}), derive=noting("before")),
        View(reads=frozenset({"started"}), derive=derive),
        View(reads=frozenset({"inside"}), derive=noting("after")),
        View(reads=frozenset({"done"}), derive=noting("another ledger")),
    )
    case = Case(views=views)
    case.order("A")
    assert asked == ["deriving", "after"]
    case.requirement("A")
    assert asked == ["deriving", "after", "another ledger"]


def test_a_step_leaves_the_state_that_it_was_handed_as_it_was() -> None:
    case = Case()
    case.order("A")
    before, known = case.state, dump(case.state)
    case.order("B")
    case.requirement("A")
    assert dump(before) == known
    assert case.state != before
