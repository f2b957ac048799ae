"""The aggregates that a fact needs: the case that stands for its CRN, the prisoner, the unit and its offices.

Keys of one kind come from payloads and from rows of the kinds before it in the order of locks, never the other way.
"""

from collections.abc import Iterator
from typing import Any

from services.allocation.domain import cover, office, orders, records
from services.allocation.domain.allocation_file import is_pending
from services.allocation.domain.case import CASE, Case
from services.allocation.domain.office import (
    OFFICER_LEFT,
    OFFICER_RESTATED,
    UNIT,
    Unit,
    office_subject,
    unit_subject,
)
from services.allocation.domain.provider import offices_that_hold_cases
from services.allocation.domain.takes import NOTED, NOTED_DATES, PLACING, PLACING_DATES, WEIGHING
from shared.contracts.casework import PersonMerged, TransferAgreed
from shared.contracts.court import SentenceRecorded
from shared.contracts.payload import OfficePayload
from shared.contracts.workforce import OfficerChanged, OfficeRegistered, OfficerRegistered
from shared.domain import prisoner
from shared.domain.decision import Rows
from shared.domain.fact import Fact, Passed, Subject
from shared.domain.merger import merging_cases, standing_cases


def subjects(fact: Fact, rows: Rows) -> tuple[Subject, ...]:
    """The aggregates that a fact needs, as far as the rows loaded tell; the first is its own."""
    payload, kind = fact.payload, type(fact.payload)
    if kind is Passed:
        own = payload.subject
        case: Case | None = rows.get(CASE, own.key) if own.kind == CASE else None
        return (own, *(_around(case, fact, rows) if case is not None else ()))
    if _is_noted(fact):
        return standing_cases(fact.key, rows)
    if issubclass(kind, OfficePayload):
        served = payload.local_delivery_units if kind is OfficeRegistered else ()
        return (office_subject(payload.office_code), *(unit_subject(code) for code in served))
    prisoners = prisoner.prisoners_of(fact, rows)
    crn = prisoner.linked_crn(fact, rows) if fact.topic == prisoner.PRISON else fact.key
    if crn is None:
        return prisoners
    cases = standing_cases(crn, rows)
    if kind is PersonMerged:
        stays = standing_cases(payload.into_crn, rows)[-1]
        both = (*merging_cases(fact, rows), *_merging(rows.get(*cases[-1]), rows.get(*stays), rows))
        return tuple(dict.fromkeys(both))
    found = (*prisoners, *cases) if fact.topic == prisoner.PRISON else (*cases, *prisoners)
    stands: Case | None = rows.get(*cases[-1])
    return tuple(dict.fromkeys((*found, *(_around(stands, fact, rows) if stands is not None else ()))))


def owner_of(fact: Fact, rows: Rows) -> Subject:
    """The aggregate that decides: the case; of a prison fact that nobody has linked, the prisoner."""
    own: Subject
    if type(fact.payload) is Passed:
        own = fact.payload.subject
    elif _is_noted(fact):
        own = standing_cases(fact.key, rows)[-1]
    elif isinstance(fact.payload, OfficePayload):
        own = office_subject(fact.payload.office_code)
    else:
        crn = prisoner.linked_crn(fact, rows) if fact.topic == prisoner.PRISON else fact.key
        own = standing_cases(crn, rows)[-1] if crn is not None else prisoner.standing(rows, fact.key)
    return own


def _is_noted(fact: Fact) -> bool:
    """Whether a fact needs nothing but its case, as most do."""
    return type(fact.payload) in NOTED and fact.topic != prisoner.PRISON


def _around(case: Case, fact: Fact, rows: Rows) -> Iterator[Subject]:
    """The unit and offices that a fact about a case may touch."""
    kind = type(fact.payload)
    placing = _may_place(case, fact)
    if case.officer is not None and (placing or kind in WEIGHING or fact.type in NOTED_DATES):
        yield office_subject(case.officer.office)
    if not placing:
        return
    yield from map(office_subject, _agreed_offices(case, fact.payload))
    yield from _serving(
        orders.unit_after_sentence(case, fact.payload) if kind is SentenceRecorded else orders.unit_of(case),
        rows,
    )


def _merging(goes: Case | None, stays: Case | None, rows: Rows) -> Iterator[Subject]:
    """The unit and offices of two cases as one, under whichever of the person's numbers that comes to stand."""
    if goes is None or stays is None:
        return
    for case in (goes, stays):
        yield from map(office_subject, _agreed_offices(case, None))
        if case.officer is not None:
            yield office_subject(case.officer.office)
    for home in dict.fromkeys((goes.home, stays.home, None)):
        yield from _serving(orders.unit_of(records.united(goes, stays, home)), rows)


def _serving(unit_code: str | None, rows: Rows) -> Iterator[Subject]:
    """A unit, and the offices of it that may hold cases."""
    if unit_code is None:
        return
    yield unit_subject(unit_code)
    unit: Unit | None = rows.get(UNIT, unit_code)
    yield from map(office_subject, offices_that_hold_cases(unit) if unit is not None else ())


def _may_place(case: Case, fact: Fact) -> bool:
    kind = type(fact.payload)
    if kind is Passed:
        return fact.payload.kind in PLACING_DATES
    return kind in PLACING or (kind in WEIGHING and is_pending(case))


def _agreed_offices(case: Case, payload: Any) -> tuple[str, ...]:
    """Offices that the providers have agreed on: where the person has moved, or is about to."""
    found = [case.home.office if case.home else "", case.claim.office if case.claim else ""]
    if type(payload) is TransferAgreed:
        found.append(payload.to_office_code or "")
    return tuple(code for code in found if code)


def sums(fact: Fact) -> tuple[Subject, ...]:
    """What becomes of an officer needs the sums of their cases; of a unit, those that have no officer; where an officer
    is registered, the offices where they are already."""
    payload, kind = fact.payload, type(fact.payload)
    if kind is OfficerRegistered or kind is OfficerChanged:
        return (office.posts_tally(payload.officer_code),)
    if kind is not Passed:
        return ()
    if payload.kind in TOLD_TO_CASES:
        return (office.officer_tally(payload.ref.partition("|")[0]),)
    if payload.kind == office.OFFICE_PASSES and payload.subject.kind == UNIT:
        return (office.unplaced_tally(payload.subject.key),)
    return ()


TOLD_TO_CASES = frozenset((OFFICER_LEFT, OFFICER_RESTATED, office.OFFICER_PASSES, cover.STILL_ABSENT))
"""Deadlines of an office that are handed on to the cases of an officer, who is named in their ref."""
