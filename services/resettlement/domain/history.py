"""What is held on a person that safeguarding or a licence must answer: domestic abuse, a child, a victim.

A registration that was taken off, and an answer of "history" on a form, still count (rules: who and when).
"""

from services.resettlement.domain.case import Case, Form, History, Registration
from services.resettlement.domain.voided import put_unless_void, void
from shared.contracts.casework import AllocationFormSubmitted, RegistrationAdded, RegistrationRemoved
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.statement import latest, put_latest
from shared.domain.step import Step

REGISTRATIONS = "history-registrations"
"""Parameter: registrations that are history to be answered, each with the matter."""

MATTERS: dict[str, History] = {"domestic-abuse": "domestic-abuse", "child": "child", "victim": "victim"}
HELD = ("history", "current")


def take_form(step: Step, fact: Fact, form: AllocationFormSubmitted) -> Outcome | None:
    """The answers of an order's latest allocation form."""
    history: tuple[History, ...] = ()
    if form.domestic_abuse in HELD:
        history = (*history, "domestic-abuse")
    if form.child_safeguarding in HELD:
        history = (*history, "child")
    return put_latest(step, "forms", form.order_id, Form(fact.at, history))


def take_registration(step: Step, fact: Fact, registration: RegistrationAdded | RegistrationRemoved) -> Outcome | None:
    """A registration, added or taken off: either way it is held."""
    table = step.value(REGISTRATIONS, local_date(fact.at)).table
    matter = MATTERS.get(str(table.get(registration.code, "")))
    if matter is None:
        dropped = void(step, "registrations", registration.registration_id, fact.at)
        return None if dropped else ignored("no-matter-here")
    row = Registration(fact.at, matter)
    return put_unless_void(step, "registrations", registration.registration_id, row, latest)


def history_of(case: Case) -> set[History]:
    """The matters held on the person, now or in the past."""
    found: set[History] = {row.history for row in case.registrations.values() if row.history is not None}
    for form in case.forms.values():
        found.update(form.history)
    return found
