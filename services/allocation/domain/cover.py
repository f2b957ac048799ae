"""Cover for an officer who is absent: every case of theirs needs some from the first day, at the latest by a limit.

The office keeps its officers' absences; most end soon. Only one that still has neither end nor cover when the last
day of the limit begins is told to the officer's cases, each of which then has its own duty, since each may have cover
of its own. What becomes of a told absence later is told to them at once.
Source: HMI Probation, Suffolk 2017, line 644.
"""

from collections.abc import Iterable
from datetime import timedelta

from msgspec.structs import replace

from services.allocation.domain.case import Case, case_of, set_down
from services.allocation.domain.ledgers import Away, Cover
from services.allocation.domain.office import Absence, holding_ref, office_subject, tell_cases, wake, wake_on
from shared.contracts.casework import CoverArranged
from shared.contracts.workforce import OfficerAbsenceEnded, OfficerAbsenceStarted
from shared.domain.business_days import local_date, start_of_day
from shared.domain.decision import Outcome, ignored, refused
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact, Passed
from shared.domain.step import Step

MISSING = "cover-missing"
STILL_ABSENT, ABSENCE_TOLD = "still-absent", "absence-told"
"""Deadlines: of an office, that its officer's cases are to hear of an absence; of a case, that it hears."""
REMEMBER_ABSENCE = timedelta(days=90)
"""An ended absence is kept so long, lest its start come late and stand open for ever."""


def start_absence(step: Step, fact: Fact, stated: OfficerAbsenceStarted) -> Outcome | None:
    """An officer is absent, with or without cover; stated again when cover is found."""
    if stated.cover_officer_code == stated.officer_code:
        return refused("covers-their-own-absence")
    known: Absence = step.case.absences.get(stated.absence_id) or Absence(stated.officer_code)
    cover = stated.cover_officer_code or ""
    found_on = known.cover_on if known.cover == cover else local_date(fact.at)
    for absence_id, each in sorted(step.case.absences.items()):
        if each.ended_on is not None and each.ended_on < step.today - REMEMBER_ABSENCE:
            step.drop("absences", absence_id)
    _keep(step, stated.absence_id, replace(known, started_on=stated.started_on, cover=cover, cover_on=found_on))
    return None


def end_absence(step: Step, _fact: Fact, stated: OfficerAbsenceEnded) -> Outcome | None:
    """An officer is back on the day stated."""
    known = step.case.absences.get(stated.absence_id) or Absence(stated.officer_code)
    _keep(step, stated.absence_id, replace(known, ended_on=stated.ended_on))
    wake(step, step.owner)
    wake_on(step, step.owner, stated.ended_on)
    return None


def _keep(step: Step, absence_id: str, row: Absence) -> None:
    """Keep an absence, and the instant at which its officer's cases are to hear of it."""
    if not step.put("absences", absence_id, row):
        return
    due = None
    if row.told:
        due = step.now
    elif row.started_on is not None and row.ended_on is None and not row.cover:
        last_day = local_date(step.value(MISSING, row.started_on).term.after(row.started_on))
        due = max(step.now, start_of_day(last_day))
    step.deadline(STILL_ABSENT, f"{row.officer}|{absence_id}", due)


def tell_absence(step: Step, _fact: Fact, passed: Passed) -> Outcome | None:
    """The absence goes on, or it has changed since it was told: the officer's cases hear of it at this instant."""
    officer, _, absence_id = passed.ref.partition("|")
    row: Absence | None = step.case.absences.get(absence_id)
    if row is None:
        return ignored("absence-forgotten")
    step.put("absences", absence_id, replace(row, told=True))
    tell_cases(step, ABSENCE_TOLD, officer, absence_id)
    return None


def hear_of_absence(step: Step, _fact: Fact, passed: Passed) -> Outcome | None:
    """A case hears of its officer's absence."""
    held = case_of(step).officer
    holding, _, absence_id = passed.ref.rpartition("|")
    if held is None or holding != holding_ref(held.office, held.code):
        return ignored("already-with-another")
    row: Absence | None = step.state(office_subject(held.office)).absences.get(absence_id)
    if row is None or row.started_on is None:
        return ignored("absence-forgotten")
    step.put("away", absence_id, Away(row.started_on, row.ended_on, row.cover_on if row.cover else None))
    return None


def take_cover(step: Step, fact: Fact, stated: CoverArranged) -> Outcome | None:
    """Another officer covers this one case; what was stated later stands."""
    if stated.cover_officer_code == stated.officer_code:
        return refused("covers-their-own-absence")
    if stated.until is not None and stated.until < stated.from_:
        return refused("ends-before-it-starts")
    known = case_of(step).cover
    if known is not None and (fact.at, stated.cover_officer_code) < (known.at, known.by):
        return ignored("superseded")
    row = Cover(stated.officer_code, stated.cover_officer_code, stated.from_, stated.until, fact.at)
    set_down(step, cover=row)
    return None


def _uncovered(case: Case) -> Iterable[Clock]:
    """From the start of each absence; where the case had cover that was over before the absence, from that end."""
    for absence_id, away in case.away.items():
        own, start = _own_cover(case), away.started_on
        if own is not None and own.until is not None and own.until > start:
            start = own.until
        yield Clock(absence_id, start, evidence=(absence_id,))


def _covered(case: Case, clock: Clock) -> Done | None:
    """The officer's cover, cover of this case without an end, or the officer's return, whichever came first."""
    away, own = case.away[clock.ref], _own_cover(case)
    own_since = own.since if own is not None and own.until is None else None
    dates = [on for on in (away.covered_on, away.ended_on, own_since) if on is not None]
    return Done(min(dates)) if dates else None


def _own_cover(case: Case) -> Cover | None:
    held = case.officer
    return case.cover if case.cover is not None and held is not None and case.cover.officer == held.code else None


COVER_MISSING = Duty(
    code=MISSING,
    reads=frozenset(("away", "cover", "officer")),
    clocks=_uncovered,
    done=_covered,
    owner="spo",
)
