"""The area of the scenarios: one unit, its NPS unit, its centre and its hub, with officers of every competence."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from deploy.history import HistoryRecord
from tests.builders import at, fact

UNIT = "SOUTH1"
NPS, LMC, HUB = "NPS1", "LMC1", "HUB1"
PROVIDERS = {NPS: "N01", LMC: "C01", HUB: "C01"}
EARLY = at("2016-01-04", "08:00")
EVERYTHING = (
    "domestic-abuse",
    "child-safeguarding",
    "sexual-offending",
    "mental-health",
    "iom",
    "life-sentence",
    "young-adult",
    "women",
)
FULL_TIME = "37"


def offices() -> list[HistoryRecord]:
    """The unit's three offices, without officers."""
    kinds = {NPS: "nps-unit", LMC: "lmc", HUB: "hub"}
    return [
        fact(
            "workforce.office.registered",
            code,
            EARLY,
            office_code=code,
            provider_code=PROVIDERS[code],
            provider_kind="nps" if code == NPS else "crc",
            kind=kind,
            local_delivery_units=[UNIT],
        )
        for code, kind in kinds.items()
    ]


def officer(
    code: str,
    *,
    grade: str = "pso",
    available: str = FULL_TIME,
    reductions: str = "0",
    competencies: Iterable[str] = EVERYTHING,
    when: datetime = EARLY,
    change: bool = False,
) -> HistoryRecord:
    """An officer (`OFFICE-NAME`) is registered, or their terms change; hours a week, reductions in percent."""
    office = office_of(code)
    return fact(
        "workforce.officer.changed" if change else "workforce.officer.registered",
        office,
        when,
        officer_code=code,
        office_code=office,
        grade=grade,
        contracted_hours=FULL_TIME,
        available_hours=available,
        reductions_percent=reductions,
        competencies=list(competencies),
    )


def staffed(*, without: Iterable[str] = ()) -> list[HistoryRecord]:
    """The offices with one probation officer and one probation services officer each, but for those left out."""
    left_out = set(without)
    return offices() + [
        officer(f"{office}-{grade.upper()}", grade=grade)
        for office in PROVIDERS
        for grade in ("po", "pso")
        if f"{office}-{grade.upper()}" not in left_out
    ]


def away(code: str, since: date, until: date | None, *, cover: str | None = None) -> list[HistoryRecord]:
    """An officer is absent from a day until the day before `until`, with or without cover."""
    terms: dict[str, Any] = {"absence_id": f"{code}-away", "officer_code": code, "office_code": office_of(code)}
    started: dict[str, Any] = {**terms, "started_on": since}
    if cover is not None:
        started["cover_officer_code"] = cover
    office = office_of(code)
    found = [fact("workforce.officer.absence-started", office, at(since, "08:00"), **started)]
    if until is not None:
        ended: dict[str, Any] = {**terms, "ended_on": until}
        found.append(fact("workforce.officer.absence-ended", office, at(until, "08:00"), **ended))
    return found


def left(code: str, on: date) -> HistoryRecord:
    """An officer leaves; `on` is the last day."""
    terms: dict[str, Any] = {"officer_code": code, "office_code": office_of(code), "left_on": on}
    return fact("workforce.officer.left", office_of(code), at(on, "09:00"), **terms)


def office_of(officer_code: str) -> str:
    """The office in an officer's code."""
    return officer_code.partition("-")[0]
