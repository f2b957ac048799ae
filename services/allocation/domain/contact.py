"""Contact, as far as allocation reads it: what was tried without an answer, and the minutes face to face.

A person whom the hub cannot reach goes back to a local centre: that is noticed once some remote contacts in a row have
had no answer. Source: HMI Probation, South Yorkshire 2017, line 345.
"""

from datetime import date, datetime

from msgspec.structs import replace

from services.allocation.domain.case import Case, case_of, set_down
from services.allocation.domain.ledgers import Contact, is_withdrawn, keep_latest, last_contact
from services.allocation.domain.orders import latest_sentence_on
from shared.contracts.casework import AppointmentAttended, AppointmentMissed, ContactAttempted
from shared.domain.business_days import local_date
from shared.domain.condition import Condition, Held
from shared.domain.contact import is_face_to_face
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.statement import put_both
from shared.domain.step import Step

NON_RESPONSE = "hub-non-response"
REMEMBER_CONTACTS = 6
"""Contacts that are kept, the latest ones; of older ones only the minutes.

Rules ask for the contacts in a row without an answer, of which the parameter wants fewer than these, and for the sum of
the minutes. What is stated again or withdrawn finds its contact among these or not at all.
"""


def take_attended(step: Step, fact: Fact, stated: AppointmentAttended) -> Outcome | None:
    """An appointment attended; stated again it replaces what was known of it."""
    face_to_face = is_face_to_face(step, stated.channel, local_date(stated.starts_at))
    row = Contact(stated.starts_at, made=True, minutes=stated.minutes if face_to_face else 0, stated_at=fact.at)
    return _contact(step, stated.appointment_id, row, stated.officer_code)


def take_missed(step: Step, fact: Fact, stated: AppointmentMissed) -> Outcome | None:
    """A remote appointment missed; one face to face is for enforcement."""
    if is_face_to_face(step, stated.channel, local_date(stated.starts_at)):
        return ignored("face-to-face")
    return _contact(step, stated.appointment_id, Contact(stated.starts_at, made=False, stated_at=fact.at), None)


def take_attempt(step: Step, fact: Fact, stated: ContactAttempted) -> Outcome | None:
    """Contact tried outside an appointment, answered or not."""
    return _contact(
        step, stated.contact_id, Contact(stated.at, made=stated.answered, stated_at=fact.at), stated.officer_code
    )


def _contact(step: Step, record: str, row: Contact, officer: str | None) -> Outcome | None:
    if is_withdrawn(step, "appointment", record):
        return ignored("record-withdrawn")
    outcome = put_both(step, "contacts", record, row, last_contact)
    fold(step)
    held, on = case_of(step).officer, local_date(row.at)
    if row.made and held is not None and officer == held.code and held.on <= on < (held.met_on or date.max):
        set_down(step, officer=replace(held, met_on=on))
    return outcome


def fold(step: Step) -> None:
    """Let all but the latest contacts go; of those that go, the minutes stay."""
    folded = sum(old.minutes for _, old in keep_latest(step, "contacts", REMEMBER_CONTACTS) if _counts(step, old.at))
    if folded:
        set_down(step, minutes_folded=case_of(step).minutes_folded + folded)


def _counts(step: Step, at: datetime) -> bool:
    since = case_of(step).allocated_on
    return since is not None and local_date(at) >= since


def minutes_face_to_face(case: Case) -> int:
    """Minutes face to face in this period of supervision, since the person was allocated."""
    if case.allocated_on is None:
        return 0
    kept = sum(row.minutes for row in case.contacts.values() if local_date(row.at) >= case.allocated_on)
    return case.minutes_folded + kept


def unanswered(case: Case) -> tuple[str, ...]:
    """The contacts tried since the last one that was made."""
    last = max((row.at for row in case.contacts.values() if row.made), default=None)
    return tuple(
        record for record, row in sorted(case.contacts.items()) if not row.made and (last is None or row.at > last)
    )


def _not_reached(step: Step, _ref: str) -> Held | None:
    case, tried = case_of(step), unanswered(case_of(step))
    on = latest_sentence_on(case)
    if on is None or len(tried) < step.value(NON_RESPONSE, on).number:
        return None
    return Held(tried, on, inputs={"unanswered": str(len(tried))})


HUB_NON_RESPONSE = Condition(
    code=NON_RESPONSE,
    reads=frozenset(("contacts", "route")),
    refs=lambda case: (case.key,) if case.route == "hub" else (),
    holds=_not_reached,
    owner="hub-manager",
)
