"""Which officer holds a case, and why each of the others does not."""

from datetime import date
from typing import Any

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import (
    ALL,
    CRN,
    LMC,
    MONDAY,
    area,
    directed,
    ended,
    form,
    officer,
    officer_changed,
    offices,
    run,
    sentence,
)


def people(n: int, *, first: int = 1, **answers: Any) -> list[HistoryRecord]:
    """People sentenced on one day, and their forms."""
    found = []
    for index in range(first, first + n):
        crn, minute = f"A{index:06d}", f"{index % 60:02d}"
        found.append(sentence(crn, when=at(MONDAY, f"14:{minute}")))
        found.append(form(crn, at(MONDAY, f"15:{minute}"), **answers))
    return found


def registered(code: str) -> HistoryRecord:
    return fact("casework.registration.added", CRN, at(MONDAY), registration_id=f"R-{code}", code=code, from_=MONDAY)


def test_a_case_without_complexity_prefers_a_pso() -> None:
    told = run(area(), sentence(), form())
    assigned = told.last("officer.assigned")
    assert (assigned["officerCode"], assigned["grade"], assigned["assignedOn"]) == ("LMC1-PSO", "pso", "2016-03-07")
    assert assigned["capacityPercent"] == "1.8"
    assert assigned["rejected"] == []


@pytest.mark.parametrize(
    "answers",
    [
        {"domestic_abuse": "current"},
        {"child_safeguarding": "current"},
    ],
)
def test_a_complex_case_needs_a_po(answers: dict[str, Any]) -> None:
    assigned = run(area(), sentence(), form(**answers)).last("officer.assigned")
    assert assigned["officerCode"] == "LMC1-PO"
    assert assigned["rejected"] == [{"officerCode": "LMC1-PSO", "reason": "grade"}]


def test_history_alone_is_not_complex() -> None:
    assert run(area(), sentence(), form(domestic_abuse="history")).last("officer.assigned")["grade"] == "pso"


def test_a_po_takes_what_no_pso_can() -> None:
    told = run(offices(), officer("A", grade="po"), sentence(), form())
    assert told.last("officer.assigned")["officerCode"] == "A"


@pytest.mark.parametrize("grade", ["spo", "manager", "administrator"])
def test_other_grades_hold_no_cases(grade: str) -> None:
    told = run(offices(), officer("A", grade=grade), sentence(), form())
    assert told.events("officer.assigned") == []


def test_competence_that_the_case_requires_and_the_officer_lacks() -> None:
    without = [each for each in ALL if each != "iom"]
    team = [officer("A", competencies=without), officer("B")]
    assigned = run(offices(), team, registered("iom"), sentence(), form()).last("officer.assigned")
    assert assigned["officerCode"] == "B"
    assert assigned["rejected"] == [{"officerCode": "A", "reason": "competence"}]


def test_competence_that_would_suit_is_preferred_and_not_required() -> None:
    team = [officer("A"), officer("B", competencies=[*ALL, "interpreter:pl"])]
    pole = sentence(attributes=["interpreter:pl"])
    assert run(offices(), team, pole, form()).last("officer.assigned")["officerCode"] == "B"
    assert run(offices(), team[0], pole, form()).last("officer.assigned")["officerCode"] == "A"


def test_the_lowest_capacity_goes_first_and_ties_go_by_code() -> None:
    team = [officer("B"), officer("A"), officer("C", available_hours="18.5")]
    told = run(offices(), team, people(4))
    assert [each["officerCode"] for each in told.events("officer.assigned")] == ["A", "B", "A", "B"]
    assert [each["capacityPercent"] for each in told.events("officer.assigned")] == ["1.8", "1.8", "3.6", "3.6"]


def test_reductions_and_hours_shrink_what_an_officer_has_available() -> None:
    told = run(offices(), officer("A", available_hours="18.5", reductions_percent="20"), sentence(), form())
    assert told.last("officer.assigned")["capacityPercent"] == "4.5"


@pytest.mark.parametrize(
    ("hours", "held"),
    [
        ("1.2110", 2),  # 3.6 of 3.27297 points: 109.99 %
        ("1.2109", 1),  # 3.6 of 3.27270 points: 110.001 %, shown as 110.0
    ],
)
def test_capacity_is_compared_exactly_not_as_shown(hours: str, held: int) -> None:
    told = run(offices(), officer("A", available_hours=hours), people(4), until=at(MONDAY, "23:00"))
    assert told.office().loads["A"].cases == held


def test_two_assignments_at_one_instant_never_both_take_the_last_room() -> None:
    crns = ("A000001", "A000002")
    together = [each for crn in crns for each in (sentence(crn), form(crn))]
    told = run(offices(), officer("A", available_hours="0.74"), together, until=at(MONDAY, "23:00"))
    assert told.office().loads["A"].cases == 1
    assert sorted(told.office().awaiting) == ["A000002"]


def test_nobody_is_given_more_than_five_new_cases_in_a_day_the_sixth_waits_for_tomorrow() -> None:
    told = run(offices(), officer("A"), people(6))
    assert [each["assignedOn"] for each in told.events("officer.assigned")] == ["2016-03-07"] * 5 + ["2016-03-08"]
    assert told.when("officer.assigned")[-1] == at("2016-03-08", "00:00")


def test_an_absent_officer_is_given_nobody_until_they_are_back() -> None:
    away = fact(
        "workforce.officer.absence-started",
        LMC,
        at("2016-03-01"),
        absence_id="X",
        officer_code="A",
        office_code=LMC,
        started_on=date(2016, 3, 1),
    )
    back = fact(
        "workforce.officer.absence-ended",
        LMC,
        at("2016-03-10"),
        absence_id="X",
        officer_code="A",
        office_code=LMC,
        ended_on=date(2016, 3, 11),
    )
    told = run(offices(), officer("A"), away, sentence(), form(), back)
    assert told.when("officer.assigned") == [at("2016-03-11", "00:00")]


def test_continuity_goes_before_everything_but_the_limits() -> None:
    team = [officer("A"), officer("B"), officer("C", grade="po")]
    told = run(
        offices(),
        team,
        people(2),
        ended("A000002", date(2016, 5, 2)),
        sentence("A000002", date(2016, 6, 6), "O2"),
        form("A000002", at("2016-06-06", "15:00"), "O2"),
    )
    assert [each["officerCode"] for each in told.events("officer.assigned", "A000002")] == ["B", "B"]


def test_room_that_comes_free_goes_to_who_has_waited_longest() -> None:
    small = officer("A", available_hours="0.74")
    told = run(offices(), small, people(3), ended("A000001", date(2016, 3, 9)))
    assert [each.key for each in told.simulated.outputs if each.event_type == "allocation.officer.assigned"] == [
        "A000001",
        "A000002",
    ]
    assert told.when("officer.assigned")[1] == at("2016-03-10", "00:00")
    assert set(told.office().awaiting) == {"A000003"}


def test_a_new_officer_takes_who_waits() -> None:
    told = run(offices(), sentence(), form(), officer("A", when=at("2016-03-09")))
    assert told.when("officer.assigned") == [at("2016-03-10", "00:00")]
    assert told.case().awaiting_since is None
    assert told.office().awaiting == {}


def test_more_hours_make_room() -> None:
    told = run(
        offices(),
        officer("A", available_hours="0"),
        sentence(),
        form(),
        officer_changed("A", LMC, at("2016-03-09")),
    )
    assert told.when("officer.assigned") == [at("2016-03-10", "00:00")]


def test_a_case_that_asks_for_less_tries_again() -> None:
    removed = fact(
        "casework.registration.removed",
        CRN,
        at("2016-03-09"),
        registration_id="R-iom",
        code="iom",
        until=date(2016, 3, 9),
    )
    told = run(offices(), officer("A", competencies=[]), registered("iom"), sentence(), form(), removed)
    assert told.when("officer.assigned") == [at("2016-03-10", "00:00")]


def left(code: str, on: date, office_code: str = LMC) -> HistoryRecord:
    return fact("workforce.officer.left", office_code, at(on), officer_code=code, office_code=office_code, left_on=on)


def test_the_leavers_cases_go_to_others_at_the_next_midnight() -> None:
    team = [officer("A"), officer("B")]
    told = run(offices(), team, people(4), left("A", date(2016, 4, 4)))
    changed = told.events("officer.changed")
    assert [(each["fromOfficerCode"], each["officerCode"]) for each in changed] == [("A", "B"), ("A", "B")]
    assert told.when("officer.changed") == [at("2016-04-04", "23:00")] * 2  # midnight of London, summer time
    assert {each["officerCount"] for each in changed} == {2}
    assert set(told.office().officers) == {"B"}
    assert set(told.office().loads) == {"B"}


def test_however_many_cases_the_leaver_had_all_are_reassigned_at_that_midnight_spread_by_capacity() -> None:
    days = [people(5, first=1), *([sentence(crn, day), form(crn, at(day, "15:00"))] for crn, day in LATER)]
    others = [officer(code, when=at("2016-04-01")) for code in ("B", "C")]
    told = run(offices(), officer("A"), *days, others, left("A", date(2016, 4, 4)))
    changed = told.events("officer.changed")
    assert told.when("officer.changed") == [at("2016-04-04", "23:00")] * 14
    assert [each["officerCode"] for each in changed] == ["B", "C"] * 7
    assert changed[-1]["because"][3]["inputs"] == {"exempt": "officer-left", "newToday": "6"}
    bursts = [each["subject"]["code"] for each in told.raised() if each["code"] == "assignment-burst"]
    assert bursts == ["B", "C"]


LATER = [(f"A{n:06d}", date(2016, 3, 8 + n // 5)) for n in range(6, 15)]
"""Nine people more, over the days that follow."""


def test_who_leaves_is_given_nobody_from_then_on_and_keeps_theirs_to_the_last_day() -> None:
    going = fact(
        "workforce.officer.left",
        LMC,
        at("2016-03-07", "14:30"),
        officer_code="A",
        office_code=LMC,
        left_on=date(2016, 3, 18),
    )
    told = run(offices(), officer("A"), officer("B"), sentence(), going, form())
    assert told.last("officer.assigned")["officerCode"] == "B"
    told = run(offices(), officer("A"), sentence(when=at(MONDAY, "13:00")), form(when=at(MONDAY, "14:00")), going)
    assert told.case().officer is None
    assert told.case().needed_from == date(2016, 3, 19)


def test_a_leaver_who_comes_back_in_time_keeps_their_cases() -> None:
    told = run(
        offices(),
        officer("A"),
        sentence(),
        form(),
        left("A", date(2016, 4, 4)),
        officer("A", when=at("2016-04-04", "12:00")),
    )
    assert told.case().officer is not None
    assert told.events("officer.changed") == []


def test_whose_case_has_gone_to_another_is_left_alone() -> None:
    told = run(
        offices(),
        officer("A"),
        officer("B"),
        sentence(),
        form(),
        left("A", date(2016, 4, 4)),
        directed("B", at("2016-04-04", "12:00")),
    )
    assert [each["officerCode"] for each in told.events("officer.changed")] == ["B"]


def test_a_direction_is_followed() -> None:
    told = run(area(), sentence(), form(), directed("LMC1-PO", at("2016-03-08")))
    changed = told.last("officer.changed")
    assert (changed["officerCode"], changed["fromOfficerCode"]) == ("LMC1-PO", "LMC1-PSO")
    assert told.office().loads["LMC1-PSO"].cases == 0
    assert {rule["ruleId"] for rule in changed["because"]} >= {"assignment.direction"}


def test_a_direction_before_the_allocation_is_followed_with_it() -> None:
    told = run(area(), sentence(), directed("LMC1-PO", at(MONDAY, "14:30")), form())
    assert [each["officerCode"] for each in told.events("officer.assigned")] == ["LMC1-PO"]


def test_over_the_limit_a_direction_needs_its_override() -> None:
    small = [officer("A", available_hours="0.74"), officer("B")]
    first = directed("A", at("2016-03-08", "09:00"), crn="A000001")
    history = [*offices(), *small, *people(2), first, directed("A", at("2016-03-08"), crn="A000002")]
    refused = run(history)
    assert refused.outcomes("casework.assignment.directed") == {"decided": 1, "refused capacity-without-override": 1}
    assert refused.case("A000002").officer is not None
    history[-1] = directed("A", at("2016-03-08"), ["capacity"], crn="A000002")
    told = run(history)
    assert told.last("officer.changed")["officerCode"] == "A"
    assert told.office().loads["A"].cases == 2


def test_an_absent_or_unknown_officer_cannot_be_directed() -> None:
    told = run(area(), sentence(), form(), directed("NOBODY", at("2016-03-08")))
    assert told.outcomes("casework.assignment.directed") == {"refused no-such-officer-here": 1}
    assert told.last("officer.assigned")["officerCode"] == "LMC1-PSO"


def test_a_direction_to_who_holds_the_case_only_records_the_overrides() -> None:
    told = run(area(), sentence(), form(), directed("LMC1-PSO", at("2016-03-08"), ["grade"]))
    assert told.events("officer.changed") == []
    held = told.case().officer
    assert held is not None
    assert held.overrides == ("grade",)


def test_the_same_history_gives_the_same_officer_and_the_same_bytes() -> None:
    history = [*area(), *people(8)]
    assert [each.value for each in run(history).simulated.outputs] == [
        each.value for each in run(list(reversed(history))).simulated.outputs
    ]


def _passed_over(*records: Any) -> str | None:
    assigned = run(*records).last("officer.assigned")
    (rule,) = [rule for rule in assigned["because"] if rule["ruleId"] == "workload.overload"]
    told: str | None = rule["inputs"].get("passedOver")
    return told


def test_who_was_free_and_not_chosen_is_named_with_the_reason() -> None:
    team = [officer("A"), officer("B"), officer("C", available_hours="20"), officer("D", grade="po")]
    told = _passed_over(offices(), team, sentence(), form())
    assert told == "higher capacity 1: C; later code 1: B; suited less 1: D"
    assert _passed_over(offices(), officer("A"), sentence(), form()) is None


@pytest.mark.parametrize(("others", "told"), [(20, "later code 20: B01, "), (21, "later code 21: B01, ")])
def test_in_a_large_office_the_first_twenty_are_named_and_all_are_counted(others: int, told: str) -> None:
    team = [officer("A"), *(officer(f"B{n:02d}") for n in range(1, others + 1))]
    found = _passed_over(offices(), team, sentence(), form())
    assert found is not None
    assert found.startswith(told)
    assert found.endswith("B20" if others == 20 else "B20, …")
