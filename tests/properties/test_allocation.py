"""Properties of allocation: limits and fairness of random offices, points conserved, arrival in any order."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.history import HistoryRecord
from deploy.simulate import simulate
from services.allocation.app import SERVICE
from services.allocation.domain import workload
from services.allocation.domain.case import Case
from services.allocation.domain.office import Office, is_away
from services.allocation.domain.suitability import needs_of
from shared.domain.business_days import local_date
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Subject
from shared.domain.policy import Policy
from shared.domain.state import dump, load
from tests.builders import at, fact
from tests.unit.services.allocation.area import (
    ALL,
    CRN,
    HUB,
    LMC,
    MONDAY,
    POLICY,
    UNIT,
    Told,
    directed,
    ended,
    form,
    office,
    officer,
    officer_changed,
    offices,
    risk_changed,
    run,
    sentence,
)
from tests.unit.services.allocation.test_contact import attended, tried
from tests.unit.services.allocation.test_hub_transfer import credited, reviewed
from tests.unit.services.allocation.test_signals import called_out, changed, considered
from tests.unit.services.allocation.test_step_down import closed, overseen, planned, warned

LIMIT, BURST = Decimal(110), 5
UNTIL = at("2016-04-30")

# -- random offices ----------------------------------------------------------------------------------

UNPAID_WORK = [{"requirement_id": "U", "kind": "unpaid-work", "hours": "100"}]
offices_once, officer_once = cache(offices), cache(officer)


@cache
def _sentence(crn: str, day: date, *, to_hub: bool) -> HistoryRecord:
    return sentence(crn, day, requirements=UNPAID_WORK) if to_hub else sentence(crn, day)


@cache
def _form(crn: str, day: date, abuse: str) -> HistoryRecord:
    return form(crn, at(day, "15:00"), domestic_abuse=abuse)


def random_history(rng: Random) -> list[HistoryRecord]:
    """An office of few hours, people who come in over some days, and what happens to officers meanwhile."""
    team = rng.randint(1, 4)
    told = [*offices_once(), officer_once(f"{HUB}-0", HUB, available_hours=rng.choice(HOURS))]
    told += [officer_once(f"{LMC}-{n}", LMC, **_terms(rng)) for n in range(team)]
    for n in range(rng.randint(1, 9)):
        told += _person(rng, f"A{n:06d}", team)
    if rng.random() < 0.2:
        since = MONDAY + timedelta(days=rng.randint(0, 20))
        passed: dict[str, Any] = {"when": at(MONDAY + timedelta(days=rng.randint(0, 20))), "from_": since}
        told += [office(LMC, "C02", "lmc", **passed), office(HUB, "C02", "hub", **passed)]
    for n in range(team):
        told += _happenings(rng, f"{LMC}-{n}")
    return told


HOURS = ("0", "0.8", "1.5", "3", "7.4", "37")


def _terms(rng: Random) -> dict[str, Any]:
    return {
        "grade": rng.choice(("po", "pso", "pso", "spo")),
        "available_hours": rng.choice(HOURS),
        "reductions_percent": rng.choice(("0", "0", "20", "100")),
        "competencies": rng.choice((ALL, ALL[:2], ())),
    }


def _person(rng: Random, crn: str, team: int) -> list[HistoryRecord]:
    """A person of the CRC: sentenced, allocated, perhaps directed, perhaps ended."""
    day = MONDAY + timedelta(days=rng.choice((0, 0, 0, 1, 2)))
    abuse = rng.choice(("none", "none", "current"))
    told = [_sentence(crn, day, to_hub=rng.random() < 0.2), _form(crn, day, abuse)]
    if rng.random() < 0.25:
        overrides = rng.choice(((), ("capacity",), ("grade",)))
        whom = f"{LMC}-{rng.randrange(team)}"
        told.append(directed(whom, at(day + timedelta(days=2)), overrides, crn))
    if rng.random() < 0.25:
        told.append(ended(crn, day + timedelta(days=rng.randint(1, 20))))
    return told


def _happenings(rng: Random, code: str) -> list[HistoryRecord]:
    """An officer is absent and back, changes hours, or leaves."""
    on = MONDAY + timedelta(days=rng.randint(-3, 10))
    kind = rng.choice(("", "", "absent", "changed", "left"))
    named: dict[str, Any] = {"officer_code": code, "office_code": LMC}
    if kind == "absent":
        absence = {**named, "absence_id": f"X-{code}"}
        back = on + timedelta(days=rng.randint(1, 9))
        return [
            fact("workforce.officer.absence-started", LMC, at(on, "08:00"), **absence, started_on=on),
            fact("workforce.officer.absence-ended", LMC, at(back, "08:00"), **absence, ended_on=back),
        ]
    if kind == "changed":
        return [officer_changed(code, LMC, at(on, "09:00"), **_terms(rng))]
    if kind == "left":
        return [fact("workforce.officer.left", LMC, at(on, "16:00"), **named, left_on=on)]
    return []


OFFICES = int(os.environ.get("OFFICES", "400"))
"""How many random offices are tried; `make offices` tries the 10,000 of the promise."""


@pytest.mark.timeout(600 + OFFICES)
@settings(max_examples=OFFICES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_random_offices_keep_the_limits_leave_nobody_out_and_conserve_points(rng: Random) -> None:
    told = run(random_history(rng), until=UNTIL)
    _nobody_over_the_hard_limits(told)
    _nobody_waits_while_one_who_may_has_room(told)
    points_are_conserved(told.simulated.states)
    _the_holder_is_the_offices_provider(told)


def _the_holder_is_the_offices_provider(told: Told) -> None:
    """Whoever took an office over holds its cases, those without an officer, too, and the sums find them all."""
    states = told.simulated.states
    for subject, case in states.items():
        if subject.kind != "case" or case.holder is None:
            continue
        assert case.unplaced_in == ("" if case.officer is not None else UNIT)
        if case.officer is not None:
            provider = states[Subject("office", case.officer.office)].provider
            assert provider.on(local_date(UNTIL))[0] == case.holder.code


def _nobody_over_the_hard_limits(told: Told) -> None:
    given_on: dict[tuple[str, str], int] = {}
    for event in told.simulated.outputs:
        if event.event_type not in ("allocation.officer.assigned", "allocation.officer.changed"):
            continue
        assigned = orjson.loads(event.value)["additionalInformation"]
        rules = {rule["ruleId"]: rule["inputs"] for rule in assigned["because"]}
        day = (assigned["officerCode"], assigned["assignedOn"])
        given_on[day] = given_on.get(day, 0) + 1
        if "capacity" in rules.get("assignment.direction", {}).get("overrides", ""):
            continue
        assert Decimal(assigned["capacityPercent"]) <= LIMIT
        if rules.get("assignment-burst", {}).get("exempt") != "officer-left":
            assert given_on[day] <= BURST


def _nobody_waits_while_one_who_may_has_room(told: Told) -> None:
    states = told.simulated.states
    for subject, case in states.items():
        if subject.kind != "case" or case.holder is None or case.officer is not None:
            continue
        office: Office = states[Subject("office", HUB if case.route == "hub" else LMC)]
        assert subject.key in office.awaiting
        for code in office.officers:
            assert not _may_hold(case, office, code), f"{subject.key} waits, and {code} has room"


def _may_hold(case: Case, office: Office, code: str) -> bool:
    needs, terms = needs_of(case, POLICY), office.officers[code]
    suited = terms.grade in needs.grades and needs.required <= set(terms.competencies)
    hours = terms.available / terms.contracted * (100 - terms.reductions)
    room = hours * LIMIT / 100 - workload.load_of(office, code).points - workload.points_of(case, POLICY)
    return suited and not is_away(office, code, local_date(UNTIL)) and room >= 0


def points_are_conserved(states: Mapping[Subject, Any]) -> None:
    """What officers hold is what their cases weigh, in points and in number."""
    held: dict[tuple[str, str], tuple[Decimal, int]] = {}
    for subject, case in states.items():
        if subject.kind == "case" and case.officer is not None:
            points, cases = held.get((case.officer.office, case.officer.code), (Decimal(0), 0))
            held[case.officer.office, case.officer.code] = points + case.officer.points, cases + 1
            assert case.officer.points == workload.points_of(case, POLICY)
    found = {
        (subject.key, code): (row.points, row.cases)
        for subject, office in states.items()
        if subject.kind == "office"
        for code, row in office.loads.items()
        if row.points or row.cases
    }
    assert found == held


# -- any order of arrival ----------------------------------------------------------------------------

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
