"""No feed tells what cannot be: contact in prison or after the end, outcomes before their appointments."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from deploy.local.feed.working_days import WorkingDays
from tests.scenarios.feed.reading import Told, day, people

PEOPLE = 500
COMMUNITY_CONTACT = ("casework.appointment.attended", "casework.appointment.missed")


def _in_prison(told: Told) -> list[tuple[datetime, datetime]]:
    """The stretches that the person spent in prison for the sentence or a recall."""
    moves = [
        (datetime.fromisoformat(fact["_at"]), name.endswith("received"))
        for name in ("prison-offender-events.prisoner.received", "prison-offender-events.prisoner.released")
        for fact in told.of(name)
        if fact["reason"] in ("ADMISSION", "RELEASED")
    ]
    spans, since = [], None
    for at, inside in sorted(moves):
        if inside:
            since = at
        elif since is not None:
            spans.append((since, at))
            since = None
    if since is not None:
        spans.append((since, told.case.pen.horizon))
    return spans


def test_nobody_keeps_an_appointment_outside_while_in_prison() -> None:
    for told in people(PEOPLE):
        for since, until in _in_prison(told):
            for fact in (each for name in COMMUNITY_CONTACT for each in told.of(name)):
                if fact["channel"] not in ("prison", "video"):
                    assert not since < datetime.fromisoformat(fact["startsAt"]) < until, told.case.crn


def test_receptions_and_releases_take_turns() -> None:
    for told in people(PEOPLE):
        assert all(left[1] <= right[0] for left, right in pairwise(_in_prison(told)))


def test_nothing_is_told_of_an_order_after_its_end() -> None:
    for told in people(PEOPLE):
        ended = told.first("casework.order.ended")
        if not ended:
            continue
        for name in ("casework.appointment.arranged", *COMMUNITY_CONTACT, "casework.unpaid-work.session-worked"):
            assert all(day(fact["_at"]) <= day(ended["endedOn"]) for fact in told.of(name)), told.case.crn


def test_an_order_ends_once() -> None:
    assert all(len(told.of("casework.order.ended")) <= 1 for told in people(PEOPLE))


def test_an_appointment_is_arranged_before_it_starts_and_has_one_outcome() -> None:
    for told in people(PEOPLE):
        outcomes: list[str] = []
        for fact in told.of("casework.appointment.arranged"):
            assert fact["_at"] < fact["startsAt"]
        for name in COMMUNITY_CONTACT:
            outcomes += [fact["appointmentId"] for fact in told.of(name)]
        outcomes += [fact["appointmentId"] for fact in told.of("casework.appointment.cancelled")]
        assert len(outcomes) == len(set(outcomes))


def test_a_judgement_follows_the_absence_that_it_judges() -> None:
    for told in people(PEOPLE):
        missed = {fact["appointmentId"]: fact for fact in told.of("casework.appointment.missed")}
        missed |= {fact["failureId"]: fact for fact in told.of("casework.failure.reported")}
        for fact in told.of("casework.absence.judged"):
            assert day(fact["judgedOn"]) >= day(missed[fact["failureId"]]["awareOn"])


def test_warnings_and_packs_name_absences_judged_unacceptable() -> None:
    for told in people(PEOPLE):
        rejected = {
            fact["failureId"] for fact in told.of("casework.absence.judged") if fact["judgement"] == "unacceptable"
        }
        for name in ("casework.warning.sent", "casework.breach-pack.submitted", "court.information.laid"):
            assert all(set(fact["failureIds"]) <= rejected for fact in told.of(name)), told.case.crn


def test_an_information_follows_its_pack_and_a_hearing_its_information() -> None:
    for told in people(PEOPLE):
        accepted = {fact["packId"]: fact["acceptedOn"] for fact in told.of("casework.breach-pack.accepted")}
        laid = {fact["informationId"]: fact["laidOn"] for fact in told.of("court.information.laid")}
        for fact in told.of("court.information.laid"):
            assert ("packId" in fact) == told.crc
            assert "packId" not in fact or accepted[fact["packId"]] < fact["laidOn"]
        for fact in told.of("court.hearing.listed"):
            assert "informationId" not in fact or laid[fact["informationId"]] <= fact["listedOn"] < fact["hearingOn"]


def test_an_order_revoked_for_breach_was_heard_that_day() -> None:
    for told in people(PEOPLE):
        order = told.case.order
        if order.outcome == "revoked-breach" and order.ended_on < told.case.end - timedelta(days=21):
            heard = [fact for fact in told.of("court.hearing.concluded") if fact["outcome"] == "revoked-resentenced"]
            assert [day(fact["heldOn"]) for fact in heard] == [order.ended_on], told.case.crn


def test_a_day_of_activity_is_credited_only_where_it_was_attended() -> None:
    for told in people(PEOPLE):
        attended = {fact["appointmentId"] for fact in told.of("casework.appointment.attended")}
        for fact in told.of("casework.rar-day.credited"):
            recorded_late = day(fact["activityOn"]) > told.case.end - timedelta(days=14)
            assert fact["appointmentId"] in attended or recorded_late


def test_nobody_works_more_hours_or_days_than_the_court_ordered() -> None:
    for told in people(PEOPLE):
        order = told.case.order
        unpaid, activity = order.requirement("unpaid-work"), order.requirement("rehabilitation-activity")
        worked = sum(int(fact["hoursCredited"]) for fact in told.of("casework.unpaid-work.session-worked"))
        credited = sum(fact["days"] for fact in told.of("casework.rar-day.credited"))
        assert worked <= int((unpaid or {"hours": 0})["hours"])
        assert credited <= (activity or {"days": 0})["days"]


def test_offices_work_on_business_days_of_england() -> None:
    calendar = WorkingDays(date(2016, 1, 4))
    for told in people(PEOPLE):
        facts: list[dict[str, Any]] = [fact for name in COMMUNITY_CONTACT for fact in told.of(name)]
        assert all(calendar.is_working(day(fact["startsAt"])) for fact in facts)


def test_an_officer_named_is_registered_in_the_office_that_supervises() -> None:
    for told in people(PEOPLE):
        person = told.case.person
        offices = {person.office} if person.nps else {person.office, "HUB1", "HUB2"}
        for fact in told.of("casework.appointment.attended"):
            code = fact.get("officerCode")
            assert code is None or code.split("-")[0] in offices
