"""One office as allocation sees it now: its officers, what each holds and could hold, absences and cover."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import asyncpg
from rich.console import Console
from rich.table import Table

from deploy.new_cases import Placing
from services.allocation.app import SERVICE
from services.allocation.domain import workload
from services.allocation.domain.office import OFFICE, UNIT, Absence, Office, Unit, is_away, office_subject, unit_subject
from shared.domain.business_days import local_date
from shared.domain.fact import Subject, iso
from shared.domain.policy import Policy
from shared.kernel.clock import from_ms
from shared.kernel.packed import unpack_state

RULES = ("workload.points-by-grade", "workload.overload", "assignment-burst")
"""The rules by which an officer has room, as the office is told."""


NO_CASES = "–"
"""Of an officer who has no points and holds none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The states that an office's decisions rest on, and the log time through which they are decided."""

    states: dict[Subject, Any]
    at: datetime

    def office(self, code: str) -> Office:
        """The office of a code, as it stands."""
        found: Office = self.states[office_subject(code)]
        return found


@dataclass(frozen=True, slots=True)
class OfficerNow:
    """An officer: terms, points held and available, capacity in percent, cases, absences that stand or are to come."""

    code: str
    grade: str
    contracted: Decimal
    available: Decimal
    reductions: Decimal
    competencies: tuple[str, ...]
    held: Decimal
    could_hold: Decimal
    capacity: Decimal
    cases: int
    new_today: int
    away: bool
    leaves_on: date | None
    absences: tuple[Absence, ...]

    def as_json(self) -> dict[str, Any]:
        """For a script: points, hours and percentages as text."""
        return {
            "officerCode": self.code,
            "grade": self.grade,
            "contractedHours": f"{self.contracted:f}",
            "availableHours": f"{self.available:f}",
            "reductionsPercent": f"{self.reductions:f}",
            "competencies": list(self.competencies),
            "pointsHeld": f"{self.held:f}",
            "pointsAvailable": f"{self.could_hold:.1f}",
            "capacityPercent": f"{self.capacity:f}",
            "cases": self.cases,
            "newToday": self.new_today,
            "away": self.away,
            "leavesOn": self.leaves_on.isoformat() if self.leaves_on else None,
            "absences": [_absence(each) for each in self.absences],
        }


async def read(dsn: str, code: str) -> Standing | None:
    """An office, the units that it serves and the other offices of those, from the service's own rows.

    None where no office of that code has been registered.
    """
    conn = await asyncpg.connect(dsn)
    try:
        states: dict[Subject, Any] = await _load(conn, OFFICE, [code])
        subject = office_subject(code)
        if subject not in states or states[subject].provider is None:
            return None
        states |= await _load(conn, UNIT, states[subject].units)
        units: list[Unit] = [states[unit_subject(each)] for each in states[subject].units]
        others = {other for unit in units for other in unit.offices} - {code}
        states |= await _load(conn, OFFICE, sorted(others))
        through = await conn.fetchval(f'SELECT min(through) FROM "{SERVICE.name}".progress')
    finally:
        await conn.close()
    return Standing(states, from_ms(through) if through is not None else states[subject].provider.at)


async def _load(conn: Any, kind: str, keys: Sequence[str]) -> dict[Subject, Any]:
    rows = await conn.fetch(
        f'SELECT key, state FROM "{SERVICE.name}".aggregate WHERE kind = $1 AND key = ANY($2::text[])',
        kind,
        list(keys),
    )
    return {Subject(kind, row["key"]): unpack_state(row["state"], SERVICE.kinds[kind]) for row in rows if row["state"]}


def officers(office: Office, policy: Policy, on: date) -> list[OfficerNow]:
    """The officers of an office on a day, by code; points by the policy of that day."""
    by_grade = policy.at("workload.points-by-grade", on).table
    found = []
    for code, terms in sorted(office.officers.items()):
        load_ = workload.load_of(office, code)
        could_hold = workload.points_available(terms, by_grade)
        found.append(
            OfficerNow(
                code=code,
                grade=terms.grade,
                contracted=terms.contracted,
                available=terms.available,
                reductions=terms.reductions,
                competencies=terms.competencies,
                held=load_.points,
                could_hold=could_hold,
                capacity=workload.capacity(load_.points, could_hold),
                cases=load_.cases,
                new_today=workload.new_on(load_, on),
                away=is_away(office, code, on),
                leaves_on=terms.left_on,
                absences=tuple(
                    each
                    for _, each in sorted(office.absences.items())
                    if each.officer == code and (each.ended_on is None or on < each.ended_on)
                ),
            )
        )
    return found


def as_json(code: str, standing: Standing, policy: Policy, placing: Placing | None) -> dict[str, Any]:
    """The office, for a script."""
    office, on = standing.office(code), local_date(standing.at)
    told = {
        "officeCode": code,
        "providerCode": office.provider.on(on)[0] if office.provider else None,
        "kind": office.provider.kind if office.provider else None,
        "localDeliveryUnits": list(office.units),
        "at": iso(standing.at),
        "waiting": len(office.awaiting),
        "officers": [each.as_json() for each in officers(office, policy, on)],
        "rules": [_rule(policy, name, on) for name in RULES],
    }
    return told | ({"whatIf": placing.as_json()} if placing is not None else {})


def _rule(policy: Policy, name: str, on: date) -> dict[str, Any]:
    value = policy.at(name, on)
    return {"ruleId": name, "source": value.source, "confirmed": value.confirmed}


def _absence(absence: Absence) -> dict[str, Any]:
    return {
        "startedOn": absence.started_on.isoformat() if absence.started_on else None,
        "endsOn": absence.ended_on.isoformat() if absence.ended_on else None,
        "coverOfficerCode": absence.cover or None,
    }


def show(console: Console, code: str, standing: Standing, policy: Policy, placing: Placing | None) -> None:
    """Print the office, the rules that it is judged by, and what new cases would lead to."""
    office, on = standing.office(code), local_date(standing.at)
    provider, kind = (office.provider.on(on)[0], office.provider.kind) if office.provider else ("", "")
    through = f"{standing.at:%Y-%m-%d %H:%M} UTC"
    title = f"{code}, {kind} of {provider} for {', '.join(office.units)}: as decided through {through}"
    table = Table(title=title, expand=False)
    for column in ("officer", "grade", "hours", "points", "capacity", "cases", "new today", "absence and cover"):
        table.add_column(column, justify="left" if column in ("officer", "grade", "absence and cover") else "right")
    limit = policy.at("workload.overload", on).decimal
    found = officers(office, policy, on)
    for each in found:
        style = "red" if each.capacity > limit else "yellow" if each.away else None
        table.add_row(
            each.code,
            each.grade,
            f"{each.available:f} of {each.contracted:f}" + (f" −{each.reductions:f} %" if each.reductions else ""),
            f"{each.held:.1f} of {each.could_hold:.1f}" if each.held or each.could_hold else NO_CASES,
            f"{each.capacity:f} %" if each.held or each.could_hold else NO_CASES,
            str(each.cases),
            str(each.new_today),
            _presence(each, on),
            style=style,
        )
    console.print(table)
    if office.awaiting:
        console.print(f"  {len(office.awaiting)} cases wait here for an officer", style="yellow")
    for name in RULES:
        value = policy.at(name, on)
        label = "" if value.confirmed else " [default, unconfirmed]"
        console.print(
            f"  {name}: {_plain(value.content)} {value.unit} ({value.source}){label}",
            style="dim",
            markup=False,
            soft_wrap=True,
        )
    if placing is not None:
        placing.show(console)


def _presence(each: OfficerNow, on: date) -> str:
    told = [f"leaves on {each.leaves_on}"] if each.leaves_on else []
    for absence in each.absences:
        word = "absent since" if absence.started_on is not None and absence.started_on <= on else "absent from"
        until = f" until {absence.ended_on}" if absence.ended_on else ""
        told.append(
            f"{word} {absence.started_on}{until}, " + (f"cover {absence.cover}" if absence.cover else "no cover")
        )
    return "; ".join(told)


def _plain(content: Any) -> str:
    return ", ".join(f"{key} {value}" for key, value in content.items()) if hasattr(content, "items") else str(content)
