"""What the allocation form leaves open, and what is due beside it: RSR, screening and analysis of harm, the written
report, the risk review that was put off.

Source: HMI Probation, Transforming Rehabilitation 5 (2016), lines 124, 178, 191, 198 and 208.
"""

from collections.abc import Iterable
from datetime import date

from services.allocation.domain.case import Case, case_of
from services.allocation.domain.ledgers import is_withdrawn, keep_latest
from services.allocation.domain.orders import open_orders
from shared.contracts.casework import ReviewCompleted
from shared.domain.business_days import local_date
from shared.domain.condition import Condition, Held
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.statement import Dated, put_latest
from shared.domain.step import Step

INCOMPLETE = "allocation-form-incomplete"
SCREENING = "rosh-screening-missing"
REMEMBER_REVIEWS = 4
"""Reviews of any purpose that are kept, the latest ones."""
ANALYSED = frozenset(("required", "completed"))


def take_review(step: Step, fact: Fact, stated: ReviewCompleted) -> Outcome | None:
    """A review; one of risk settles the risk review that was put off, any other tells that someone has looked."""
    if is_withdrawn(step, "review", stated.review_id):
        return ignored("record-withdrawn")
    row = Dated(stated.completed_on, fact.at)
    outcome = put_latest(step, "reviews", stated.review_id, row)
    keep_latest(step, "reviews", REMEMBER_REVIEWS)
    if "risk-review" in stated.purposes:
        put_latest(step, "risk_reviews", stated.review_id, row)
    return outcome


def _held(step: Step, order_id: str) -> Held | None:
    case = case_of(step)
    form, order = case.forms[order_id], case.orders[order_id]
    on = order.sentenced_on or local_date(form.at)
    passed_over = step.value(INCOMPLETE, on).codes
    open_answers = [answer for answer in form.not_known if answer not in passed_over]
    if not open_answers and not form.unexplored:
        return None
    inputs = {"notKnown": ", ".join(open_answers), "unexplored": ", ".join(form.unexplored)}
    return Held((form.form_id,), on, order_id=order_id, inputs=inputs)


FORM_INCOMPLETE = Condition(
    code=INCOMPLETE,
    reads=frozenset(("orders", "forms")),
    refs=lambda case: [order_id for order_id, _ in open_orders(case) if order_id in case.forms],
    holds=_held,
    owner="allocator",
)


def _since_sentence(case: Case) -> Iterable[Clock]:
    return [
        Clock(order_id, order.sentenced_on, order_id) for order_id, order in open_orders(case) if order.sentenced_on
    ]


def _since_allocation(case: Case) -> Iterable[Clock]:
    return [
        Clock(order_id, case.allocations[order_id].on, order_id)
        for order_id, _ in open_orders(case)
        if order_id in case.allocations
    ]


def _to_analyse(case: Case) -> Iterable[Clock]:
    return [
        clock
        for clock in _since_sentence(case)
        if clock.ref in case.forms and case.forms[clock.ref].full_analysis in ANALYSED
    ]


def _scored(case: Case, _clock: Clock) -> Done | None:
    return Done(case.rsr_on) if case.rsr_on is not None else None


def _screened(case: Case, clock: Clock) -> Done | None:
    form = case.forms.get(clock.ref)
    return _first([form.screened_on if form is not None else None, *(tool.on for tool in case.harm_tools.values())])


def _analysed(case: Case, clock: Clock) -> Done | None:
    form = case.forms[clock.ref]
    stated_on = form.full_analysis_on
    if stated_on is None and form.full_analysis == "completed":
        stated_on = local_date(form.at)
    return _first([stated_on, *(tool.on for tool in case.harm_tools.values() if tool.full)])


def _first(dates: Iterable[date | None]) -> Done | None:
    found = min((on for on in dates if on is not None), default=None)
    return Done(found) if found is not None else None


RSR_MISSING = Duty(
    code="rsr-missing",
    reads=frozenset(("orders", "rsr_on")),
    clocks=_since_sentence,
    done=_scored,
    owner="nps-court",
)
SCREENING_MISSING = Duty(
    code=SCREENING,
    part="screening",
    reads=frozenset(("orders", "forms", "allocations", "harm_tools")),
    clocks=_since_allocation,
    done=_screened,
    severity="serious",
    owner="allocator",
)
ANALYSIS_MISSING = Duty(
    code=SCREENING,
    part="analysis",
    reads=frozenset(("orders", "forms", "harm_tools")),
    clocks=_to_analyse,
    done=_analysed,
    severity="serious",
    owner="allocator",
)


def _oral_reports(case: Case) -> Iterable[Clock]:
    return [clock for clock in _since_allocation(case) if case.orders[clock.ref].report == "oral"]


def _written_up(case: Case, clock: Clock) -> Done | None:
    on = case.orders[clock.ref].written_up_on
    return Done(on) if on is not None else None


REPORT_NOT_WRITTEN_UP = Duty(
    code="report-not-written-up",
    reads=frozenset(("orders", "allocations")),
    clocks=_oral_reports,
    done=_written_up,
    owner="report-writer",
)


def _put_off(case: Case) -> Iterable[Clock]:
    return [
        Clock(order_id, form.risk_review_on, order_id, (form.form_id,))
        for order_id, _ in open_orders(case)
        if (form := case.forms.get(order_id)) is not None and form.risk_review_on is not None
    ]


def _reviewed(case: Case, clock: Clock) -> Done | None:
    after = local_date(case.forms[clock.ref].at)
    return _first(row.on for row in case.risk_reviews.values() if row.on >= after)


RISK_REVIEW_OVERDUE = Duty(
    code="risk-review-overdue",
    reads=frozenset(("orders", "forms", "risk_reviews")),
    clocks=_put_off,
    done=_reviewed,
    timing="on",
    owner="nps-spo",
)
