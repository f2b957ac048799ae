"""Every rule of allocation at its boundary, named by its id: what is just on the one side, and on the other."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import services.allocation
from services.allocation.domain.workload import points_of
from shared.domain.policy import Policy
from tests.builders import at, fact
from tests.unit.services.allocation import test_cover as cover
from tests.unit.services.allocation import test_escalation as escalation
from tests.unit.services.allocation import test_form as forms
from tests.unit.services.allocation import test_hub_transfer as hub
from tests.unit.services.allocation import test_office as offices_of
from tests.unit.services.allocation import test_overload as overload
from tests.unit.services.allocation import test_signals as signals
from tests.unit.services.allocation import test_step_down as step_down
from tests.unit.services.allocation.area import (
    CRN,
    MONDAY,
    POLICY,
    Told,
    area,
    directed,
    form,
    officer,
    offices,
    risk_changed,
    run,
    sentence,
)
from tests.unit.services.allocation.test_allocation_file import transfer
from tests.unit.services.allocation.test_assignment import people
from tests.unit.services.allocation.test_band import assessed
from tests.unit.services.allocation.test_contact import tried


class At(NamedTuple):
    """One side of a boundary: what happened, and what is to be seen."""

    happened: list[Any]
    seen: object
    until: str | None = None


class Rule(NamedTuple):
    """A rule at its boundary, by what is looked at."""

    look: Callable[[Told], object]
    sides: list[At]


def raised(rule: str) -> Callable[[Told], object]:
    """Whether a concern was raised by the rule."""
    return lambda told: rule in {each["ruleId"] for c in told.events("concern.raised") for each in c["because"]}


def holder(told: Told) -> object:
    found = told.case().holder
    return found.kind if found is not None else None


def moves(told: Told) -> object:
    corrected = ["correction"] * len(told.events("provider.corrected"))
    return corrected + [each["reason"] for each in told.events("case.transferred")]


def last(event: str, field: str) -> Callable[[Told], object]:
    return lambda told: told.last(event)[field] if told.events(event) else None


def points(told: Told) -> object:
    return f"{points_of(told.case(), POLICY).normalize():f}"


def held_by_a(told: Told) -> object:
    return told.office().loads["A"].cases


START = [*area(), sentence(), form()]
UNPAID = [{"requirement_id": "U1", "kind": "unpaid-work", "hours": "100"}]
BOTH = [*UNPAID, {"requirement_id": "R1", "kind": "rehabilitation-activity", "days": 10}]
BACK = [*area(), sentence(), form(rosh_level="high"), risk_changed("medium", escalation.CROSSED, "high")]
ASKED_BACK = [*BACK, escalation.requested("2016-06-08", direction="nps-to-crc")]
UP = [*START, risk_changed("high", escalation.CROSSED), escalation.requested("2016-06-06")]
HELD_BY_A = [*offices(), officer("A"), sentence(), form()]
OF_THREE = [*offices(), *(officer(code) for code in "ABC"), sentence(), form()]
LATE_OFFICER = [*offices(), sentence(), form()]


def allocated(**answers: Any) -> list[Any]:
    return [*area(), sentence(), form(**answers)]


def banded(harm: str, ogrs: str | None, motivation: str | None) -> list[Any]:
    known = assessed("2016-03-07", "intake", ogrs2_percent=ogrs, motivation=motivation)
    return [*area(), sentence(), known, form(rosh_level=harm)]


def registered(code: str, on: date = MONDAY) -> Any:
    return fact("casework.registration.added", CRN, at(on), registration_id=f"R-{code}", code=code, from_=on)


def required(*kinds: str) -> Any:
    return sentence(requirements=[{"requirement_id": f"R{n}", "kind": kind} for n, kind in enumerate(kinds)])


def ground(below: dict[str, Any], above: dict[str, Any]) -> Rule:
    return Rule(holder, [At(allocated(**below), "crc"), At(allocated(**above), "nps")])


def due(rule: str, before: list[Any], after: list[Any]) -> Rule:
    return Rule(raised(rule), [At(before, seen=False), At(after, seen=True)])


PRISON = sentence(disposal="custody", offence_on=date(2016, 1, 4), custodial_term="P18M", noms_number="G1234AB")

BOUNDARIES: dict[str, Rule] = {
    "nps.rsr": Rule(
        holder,
        [
            At(allocated(rsr_percent="6.89"), "crc"),
            At(allocated(rsr_percent="6.90"), "nps"),
            At(allocated(rsr_percent="6.91"), "nps"),
        ],
    ),
    "nps.rosh": Rule(
        holder,
        [
            At(allocated(rosh_level="medium"), "crc"),
            At(allocated(rosh_level="high"), "nps"),
            At(allocated(rosh_level="very-high"), "nps"),
        ],
    ),
    "nps.mappa": ground({"mappa_level": "none"}, {"mappa_level": "1"}),
    "nps.deportation": ground({}, {"deportation_liable": True}),
    "nps.deferred": ground({}, {"deferred_sentence": True}),
    "nps.public-interest": ground({}, {"public_interest": True}),
    "crc.otherwise": Rule(
        last("provider.decided", "grounds"),
        [At(allocated(rosh_level="medium"), ["none"]), At(allocated(rosh_level="high"), ["rosh"])],
    ),
    "transfer.wrong-allocation": Rule(moves, [At(START, []), At([*START, transfer("2016-03-10")], ["correction"])]),
    "transfer.moved-area": Rule(
        moves, [At(START, []), At([*START, transfer("2016-03-10", reason="moved-area")], ["moved-area"])]
    ),
    "transfer.escalation": Rule(
        moves,
        [
            At([*UP, escalation.decided("2016-06-07", "rejected")], []),
            At([*UP, escalation.decided("2016-06-07")], ["escalation"]),
        ],
    ),
    "transfer.risk-fall": Rule(
        moves,
        [
            At([*ASKED_BACK, escalation.decided("2016-06-09", "rejected")], []),
            At([*ASKED_BACK, escalation.decided("2016-06-09")], ["risk-fall"]),
        ],
    ),
    "transfer.provider-changed": Rule(
        moves,
        [
            At([*START, offices_of.passes("C02")], [], until="2016-05-31"),
            At([*START, offices_of.passes("C02")], ["provider-changed"], until="2016-06-01"),
        ],
    ),
    "allocation-overdue": due(
        "allocation-overdue",
        [*area(), sentence(), form(when=at("2016-03-09", "22:00"))],
        [*area(), sentence(), form(when=at("2016-03-10", "08:00"))],
    ),
    "escalation-unanswered": due(
        "escalation-unanswered",
        [*UP, escalation.decided("2016-06-07", clock="10:00")],
        [*UP, escalation.decided("2016-06-07", clock="10:01")],
    ),
    "escalation-unanswered.risk-fall": due(
        "escalation-unanswered.risk-fall",
        [*ASKED_BACK, escalation.decided("2016-06-22", "rejected")],
        [*ASKED_BACK, escalation.decided("2016-06-23", "rejected")],
    ),
    "wrong-provider": due("wrong-provider", START, [*START, risk_changed("high", date(2016, 6, 6))]),
    "officer-unassigned.warning": due(
        "officer-unassigned.warning",
        [*LATE_OFFICER, officer("A", when=at("2016-03-07", "20:00"))],
        [*LATE_OFFICER, officer("A", when=at("2016-03-08", "20:00"))],
    ),
    "officer-unassigned.serious": due(
        "officer-unassigned.serious",
        [*LATE_OFFICER, officer("A", when=at("2016-03-13", "20:00"))],
        [*LATE_OFFICER, officer("A", when=at("2016-03-14", "20:00"))],
    ),
    "assignment.grades-for-complex": Rule(
        last("officer.assigned", "grade"),
        [At(allocated(domestic_abuse="history"), "pso"), At(allocated(domestic_abuse="current"), "po")],
    ),
    "assignment.grades": Rule(
        last("officer.assigned", "grade"),
        [
            At([*offices(), officer("A", grade="spo"), sentence(), form()], None),
            At([*offices(), officer("A", grade="po"), sentence(), form()], "po"),
        ],
    ),
    "assignment.competencies": Rule(
        last("officer.assigned", "officerCode"),
        [
            At([*offices(), officer("A", competencies=[]), registered("iom"), sentence(), form()], None),
            At([*offices(), officer("A", competencies=["iom"]), registered("iom"), sentence(), form()], "A"),
        ],
    ),
    "assignment.direction": Rule(
        last("officer.changed", "officerCode"),
        [At(START, None), At([*START, directed("LMC1-PO", at("2016-03-08"))], "LMC1-PO")],
    ),
    "assignment-burst": due(
        "assignment-burst",
        [*offices(), officer("A"), *overload.people(5)],
        [*offices(), officer("A"), *overload.people(6)],
    ),
    "workload.overload": Rule(
        held_by_a,
        [
            At([*offices(), officer("A", available_hours="1.2110"), *people(3)], 2, until="2016-03-08"),
            At([*offices(), officer("A", available_hours="1.2109"), *people(3)], 1, until="2016-03-08"),
        ],
    ),
    "workload.overload-severe": due(
        "workload.overload-severe",
        [*offices(), officer("A", available_hours="0.4758"), *overload.people(1)],
        [*offices(), officer("A", available_hours="0.4757"), *overload.people(1)],
    ),
    "workload.caseload-limit": due(
        "workload.caseload-limit",
        [*offices(), officer("A", available_hours="168"), *overload.weeks(70)],
        [*offices(), officer("A", available_hours="168"), *overload.weeks(71)],
    ),
    "workload.points-by-grade": Rule(
        last("officer.assigned", "capacityPercent"),
        [At(START, "1.8"), At([*offices(), officer("A", grade="manager"), sentence(), form()], None)],
    ),
    "workload.points-by-band": Rule(
        points,
        [
            At(banded("low", "49", "low"), "0.7"),
            At(banded("medium", "49", "low"), "1.3"),
            At(banded("medium", "50", "low"), "1.8"),
            At(banded("medium", "50", "high"), "2.4"),
        ],
    ),
    "workload.points-by-rosh": Rule(
        points, [At(allocated(rosh_level="high"), "2.6"), At(allocated(rosh_level="very-high"), "3.2")]
    ),
    "workload.points-by-requirement": Rule(
        points,
        [
            At([*area(), required("curfew"), form()], "1.8"),
            At([*area(), required("drug-rehabilitation"), form()], "2.1"),
        ],
    ),
    "workload.percent-by-stage": Rule(
        points,
        [At(allocated(rosh_level="high"), "2.6"), At([*area(), PRISON, form(rosh_level="high")], "1.3")],
    ),
    "cover-missing": due(
        "cover-missing",
        [*HELD_BY_A, cover.away(), cover.back(date(2016, 5, 16))],
        [*HELD_BY_A, cover.away(), cover.back(date(2016, 5, 17))],
    ),
    "step-down-candidate": due(
        "step-down-candidate",
        [*step_down.by_a_po(), step_down.planned(), step_down.closed(1, "2016-06-06")],
        [*step_down.by_a_po(), *step_down.DONE],
    ),
    "band.table": Rule(
        last("band.set", "band"),
        [
            At(banded("low", "49", "low"), "green"),
            At(banded("low", "49", "high"), "green"),
            At(banded("low", "50", "low"), "yellow"),
            At(banded("low", "50", "high"), "red"),
            At(banded("medium", "49", "low"), "yellow"),
            At(banded("medium", "49", "high"), "yellow"),
            At(banded("medium", "50", "low"), "blue"),
            At(banded("medium", "50", "high"), "red"),
        ],
    ),
    "band.minimum-hours": Rule(
        last("band.set", "minimumFaceToFaceHours"),
        [
            At(banded("low", "49", "low"), "12"),
            At(banded("medium", "49", "low"), "24"),
            At(banded("medium", "50", "low"), "35"),
            At(banded("medium", "50", "high"), "35"),
        ],
    ),
    "band.supplementary-hours": Rule(
        last("band.set", "supplementaryHours"),
        [
            At(banded("low", "49", "low"), "0"),
            At(banded("medium", "49", "low"), "3.5"),
            At(banded("medium", "50", "low"), "5"),
            At(banded("medium", "50", "high"), "22.5"),
        ],
    ),
    "band.ogrs-cut-off": Rule(
        last("band.set", "likelihood"),
        [At(banded("medium", "49.99", "low"), "low"), At(banded("medium", "50", "low"), "high")],
    ),
    "band.motivation": Rule(
        last("band.set", "motivation"),
        [At(banded("medium", "50", "low"), "low"), At(banded("medium", "50", "high"), "high")],
    ),
    "band.presumed-likelihood": Rule(
        last("band.set", "likelihood"),
        [At(banded("medium", None, "low"), "high"), At(banded("low", "10", None), "low")],
    ),
    "band.presumed-motivation": Rule(
        last("band.set", "motivation"), [At(banded("low", "60", None), "low"), At(banded("low", "60", "high"), "high")]
    ),
    "allocation-form-incomplete": due(
        "allocation-form-incomplete", allocated(not_known=["diversity"]), allocated(not_known=["mental-health"])
    ),
    "rsr-missing": due(
        "rsr-missing",
        [*area(), sentence(), forms.score("2016-03-08", percent="1.20")],
        [*area(), sentence(), forms.score("2016-03-09", percent="1.20")],
    ),
    "rosh-screening-missing.screening": due(
        "rosh-screening-missing.screening",
        allocated(rosh_screened_on=MONDAY),
        allocated(rosh_screened_on=date(2016, 3, 8)),
    ),
    "rosh-screening-missing.analysis": due(
        "rosh-screening-missing.analysis",
        [*allocated(full_analysis="required"), forms.assessed("2016-03-09", "rosh-full-analysis")],
        [*allocated(full_analysis="required"), forms.assessed("2016-03-10", "rosh-full-analysis")],
    ),
    "report-not-written-up": due(
        "report-not-written-up",
        [*area(), sentence(report={"kind": "oral", "written_up_on": MONDAY}), form()],
        [*area(), sentence(report={"kind": "oral", "written_up_on": date(2016, 3, 8)}), form()],
    ),
    "risk-review-overdue": due(
        "risk-review-overdue",
        [*allocated(risk_review_on=date(2016, 6, 6)), forms.reviewed("2016-06-06")],
        [*allocated(risk_review_on=date(2016, 6, 6)), forms.reviewed("2016-06-07")],
    ),
    "safeguarding-check-outstanding.request": due(
        "safeguarding-check-outstanding.request",
        [*START, forms.check("domestic-abuse", "2016-03-07"), forms.check("child", "2016-03-07")],
        [*START, forms.check("domestic-abuse", "2016-03-07"), forms.check("child", "2016-03-08")],
    ),
    "safeguarding-check-outstanding.return": due(
        "safeguarding-check-outstanding.return",
        [*START, forms.check("child", "2016-03-07"), forms.check("child", "2016-03-07", "2016-03-14")],
        [*START, forms.check("child", "2016-03-07"), forms.check("child", "2016-03-07", "2016-03-15")],
    ),
    "grade-mismatch": due("grade-mismatch", START, [*START, registered("child-protection", date(2016, 5, 2))]),
    "officer-churn": due(
        "officer-churn",
        [*OF_THREE, directed("B", at("2016-04-04"))],
        [*OF_THREE, directed("B", at("2016-04-04")), directed("C", at("2016-05-04"))],
    ),
    "hub-ineligible": due(
        "hub-ineligible",
        [*area(), sentence(requirements=UNPAID), form()],
        [*area(), sentence(requirements=UNPAID), form(), registered("iom", date(2016, 5, 2))],
    ),
    "hub-ineligible.risen": due(
        "hub-ineligible.risen",
        [*allocated(rosh_level="low"), hub.moved(), risk_changed("medium", hub.MOVED, "low")],
        [*allocated(rosh_level="low"), hub.moved(), risk_changed("medium", date(2016, 8, 2), "low")],
    ),
    "hub.straight-to": Rule(
        last("route.decided", "route"),
        [
            At([*area(), sentence(requirements=BOTH), form()], "lmc"),
            At([*area(), sentence(requirements=UNPAID), form()], "hub"),
            At([*area(), PRISON, form()], "hub"),
        ],
    ),
    "hub.exclusions": Rule(
        last("route.decided", "exclusions"),
        [
            At([*area(), sentence(requirements=UNPAID), form()], []),
            At([*area(), sentence(requirements=UNPAID, attributes=["no-address"]), form()], ["no-address"]),
            At([*area(), sentence(requirements=UNPAID, attributes=["no-telephone"]), form()], ["no-telephone"]),
            At([*area(), sentence(attributes=["needs-translation"]), form()], ["needs-translation"]),
            At([*area(), registered("iom"), sentence(), form()], ["iom"]),
            At([*area(), required("drug-rehabilitation"), form()], ["drug-rehabilitation"]),
            At(allocated(domestic_abuse="history"), ["domestic-abuse"]),
            At(allocated(child_safeguarding="history"), ["child-safeguarding"]),
        ],
    ),
    "hub.exclusions-waived": Rule(
        last("route.decided", "route"),
        [
            At([*area(), sentence(requirements=UNPAID), form(domestic_abuse="current")], "hub"),
            At([*area(), sentence(requirements=UNPAID), form(child_safeguarding="history")], "hub"),
            At([*area(), registered("iom"), sentence(requirements=UNPAID), form()], "lmc"),
        ],
    ),
    "hub-transfer-ungated": due(
        "hub-transfer-ungated",
        [*START, hub.REVIEW, hub.credited(20, date(2016, 7, 20)), hub.moved()],
        [*START, hub.REVIEW, hub.credited(19, date(2016, 7, 20)), hub.moved()],
    ),
    "hub.police-check": due(
        "hub-transfer-ungated",
        [*hub.IN_QUESTION, hub.checked(date(2016, 6, 30), date(2016, 7, 1)), hub.moved()],
        [*hub.IN_QUESTION, hub.checked(date(2016, 6, 29), date(2016, 6, 30)), hub.moved()],
    ),
    "hub-non-response": due(
        "hub-non-response",
        [*area(), sentence(requirements=UNPAID), form(), tried("2016-05-02")],
        [*area(), sentence(requirements=UNPAID), form(), tried("2016-05-02"), tried("2016-05-09")],
    ),
    "risk-signals-unescalated": due(
        "risk-signals-unescalated", [*START, *signals.FOUR_AND_ONE], [*START, *signals.FOUR_AND_TWO]
    ),
    "risk-signals.weights": due(
        "risk-signals-unescalated",
        [*START, signals.called_out("2016-05-02"), signals.changed("2016-05-03", "employment-started")],
        [*START, signals.called_out("2016-05-02"), signals.changed("2016-05-03", "homeless")],
    ),
}


@pytest.mark.parametrize(
    ("rule", "side"),
    [
        pytest.param(rule, side, id=f"{rule}-{n}")
        for rule, found in BOUNDARIES.items()
        for n, side in enumerate(found.sides)
    ],
)
def test_a_rule_at_its_boundary(rule: str, side: At) -> None:
    told = run(side.happened, until=at(side.until) if side.until else None)
    assert BOUNDARIES[rule].look(told) == side.seen


def test_every_rule_of_allocation_has_its_boundary_and_says_where_it_comes_from() -> None:
    own = Policy.load(Path(services.allocation.__file__).parent / "policy")
    assert {parameter.id for parameter in own} == set(BOUNDARIES)
    for parameter in own:
        assert parameter.confirmed <= (parameter.source != "no confirmed source"), parameter.id
        assert len({str(side.seen) for side in BOUNDARIES[parameter.id].sides}) > 1, parameter.id
