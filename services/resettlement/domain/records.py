"""Records taken back, and two cases that are one person: what was recorded in error, or under another number."""

from collections.abc import Callable, Mapping
from typing import Any

from services.resettlement.domain import activity, contact, home, orders, voided
from services.resettlement.domain.case import STATED, Case, case_of
from shared.contracts.casework import PersonLinked, RecordWithdrawn
from shared.domain import prisoner
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.rulebook import Take
from shared.domain.statement import Both, latest, put_both
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


LEDGERS: Mapping[str, Both] = {
    **dict.fromkeys(STATED, latest),
    "orders": orders.both,
    "contacts": contact.both,
    "addresses": home.both,
    "withdrawn": min,
    "voided": max,
}
"""What two rows of one record come to, ledger by ledger."""


def unless_withdrawn(kind: str, record_id: Callable[[Any], str], take: Take) -> Take:
    """Take a fact down unless its record was taken back before it came."""

    def taken(step: Step, fact: Fact, payload: Any) -> Outcome | None:
        if f"{kind}:{record_id(payload)}" in case_of(step).withdrawn:
            return ignored("record-withdrawn")
        return take(step, fact, payload)

    return taken


def take_withdrawal(step: Step, _fact: Fact, withdrawn: RecordWithdrawn) -> Outcome | None:
    """A record was made in error: it goes, and what rested on it follows."""
    if withdrawn.kind not in LEDGERS_OF:
        return ignored("no-rule-reads-such-records")
    key = f"{withdrawn.kind}:{withdrawn.record_id}"
    put_both(step, "withdrawn", key, withdrawn.withdrawn_on, min)
    _take_back(step, key)
    return None


def take_link(step: Step, fact: Fact, linked: PersonLinked) -> Outcome | None:
    """The NOMS number is this person's: what waited for that is handed over."""
    prisoner.link(step, linked.noms_number, fact)
    return None


def settle(step: Step, _goes: Case) -> None:
    """Of two cases that are one: what was taken back under either number goes, and no more is kept than of one."""
    for key in sorted(case_of(step).withdrawn):
        _take_back(step, key)
    voided.settle(step)
    for record_id, row in sorted(case_of(step).contacts.items()):
        if row.how == "attended":
            voided.drop_earlier(step, "activities", record_id, row.at)
    contact.forget(step)
    activity.forget(step)


def _take_back(step: Step, key: str) -> None:
    kind, _, record_id = key.partition(":")
    for ledger in LEDGERS_OF[kind]:
        step.drop(ledger, record_id)
