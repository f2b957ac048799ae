"""Compliance, as far as it decides who should hold a case: no warning in force and no breach under way."""

from datetime import date

from msgspec.structs import replace

from services.allocation.domain.case import Case, case_of
from services.allocation.domain.ledgers import Breach, keep_latest
from shared.contracts.casework import BreachPackSubmitted, WarningSent, WarningWithdrawn
from shared.contracts.court import HearingConcluded
from shared.domain.business_days import add_months
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.policy import Policy
from shared.domain.step import Step

IN_FORCE = "warning-in-force"
STILL_BEFORE_THE_COURT = frozenset(("adjourned", "warrant-issued"))
REMEMBER_WARNINGS = 4
"""Warnings that are kept, the latest ones."""


def take_warning(step: Step, _fact: Fact, stated: WarningSent) -> Outcome | None:
    """A warning has been sent."""
    if stated.warning_id in case_of(step).withdrawn:
        return ignored("warning-withdrawn")
    step.put("warnings", stated.warning_id, stated.sent_on)
    keep_latest(step, "warnings", REMEMBER_WARNINGS)
    return None


def take_warning_back(step: Step, _fact: Fact, stated: WarningWithdrawn) -> Outcome | None:
    """A warning has been taken back, even if it comes later."""
    step.put("withdrawn", stated.warning_id, stated.withdrawn_on)
    step.drop("warnings", stated.warning_id)
    return None


def note_breach(step: Step, stated: HearingConcluded | BreachPackSubmitted) -> None:
    """A breach pack, or the hearing that concludes a breach."""
    known: Breach = case_of(step).breaches.get(stated.order_id, Breach())
    if isinstance(stated, BreachPackSubmitted):
        on = max(stated.submitted_on, known.submitted_on or stated.submitted_on)
        step.put("breaches", stated.order_id, replace(known, submitted_on=on))
    elif stated.purpose == "breach" and stated.outcome not in STILL_BEFORE_THE_COURT:
        on = max(stated.held_on, known.concluded_on or stated.held_on)
        step.put("breaches", stated.order_id, replace(known, concluded_on=on))


def warned_until(case: Case, policy: Policy, on: date) -> date | None:
    """The day from which no warning is in force; None where none is in force on that day."""
    ends = [
        add_months(sent_on, policy.at(IN_FORCE, sent_on).number) for sent_on in case.warnings.values() if sent_on <= on
    ]
    last = max(ends, default=None)
    return last if last is not None and on < last else None


def in_breach(case: Case) -> bool:
    """Whether a breach has been submitted and not been concluded."""
    return any(
        row.submitted_on is not None and (row.concluded_on is None or row.concluded_on < row.submitted_on)
        for row in case.breaches.values()
    )


def last_trouble_on(case: Case, policy: Policy) -> date | None:
    """The day on which the last warning ran out or the last breach was concluded."""
    ends = [add_months(sent_on, policy.at(IN_FORCE, sent_on).number) for sent_on in case.warnings.values()]
    ends += [row.concluded_on for row in case.breaches.values() if row.concluded_on is not None]
    return max(ends, default=None)
