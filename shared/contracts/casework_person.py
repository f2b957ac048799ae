"""Case management, on the person: risk, circumstances, needs, registrations, links, corrections."""

from typing import Literal

from shared.contracts.payload import Part, Payload, event
from shared.contracts.scalars import Crn, Day, Id, NomsNumber, TimeOfDay, Weekday
from shared.contracts.values import Attribute, Grade, Registration, Rosh

ChangeKind = Literal[
    "address",
    "homeless",
    "new-partner",
    "living-with-partner",
    "separated",
    "pregnancy",
    "childcare",
    "employment-started",
    "employment-lost",
    "finance",
    "family-strain",
    "health",
    "self-harm",
    "substance-use",
    "associates",
    "arrest",
    "charge",
    "conviction",
]


@event("casework.risk.changed", readers="AEM")
class RiskChanged(Payload):
    """The risk of serious harm has changed, on this evidence."""

    from_: Rosh
    to: Rosh
    changed_on: Day
    evidence_code: Literal["reassessment", "police", "partner-agency", "disclosure", "conviction", "progress"]


@event("casework.circumstances.changed", readers="AE")
class CircumstancesChanged(Payload):
    """Something in the person's life has changed."""

    change_id: Id
    changed_on: Day
    kinds: tuple[ChangeKind, ...]
    source: Literal["self", "police", "agency", "provider"]


class Unavailable(Part):
    """Hours of the week in which the person cannot attend."""

    weekday: Weekday
    from_: TimeOfDay
    to: TimeOfDay


@event("casework.needs.recorded", readers="ARE")
class NeedsRecorded(Payload):
    """The person's attributes and hours, whole; replaces what the court stated, so that they can end."""

    recorded_on: Day
    attributes: tuple[Attribute, ...]
    unavailable: tuple[Unavailable, ...]


@event("casework.police-call-out.reported", readers="AE")
class PoliceCallOutReported(Payload):
    """The police were called out to the person."""

    call_out_id: Id
    called_on: Day
    kind: Literal["domestic-abuse", "violence", "child", "other"]
    person_role: Literal["suspect", "victim", "witness"]


@event("casework.registration.added", readers="AREM")
class RegistrationAdded(Payload):
    """The person has been put on a register."""

    registration_id: Id
    code: Registration
    from_: Day


@event("casework.registration.removed", readers="AREM")
class RegistrationRemoved(Payload):
    """The person has been taken off a register. Removed means history, not nothing."""

    registration_id: Id
    code: Registration
    until: Day


@event("casework.person.linked", readers="AR")
class PersonLinked(Payload):
    """The CRN and the NOMS number are one person."""

    noms_number: NomsNumber


@event("casework.person.merged", readers="AREM")
class PersonMerged(Payload):
    """This CRN has been merged into another."""

    into_crn: Crn


@event("casework.concern.answered", readers="ARE")
class ConcernAnswered(Payload):
    """A person has answered a concern. A recorded reason clears it where the concern allows that."""

    concern_id: Id
    answer: Literal["acknowledged", "recorded-reason", "contested"]
    reason_code: Literal["circumstances", "proportionality", "already-done", "information-wrong", "other"]
    by_grade: Grade
    answered_on: Day


@event("casework.record.withdrawn", readers="AREM")
class RecordWithdrawn(Payload):
    """Something was recorded in error: it is taken back, and everything that rested on it."""

    record_id: Id
    kind: Literal[
        "appointment",
        "check",
        "registration",
        "change",
        "call-out",
        "failure",
        "plan",
        "review",
        "referral",
        "session",
        "credit",
    ]
    withdrawn_on: Day
