"""Contact in the hub that has no answer, and the hours of a band."""

from datetime import date, timedelta
from typing import Any

import pytest

from deploy.history import HistoryRecord
from services.allocation.domain.contact import REMEMBER_CONTACTS, unanswered
from services.allocation.domain.hours import hours_of
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, MONDAY, POLICY, area, ended, form, run, sentence

UNPAID_WORK = [{"requirement_id": "U1", "kind": "unpaid-work", "hours": "100"}]
IN_THE_HUB = [*area(), sentence(requirements=UNPAID_WORK), form()]
IN_A_CENTRE = [*area(), sentence(), form()]


def tried(when: str, *, answered: bool = False, clock: str = "10:00") -> HistoryRecord:
    fields: dict[str, Any] = {"contact_id": f"T-{when}-{clock}", "at": at(when, clock), "channel": "telephone"}
    return fact("casework.contact.attempted", CRN, at(when, clock), **fields, purpose="supervision", answered=answered)


def missed(when: str, channel: str = "telephone") -> HistoryRecord:
    fields: dict[str, Any] = {
        "appointment_id": f"M-{when}",
        "order_ids": ["O1"],
        "starts_at": at(when),
        "channel": channel,
    }
    return fact("casework.appointment.missed", CRN, at(when), **fields, purpose="supervision", aware_on=at(when).date())


def attended(
    when: str,
    minutes: int = 60,
    channel: str = "office",
    record: str | None = None,
    officer: str | None = None,
    told: str = "10:00",
) -> HistoryRecord:
    fields: dict[str, Any] = {
        "appointment_id": record or f"N-{when}",
        "order_ids": ["O1"],
        "starts_at": at(when),
        "channel": channel,
    }
    also: dict[str, Any] = {"officer_code": officer} if officer else {}
    return fact(
        "casework.appointment.attended", CRN, at(when, told), **fields, purpose="supervision", minutes=minutes, **also
    )


@pytest.mark.parametrize(
    ("contacts", "held"),
    [
        ([tried("2016-05-02")], False),
        ([tried("2016-05-02"), tried("2016-05-09")], True),
        ([tried("2016-05-02"), missed("2016-05-09")], True),
        ([tried("2016-05-02"), missed("2016-05-09", "office")], False),
        ([tried("2016-05-02"), attended("2016-05-04", channel="telephone"), tried("2016-05-09")], False),
        ([tried("2016-05-02"), tried("2016-05-09"), tried("2016-05-10", answered=True)], False),
        ([tried("2016-05-02"), tried("2016-05-09"), attended("2016-05-10")], False),
    ],
    ids=["one", "two", "a call missed", "a visit missed", "reached between", "answered", "attended"],
)
def test_two_remote_contacts_in_a_row_without_an_answer(contacts: list[HistoryRecord], held: bool) -> None:
    assert run(IN_THE_HUB, contacts).open_concerns() == ({"hub-non-response": "warning"} if held else {})
    assert "hub-non-response" not in run(IN_A_CENTRE, contacts).open_concerns()


def test_the_evidence_is_the_contacts_and_an_answer_clears_it() -> None:
    told = run(IN_THE_HUB, tried("2016-05-02"), tried("2016-05-09"), tried("2016-05-10", answered=True))
    assert told.raised()[-1]["evidence"] == ["T-2016-05-02-10:00", "T-2016-05-09-10:00"]
    assert told.cleared()[-1]["code"] == "hub-non-response"


def test_an_attempt_withdrawn_never_was() -> None:
    gone = fact(
        "casework.record.withdrawn",
        CRN,
        at("2016-05-10"),
        record_id="M-2016-05-09",
        kind="appointment",
        withdrawn_on=date(2016, 5, 10),
    )
    assert run(IN_THE_HUB, tried("2016-05-02"), missed("2016-05-09"), gone).open_concerns() == {}
    assert run(IN_THE_HUB, tried("2016-05-02"), gone, missed("2016-05-09")).open_concerns() == {}


def test_minutes_face_to_face_count_towards_the_hours_of_the_band() -> None:
    history = [attended("2016-04-04", 90), attended("2016-04-11", 45, "telephone"), attended("2016-04-18", 30)]
    hours = hours_of(run(IN_A_CENTRE, history).case(), POLICY)
    assert hours is not None
    assert (str(hours.delivered), str(hours.minimum), str(hours.left)) == ("2.00", "35", "33.00")


def test_an_appointment_stated_again_replaces_its_minutes_and_what_came_before_allocation_is_not_counted() -> None:
    history = [
        attended("2016-03-01", 60),
        attended("2016-04-04", 90, record="N1"),
        attended("2016-04-04", 60, record="N1", told="11:00"),
    ]
    hours = hours_of(run(IN_A_CENTRE, history).case(), POLICY)
    assert hours is not None
    assert str(hours.delivered) == "1.00"


def test_a_long_case_keeps_few_contacts_and_all_minutes() -> None:
    days = [MONDAY + timedelta(days=7 * n) for n in range(1, 21)]
    case = run(IN_A_CENTRE, [attended(day.isoformat(), 30) for day in days]).case()
    assert len(case.contacts) == 6
    hours = hours_of(case, POLICY)
    assert hours is not None
    assert str(hours.delivered) == "10.00"


def test_the_band_says_what_was_delivered_and_the_journal_what_it_came_to() -> None:
    told = run(IN_A_CENTRE, attended("2016-04-04", 90), ended(CRN, date(2016, 9, 5)))
    assert b"hours face to face: 1.50 of 35" in b"".join(line.content for line in told.simulated.journal)
    assert told.case().minutes_folded == 0


def test_fewer_contacts_without_an_answer_are_wanted_than_are_kept() -> None:
    wanted = next(each for each in POLICY if each.id == "hub-non-response")
    assert all(value.number <= REMEMBER_CONTACTS for value in wanted.values if value is not None)


def test_as_many_contacts_in_a_row_as_are_kept_are_all_counted() -> None:
    days = [f"2016-05-{2 + n:02d}" for n in range(REMEMBER_CONTACTS)]
    raised = run(IN_THE_HUB, [tried(day) for day in days]).raised()
    assert "hub-non-response" in {each["code"] for each in raised}
    assert unanswered(run(IN_THE_HUB, [tried(day) for day in days]).case()) == tuple(f"T-{day}-10:00" for day in days)
