"""Who holds the case: the provider that supervises and the responsible officer, as allocation names them."""

from services.resettlement.domain.case import Case, Holder, Officer, case_of
from shared.contracts.allocation import (
    CaseTransferred,
    OfficerAssigned,
    OfficerChanged,
    ProviderCorrected,
    ProviderDecided,
)
from shared.domain.decision import Outcome
from shared.domain.fact import Fact
from shared.domain.step import Step

HOLDER = "holder"


def take_provider(
    step: Step, fact: Fact, named: ProviderDecided | ProviderCorrected | CaseTransferred
) -> Outcome | None:
    """The provider that supervises; what was named last counts."""
    code = named.to_provider_code if isinstance(named, CaseTransferred) else named.provider_code
    was = case_of(step).holder.get(HOLDER)
    if was is None or was.at <= fact.at:
        step.put("holder", HOLDER, Holder(code, fact.at))
    return None


def take_officer(step: Step, fact: Fact, named: OfficerAssigned | OfficerChanged) -> Outcome | None:
    """The responsible officer."""
    was = case_of(step).officers.get(named.officer_code)
    if was is None or was.at < fact.at:
        step.put("officers", named.officer_code, Officer(named.assigned_on, fact.at))
    return None


def current_officer(case: Case) -> str | None:
    """The responsible officer who was named last."""
    if not case.officers:
        return None
    return max(case.officers, key=lambda code: (case.officers[code].on, case.officers[code].at, code))
