"""A case that a PO still holds and a PSO could: harm below high, main parts of the plan done, compliant.

Source: HMI Probation, Suffolk 2017, line 495; that nobody looks is South Yorkshire 2017, lines 835-839. People decide:
any direction of the officer, or oversight of the question, answers until one of the grounds is renewed.
"""

from datetime import date, datetime

from services.allocation.domain import compliance, risk, suitability
from services.allocation.domain.case import Case, case_of, set_down
from services.allocation.domain.orders import latest_sentence_on
from services.allocation.domain.plans import main_parts_done_on
from shared.contracts.casework import OversightRecorded
from shared.domain.business_days import start_of_day
from shared.domain.condition import Condition, Held
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.step import Step

CANDIDATE = "step-down-candidate"


def take_oversight(step: Step, _fact: Fact, stated: OversightRecorded) -> Outcome | None:
    """A manager has considered whether the case may step down."""
    if stated.trigger != "step-down":
        return ignored("no-oversight-of-a-step-down")
    note_decision(step, stated.recorded_on)
    return None


def note_decision(step: Step, on: date) -> None:
    """A manager has decided on a day who should hold the case."""
    set_down(step, grade_decided_on=max(on, case_of(step).grade_decided_on or on))


def _may_step_down(step: Step, _ref: str) -> Held | None:
    case, on = case_of(step), latest_sentence_on(case_of(step))
    done_on, level, below = main_parts_done_on(case), risk.rosh(case), risk.high_or_not_since(case)
    if on is None or done_on is None or level is None or below is None or risk.is_high(level):
        return None
    if suitability.complexities(case) or compliance.in_breach(case) or _warned_until(step) is not None:
        return None
    since = max(done_on, below, compliance.last_trouble_on(case, step.policy) or done_on)
    if case.grade_decided_on is not None and case.grade_decided_on >= since:
        return None
    plan_id = max(case.plans.items(), key=lambda item: (item[1].on, item[0]))[0]
    inputs = {"rosh": level.level, "mainPartsDoneOn": done_on.isoformat(), "since": since.isoformat()}
    return Held(tuple(sorted((plan_id, level.record))), on, "info", inputs=inputs)


def _warned_until(step: Step) -> date | None:
    return compliance.warned_until(case_of(step), step.policy, step.today)


def _once_the_warning_ends(step: Step, _ref: str) -> datetime | None:
    until = _warned_until(step)
    return start_of_day(until) if until is not None and main_parts_done_on(case_of(step)) is not None else None


def _with_a_po(case: Case) -> tuple[str, ...]:
    return (case.key,) if case.officer is not None and case.officer.grade == "po" else ()


STEP_DOWN_CANDIDATE = Condition(
    code=CANDIDATE,
    reads=frozenset(
        (
            "officer",
            "orders",
            "forms",
            "levels",
            "registrations",
            "plans",
            "parts_closed",
            "warnings",
            "breaches",
            "grade_decided_on",
        )
    ),
    refs=_with_a_po,
    holds=_may_step_down,
    turns=_once_the_warning_ends,
    owner="spo",
)
