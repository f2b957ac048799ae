"""Examples of risk that changes: seen and escalated, or not; and the way back when it falls."""

from dataclasses import replace

from deploy.history import HistoryRecord
from tests.scenarios.allocation.area import LMC, NPS, staffed
from tests.scenarios.allocation.custody import RELEASED, Imprisoned
from tests.scenarios.allocation.supervision import Supervised, without
from tests.scenarios.allocation.telling import example

ABUSE = Supervised(form={"domestic_abuse": "current"}, registered=("domestic-abuse",), officer=f"{LMC}-PO")
TEN_MONTHS = 43
"""Weeks of Aiden's order so far."""


def _aiden() -> Supervised:
    return Supervised(
        disposal="suspended-sentence-order",
        kinds=("alcohol-treatment",),
        report={"kind": "oral", "written_up_on": Supervised().day(0)},
        weeks=TEN_MONTHS,
        rosh="high",
        officer=f"{NPS}-PO",
    )


@example
def aiden_as_he_was() -> list[HistoryRecord]:
    person = _aiden()
    return [*staffed(), *person.compliant(), person.main_part_done(200)]


@example
def aiden_had_he_been_reviewed() -> list[HistoryRecord]:
    person = _aiden()
    falls = person.risk_becomes("medium", 260, evidence="progress")
    review = person.reviewed(261, "step-down", "risk-review", triggers=[falls])
    return [*staffed(), *person.compliant(), person.main_part_done(200), falls, review]


@example
def no_way_back_to_the_crc() -> list[HistoryRecord]:
    """The risk falls; weeks later the way back is asked for, and the CRC takes the case."""
    person = Supervised(rosh="high", officer=f"{NPS}-PO")
    falls = person.risk_becomes("medium", 29, evidence="progress")
    review = person.reviewed(30, "change", triggers=[falls])
    back = person.escalated(57, 58, direction="nps-to-crc", to="medium")
    return [*staffed(), *person.compliant(), falls, review, *back]


@example
def escalated_when_prompted() -> list[HistoryRecord]:
    person = ABUSE
    signs = _signs(person, 24)
    prompted = [*person.escalated(50, 51), person.risk_becomes("high", 50)]
    return [*staffed(), *person.compliant(), *signs, *prompted]


@example
def two_escalations_that_worked() -> list[HistoryRecord]:
    first = ABUSE
    second = replace(ABUSE, crn="S000002", order="order-2")
    found = [*staffed(), *first.compliant(), *second.compliant()]
    for person, n in ((first, 30), (second, 37)):
        found += _escalation(person, n, n + 1)
    return found


@example
def accepted_within_a_day() -> list[HistoryRecord]:
    person = ABUSE
    return [*staffed(), *person.compliant(), *_escalation(person, 30, 31)]


@example
def escalation_left_unanswered() -> list[HistoryRecord]:
    person = ABUSE
    return [*staffed(), *person.compliant(), *_escalation(person, 30, 37)]


def _escalation(person: Supervised, n: int, answered: int) -> list[HistoryRecord]:
    """The officer asks the NPS and restates the risk; the NPS accepts at half past nine of the day given."""
    rises = person.risk_becomes("high", n, evidence="police")
    review = person.reviewed(n, "change", "risk-review", triggers=[rises])
    return [*person.escalated(n, answered), rises, review]


@example
def change_not_recognised() -> list[HistoryRecord]:
    person = ABUSE
    return [*staffed(), *person.compliant(), *_signs(person, 30)]


@example
def suicide_attempt_and_closer_contact() -> list[HistoryRecord]:
    person = Supervised()
    attempt = person.changed(30, "self-harm")
    more = [person.met(n)[0] for n in (33, 34)]
    return [*staffed(), *person.compliant(), attempt, person.reviewed(30, "change", triggers=[attempt]), *more]


@example
def critical_few() -> list[HistoryRecord]:
    """The signs are looked at with a manager while they gather, and what is decided is on the record."""
    person = ABUSE
    call = person.called_out(30)
    considered = {"considered_at": call.timestamp, "by_grade": "spo", "reason_code": "risk-managed"}
    return [
        *staffed(),
        *person.compliant(),
        call,
        person.said("risk-escalation.considered", 30, "16:00", **considered),
        person.reviewed(31, "change", "risk-review", triggers=[call]),
    ]


@example
def denis() -> list[HistoryRecord]:
    """From his breach on nothing is done; the signs go on."""
    person = Supervised(disposal="suspended-sentence-order", form={"domestic_abuse": "history"})
    history = without(
        person.compliant(), "casework.appointment.attended", "casework.rar-day.credited", since=person.day(35)
    )
    return [*staffed(), *history, *_signs(person, 37)]


@example
def amir() -> list[HistoryRecord]:
    person = Supervised(form={"child_safeguarding": "history"})
    troubles = [
        person.changed(24, "substance-use", source="agency"),
        person.changed(31, "employment-lost"),
        person.changed(38, "family-strain", source="agency"),
        person.changed(45, "substance-use", "associates", source="agency"),
        person.called_out(52, "violence"),
    ]
    return [*staffed(), *person.compliant(), *troubles]


@example
def joel() -> list[HistoryRecord]:
    person = Imprisoned()
    out = RELEASED
    again = Supervised(crn=person.crn, order="order-2", on=person.day(out + 41), weeks=4)
    news = [
        person.changed(out + 20, "arrest", source="police"),
        person.changed(out + 27, "charge", source="police"),
        person.changed(out + 41, "conviction", source="police"),
        person.changed(out + 48, "arrest", source="police"),
    ]
    return [*staffed(), *person.compliant(), *again.compliant(), *news]


@example
def jason() -> list[HistoryRecord]:
    person = ABUSE
    news = [person.changed(30, "health", source="agency"), person.changed(30 + 1, "substance-use", source="agency")]
    return [*staffed(), *person.compliant(), *news, person.reviewed(35, "change", "risk-review", triggers=news)]


def _signs(person: Supervised, n: int) -> list[HistoryRecord]:
    """Signs that risk to a partner grows, week after week, from the n-th day on."""
    return [
        person.called_out(n),
        person.changed(n + 3, "substance-use", source="agency"),
        person.called_out(n + 7),
        person.changed(n + 10, "arrest", source="police"),
        person.called_out(n + 14),
        person.called_out(n + 17),
    ]
