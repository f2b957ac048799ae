"""Who holds the case: the provider that supervises and the responsible officer, as allocation names them."""

from services.resettlement.domain.case import Case, Holder, Officer
from shared.contracts.allocation import (
    CaseTransferred,
    OfficerAssigned,
    OfficerChanged,
    ProviderCorrected,
    ProviderDecided,
)
from shared.domain.decision import Outcome
from shared.domain.fact import Fact
from shared.domain.statement import put_latest
from shared.domain.step import Step


def take_provider(
    step: Step, fact: Fact, named: ProviderDecided | ProviderCorrected | CaseTransferred
) -> Outcome | None:
    """The provider that supervises; what was named last counts."""
    code = named.to_provider_code if isinstance(named, CaseTransferred) else named.provider_code
    return put_latest(step, "holder", fact.key, Holder(code, fact.at))


def take_officer(step: Step, fact: Fact, named: OfficerAssigned | OfficerChanged) -> Outcome | None:
    """The responsible officer."""
    return put_latest(step, "officers", named.officer_code, Officer(named.assigned_on, fact.at))


def current_holder(case: Case) -> Holder | None:
    """The provider named for the CRN that stands, which allocation keeps at a merger; else the last named of others."""
    return case.holder.get(case.key) or max(case.holder.values(), key=lambda row: (row.at, row.code), default=None)


def current_officer(case: Case) -> str | None:
    """The responsible officer who was named last."""
    if not case.officers:
        return None
    return max(case.officers, key=lambda code: (case.officers[code].on, case.officers[code].at, code))
