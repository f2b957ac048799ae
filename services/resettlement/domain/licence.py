"""Licences: conditions that answer the person's history, and variations that a senior manager authorised.

Source: 17-50 (history without a matching condition), 000:1034 (variation authorised by an NPS senior manager).
"""

from services.resettlement.domain.case import Case, Licence, case_of
from services.resettlement.domain.history import REGISTRATIONS, history_of
from shared.contracts.casework import LicenceIssued, LicenceVaried
from shared.domain.condition import Condition, Held
from shared.domain.decision import Outcome
from shared.domain.fact import Fact
from shared.domain.identifiers import uuid_text
from shared.domain.statement import put_latest
from shared.domain.step import Step

AUTHORISED_BY = "licence-variation.authorised-by"
"""Parameter: the grades that may authorise a variation."""


def take_licence(step: Step, fact: Fact, licence: LicenceIssued | LicenceVaried) -> Outcome | None:
    """A licence as issued, or as varied since."""
    answered = {matter for condition in licence.conditions for matter in condition.covers} | {*licence.justified}
    varied = isinstance(licence, LicenceVaried)
    row = Licence(
        at=fact.at,
        on=licence.varied_on if isinstance(licence, LicenceVaried) else licence.issued_on,
        answered=tuple(sorted(answered)),
        varied_by=licence.authorised_by_grade if isinstance(licence, LicenceVaried) else "",
        fact_id=uuid_text(fact.id) if varied else licence.order_id,
    )
    return put_latest(step, "licences", licence.order_id, row)


def _standing(case: Case) -> list[str]:
    """Orders with a licence that have not ended."""
    orders = case.orders
    return [each for each in case.licences if each not in orders or orders[each].ended_on is None]


def _ignores_history(step: Step, order_id: str) -> Held | None:
    licence = case_of(step).licences[order_id]
    missing = sorted(history_of(case_of(step)) - {*licence.answered})
    if not missing:
        return None
    inputs = {"unanswered": ", ".join(missing)}
    return Held((licence.fact_id,), licence.on, order_id=order_id, inputs=inputs)


def _unauthorised(step: Step, order_id: str) -> Held | None:
    licence = case_of(step).licences[order_id]
    if not licence.varied_by or licence.varied_by in step.value(AUTHORISED_BY, licence.on).codes:
        return None
    return Held((licence.fact_id,), licence.on, order_id=order_id, inputs={"authorised-by": licence.varied_by})


IGNORES_HISTORY = Condition(
    code="licence-ignores-history",
    reads=frozenset({"licences", "forms", "registrations", "orders"}),
    refs=_standing,
    holds=_ignores_history,
    parameter=REGISTRATIONS,
)

VARIATION_UNAUTHORISED = Condition(
    code="licence-variation-unauthorised",
    reads=frozenset({"licences", "orders"}),
    refs=_standing,
    holds=_unauthorised,
    parameter=AUTHORISED_BY,
)
