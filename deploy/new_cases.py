"""What if an office got new cases now: who would get each by the rules as they are, and why the others would not.

The cases are decided by the service's own domain, over the states as they stand, in memory; nothing is written.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec
import orjson
from rich.console import Console
from rich.table import Table

from deploy.casebook import REJECTIONS
from deploy.simulate import Memory
from services.allocation.app import SERVICE
from services.allocation.domain.candidates import Candidate, candidates, offices_for
from services.allocation.domain.case import Case, subject_of
from services.allocation.domain.decide import PUBLISHER
from services.allocation.domain.office import Office, office_subject, unit_subject
from services.allocation.domain.suitability import needs_of
from shared.contracts.decoding import decode
from shared.contracts.envelope import Event
from shared.contracts.values import Rosh
from shared.domain.business_days import local_date
from shared.domain.decision import Rows
from shared.domain.fact import Fact, Subject, event_fact, iso
from shared.domain.identifiers import stable_id
from shared.domain.policy import Policy
from shared.domain.step import Step

Band = Literal["green", "yellow", "blue", "red"]
BANDS: tuple[str, ...] = get_args(Band)
LEVELS: tuple[str, ...] = get_args(Rosh)
MOST = 500
"""New cases at the most: theirs are the CRNs from Y000001 on, which no court gives out here."""


class CannotPlace(ValueError):
    """New cases of that kind cannot come to that office; the message says why."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One new case: who would get it, where, at what capacity; and what speaks against each of the others."""

    officer: str | None
    office: str | None
    capacity: Decimal | None
    others: Mapping[str, tuple[str, ...]]

    def as_json(self) -> dict[str, Any]:
        """For a script."""
        return {
            "officerCode": self.officer,
            "officeCode": self.office,
            "capacityPercent": f"{self.capacity:f}" if self.capacity is not None else None,
            "others": {code: " and ".join(reasons) for code, reasons in self.others.items()},
        }


@dataclass(frozen=True, slots=True)
class Placing:
    """New cases of one kind, one after another."""

    kind: str
    cases: tuple[Placed, ...]

    def as_json(self) -> dict[str, Any]:
        """For a script."""
        return {"kind": self.kind, "cases": [each.as_json() for each in self.cases]}

    def show(self, console: Console) -> None:
        """Print, by officer, who would get which of the cases, and why not the others."""
        title = f"{len(self.cases)} new cases, {self.kind}"
        table = Table("officer", "would get", "capacity then", "why not more", title=title)
        officers = sorted({code for each in self.cases for code in (each.officer, *each.others) if code})
        for code in officers:
            got = [(n, each) for n, each in enumerate(self.cases, 1) if each.officer == code]
            against = Counter(each.others[code] for each in self.cases if code in each.others)
            then = f"{got[-1][1].capacity:f} %" if got else ""
            why = "; ".join(_in_words(reasons) + (f" ×{n}" if n > 1 else "") for reasons, n in against.items())
            table.add_row(code, ", ".join(str(n) for n, _ in got) or "none", then, why)
        console.print(table)
        waiting = sum(each.officer is None for each in self.cases)
        if waiting:
            console.print(f"  {waiting} would wait: nobody may take them today", style="yellow")


def place(
    states: Mapping[Subject, Any], office: str, n: int, policy: Policy, at: datetime, *, band: str = "", rosh: str = ""
) -> Placing:
    """Place `n` new cases of a band (a CRC's office) or a risk of harm (the NPS's) at an office's unit.

    `states` are the office, the units that it serves and their offices. Raises CannotPlace.
    """
    row: Office = states[office_subject(office)]
    if row.provider is None or not row.units or row.provider.kind == "court-team":
        raise CannotPlace(f"{office} holds no cases")
    nps = row.provider.provider_kind == "nps"
    if nps and (band or not rosh):
        raise CannotPlace(f"{office} is the NPS's, whose cases have no band: give --rosh, {', '.join(LEVELS)}")
    if not nps and (rosh or not band):
        raise CannotPlace(f"{office} is a CRC's: give --band, {', '.join(BANDS)}")
    if (band and band not in BANDS) or (rosh and rosh not in LEVELS):
        raise CannotPlace(f"there is no {band or rosh!r}: --band {', '.join(BANDS)}; --rosh {', '.join(LEVELS)}")
    if not 1 <= n <= MOST:
        raise CannotPlace(f"--with takes 1 to {MOST} cases")
    traits = _of_the_nps(rosh) if nps else _of_a_crc(band, policy, at)
    memory = Memory(SERVICE, policy)
    memory.states.update(states)
    hub = row.provider.kind == "hub"
    placed = [_place_one(memory, row.units[0], place_, traits, at, hub=hub) for place_ in range(1, n + 1)]
    return Placing(f"{'risk of harm' if nps else 'band'} {rosh or band}", tuple(placed))


@dataclass(frozen=True, slots=True)
class _Traits:
    """What is stated of a new case so that it has its band."""

    rosh: str
    ogrs: str = "0"
    motivation: str = "low"
    public_interest: bool = False


def _of_the_nps(rosh: str) -> _Traits:
    """The NPS keeps low and medium harm only on another ground."""
    return _Traits(rosh, public_interest=rosh in ("low", "medium"))


def _of_a_crc(band: str, policy: Policy, at: datetime) -> _Traits:
    """Any row of the table of bands that leads to the band."""
    on = local_date(at)
    row = next((key for key, value in sorted(policy.at("band.table", on).table.items()) if value == band), None)
    if row is None:
        raise CannotPlace(f"no row of the table of bands leads to {band}")
    harm, likelihood, motivation = row.split("/")
    cut_off = policy.at("band.ogrs-cut-off", on).decimal
    return _Traits(harm, f"{cut_off:f}" if likelihood == "high" else "0", motivation)


def _place_one(memory: Memory, unit: str, place_: int, traits: _Traits, at: datetime, *, hub: bool) -> Placed:
    crn = f"Y{place_:06d}"
    before = dict(memory.states)
    fact, told = None, None
    for fact in _facts(crn, unit, traits, at, hub=hub):
        rows, _ = memory.rows(fact)
        for event in memory.decide(fact, rows).events:
            if event.event_type == "allocation.officer.assigned":
                told = orjson.loads(event.value)["additionalInformation"]
    if fact is None:
        raise CannotPlace("nothing was stated of the case")
    ranked = _ranked(memory, before, unit, crn, fact)
    chosen = next((each for each in ranked if told is not None and each.code == told["officerCode"]), None)
    others = {each.code: _reasons(each, chosen) for each in ranked if each is not chosen}
    if chosen is None or told is None:
        return Placed(None, None, None, others)
    return Placed(chosen.code, chosen.office, chosen.capacity, others)


def _ranked(memory: Memory, before: Mapping[Subject, Any], unit: str, crn: str, fact: Fact) -> list[Candidate]:
    """The candidates as the case found them: with the case's own facts, and the offices as they stood before it."""
    case: Case = msgspec.structs.replace(memory.states[subject_of(crn)], officer=None)
    states = {**before, subject_of(crn): case, unit_subject(unit): memory.states[unit_subject(unit)]}
    step = Step(PUBLISHER, subject_of(crn), Rows(states), fact, memory.policy)
    return candidates(step, offices_for(step), needs_of(case, memory.policy))


def _reasons(other: Candidate, chosen: Candidate | None) -> tuple[str, ...]:
    if other.against:
        of_other_grade = "grade" in other.against and not other.available
        # That a grade which holds no cases has no points for one says nothing more.
        return tuple(each for each in other.against if not (of_other_grade and each == "capacity"))
    if chosen is None:
        return ("free",)
    if other.unsuited > chosen.unsuited:
        return (f"{other.grade} suits less" if other.grade != chosen.grade else "competencies suit less",)
    if other.capacity > chosen.capacity:
        return ("fuller",)
    return ("as full, code later",)


def _in_words(reasons: tuple[str, ...]) -> str:
    return " and ".join(REJECTIONS.get(each, each) for each in reasons)


def _facts(crn: str, unit: str, traits: _Traits, at: datetime, *, hub: bool) -> list[Fact]:
    """What courts and casework would state of a new case, complete at once."""
    on, order = local_date(at).isoformat(), f"new-{crn}"
    kind = {"kind": "unpaid-work", "hours": "40"} if hub else {"kind": "rehabilitation-activity", "days": 10}
    copy = {"textHash": "0" * 64}
    stated: list[tuple[str, dict[str, Any]]] = [
        (
            "court.sentence.recorded",
            {
                "orderId": order,
                "courtCode": "NEW",
                "sentencedOn": on,
                "disposal": "community-order",
                "requirements": [{"requirementId": f"{order}-1", **kind}],
                "report": {"kind": "standard"},
                "localDeliveryUnit": unit,
                "officeCode": "NEW",
                "sex": "not-known",
                "attributes": [],
            },
        ),
        ("casework.risk-score.calculated", {"kind": "ogrs2", "percent": traits.ogrs, "calculatedOn": on}),
        (
            "casework.assessment.completed",
            {
                "assessmentId": f"{order}-2",
                "tool": "justice-star",
                "stage": "intake",
                "completedOn": on,
                "motivation": traits.motivation,
                "needs": [],
                "personInvolved": True,
                "copy": copy,
            },
        ),
        (
            "casework.allocation-form.submitted",
            {
                "formId": f"{order}-3",
                "orderId": order,
                "rsrPercent": "1.00",
                "rsrCalculatedOn": on,
                "roshLevel": traits.rosh,
                "roshScreenedOn": on,
                "fullAnalysis": "completed",
                "fullAnalysisOn": on,
                "mappaLevel": "none",
                "deportationLiable": False,
                "deferredSentence": False,
                "publicInterest": traits.public_interest,
                "notKnown": [],
                "priorsOfConcern": [],
                "domesticAbuse": "none",
                "childSafeguarding": "none",
            },
        ),
    ]
    return [_fact(event_type, crn, at, payload) for event_type, payload in stated]


def _fact(event_type: str, crn: str, at: datetime, payload: dict[str, Any]) -> Fact:
    topic = event_type.partition(".")[0]
    event_id: UUID = stable_id("new-case", crn, event_type)
    envelope = {
        "eventType": event_type,
        "version": 1,
        "eventId": str(event_id),
        "occurredAt": iso(at),
        "personReference": {"identifiers": [{"type": "CRN", "value": crn}]},
        "additionalInformation": payload,
    }
    decoded = decode(topic, crn.encode(), orjson.dumps(envelope))
    if not isinstance(decoded, Event):
        raise CannotPlace(f"{event_type}: {decoded}")
    return event_fact(decoded, topic, crn, at)
