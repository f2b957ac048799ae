"""Two cases that are one person."""

from dataclasses import replace
from datetime import date

import pytest

from deploy.history import HistoryRecord
from services.allocation.domain.case import Case
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, MONDAY, area, ended, form, run, sentence

OTHER = "A000002"


def merged(when: str = "2016-06-01") -> HistoryRecord:
    return fact("casework.person.merged", OTHER, at(when), into_crn=CRN)


def test_the_case_that_goes_is_left_bare_and_its_officer_free() -> None:
    told = run(
        area(),
        sentence(),
        form(),
        sentence(OTHER, order="O2"),
        form(OTHER, at(MONDAY, "16:00"), "O2"),
        merged(),
        until=at("2016-07-01"),
    )
    bare = told.case(OTHER)
    assert (bare.orders, bare.holder, bare.officer, bare.merged_into) == ({}, None, None, CRN)
    assert bare.duties == {}
    assert set(told.case().orders) == {"O1", "O2"}
    assert sum(load.cases for load in told.office().loads.values()) == 1
    assert len(told.events("provider.decided")) == 2


def test_nothing_of_the_person_is_left_on_the_case_that_goes() -> None:
    assessed = fact(
        "casework.breach-pack.submitted",
        OTHER,
        at("2016-05-02"),
        order_id="O1",
        pack_id="P1",
        submission=1,
        submitted_on=date(2016, 5, 2),
        aware_on=date(2016, 5, 1),
        proposal="vary",
        failure_ids=["F1"],
        circumstances_recorded=True,
    )
    told = run(area(), sentence(OTHER, sex="female"), form(OTHER), assessed, merged())
    bare = told.case(OTHER)
    assert bare == Case(key=OTHER, merged_into=CRN, raised=bare.raised)
    stays = told.case()
    assert (stays.sex, stays.significant_on, stays.last_officer) == ("female", date(2016, 5, 2), "LMC1-PSO")


def test_what_the_prisons_stated_under_one_number_counts_under_the_other() -> None:
    imprisoned = sentence(
        OTHER, disposal="custody", custodial_term="P18M", offence_on=date(2016, 1, 1), noms_number="A1234BC"
    )
    release = fact(
        "prison.release.due",
        "A1234BC",
        at("2016-03-14"),
        release_kind="automatic",
        prison_id="LEI",
        release_on=date(2016, 12, 1),
    )
    told = run(area(), imprisoned, form(OTHER), release, merged())
    assert told.last("officer.assigned", CRN)["assignedOn"] == "2016-09-08"


def test_who_had_no_holder_takes_over_the_others_and_its_officer_by_continuity() -> None:
    told = run(area(), sentence(OTHER), form(OTHER), merged())
    case = told.case()
    assert case.holder is not None
    assert case.officer is not None
    assert case.officer.code == "LMC1-PSO"
    assert told.events("provider.decided", CRN) == []
    assert told.office().loads["LMC1-PSO"].cases == 1


def test_the_nps_holds_the_person_if_either_was_its() -> None:
    told = run(
        area(),
        sentence(),
        form(),
        sentence(OTHER, order="O2"),
        form(OTHER, at(MONDAY, "16:00"), "O2", public_interest=True),
        merged(),
    )
    assert told.last("case.transferred")["toProviderCode"] == "N01"
    held = told.case().officer
    assert held is not None
    assert held.office == "NPS1"


def test_what_is_stated_later_of_the_one_that_went_is_the_others() -> None:
    told = run(area(), sentence(OTHER), form(OTHER), merged(), ended(OTHER, date(2016, 9, 1)))
    assert told.case().holder is None
    assert told.office().loads["LMC1-PSO"].cases == 0


def test_a_merger_into_itself_or_twice_changes_nothing() -> None:
    told = run(area(), sentence(), form(), merged(), merged("2016-06-02"))
    assert told.outcomes("casework.person.merged") == {"decided": 1, "ignored merged-already": 1}


def test_a_form_that_waited_on_the_case_that_went_is_decided_once_its_sentence_comes() -> None:
    told = run(area(), form(OTHER), merged(), sentence(OTHER))
    assert told.case(OTHER).waiting == told.case().waiting == {}
    assert set(told.case().allocations) == {"O1"}


def test_a_form_that_waited_for_a_sentence_under_the_other_number_is_decided_with_the_merger() -> None:
    told = run(area(), form(), sentence(OTHER), merged())
    assert told.case().waiting == {}
    assert set(told.case().allocations) == {"O1"}


def told_at(record: HistoryRecord, when: str) -> HistoryRecord:
    """A fact that the log takes down later than it was stated."""
    return replace(record, timestamp=at(when))


def test_of_two_mergers_into_each_other_the_earlier_counts_even_if_it_comes_last() -> None:
    back = fact("casework.person.merged", CRN, at("2016-06-02"), into_crn=OTHER)
    told = run(area(), sentence(), form(), back, told_at(merged(), "2016-06-03"))
    assert (told.case(OTHER).merged_into, told.case().merged_into) == (CRN, "")
    assert told.case().officer is not None
    assert told.case(OTHER).orders == {}
    assert sum(load.cases for load in told.office().loads.values()) == 1


def needs(crn: str, when: str, *attributes: str) -> HistoryRecord:
    return fact(
        "casework.needs.recorded", crn, at(when), recorded_on=at(when).date(), attributes=attributes, unavailable=[]
    )


@pytest.mark.parametrize(("one", "other"), [("2016-04-04", "2016-05-02"), ("2016-05-02", "2016-04-04")])
def test_what_was_stated_last_of_the_person_counts_under_whichever_number(one: str, other: str) -> None:
    told = run(area(), sentence(), needs(CRN, one, "no-address"), needs(OTHER, other, "care-leaver"), merged())
    stated = told.case().needs
    assert stated is not None
    assert stated.attributes == (("no-address",) if one > other else ("care-leaver",))


@pytest.mark.parametrize("when", ["2016-03-02", "2016-06-01"])
def test_what_is_taken_back_under_one_number_is_taken_back_of_the_other(when: str) -> None:
    reviewed = fact(
        "casework.review.completed",
        OTHER,
        at("2016-03-01"),
        review_id="V1",
        completed_on=date(2016, 3, 1),
        purposes=["risk-review"],
        reviewed_ids=[],
        trigger_event_ids=[],
        plan_changed=True,
        person_involved=True,
        copy={"text_hash": "a" * 64},
    )
    taken_back = fact(
        "casework.record.withdrawn",
        CRN,
        at("2016-03-03"),
        record_id="V1",
        kind="review",
        withdrawn_on=date(2016, 3, 3),
    )
    told = run(area(), sentence(), reviewed, taken_back, merged(when))
    assert told.case().reviews == told.case().risk_reviews == {}
    assert told.case().withdrawn == {"review:V1": date(2016, 3, 3)}


def test_needs_of_one_instant_are_the_same_whichever_comes_first() -> None:
    first, second = needs(CRN, "2016-04-04", "no-address"), needs(OTHER, "2016-04-04", "care-leaver")
    found = [run(area(), sentence(), *facts, merged()).case().needs for facts in ((first, second), (second, first))]
    assert found[0] == found[1]
