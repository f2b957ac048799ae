"""Records taken back as recorded in error: they go, with everything that rested on them."""

from services.enforcement.domain import contact, failures
from services.enforcement.domain.case import Case
from shared.contracts.casework import RecordWithdrawn
from shared.domain.contact import without
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.step import Step


def take_withdrawn(step: Step, fact: Fact, withdrawn: RecordWithdrawn) -> Outcome | None:
    """Void what was stated of a record until now; what is stated of it later stands again."""
    if withdrawn.kind not in ("appointment", "failure", "session"):
        return ignored("no-rule-rests-on-it")
    case: Case = step.case
    record_id = withdrawn.record_id
    key = f"{withdrawn.kind}:{record_id}"
    through = max(fact.at, case.withdrawn.get(key, fact.at))
    step.put("withdrawn", key, through)
    if withdrawn.kind == "session":
        session = case.stood_down.get(record_id)
        if session is not None and session.at <= through:
            step.drop("stood_down", record_id)
            failures.excuse(step, session.appointment_id)
        return None
    failure = case.failures.get(record_id)
    if failure is not None and failure.at <= through and failure.reported == (withdrawn.kind == "failure"):
        step.drop("failures", record_id)
        failures.recount(step, record_id)
    if withdrawn.kind == "appointment":
        _appointment(step, record_id, fact)
    return None


def _appointment(step: Step, appointment_id: str, fact: Fact) -> None:
    case: Case = step.case
    attended = case.attended.get(appointment_id)
    if attended is not None and attended.at <= fact.at:
        step.drop("attended", appointment_id)
        failures.excuse(step, appointment_id)
    arranged = case.arranged.get(appointment_id)
    if arranged is not None:
        left = without(arranged, fact.at)
        if left is None:
            step.drop("arranged", appointment_id)
        else:
            step.put("arranged", appointment_id, left)
    contact.reindex(step, appointment_id)
