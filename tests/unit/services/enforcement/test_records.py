"""Two numbers that turn out to be one person: the cases are one, as if they had always been."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from deploy.simulate import simulate
from services.enforcement.app import SERVICE
from services.enforcement.domain.case import Case
from shared.domain.business_days import end_of_day
from shared.domain.fact import Subject
from tests.builders import at, fact
from tests.unit.services.enforcement.person import CRN, POLICY, Person, day

OTHER = "Y123456"


def on_order() -> Person:
    return Person().sentenced("2016-01-04").allocated("2016-01-05").attended("2016-01-07", "A0")


class Told:
    """What enforcement decided about two numbers, by the end of a day."""

    def __init__(self, *parts: tuple[str, Person], merged: str = "", until: str = "2016-03-01", into: str = CRN):
        records = [
            replace(record, key=crn.encode(), value=(record.value or b"").replace(CRN.encode(), crn.encode()))
            for crn, person in parts
            for record in person.records
        ]
        if merged:
            goes = OTHER if into == CRN else CRN
            records.append(fact("casework.person.merged", goes, at(merged, "08:00"), into_crn=into))
        self.out = simulate(records, [(SERVICE, POLICY)], end_of_day(day(until)))["enforcement"]
        assert not self.out.parked

    def case(self, crn: str = CRN) -> Case:
        case: Case = self.out.states[Subject("case", crn)]
        return case

    def events(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """Key and payload of the events of a type."""
        return [
            (event.key, orjson.loads(event.value)["additionalInformation"])
            for event in self.out.outputs
            if event.event_type == f"enforcement.{name}"
        ]


def test_the_case_that_goes_is_left_bare_and_points_to_the_one_that_stays() -> None:
    told = Told((OTHER, on_order().absent("2016-02-01", "A1")), merged="2016-02-05")
    bare = told.case(OTHER)
    assert bare == Case(key=OTHER, merged_into=CRN, raised=bare.raised)
    assert sorted(told.case().duties) == ["initial-contact-late.community", "unseen", "warning-overdue"]


def test_a_warning_under_one_number_and_a_failure_under_the_other_make_breach_due() -> None:
    warned = on_order().absent("2016-02-01", "A1").warned("2016-02-02", "W1", "A1")
    failed = Person().absent("2016-02-08", "A2")
    apart = Told((OTHER, warned), (CRN, failed))
    assert apart.events("breach.due") == []
    told = Told((OTHER, warned), (CRN, failed), merged="2016-02-15")
    ((key, due),) = told.events("breach.due")
    assert (key, due["failureIds"], due["dueAt"]) == (CRN, ["A2"], "2016-02-18T23:59:59.999000Z")


def test_an_open_concern_ends_with_the_case_that_goes_and_is_raised_of_the_one_that_stays() -> None:
    told = Told((OTHER, on_order().absent("2016-02-01", "A1")), merged="2016-02-10", until="2016-02-10")
    raised = [(key, each["code"]) for key, each in told.events("concern.raised")]
    assert raised == [(OTHER, "warning-overdue"), (CRN, "warning-overdue")]
    assert [(key, each["code"]) for key, each in told.events("concern.cleared")] == [(OTHER, "warning-overdue")]


def test_a_failure_counted_and_a_breach_raised_are_not_told_again() -> None:
    person = on_order().absent("2016-02-01", "A1").warned("2016-02-02", "W1", "A1").absent("2016-02-08", "A2")
    told = Told((OTHER, person.pack("2016-02-10", "A1", "A2")), merged="2016-02-15")
    assert [key for key, _ in told.events("absence.counted")] == [OTHER, OTHER]
    assert [key for key, _ in told.events("breach.raised")] == [OTHER]
    assert told.case().stages["breach"]["O1"].stage == "submitted"


def test_facts_under_the_old_number_go_to_the_case_that_stays() -> None:
    before = on_order().absent("2016-02-01", "A1").warned("2016-02-02", "W1", "A1")
    told = Told((OTHER, before.absent("2016-02-22", "A2")), merged="2016-02-10")
    assert [key for key, _ in told.events("breach.due")] == [CRN]
    assert told.case(OTHER).failures == {}


@pytest.mark.parametrize("merged", ["2016-02-03", "2016-02-20"])
def test_what_one_number_took_back_is_taken_back_of_the_other(merged: str) -> None:
    taken_back = Person().withdrawn("2016-02-10", "A1").warning_withdrawn("2016-02-10", "W1")
    stated = on_order().absent("2016-02-01", "A1").warned("2016-02-02", "W1", "A1")
    told = Told((OTHER, taken_back), (CRN, stated), merged=merged)
    assert (told.case().failures, told.case().counted, told.case().warnings) == ({}, {}, {})


def test_of_one_record_under_two_numbers_the_latest_statement_stands() -> None:
    earlier = on_order().arranged("2016-02-01", "A1", "2016-02-20").judged("2016-02-02", "A9", "acceptable")
    later = Person().arranged("2016-02-03", "A1", "2016-02-25", changed_by="provider")
    later.missed("2016-02-01", "A9").judged("2016-02-05", "A9", "unacceptable", n=2)
    for one, other in ((OTHER, CRN), (CRN, OTHER)):
        told = Told((one, earlier), (other, later), merged="2016-02-10")
        assert [plan.on.isoformat() for plan in told.case().arranged["A1"].plans] == ["2016-02-20", "2016-02-25"]
        assert told.case().counted["A9"].judgement == "unacceptable"


def test_a_merger_of_what_is_one_already_is_ignored() -> None:
    back = fact("casework.person.merged", CRN, at("2016-02-12"), into_crn=OTHER)
    person = on_order()
    records = [
        *person.records,
        fact("casework.person.merged", OTHER, at("2016-02-10"), into_crn=CRN),
        fact("casework.person.merged", OTHER, at("2016-02-11"), into_crn=CRN),
        back,
    ]
    out = simulate(records, [(SERVICE, POLICY)], end_of_day(day("2016-03-01")))["enforcement"]
    lines = [orjson.loads(line.content) for line in out.journal]
    assert [line["reason"] for line in lines if line["type"] == "casework.person.merged"] == [
        "", "merged-already", "merged-already",
    ]  # fmt: skip
    assert not out.parked


def test_a_stage_that_waits_for_its_day_is_reached_under_the_number_that_stays() -> None:
    person = on_order()
    person.state(
        "casework.breach-pack.submitted", day("2016-02-01"), pack_id="P", submission=1, order_id="O1",
        failure_ids=["A1"], aware_on=day("2016-02-01"), proposal="continue", circumstances_recorded=True,
        submitted_on=day("2016-02-20"),
    )  # fmt: skip
    told = Told((OTHER, person), merged="2016-02-10")
    assert told.case().stages["breach"]["O1"].stage == "submitted"
    assert [key for key, _ in told.events("breach.raised")] == [CRN]
