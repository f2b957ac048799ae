"""In prison nobody is given an officer until 12 weeks before release; then the case leaves the hub."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, MONDAY, area, directed, ended, form, offices, run, sentence

NOMS = "A1234BC"


def imprisoned(**also: Any) -> HistoryRecord:
    terms = {"disposal": "custody", "custodial_term": "P18M", "offence_on": date(2016, 1, 1), **also}
    return sentence(**terms)


def release_due(when: str, on: date | None, noms: str = NOMS) -> HistoryRecord:
    fields: dict[str, Any] = {"release_kind": "automatic", "prison_id": "LEI"}
    if on is not None:
        fields["release_on"] = on
    return fact("prison.release.due", noms, at(when), **fields)


def released(when: str, code: str = "CR", reason: str = "RELEASED") -> HistoryRecord:
    return fact(
        "prison-offender-events.prisoner.released",
        NOMS,
        at(when),
        noms_number=NOMS,
        prison_id="LEI",
        reason=reason,
        nomis_movement_reason_code=code,
    )


def linked(when: str) -> HistoryRecord:
    return fact("casework.person.linked", CRN, at(when), noms_number=NOMS)


@pytest.mark.parametrize(
    ("release_on", "leaves_hub"),
    [
        (date(2016, 12, 1), "2016-09-08"),  # a Thursday: 12 weeks before
        (date(2016, 12, 3), "2016-09-09"),  # a Saturday: released on Friday
        (date(2016, 12, 27), "2016-09-30"),  # bank holiday: released on Friday the 23rd
    ],
)
def test_the_case_leaves_the_hub_and_has_its_officer_twelve_weeks_before_release(
    release_on: date, leaves_hub: str
) -> None:
    told = run(area(), imprisoned(noms_number=NOMS), form(), release_due("2016-03-14", release_on))
    assert [each["route"] for each in told.events("route.decided")] == ["hub", "lmc"]
    assert told.last("officer.assigned")["assignedOn"] == leaves_hub
    assert told.last("officer.assigned")["officeCode"] == "LMC1"
    assert told.raised() == []


def test_without_an_officer_then_the_clock_that_was_held_goes_on() -> None:
    told = run(offices(), imprisoned(noms_number=NOMS), form(), release_due("2016-03-14", date(2016, 12, 1)))
    due = told.case().duties["officer-unassigned.warning"][CRN].due
    assert due is not None
    assert due.date() == date(2016, 9, 8)
    assert told.open_concerns() == {"officer-unassigned": "serious"}


def test_a_release_date_that_moves_moves_the_day() -> None:
    dates = [release_due("2016-03-14", date(2016, 12, 1)), release_due("2016-05-02", date(2016, 10, 6))]
    told = run(area(), imprisoned(noms_number=NOMS), form(), dates)
    assert told.last("officer.assigned")["assignedOn"] == "2016-07-14"
    late = HistoryRecord(dates[0].topic, at("2016-06-01"), dates[0].key, dates[0].value)
    again = run(area(), imprisoned(noms_number=NOMS), form(), dates[1], late)
    assert again.last("officer.assigned")["assignedOn"] == "2016-07-14"


def test_no_release_date_any_more_holds_the_case_in_the_hub() -> None:
    told = run(
        area(),
        imprisoned(noms_number=NOMS),
        form(),
        release_due("2016-03-14", date(2016, 12, 1)),
        release_due("2016-05-02", None),
    )
    assert told.events("officer.assigned") == []


def test_a_short_sentence_is_due_for_release_already() -> None:
    told = run(
        area(), imprisoned(noms_number=NOMS, custodial_term="P4M"), form(), release_due("2016-03-09", date(2016, 5, 5))
    )
    assert told.last("officer.assigned")["assignedOn"] == "2016-03-09"


def test_release_itself_ends_the_wait() -> None:
    told = run(area(), imprisoned(noms_number=NOMS), form(), released("2016-06-01"))
    assert told.last("officer.assigned")["assignedOn"] == "2016-06-01"


@pytest.mark.parametrize(("code", "reason"), [("CRT", "SENT_TO_COURT"), ("DE", "RELEASED")])
def test_other_movements_are_no_release(code: str, reason: str) -> None:
    told = run(area(), imprisoned(noms_number=NOMS), form(), released("2016-06-01", code, reason))
    assert told.events("officer.assigned") == []


def test_what_the_prison_stated_waits_for_the_link() -> None:
    told = run(area(), imprisoned(), form(), release_due("2016-03-14", date(2016, 12, 1)), linked("2016-03-20"))
    assert told.last("officer.assigned")["assignedOn"] == "2016-09-08"
    assert told.case().waiting == {}


def test_a_link_that_comes_after_release_takes_everything_up() -> None:
    told = run(
        area(),
        imprisoned(),
        form(),
        release_due("2016-03-14", date(2016, 6, 1)),
        released("2016-06-01"),
        linked("2016-06-05"),
    )
    assert told.last("officer.assigned")["assignedOn"] == "2016-06-05"


def test_a_merged_number_stands_for_the_other() -> None:
    merged = fact(
        "prison-offender-events.prisoner.merged",
        "B1234BC",
        at("2016-03-16"),
        noms_number="B1234BC",
        removed_noms_number=NOMS,
    )
    told = run(
        area(),
        imprisoned(noms_number=NOMS),
        form(),
        merged,
        release_due("2016-03-20", date(2016, 12, 1), "B1234BC"),
    )
    assert told.last("officer.assigned")["assignedOn"] == "2016-09-08"


def test_who_is_supervised_already_keeps_their_officer_in_prison() -> None:
    told = run(
        area(),
        sentence(),
        form(),
        sentence(
            order="O2",
            on=date(2016, 6, 6),
            disposal="custody",
            custodial_term="P18M",
            offence_on=date(2016, 1, 1),
            noms_number=NOMS,
        ),
        form(when=at("2016-06-06", "15:00"), order="O2"),
    )
    assert told.events("officer.changed") == []
    assert told.case().officer is not None


def test_a_direction_is_kept_until_the_case_needs_its_officer() -> None:
    told = run(
        area(),
        imprisoned(noms_number=NOMS),
        form(),
        directed("LMC1-PO", at("2016-03-08")),
        release_due("2016-03-14", date(2016, 12, 1)),
    )
    assert told.last("officer.assigned")["officerCode"] == "LMC1-PO"


def test_exclusions_do_not_count_in_prison() -> None:
    told = run(area(), imprisoned(noms_number=NOMS), form(domestic_abuse="history"))
    assert told.last("route.decided")["route"] == "hub"
    assert told.last("route.decided")["exclusions"] == []
    assert told.case().suspended_from == MONDAY


@pytest.mark.parametrize("other_order", [False, True])
def test_an_order_that_ends_before_its_sentence_is_recorded_leaves_the_same_as_one_that_ends_after(
    other_order: bool,
) -> None:
    also = [sentence(order="O2"), form(order="O2")] if other_order else []
    prison, end = imprisoned(), ended(CRN, date(2016, 5, 2))
    in_order = run(area(), also, prison, form(), end, directed("LMC1-PSO", at("2016-07-01")))
    late = [replace(each, timestamp=at("2016-06-01", hour)) for each, hour in ((prison, "09:00"), (form(), "10:00"))]
    end_first = run(area(), also, end, late, directed("LMC1-PSO", at("2016-07-01")))
    for told in (in_order, end_first):
        assert (told.case().suspended_from, told.case().suspended_until) == (None, None)
    assert in_order.case().orders == end_first.case().orders


STAY = [
    imprisoned(noms_number=NOMS),
    form(),
    release_due("2016-03-14", date(2016, 6, 23)),
    released("2016-06-23"),
]


@pytest.mark.parametrize("order", list(permutations(range(len(STAY)))))
def test_officer_unassigned_is_held_in_prison_whichever_of_sentence_and_release_is_recorded_first(
    order: tuple[int, ...],
) -> None:
    recorded = [replace(STAY[n], timestamp=at("2016-07-01", f"09:0{place}")) for place, n in enumerate(order)]
    case = run(offices(), linked("2016-06-30"), recorded).case()
    assert (case.suspended_from, case.suspended_until) == (MONDAY, date(2016, 3, 31))
    due = case.duties["officer-unassigned.warning"][CRN].due
    assert due is not None
    assert due.date() == date(2016, 3, 31)  # one business day, and the first that counts


@pytest.mark.parametrize(
    ("sentenced_on", "pause"),
    [
        (date(2016, 6, 21), (date(2016, 6, 21), date(2016, 6, 22))),
        (date(2016, 6, 22), (None, None)),  # the day of release: nothing was served
    ],
)
def test_a_sentence_recorded_after_release_pauses_the_days_before_it(
    sentenced_on: date, pause: tuple[date | None, date | None]
) -> None:
    late = [imprisoned(on=sentenced_on, when=at("2016-07-01"), noms_number=NOMS), form(when=at("2016-07-01", "15:00"))]
    case = run(area(), linked("2016-06-01"), released("2016-06-22"), late, directed("LMC1-PO", at("2016-07-04"))).case()
    assert (case.suspended_from, case.suspended_until) == pause


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_of_two_stays_the_pause_is_the_last_ones_in_any_order(order: tuple[int, ...]) -> None:
    again = imprisoned(order="O2", on=date(2016, 9, 5), noms_number=NOMS)
    facts = [imprisoned(noms_number=NOMS), released("2016-06-23"), again, released("2016-11-10")]
    recorded = [replace(facts[n], timestamp=at("2016-12-01", f"09:0{place}")) for place, n in enumerate(order)]
    case = run(area(), linked("2016-11-30"), recorded, form(when=at("2016-12-01", "15:00"))).case()
    assert (case.suspended_from, case.suspended_until) == (date(2016, 9, 5), date(2016, 11, 10))


def test_a_recall_leaves_the_pause_of_the_sentence() -> None:
    told = run(area(), STAY, released("2016-09-01", "CR"))
    assert (told.case().suspended_from, told.case().suspended_until) == (MONDAY, date(2016, 3, 31))
