"""A PO's case that could go to a PSO: harm below high, main parts of the plan done, compliant."""

from datetime import date
from typing import Any

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, area, directed, form, risk_changed, run, sentence


def planned(when: str = "2016-03-21", plan: str = "P1", parts: int = 2, kind: str = "sentence") -> HistoryRecord:
    items = [
        {"item_id": f"{plan}-{n}", "service": "attitudes", "main": n <= parts, "referral_needed": False}
        for n in range(1, parts + 2)
    ]
    return fact(
        "casework.plan.completed",
        CRN,
        at(when),
        plan_id=plan,
        order_ids=["O1"],
        kind=kind,
        completed_on=at(when).date(),
        objective_count=2,
        person_involved=True,
        contingency=True,
        review_triggers=True,
        restrictions=[],
        items=items,
        copy_={"text_hash": "0" * 64},
    )


def closed(part: int, when: str, plan: str = "P1", outcome: str = "completed") -> HistoryRecord:
    fields: dict[str, Any] = {
        "plan_id": plan,
        "item_id": f"{plan}-{part}",
        "closed_on": at(when).date(),
        "outcome": outcome,
    }
    return fact("casework.plan-item.closed", CRN, at(when), **fields)


def warned(when: str) -> HistoryRecord:
    fields: dict[str, Any] = {"warning_id": f"W-{when}", "order_id": "O1", "level": "first", "failure_ids": ["A1"]}
    return fact("casework.warning.sent", CRN, at(when), **fields, sent_on=at(when).date())


def pack(when: str) -> HistoryRecord:
    return fact(
        "casework.breach-pack.submitted",
        CRN,
        at(when),
        pack_id="K",
        submission=1,
        order_id="O1",
        failure_ids=["A1"],
        aware_on=at(when).date(),
        proposal="continue",
        circumstances_recorded=True,
        submitted_on=at(when).date(),
    )


def heard(when: str, outcome: str) -> HistoryRecord:
    fields: dict[str, Any] = {
        "hearing_id": f"H-{when}",
        "order_id": "O1",
        "purpose": "breach",
        "held_on": at(when).date(),
    }
    return fact("court.hearing.concluded", CRN, at(when), **fields, outcome=outcome)


def overseen(when: str, trigger: str = "step-down") -> HistoryRecord:
    return fact(
        "casework.oversight.recorded",
        CRN,
        at(when),
        oversight_id=f"V-{when}",
        trigger=trigger,
        trigger_event_ids=[],
        decision="keep",
        by_grade="spo",
        recorded_on=at(when).date(),
        actions=[],
    )


def by_a_po() -> list[HistoryRecord]:
    """A case of medium harm that a PO holds since April."""
    return [*area(), sentence(), form(), directed("LMC1-PO", at("2016-04-04"))]


DONE = [planned(), closed(1, "2016-06-06"), closed(2, "2016-07-04")]


def codes(*history: Any, until: str | None = None) -> dict[str, str]:
    return run(*history, until=at(until) if until else None).open_concerns()


def test_main_parts_done_and_compliant_with_a_po_is_a_candidate() -> None:
    told = run(by_a_po(), DONE)
    assert told.open_concerns() == {"step-down-candidate": "info"}
    raised = told.raised()[-1]
    assert raised["evidence"] == ["O1-F", "P1"]
    assert raised["because"][0]["inputs"] == {"rosh": "medium", "mainPartsDoneOn": "2016-07-04", "since": "2016-07-04"}


@pytest.mark.parametrize(
    "more",
    [
        [planned(), closed(1, "2016-06-06")],
        [planned(), closed(1, "2016-06-06", outcome="withdrawn"), closed(2, "2016-07-04", outcome="withdrawn")],
        [*DONE, planned("2016-08-01", "P2")],
        [planned(kind="risk-management"), closed(1, "2016-06-06"), closed(2, "2016-07-04")],
        [*DONE, overseen("2016-07-05")],
        [*DONE, directed("LMC1-PSO", at("2016-07-05"))],
        [*DONE, pack("2016-07-05")],
        [*DONE, pack("2016-07-05"), heard("2016-08-01", "adjourned")],
    ],
    ids=[
        "a part open",
        "all withdrawn",
        "a new plan",
        "no plan of supervision",
        "decided",
        "given to a PSO",
        "in breach",
        "breach adjourned",
    ],
)
def test_no_candidate(more: list[HistoryRecord]) -> None:
    assert codes(by_a_po(), more) == {}


def test_harm_that_is_high_or_a_case_that_is_complex_is_none() -> None:
    high = [*area(), sentence(), form(rosh_level="high")]
    assert "step-down-candidate" not in codes(high, DONE)
    fallen = risk_changed("medium", date(2016, 8, 1), "high")
    assert codes(high, DONE, fallen)["step-down-candidate"] == "info"
    abuse = [*area(), sentence(), form(domestic_abuse="current")]
    assert codes(abuse, DONE) == {}


@pytest.mark.parametrize(("until", "held"), [("2017-06-05", {}), ("2017-06-06", {"step-down-candidate": "info"})])
def test_a_warning_is_in_the_way_for_twelve_months_and_its_end_is_noticed(until: str, held: dict[str, str]) -> None:
    assert codes(by_a_po(), warned("2016-06-06"), DONE, until=until) == held


def test_a_warning_taken_back_is_in_nobodys_way() -> None:
    back = fact(
        "casework.warning.withdrawn", CRN, at("2016-06-08"), warning_id="W-2016-06-06", withdrawn_on=date(2016, 6, 8)
    )
    assert codes(by_a_po(), DONE, warned("2016-06-06"), back) == {"step-down-candidate": "info"}


def test_a_breach_that_has_been_concluded_is_in_nobodys_way() -> None:
    assert codes(by_a_po(), DONE, pack("2016-07-05"), heard("2016-08-01", "order-continues")) == {
        "step-down-candidate": "info"
    }


def test_what_was_decided_before_the_grounds_came_together_decides_nothing() -> None:
    assert codes(by_a_po(), DONE, overseen("2016-07-03")) == {"step-down-candidate": "info"}
    assert codes(by_a_po(), DONE, overseen("2016-07-04")) == {}
    assert codes(by_a_po(), DONE, overseen("2016-07-05", "risk")) == {"step-down-candidate": "info"}
