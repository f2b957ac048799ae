"""Records taken back, and two cases that are one person: what was recorded in error, or under another number."""

from collections.abc import Mapping
from datetime import datetime

from services.enforcement.domain import contact, earlier, failures, orders, warnings
from services.enforcement.domain.case import Case
from shared.contracts.casework import RecordWithdrawn
from shared.domain.contact import united, without
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.statement import Both, latest
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

LEDGERS: Mapping[str, Both] = {
    **dict.fromkeys(STATED, latest),
    "variations": orders.last_varied,
    "arranged": united,
    "judgements": failures.judged_under_both,
    "counted": failures.counted_under_both,
    "earlier": earlier.of_both,
    "withdrawn": max,
}
"""What two rows of one record come to, ledger by ledger."""

DERIVED = ("first_offers", "release_offers", "last_seen")
"""Ledgers that follow from those."""


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


def settle(step: Step, _goes: Case) -> None:
    """Of two cases that are one: bring what follows from the ledgers in line with them."""
    case: Case = step.case
    for key, through in sorted(case.withdrawn.items()):
        kind, _, record_id = key.partition(":")
        _void(step, kind, record_id, through)
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
