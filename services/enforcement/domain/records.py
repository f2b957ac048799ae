"""Records taken back, and two cases that are one person: what was recorded in error, or under another number."""

from datetime import datetime

from services.enforcement.domain import contact, failures, orders, warnings
from services.enforcement.domain.case import Case
from shared.contracts.casework import RecordWithdrawn
from shared.domain.contact import united, without
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.statement import put_latest
from shared.domain.step import Step

STATED = (
    "orders",
    "ended",
    "allocated",
    "transfers",
    "supervisions",
    "supervisions_ended",
    "custody",
    "standing",
    "attended",
    "failures",
    "stood_down",
    "oversights",
    "warnings",
    "discretions",
    "packs",
    "returned",
    "accepted",
    "informations",
    "hearings",
    "results",
    "recalls_considered",
    "recalls_requested",
    "recalls_answered",
)
"""Ledgers of which the latest statement of a record stands."""

LEDGERS = (
    *STATED,
    "variations",
    "arranged",
    "judgements",
    "withdrawn",
    "counted",
    "first_offers",
    "release_offers",
    "last_seen",
)
"""Ledgers that move to another case when two are one person."""


def take_withdrawn(step: Step, fact: Fact, withdrawn: RecordWithdrawn) -> Outcome | None:
    """Void what was stated of a record until now; what is stated of it later stands again."""
    if withdrawn.kind not in ("appointment", "failure", "session"):
        return ignored("no-rule-rests-on-it")
    case: Case = step.case
    key = f"{withdrawn.kind}:{withdrawn.record_id}"
    through = max(fact.at, case.withdrawn.get(key, fact.at))
    step.put("withdrawn", key, through)
    _void(step, withdrawn.kind, withdrawn.record_id, through)
    return None


def take_over(step: Step, goes: Case) -> None:
    """Take what was stated of the other case, the latest of each record, with what has been told of it."""
    for ledger in STATED:
        for row_id, row in sorted(getattr(goes, ledger).items()):
            put_latest(step, ledger, row_id, row)
    for order_id, variation in sorted(goes.variations.items()):
        orders.put_variation(step, order_id, variation)
    for ref, arrangement in sorted(goes.arranged.items()):
        step.put("arranged", ref, united(step.case.arranged.get(ref), arrangement))
    for failure_id, made in sorted(goes.judgements.items()):
        for judged in made:
            failures.put_judgement(step, failure_id, judged)
    for failure_id, counted in sorted(goes.counted.items()):
        if failure_id not in step.case.counted:
            step.put("counted", failure_id, counted)
    _take_over_withdrawals(step, goes)
    _settle(step)


def _take_over_withdrawals(step: Step, goes: Case) -> None:
    for key, through in sorted(goes.withdrawn.items()):
        step.put("withdrawn", key, max(through, step.case.withdrawn.get(key, through)))
    for key, through in sorted(step.case.withdrawn.items()):
        kind, _, record_id = key.partition(":")
        _void(step, kind, record_id, through)


def _settle(step: Step) -> None:
    """Bring what follows from the ledgers in line with them."""
    case: Case = step.case
    for failure_id in sorted({*case.failures, *case.counted}):
        failures.excuse(step, failure_id)
        failures.recount(step, failure_id)
    contact.reindex_all(step)
    for supervision_id in sorted(step.case.supervisions):
        contact.settle_release(step, supervision_id)


def _void(step: Step, kind: str, record_id: str, through: datetime) -> None:
    """Drop what was stated of a record by an instant, and look again at what rested on it."""
    case: Case = step.case
    if kind == "warning":
        warnings.void(step, record_id, through)
        return
    if kind == "session":
        session = case.stood_down.get(record_id)
        if session is not None and session.at <= through:
            step.drop("stood_down", record_id)
            failures.excuse(step, session.appointment_id)
        return
    failure = case.failures.get(record_id)
    if failure is not None and failure.at <= through and failure.reported == (kind == "failure"):
        step.drop("failures", record_id)
        failures.recount(step, record_id)
    if kind == "appointment":
        _void_appointment(step, record_id, through)


def _void_appointment(step: Step, appointment_id: str, through: datetime) -> None:
    case: Case = step.case
    attended = case.attended.get(appointment_id)
    if attended is not None and attended.at <= through:
        step.drop("attended", appointment_id)
        failures.excuse(step, appointment_id)
    arranged = case.arranged.get(appointment_id)
    if arranged is not None:
        left = without(arranged, through)
        if left is None:
            step.drop("arranged", appointment_id)
        else:
            step.put("arranged", appointment_id, left)
    contact.reindex(step, appointment_id)
