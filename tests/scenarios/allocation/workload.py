"""Examples of how much an officer holds, of absence and cover, and of how many officers a person has."""

from deploy.history import HistoryRecord
from tests.builders import days
from tests.scenarios.allocation.area import LMC, NPS, away, left, officer, staffed
from tests.scenarios.allocation.supervision import MONDAY, Supervised
from tests.scenarios.allocation.telling import example

PSO, PO = f"{LMC}-PSO", f"{LMC}-PO"


def _crowd(n: int, a_day: int, rosh: str = "low") -> list[Supervised]:
    """People sentenced a few a day, Mondays to Thursdays."""
    found = []
    for place in range(n):
        week, day = divmod(place // a_day, 4)
        on = MONDAY + days(7 * week + day)
        found.append(Supervised(crn=f"S{place + 1:06d}", order=f"order-{place + 1}", on=on, rosh=rosh))
    return found


def _on_paper(person: Supervised) -> list[HistoryRecord]:
    """Of the many, only what allocation reads: sentence, RSR, answers to checks, form, end."""
    answers = [person.check(kind)[1] for kind in ("domestic-abuse", "child")]
    return [*person.sentenced(), person.scores()[0], *answers, person.submitted(), person.ended()[-1]]


@example
def seventy_one_cases() -> list[HistoryRecord]:
    area = staffed(without=[PO])
    return [*area, *(each for person in _crowd(71, a_day=4) for each in _on_paper(person))]


@example
def batches_of_the_summer() -> list[HistoryRecord]:
    """Seven in one day, the last two by a manager's direction against the guard."""
    crowd = _crowd(7, a_day=7)
    directions = [person.directed(PSO, 1, "capacity", clock="15:00") for person in crowd[5:]]
    return [*staffed(without=[PO]), *(each for person in crowd for each in _on_paper(person)), *directions]


@example
def workload_at_127_per_cent() -> list[HistoryRecord]:
    """Five high-risk cases on a tenth of the hours: 13.0 of 10.27 points; the last by direction against the limit."""
    area = staffed(without=[f"{NPS}-PO"])
    tenth = officer(f"{NPS}-PO", grade="po", available="3.8")
    crowd = _crowd(5, a_day=2, rosh="high")
    direction = crowd[4].directed(f"{NPS}-PO", 1, "capacity")
    return [*area, tenth, *(each for person in crowd for each in _on_paper(person)), direction]


@example
def long_sickness_without_cover() -> list[HistoryRecord]:
    return [*staffed(without=[PO]), *Supervised().compliant(), *away(PSO, MONDAY + days(21), MONDAY + days(42))]


@example
def cover_from_other_offices() -> list[HistoryRecord]:
    absence = away(PSO, MONDAY + days(21), MONDAY + days(42), cover="LMC2-PSO")
    return [*staffed(without=[PO]), *Supervised().compliant(), *absence]


@example
def one_or_two_officers() -> list[HistoryRecord]:
    return [*staffed(), *Supervised().compliant(), left(PSO, MONDAY + days(30))]


@example
def third_officer() -> list[HistoryRecord]:
    third = officer(f"{LMC}-THIRD")
    person = Supervised()
    changes = [person.directed(PO, 30, reason="specialism"), person.directed(f"{LMC}-THIRD", 45, reason="conflict")]
    return [*staffed(), third, *person.compliant(), *changes]


@example
def more_than_one_officer() -> list[HistoryRecord]:
    person = Supervised()
    return [*staffed(), *person.compliant(), person.directed(PO, 30, reason="conflict")]
