"""Records taken back, and two cases that are one person: what was recorded in error, or under another number."""

from collections.abc import Callable, Mapping
from typing import Any

from services.resettlement.domain.case import STATED, Case, case_of
from shared.contracts.casework import PersonLinked, RecordWithdrawn
from shared.domain import prisoner
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.merger import take_what_is_lacking
from shared.domain.rulebook import Take
from shared.domain.step import Step

LEDGERS_OF: Mapping[str, tuple[str, ...]] = {
    "appointment": ("contacts", "activities"),
    "plan": ("plans",),
    "review": ("reviews",),
    "referral": ("referrals", "activities"),
    "registration": ("registrations",),
    "credit": ("activities",),
}
"""Where a record of that kind may have been taken down."""


def unless_withdrawn(record_id: Callable[[Any], str], take: Take) -> Take:
    """Take a fact down unless its record was taken back before it came."""

    def taken(step: Step, fact: Fact, payload: Any) -> Outcome | None:
        if record_id(payload) in case_of(step).withdrawn:
            return ignored("record-withdrawn")
        return take(step, fact, payload)

    return taken


def take_withdrawal(step: Step, _fact: Fact, withdrawn: RecordWithdrawn) -> Outcome | None:
    """A record was made in error: it goes, and what rested on it follows."""
    ledgers = LEDGERS_OF.get(withdrawn.kind)
    if ledgers is None:
        return ignored("no-rule-reads-such-records")
    for ledger in ledgers:
        step.drop(ledger, withdrawn.record_id)
    known = case_of(step).withdrawn.get(withdrawn.record_id, withdrawn.withdrawn_on)
    step.put("withdrawn", withdrawn.record_id, min(known, withdrawn.withdrawn_on))
    return None


def take_link(step: Step, fact: Fact, linked: PersonLinked) -> Outcome | None:
    """The NOMS number is this person's: what waited for that is handed over."""
    prisoner.link(step, linked.noms_number, fact.at)
    return None


def take_over(step: Step, goes: Case) -> None:
    """Take what was stated of the other case, with what has been told of it."""
    take_what_is_lacking(step, goes, STATED)
