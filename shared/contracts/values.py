"""The values that events share: closed lists of codes, and the small objects that several events carry."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from shared.contracts.payload import Part
from shared.contracts.scalars import Code, Day

Rosh = Literal["low", "medium", "high", "very-high"]
"""Risk of serious harm."""

Grade = Literal["po", "pso", "spo", "manager", "nps-senior-manager", "administrator"]
ProviderKind = Literal["nps", "crc"]
Clock = Literal[
    "sentence",
    "allocation",
    "release",
    "first-attended",
    "awareness",
    "acceptable-referral",
    "reception",
    "screening",
    "judgement",
    "decision",
    "hearing",
    "officer-change",
    "referral",
    "plan",
]
Channel = Literal[
    "office",
    "home",
    "approved-premises",
    "prison",
    "group",
    "unpaid-work",
    "video",
    "telephone",
    "text",
    "email",
    "letter",
]
Purpose = Literal[
    "induction",
    "supervision",
    "pre-release",
    "rar-activity",
    "programme-session",
    "preparatory",
    "unpaid-work",
    "re-engagement",
    "other",
]
Attribute = Annotated[
    str,
    StringConstraints(
        pattern=(
            "^(no-address|no-telephone|needs-translation|interpreter:[a-z]{2}|wheelchair|private-room|literacy"
            "|care-leaver|young-adult|living-with-partner)$"
        )
    ),
]
"""Of the person; `interpreter:xx` with a language of ISO 639-1."""

Registration = Literal[
    "domestic-abuse",
    "child-protection",
    "child-in-need",
    "adult-safeguarding",
    "iom",
    "mappa-1",
    "mappa-2",
    "mappa-3",
    "sexual-offending",
    "life-sentence",
    "victim-contact",
]
Competency = Annotated[
    str,
    StringConstraints(
        pattern=(
            "^(domestic-abuse|child-safeguarding|sexual-offending|mental-health|iom|life-sentence|young-adult|women"
            "|interpreter:[a-z]{2})$"
        )
    ),
]
"""Of an officer; `interpreter:xx` with a language of ISO 639-1."""

Service = Literal[
    "accommodation",
    "education-training-employment",
    "finance-benefit-debt",
    "family",
    "health",
    "mental-health",
    "substance-misuse",
    "domestic-abuse",
    "sex-working",
    "attitudes",
    "accredited-programme",
    "short-programme",
    "mentoring",
    "womens-service",
]
AbsenceReason = Literal[
    "illness",
    "employment",
    "childcare",
    "residence",
    "bereavement",
    "court-or-custody",
    "religious-festival",
    "transport",
    "none-given",
    "other",
]
RequirementKind = Literal[
    "rehabilitation-activity",
    "unpaid-work",
    "accredited-programme",
    "drug-rehabilitation",
    "alcohol-treatment",
    "mental-health-treatment",
    "curfew",
    "residence",
    "exclusion",
    "other",
]
Disposal = Literal[
    "community-order", "suspended-sentence-order", "custody", "deferred-sentence", "supervision-default-order"
]
HearingPurpose = Literal["sentence", "breach", "review", "revocation", "variation", "appeal"]
HearingOutcome = Literal[
    "adjourned",
    "warrant-issued",
    "order-continues",
    "order-varied",
    "fined",
    "revoked",
    "revoked-resentenced",
    "custody-imposed",
    "dismissed",
    "withdrawn",
]
Judgement = Literal["acceptable", "unacceptable", "pending-evidence"]
EscalationDirection = Literal["crc-to-nps", "nps-to-crc"]
EscalationOutcome = Literal["accepted", "rejected"]
WarningLevel = Literal["first", "final"]
RecallOutcome = Literal["issued", "refused"]
RecallKind = Literal["fixed-14", "fixed-28", "standard"]
Severity = Literal["info", "warning", "serious"]
SubjectKind = Literal["case", "officer", "office", "provider", "publisher"]
ClearReason = Literal["ended", "order-ended", "recorded-reason", "withdrawn", "superseded"]


class Copy(Part):
    """A document's fingerprint: tells whether it was copied, without saying what it says."""

    text_hash: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the text, hex."""
    text_simhash: Annotated[str, StringConstraints(pattern="^[0-9a-f]{16}$")] | None = None
    """64 bits as 16 hex digits; similarity = 1 − differing bits / 64."""


class Because(Part):
    """A rule that was applied: where it comes from, since when it is in force, and what it saw."""

    rule_id: Code
    source: str
    confirmed: bool
    policy_from: Day | None = None
    inputs: dict[str, str]


class ConcernSubject(Part):
    """Whom or what a concern is about."""

    kind: SubjectKind
    code: Code
