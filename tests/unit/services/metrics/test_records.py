"""Two numbers that turn out to be one person: measured once, under the case that stays."""

from deploy.history import HistoryRecord
from shared.domain.fact import Subject
from tests.builders import at, fact
from tests.unit.services.metrics import story
from tests.unit.services.metrics.story import CRC, CRN, ORDER

OTHER = "B123456"


def merged(on: str, crn: str = OTHER, into: str = CRN) -> HistoryRecord:
    return fact("casework.person.merged", crn, at(on, "08:00"), into_crn=into)


def test_an_order_under_one_number_and_its_appointment_under_the_other_are_one_measurement_met() -> None:
    history = [
        story.allocated("2016-03-07", crn=OTHER),
        story.appointment("arranged", "2016-03-10", recorded="2016-03-08"),
    ]
    apart = story.run(*history, until="2016-03-20")
    assert story.measured(apart, "SL001R", crn=OTHER).met is False
    found, sums = story.summed(*history, merged("2016-03-21"), until=at("2016-03-22"))
    assert story.measured(found, "SL001R").met is True
    assert story.measured(found, "SL001R", crn=OTHER).exclusion == "withdrawn"
    provider = Subject("provider", CRC)
    assert {name: n for (of, name, _), n in sums.items() if of == provider} == {
        "SL001R.starts": 1,
        "SL001R.known": 1,
        "SL001R.met": 1,
    }


def test_the_case_that_goes_is_left_bare_and_points_to_the_one_that_stays() -> None:
    history = [story.allocated("2016-03-07", crn=OTHER), story.ended("2016-05-02", "completed", crn=OTHER)]
    found = story.run(*history, merged("2016-05-10"), until="2016-05-12")
    bare = story.case(found, OTHER)
    assert bare.merged_into == CRN
    assert (bare.allocations, bare.endings, bare.duties) == ({}, {}, {})
    assert {row.exclusion for rows in bare.measured.values() for row in rows.values()} == {"withdrawn"}
    assert story.measured(found, "SL008").met is True


def test_facts_under_the_old_number_go_to_the_case_that_stays() -> None:
    history = [story.allocated("2016-03-07", crn=OTHER), merged("2016-03-08")]
    found = story.run(*history, story.ended("2016-05-02", "completed", crn=OTHER), until="2016-05-03")
    assert story.measured(found, "SL008").met is True
    assert "SL008" not in story.case(found, OTHER).measured


def test_a_closed_month_is_reported_again_under_the_provider_of_the_case_that_stays() -> None:
    history = [
        story.allocated("2016-03-07", crn=OTHER),
        story.allocated("2016-03-07", provider_code="CRC-2", order_ids=["order-2"]),
        story.appointment("arranged", "2016-03-10", recorded="2016-03-08"),
    ]
    found = story.run(*history, merged("2016-06-01"), until="2016-07-01")
    ours = [level for level in story.levels(found, "SL001R", "2016-03") if level["providerCode"] == CRC]
    assert [(level["numerator"], level["denominator"]) for level in ours] == [(0, 1), (1, 1)]


def test_an_appointment_that_one_number_took_back_is_taken_back_of_the_other() -> None:
    history = [
        story.allocated("2016-03-07"),
        story.appointment("arranged", "2016-03-10", recorded="2016-03-08"),
        story.withdrawn("appointment-1", recorded="2016-03-09", crn=OTHER),
    ]
    found = story.run(*history, merged("2016-03-20"), until="2016-03-21")
    assert story.measured(found, "SL001R").met is False


def test_a_merger_of_what_is_one_already_is_ignored() -> None:
    found = story.run(
        story.allocated("2016-03-07"), merged("2016-03-08"), merged("2016-03-09"), merged("2016-03-10", CRN, OTHER)
    )
    assert story.case(found).allocations.keys() == {ORDER}
    assert story.case(found).merged_into == ""
