"""Compliance, as far as it decides who should hold a case: no warning in force and no breach under way."""

from datetime import date

from services.allocation.domain.case import Case
from services.allocation.domain.ledgers import Breach, breached, is_withdrawn, keep_latest, withdraw
from shared.contracts.casework import BreachPackSubmitted, WarningSent, WarningWithdrawn
from shared.contracts.court import HearingConcluded
from shared.domain.business_days import add_months
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.policy import Policy
from shared.domain.statement import Dated, put_both, put_latest
from shared.domain.step import Step

IN_FORCE = "warning-in-force"
STILL_BEFORE_THE_COURT = frozenset(("adjourned", "warrant-issued"))
REMEMBER_WARNINGS = 4
"""Warnings that are kept, the latest ones."""


def take_warning(step: Step, fact: Fact, stated: WarningSent) -> Outcome | None:
    """A warning has been sent."""
    if is_withdrawn(step, "warning", stated.warning_id):
        return ignored("warning-withdrawn")
    outcome = put_latest(step, "warnings", stated.warning_id, Dated(stated.sent_on, fact.at))
    keep_latest(step, "warnings", REMEMBER_WARNINGS)
    return outcome


def take_warning_back(step: Step, _fact: Fact, stated: WarningWithdrawn) -> Outcome | None:
    """A warning has been taken back, even if it comes later."""
    withdraw(step, "warning", stated.warning_id, stated.withdrawn_on)
    step.drop("warnings", stated.warning_id)
    return None


def note_breach(step: Step, stated: HearingConcluded | BreachPackSubmitted) -> None:
    """A breach pack, or the hearing that concludes a breach."""
    if isinstance(stated, BreachPackSubmitted):
        put_both(step, "breaches", stated.order_id, Breach(submitted_on=stated.submitted_on), breached)
    elif stated.purpose == "breach" and stated.outcome not in STILL_BEFORE_THE_COURT:
        put_both(step, "breaches", stated.order_id, Breach(concluded_on=stated.held_on), breached)


def warned_until(case: Case, policy: Policy, on: date) -> date | None:
    """The day from which no warning is in force; None where none is in force on that day."""
    last = max(_ends(case, policy, on), default=None)
    return last if last is not None and on < last else None


def in_breach(case: Case) -> bool:
    """Whether a breach has been submitted and not been concluded."""
    return any(
        row.submitted_on is not None and (row.concluded_on is None or row.concluded_on < row.submitted_on)
        for row in case.breaches.values()
    )


def last_trouble_on(case: Case, policy: Policy) -> date | None:
    """The day on which the last warning ran out or the last breach was concluded."""
    ends = _ends(case, policy, date.max)
    ends += [row.concluded_on for row in case.breaches.values() if row.concluded_on is not None]
    return max(ends, default=None)


def _ends(case: Case, policy: Policy, on: date) -> list[date]:
    """The days from which the warnings that were sent by a day are in force no more."""
    sent = [row.on for row in case.warnings.values() if row.on <= on]
    return [add_months(sent_on, policy.at(IN_FORCE, sent_on).number) for sent_on in sent]
