"""Allocation decides the same in any order of arrival, changes no row, and decides the same from storage."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.history import HistoryRecord
from deploy.simulate import simulate
from services.allocation.app import SERVICE
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact
from shared.domain.policy import Policy
from shared.domain.state import dump, load
from tests.builders import at, fact
from tests.properties.test_offices import points_are_conserved, random_history
from tests.unit.services.allocation.area import (
    CRN,
    POLICY,
    ended,
    form,
    officer,
    offices,
    risk_changed,
    run,
    sentence,
)
from tests.unit.services.allocation.test_contact import attended, tried
from tests.unit.services.allocation.test_hub_transfer import credited, reviewed
from tests.unit.services.allocation.test_signals import called_out, changed, considered
from tests.unit.services.allocation.test_step_down import closed, overseen, planned, warned

RECORDED = date(2016, 9, 1)
"""Everything is recorded on one day, long after it happened, so that only the order differs."""


def _registration(kind: str, number: int, code: str, when: str) -> HistoryRecord:
    dates: dict[str, Any] = {"from_" if kind == "added" else "until": at(when).date()}
    return fact(f"casework.registration.{kind}", CRN, at(when), registration_id=f"R{number}", code=code, **dates)


def _score(kind: str, percent: str, when: str) -> HistoryRecord:
    return fact(
        "casework.risk-score.calculated", CRN, at(when), kind=kind, percent=percent, calculated_on=at(when).date()
    )


def _needs(when: str, *attributes: str) -> HistoryRecord:
    recorded_on = at(when).date()
    return fact(
        "casework.needs.recorded", CRN, at(when), recorded_on=recorded_on, attributes=list(attributes), unavailable=[]
    )


def _assessed(when: str, stage: str, motivation: str) -> HistoryRecord:
    return fact(
        "casework.assessment.completed",
        CRN,
        at(when),
        assessment_id=f"S-{when}",
        tool="justice-star",
        stage=stage,
        completed_on=at(when).date(),
        ogrs2_percent="44",
        motivation=motivation,
        rosh_level="medium",
        needs=[],
        person_involved=True,
        copy_={"text_hash": "0" * 64},
    )


def _check(check: str, asked: str, *, returned: bool) -> HistoryRecord:
    fields: dict[str, Any] = {"check_id": check, "kind": "child", "requested_on": at(asked).date()}
    if not returned:
        return fact("casework.safeguarding-check.requested", CRN, at(asked), **fields)
    on = date(2016, 3, 10)
    return fact("casework.safeguarding-check.returned", CRN, at(on), **fields, returned_on=on, result="nothing-held")


def _escalation(escalation: str, decided: bool) -> HistoryRecord:
    if decided:
        instant = at("2016-05-04", "09:00")
        return fact(
            "casework.risk-escalation.decided",
            CRN,
            instant,
            escalation_id=escalation,
            outcome="rejected",
            decided_at=instant,
        )
    instant = at("2016-05-03", "12:00")
    return fact(
        "casework.risk-escalation.requested",
        CRN,
        instant,
        escalation_id=escalation,
        direction="crc-to-nps",
        from_="medium",
        to="high",
        requested_at=instant,
    )


FACTS = [
    sentence(),
    sentence(order="O2", on=date(2016, 4, 4)),
    form(),
    form(order="O2", when=at("2016-04-05")),
    _score("rsr", "3.10", "2016-03-07"),
    _score("ogrs2", "61", "2016-03-07"),
    _score("ogrs2", "49", "2016-06-01"),
    _assessed("2016-03-21", "induction", "low"),
    _assessed("2016-07-01", "review", "high"),
    risk_changed("low", date(2016, 6, 6)),
    risk_changed("medium", date(2016, 8, 8), "low"),
    _registration("added", 1, "domestic-abuse", "2016-03-08"),
    _registration("removed", 1, "domestic-abuse", "2016-06-08"),
    _registration("added", 2, "iom", "2016-03-09"),
    fact(
        "casework.record.withdrawn",
        CRN,
        at("2016-04-01"),
        record_id="R2",
        kind="registration",
        withdrawn_on=date(2016, 4, 1),
    ),
    _check("C1", "2016-03-08", returned=False),
    _check("C1", "2016-03-08", returned=True),
    _check("C2", "2016-03-09", returned=False),
    fact(
        "casework.record.withdrawn",
        CRN,
        at("2016-04-02"),
        record_id="C2",
        kind="check",
        withdrawn_on=date(2016, 4, 2),
    ),
    _needs("2016-04-01", "no-address", "interpreter:pl"),
    _needs("2016-05-01", "young-adult"),
    _escalation("E1", decided=False),
    _escalation("E1", decided=True),
    fact(
        "court.order.varied",
        CRN,
        at("2016-05-10"),
        order_id="O1",
        varied_on=date(2016, 5, 10),
        requirements=[{"requirement_id": "M1", "kind": "mental-health-treatment"}],
        reason="review",
    ),
    fact(
        "court.hearing.concluded",
        CRN,
        at("2016-05-10"),
        hearing_id="H1",
        order_id="O1",
        purpose="review",
        held_on=date(2016, 5, 10),
        outcome="order-continues",
    ),
    ended(CRN, date(2016, 7, 7), "O2"),
    planned("2016-03-28"),
    closed(1, "2016-06-06"),
    closed(2, "2016-06-20"),
    warned("2016-05-20"),
    overseen("2016-06-01"),
    called_out("2016-06-02"),
    changed("2016-06-03", "homeless"),
    considered("2016-06-04"),
    credited(12, date(2016, 4, 20)),
    credited(8, date(2016, 6, 20)),
    reviewed(date(2016, 7, 4)),
    tried("2016-07-18"),
    attended("2016-04-12", 45),
    attended("2016-07-25", 30, "telephone"),
]
LEDGERS = (
    "orders",
    "forms",
    "scores",
    "levels",
    "registrations",
    "withdrawn",
    "checks",
    "harm_tools",
    "risk_reviews",
    "rsr_on",
    "person",
    "needs",
    "motivation",
    "inducted_on",
    "significant_on",
    "escalations",
    "reviews",
    "signals",
    "considered_on",
    "contacts",
    "plans",
    "parts_closed",
    "warnings",
    "breaches",
    "grade_decided_on",
    "credits",
    "transfers",
    "moved",
    "route",
    "band",
    "duties",
)


def _arriving(order: list[HistoryRecord]) -> list[HistoryRecord]:
    first = at(RECORDED, "09:00")
    return [replace(each, timestamp=first + timedelta(minutes=n)) for n, each in enumerate(order)]


TEAM = [*offices(), officer("A"), officer("B", grade="po")]


def _outcome(order: list[HistoryRecord]) -> dict[str, Any]:
    told = run(TEAM, _arriving(order), until=at("2016-12-31"))
    points_are_conserved(told.simulated.states)
    case = told.case()
    found = {name: getattr(case, name) for name in LEDGERS}
    assert case.holder is not None
    return {**found, "holder": case.holder.kind, "concerns": told.open_concerns(), "waiting": case.waiting}


IN_ORDER = _outcome(FACTS)


@settings(max_examples=150, deadline=None)
@given(st.permutations(range(len(FACTS))), st.lists(st.integers(0, len(FACTS) - 1), max_size=5))
def test_any_order_of_arrival_gives_the_same_ledgers_duties_and_concerns(order: list[int], again: list[int]) -> None:
    assert _outcome([FACTS[n] for n in (*again, *order, *again)]) == IN_ORDER


# -- decide is a function ----------------------------------------------------------------------------


def _careful(rows: Rows, given_fact: Fact, policy: Policy) -> Decision:
    """Decide, and check that the rows stay as they were and that stored rows decide to the same."""
    before = {subject: dump(state) for subject, state in rows.states.items()}
    decision = SERVICE.decide(rows, given_fact, policy)
    assert {subject: dump(state) for subject, state in rows.states.items()} == before
    stored = {subject: load(data, SERVICE.kinds[subject.kind]) for subject, data in before.items()}
    assert stored == rows.states
    assert SERVICE.decide(Rows(stored, rows.tallies), given_fact, policy) == decision
    return decision


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.permutations(range(len(FACTS))))
def test_decide_changes_no_row_and_decides_the_same_from_storage(rng: Random, order: list[int]) -> None:
    history = random_history(rng)
    until: datetime = at("2016-12-31")
    careful = replace(SERVICE, decide=_careful)
    found = simulate([*history, *_arriving([FACTS[n] for n in order])], [(careful, POLICY)], until)[SERVICE.name]
    assert not found.parked
