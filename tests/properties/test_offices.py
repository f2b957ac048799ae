"""Random offices of allocation keep their limits, leave nobody out and conserve points."""

import os
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.history import HistoryRecord
from services.allocation.domain import workload
from services.allocation.domain.case import Case
from services.allocation.domain.office import Office, is_away
from services.allocation.domain.suitability import needs_of
from shared.domain.business_days import local_date
from shared.domain.fact import Subject
from tests.builders import at, fact
from tests.unit.services.allocation.area import (
    ALL,
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
    run,
    sentence,
)

LIMIT, BURST = Decimal(110), 5
UNTIL = at("2016-04-30")

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
