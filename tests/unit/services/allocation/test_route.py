"""Hub or local management centre."""

from datetime import date
from typing import Any

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, MONDAY, area, form, run, sentence

UNPAID_WORK = [{"requirement_id": "U1", "kind": "unpaid-work", "hours": "100"}]


def moved(direction: str, when: str) -> HistoryRecord:
    return fact(
        "casework.hub-transfer.completed",
        CRN,
        at(when),
        transfer_id=f"H-{when}",
        direction=direction,
        moved_on=date.fromisoformat(when),
    )


def registered(code: str) -> HistoryRecord:
    return fact("casework.registration.added", CRN, at(MONDAY), registration_id="R1", code=code, from_=MONDAY)


def test_standalone_unpaid_work_goes_straight_to_the_hub() -> None:
    told = run(area(), sentence(requirements=UNPAID_WORK), form())
    assert told.last("route.decided")["route"] == "hub"
    assert told.last("officer.assigned")["officeCode"] == "HUB1"


def test_unpaid_work_with_anything_else_goes_to_the_centre() -> None:
    both = [*UNPAID_WORK, {"requirement_id": "R1", "kind": "rehabilitation-activity", "days": 10}]
    told = run(area(), sentence(requirements=both), form())
    assert told.last("route.decided")["route"] == "lmc"
    assert told.last("officer.assigned")["officeCode"] == "LMC1"


@pytest.mark.parametrize(
    ("stated", "answers", "exclusions"),
    [
        ({"attributes": ["no-address"]}, {}, ["no-address"]),
        ({"attributes": ["no-telephone"]}, {}, ["no-telephone"]),
        ({"attributes": ["needs-translation"]}, {}, ["needs-translation"]),
        ({}, {"domestic_abuse": "history"}, []),
        ({}, {"child_safeguarding": "current"}, []),
    ],
)
def test_exclusions_keep_unpaid_work_out_of_the_hub_abuse_is_waived(
    stated: dict[str, Any], answers: dict[str, Any], exclusions: list[str]
) -> None:
    found = run(area(), sentence(requirements=UNPAID_WORK, **stated), form(**answers)).last("route.decided")
    assert found["exclusions"] == exclusions
    assert found["route"] == ("lmc" if exclusions else "hub")


def test_an_iom_registration_keeps_the_person_out_even_when_it_has_been_removed() -> None:
    removed = fact(
        "casework.registration.removed",
        CRN,
        at(MONDAY, "10:30"),
        registration_id="R1",
        code="iom",
        until=MONDAY,
    )
    found = run(area(), registered("iom"), removed, sentence(requirements=UNPAID_WORK), form()).last("route.decided")
    assert (found["route"], found["exclusions"]) == ("lmc", ["iom"])


def test_history_and_treatment_are_told_with_the_route() -> None:
    treated = [{"requirement_id": "T1", "kind": "drug-rehabilitation"}]
    found = run(area(), sentence(requirements=treated), form(domestic_abuse="history")).last("route.decided")
    assert found["exclusions"] == ["domestic-abuse", "drug-rehabilitation"]


def test_a_move_to_the_hub_and_back_moves_the_officer_too() -> None:
    told = run(area(), sentence(), form(), moved("to-hub", "2016-08-01"), moved("to-lmc", "2016-09-01"))
    assert [each["route"] for each in told.events("route.decided")] == ["lmc", "hub", "lmc"]
    assert [each["officeCode"] for each in told.events("officer.changed")] == ["HUB1", "LMC1"]
    assert told.last("officer.changed")["officerCount"] == 2


def test_an_older_move_that_comes_late_changes_nothing() -> None:
    late = moved("to-hub", "2016-08-01")
    late = HistoryRecord(late.topic, at("2016-10-01"), late.key, late.value)
    told = run(area(), sentence(), form(), moved("to-lmc", "2016-09-01"), late)
    assert [each["route"] for each in told.events("route.decided")] == ["lmc"]


def test_the_nps_has_no_route() -> None:
    assert run(area(), sentence(requirements=UNPAID_WORK), form(rosh_level="high")).events("route.decided") == []
