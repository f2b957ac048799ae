"""The link from NOMS number to CRN, and cases that turn out to be one person."""

from dataclasses import replace
from typing import Any

import pytest

from services.resettlement.domain.holding import current_holder
from shared.domain.prisoner import subject_of as prisoner_of
from tests.builders import at, fact
from tests.unit.services.resettlement.story import (
    CRN,
    NOMS,
    Told,
    due,
    handover,
    inside,
    moved,
    plan,
    prepared,
    provider,
    received,
    released,
    run,
    said,
    screened,
    sentence,
    under,
    withdrawn,
)

OTHER = "B000002"
UNTIL = at("2016-09-16", "12:00")


def merged(crn: str = CRN, into: str = OTHER, when: str = "2016-07-01") -> Any:
    """A CRN is merged into another."""
    return said("person.merged", at(when), crn=crn, into_crn=into)


def content(told: Told, *names: str) -> list[tuple[str, Any]]:
    """What was told in events of some types, without ids and explanations."""
    left_out = {"when", "key", "because", "supervisionId", "dutyId"}
    return [
        (name, {k: v for k, v in each.items() if k not in left_out}) for name in names for each in told.events(name)
    ]


def test_prison_facts_wait_for_the_link_and_are_then_taken_up_in_order() -> None:
    prison = [received(), screened(), due(), moved("released", at("2016-04-01"), "SENT_TO_COURT", "CRT")]
    told = run(prison, until=at("2016-05-01"))
    waiting = told.out.states[prisoner_of(NOMS)].waiting
    assert [kept.n for kept in waiting.values()] == [1, 2, 3, 4]
    assert told.types() == []
    told = run([*prison, sentence(when=at("2016-04-15"))], until=at("2016-05-01"))
    assert told.out.states[prisoner_of(NOMS)].waiting == {}
    assert told.types()[:2] == ["custody.entered", "plan.due"]
    assert {each["when"] for each in told.events("custody.entered")} == {at("2016-04-15")}
    line = next(line for line in told.out.journal if b"court.sentence.recorded" in line.content)
    assert b'"court-appearance"' in line.content


def test_a_link_by_casework_does_as_well() -> None:
    told = run(
        [sentence(noms_number=None), received(), due(), said("person.linked", at("2016-05-02"), noms_number=NOMS)]
    )
    assert [each["when"] for each in told.events("custody.entered")] == [at("2016-05-02")]


def test_linked_early_or_late_the_same_stands_in_the_end() -> None:
    early = run(inside(), until=UNTIL)
    late = run(
        [sentence(noms_number=None)],
        inside()[1:],
        [said("person.linked", at("2016-06-01"), noms_number=NOMS)],
        until=UNTIL,
    )
    assert late.case().duties == early.case().duties
    assert late.case().stages == early.case().stages
    assert late.open() == early.open()


def test_a_merged_case_is_left_bare_and_the_other_goes_on_as_if_it_had_always_been_one() -> None:
    alone = run(inside(), [released()], until=UNTIL)
    told = run(inside(), [merged(), released()], until=UNTIL)
    bare, case = told.case(), told.case(OTHER)
    assert bare.merged_into == OTHER
    assert (bare.duties, bare.concerns, bare.stages, bare.episodes, bare.contacts) == ({}, {}, {}, {}, {})
    assert case.duties == alone.case().duties
    assert case.movements == alone.case().movements
    assert {(concern.code, concern.ref) for concern in case.concerns.values()} == {
        (concern.code, concern.ref) for concern in alone.case().concerns.values()
    }


def test_what_was_told_before_a_merger_is_not_told_again() -> None:
    told = run(inside(), [merged(), released()], until=UNTIL)
    names = ("custody.entered", "custody.left", "pre-release.opened", "handover.scheduled", "supervision.started")
    assert content(told, *names) == content(run(inside(), [released()], until=UNTIL), *names)
    assert {each["key"] for each in told.events("custody.left")} == {OTHER}


def test_facts_under_the_old_number_go_to_the_case_that_stays() -> None:
    told = run(inside(), [merged(), handover("sent", at("2016-08-25").date())], until=at("2016-09-02"))
    assert [each["key"] for each in told.events("handover.sent")] == [OTHER]
    assert told.stage("handover") == []
    assert told.case(OTHER).handovers


def test_an_open_concern_moves_with_its_case() -> None:
    told = run([sentence(), received(), merged(when="2016-04-01")], until=at("2016-05-01"))
    raised = [(each["key"], each["when"].date().isoformat()) for each in told.events("concern.raised")]
    assert raised == [(CRN, "2016-03-07"), (OTHER, "2016-04-01")]
    assert [each["key"] for each in told.events("concern.cleared")] == [CRN]


def test_a_merger_of_what_is_one_already_is_ignored() -> None:
    told = run(inside(), [merged(), merged(when="2016-07-02"), merged(OTHER, CRN, "2016-07-03")])
    assert told.outcomes("casework.person.merged") == [
        ("decided", ""),
        ("ignored", "merged-already"),
        ("ignored", "merged-already"),
    ]


def test_merged_prisoners_are_one_person() -> None:
    other_number = "B9876XY"
    merge = fact(
        "prison-offender-events.prisoner.merged",
        NOMS,
        at("2016-07-01"),
        noms_number=NOMS,
        removed_noms_number=other_number,
    )
    under_other = moved("released", at("2016-09-15", "09:00"), "RELEASED", "CR", noms=other_number)
    told = run(inside(), [merge, under_other], until=UNTIL)
    assert [each["key"] for each in told.events("custody.left")] == [CRN]


def test_as_many_concerns_are_raised_as_are_cleared_or_open_after_a_merger() -> None:
    told = run(prepared()[:3], [merged(when="2016-04-01"), provider(at("2016-04-02"))], until=at("2016-05-01"))
    raised, cleared = told.events("concern.raised"), told.events("concern.cleared")
    assert len(raised) - len(cleared) == len(told.open())


def numbers_merged() -> Any:
    """One NOMS number turns out to be the other."""
    return fact(
        "prison-offender-events.prisoner.merged",
        NOMS,
        at("2016-07-05"),
        noms_number=NOMS,
        removed_noms_number="B1234BC",
    )


def test_what_waited_for_a_merged_number_is_taken_up_by_the_case_that_stands_for_the_linked_one() -> None:
    admitted = moved("received", at("2016-07-04"), "ADMISSION", noms="B1234BC")
    told = run([sentence(), merged(), admitted, numbers_merged()])
    assert told.out.states[prisoner_of("B1234BC")].waiting == {}
    assert told.out.states[prisoner_of(NOMS)].waiting == {}
    assert len(told.case(OTHER).movements) == 1


def told_at(record: Any, when: str) -> Any:
    """A fact that the log takes down later than it was stated."""
    return replace(record, timestamp=at(when))


def test_of_needs_and_a_sentence_of_one_instant_the_same_counts_whichever_comes_first() -> None:
    when = at("2016-03-04")
    needs = said("needs.recorded", when, recorded_on=when.date(), attributes=["no-address"], unavailable=[])
    court = sentence(when=at("2016-03-04"), attributes=[])
    one, other = run([court, told_at(needs, "2016-03-05")]), run([needs, told_at(court, "2016-03-05")])
    assert one.case().homes == other.case().homes


def test_of_two_mergers_into_each_other_the_earlier_counts_even_if_it_comes_last() -> None:
    first, second = merged(CRN, OTHER, "2016-07-01"), merged(OTHER, CRN, "2016-07-02")
    in_order = run(inside(), [first, second])
    late = run(inside(), [second, told_at(first, "2016-07-03")])
    for told in (in_order, late):
        assert (told.case().merged_into, told.case(OTHER).merged_into) == (OTHER, "")
        assert (told.case().movements, len(told.case(OTHER).movements)) == ({}, 1)
    assert late.case(OTHER).duties == in_order.case(OTHER).duties


def test_in_a_chain_of_mergers_the_last_number_holds_everything_in_either_order() -> None:
    first, second = merged(CRN, OTHER, "2016-07-01"), merged(OTHER, "C000003", "2016-07-02")
    in_order, late = run(inside(), [first, second]), run(inside(), [second, told_at(first, "2016-07-03")])
    for told in (in_order, late):
        assert [told.case(crn).merged_into for crn in (CRN, OTHER, "C000003")] == [OTHER, "C000003", ""]
        assert len(told.case("C000003").movements) == 1


def test_a_person_and_their_prison_numbers_merged_at_one_instant_leave_nothing_behind() -> None:
    stated = moved("received", at("2016-07-04"), "ADMISSION", noms="B1234BC")
    person = merged(when="2016-07-05")
    for history in ([person, numbers_merged()], [numbers_merged(), told_at(person, "2016-07-06")]):
        told = run(inside(), [stated], history)
        assert told.case().movements == {}
        assert len(told.case(OTHER).movements) == 2


def test_what_is_taken_back_under_one_number_is_taken_back_of_the_other() -> None:
    taken_back = under(OTHER, withdrawn("P1", "plan", at("2016-06-02")))
    for when in ("2016-06-01", "2016-07-01"):
        told = run([*inside(), plan(at("2016-05-02").date())], [taken_back, merged(when=when)])
        assert told.case(OTHER).plans == {}


def test_a_record_stated_under_both_numbers_stands_as_stated_last() -> None:
    for on, last in (("2016-05-02", "2016-05-03"), ("2016-05-03", "2016-05-02")):
        stated = [plan(at(on).date()), under(OTHER, plan(at(last).date()))]
        told = run(inside(), stated, [merged()])
        assert told.case(OTHER).plans["P1"].on == at("2016-05-03").date()


def test_the_provider_named_for_the_number_that_stands_counts() -> None:
    stands = under(OTHER, provider(at("2016-03-05"), "C01"))
    told = run(inside(), [provider(at("2016-03-06"), "C02"), stands, merged()])
    holder = current_holder(told.case(OTHER))
    assert holder is not None
    assert holder.code == "C01"


@pytest.mark.parametrize("heard", ["2016-05-02", "2016-08-01"])
def test_what_is_nothing_as_stated_last_is_nothing_whichever_is_heard_first(heard: str) -> None:
    def referred(crn: str, when: str, service: str) -> Any:
        on = at(when).date()
        return said("referral.made", at(when), crn, referral_id="F1", service=service, contracted=True, referred_on=on)

    stated = [told_at(referred(CRN, "2016-05-02", "accommodation"), heard), referred(OTHER, "2016-05-03", "mentoring")]
    told = run(inside(), stated, [merged()])
    assert told.case(OTHER).referrals == {}
