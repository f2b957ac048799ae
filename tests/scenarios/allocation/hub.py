"""Examples of the hub and the centre: the gate, who may not be there, who does not answer, the way back."""

from typing import Any

from deploy.history import HistoryRecord
from tests.builders import at
from tests.scenarios.allocation.area import LMC, staffed
from tests.scenarios.allocation.custody import RELEASED, Imprisoned
from tests.scenarios.allocation.supervision import Supervised, until, without
from tests.scenarios.allocation.telling import example

MOVED = 74
"""Day on which a case moves to the hub: a Friday, after the last of its activity days."""

SUPERVISION_ENDS = 18
"""Weeks of a supervision long enough for a time in the hub."""


def transfer(
    person: Supervised,
    n: int,
    direction: str = "to-hub",
    *,
    told: bool = True,
    asked: bool = True,
    decision: str = "proceed",
) -> list[HistoryRecord]:
    """A move asked for and decided, and made where it proceeds; with the officer told, or not."""
    move: dict[str, Any] = {"transfer_id": f"{person.order}-{direction}-{n}", "direction": direction}
    officer_told = {"officer_told_on": person.day(n)} if told else {}
    found = []
    if asked:
        request = {**move, **officer_told, "requested_on": person.day(n), "by_grade": "spo", "decision": decision}
        if decision == "keep":
            request["exceptional_reason"] = "vulnerability"
        found.append(person.said("hub-transfer.requested", n, "10:00", **request))
    if decision == "proceed":
        found.append(person.said("hub-transfer.completed", n, "15:00", **move, **officer_told, moved_on=person.day(n)))
    return found


def gated(person: Supervised, n: int) -> list[HistoryRecord]:
    """Everything that the gate asks for, and the move: requirements done, the police asked, the case reviewed."""
    return [
        person.requirement_done(n - 1),
        *person.check("domestic-abuse", n - 2, n - 1),
        person.reviewed(n - 1, "hub-gate", "routine"),
        *transfer(person, n),
    ]


def call(person: Supervised, n: int, *, answered: bool) -> HistoryRecord:
    """The hub telephones."""
    contact = {"contact_id": f"{person.order}-call-{n}", "at": at(person.day(n), "11:00"), "channel": "telephone"}
    return person.said("contact.attempted", n, "11:05", **contact, purpose="supervision", answered=answered)


@example
def low_risk_cases_to_the_hub_with_work_outstanding() -> list[HistoryRecord]:
    person = Supervised(rosh="low")
    return [*staffed(), *person.compliant(), person.reviewed(36, "hub-gate"), *transfer(person, 37)]


@example
def to_the_hub_before_activity_was_done() -> list[HistoryRecord]:
    person = Supervised()
    return [*staffed(), *person.compliant(), *person.check("domestic-abuse", 50, 51), *transfer(person, 53)]


@example
def reviewed_and_checked_before_the_hub() -> list[HistoryRecord]:
    person = Supervised(weeks=SUPERVISION_ENDS)
    return [*staffed(), *_to_hub(person), *(call(person, n, answered=True) for n in (88, 109, 120))]


@example
def kept_from_the_hub_for_a_reason() -> list[HistoryRecord]:
    person = Supervised()
    return [*staffed(), *person.compliant(), *transfer(person, 75, decision="keep")]


@example
def thirty_days_of_activity_in_five() -> list[HistoryRecord]:
    """Nothing for two months, then every day of activity on five consecutive days, and the hub."""
    person = Supervised(weeks=SUPERVISION_ENDS)
    history = without(_to_hub(person), "casework.rar-day.credited")
    credits_ = [person.activity_day(63 + n, credited) for n, credited in enumerate((2, 2, 2, 1, 1))]
    return [*staffed(), *history, *credits_, *(call(person, n, answered=True) for n in (88, 109, 120))]


@example
def jayden() -> list[HistoryRecord]:
    """After an incident that nobody acted on: another officer, five months unseen, and the hub."""
    person = Imprisoned()
    moved = RELEASED + 170
    history = until(without(person.compliant(), "casework.order.ended"), person.day(RELEASED + 18))
    incident = person.changed(RELEASED + 19, "substance-use", source="provider")
    other = person.directed(f"{LMC}-PO", RELEASED + 20, reason="conflict")
    ends: dict[str, Any] = {"order_id": person.order, "ended_on": person.day(moved + 60), "outcome": "completed"}
    return [
        *staffed(),
        *history,
        incident,
        other,
        *transfer(person, moved),
        call(person, moved + 20, answered=True),
        person.said("order.ended", moved + 60, **ends),
    ]


@example
def hub_case_that_does_not_answer() -> list[HistoryRecord]:
    person = Supervised(weeks=SUPERVISION_ENDS)
    return [*staffed(), *_to_hub(person), call(person, 88, answered=False), call(person, 95, answered=False)]


@example
def hub_case_that_answers_the_second_call() -> list[HistoryRecord]:
    person = Supervised(weeks=SUPERVISION_ENDS)
    calls = [call(person, n, answered=answered) for n, answered in ((88, False), (91, True), (109, False), (112, True))]
    return [*staffed(), *_to_hub(person), *calls]


@example
def from_the_hub_to_an_officer_as_risk_rises() -> list[HistoryRecord]:
    """The hub hears of something and passes the case on; the centre's officer restates the risk."""
    person = Supervised(weeks=SUPERVISION_ENDS, rosh="low")
    heard = person.changed(94, "substance-use", source="agency")
    rises = person.risk_becomes("medium", 98, "11:00")
    review = person.reviewed(98, "change", "risk-review", triggers=[heard, rises])
    return [*staffed(), *_to_hub(person), heard, *transfer(person, 95, "to-lmc"), *person.met(98), rises, review]


@example
def doug() -> list[HistoryRecord]:
    """Abuse in his past, and in the hub: homeless, drinking, back with the person he had harmed, call-outs."""
    person = Supervised(weeks=SUPERVISION_ENDS, form={"domestic_abuse": "history"})
    troubles = [
        person.changed(84, "homeless"),
        person.changed(88, "substance-use"),
        person.changed(95, "living-with-partner"),
        *(person.called_out(n) for n in (92, 97, 99, 102, 105, 107, 110, 112)),
    ]
    return [*staffed(), *_to_hub(person), *troubles, *(call(person, n, answered=True) for n in (88, 109, 120))]


def _to_hub(person: Supervised) -> list[HistoryRecord]:
    """A supervision that moves to the hub, gated, after its activity; the order ends from there."""
    ends = (person.ends - person.on).days
    history = [each for each in person.compliant() if each.timestamp < at(person.day(MOVED), "00:00")]
    ended: dict[str, Any] = {"order_id": person.order, "ended_on": person.ends, "outcome": "completed"}
    return [*history, *gated(person, MOVED), person.said("order.ended", ends, **ended)]
