"""Who holds the case, and whether that is as it should be: grade and competence, how many officers, hub or not.

The case keeps what it reads of its officer; when HR changes an officer's terms, every case of theirs takes them over
at the next local midnight. Source: HMI Probation, South Yorkshire 2017, lines 587 and 1236-1237; Suffolk 2017, line
321; Transforming Rehabilitation 5 (2016), line 325.
"""

from msgspec.structs import replace

from services.allocation.domain import custody, hub_transfer, risk, route, suitability
from services.allocation.domain.case import Case, Level, case_of, set_down
from services.allocation.domain.office import holding_ref, office_subject
from services.allocation.domain.orders import latest_sentence_on, open_orders
from shared.domain.condition import Condition, Held
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact, Passed
from shared.domain.step import Step

GRADE_MISMATCH, CHURN, HUB_INELIGIBLE = "grade-mismatch", "officer-churn", "hub-ineligible"


def take_officers_terms(step: Step, _fact: Fact, passed: Passed) -> Outcome | None:
    """The officer's grade or competencies have changed: the case takes them over."""
    held = case_of(step).officer
    if held is None or passed.ref != holding_ref(held.office, held.code):
        return ignored("already-with-another")
    terms = step.state(office_subject(held.office)).officers.get(held.code)
    if terms is None:
        return ignored("officer-has-left")
    set_down(step, officer=replace(held, grade=terms.grade, competencies=terms.competencies))
    return None


def _mismatched(step: Step, _ref: str) -> Held | None:
    case = case_of(step)
    held, on = case.officer, latest_sentence_on(case)
    if held is None or on is None:
        return None
    needs = suitability.needs_now(step)
    lacking = sorted(needs.required.difference(held.competencies)) if "competence" not in held.overrides else []
    grade_too_low = held.grade not in needs.grades and "grade" not in held.overrides
    if not lacking and not grade_too_low:
        return None
    inputs = {
        "officer": held.code,
        "grade": held.grade,
        "grades": ", ".join(needs.grades),
        "lacking": ", ".join(lacking),
    }
    return Held(_records(case), on, inputs=inputs)


def _records(case: Case) -> tuple[str, ...]:
    """The forms and registrations that say what a case asks for."""
    forms = [case.forms[order_id].form_id for order_id, _ in open_orders(case) if order_id in case.forms]
    return tuple(sorted({*forms, *case.registrations}))


MISMATCH = Condition(
    code=GRADE_MISMATCH,
    reads=frozenset(("officer", "orders", "forms", "levels", "registrations", "person", "needs", "sex")),
    refs=lambda case: (case.key,) if case.officer is not None else (),
    holds=_mismatched,
    owner="spo",
)


def _churned(step: Step, _ref: str) -> Held | None:
    case = case_of(step)
    on = latest_sentence_on(case)
    if on is None or len(case.officers) < step.value(CHURN, on).number:
        return None
    return Held((), on, "info", inputs={"officers": str(len(case.officers))})


OFFICER_CHURN = Condition(
    code=CHURN,
    reads=frozenset(("officers",)),
    refs=lambda case: (case.key,) if case.officers else (),
    holds=_churned,
    owner="lmc-manager",
)


def _ineligible(step: Step, _ref: str) -> Held | None:
    case = case_of(step)
    on = latest_sentence_on(case)
    if on is None or custody.is_suspended(step):
        return None
    excluded = route.exclusions(case, step.policy, on)
    if not excluded:
        return None
    return Held(_records(case), on, "serious", inputs={"exclusions": ", ".join(excluded)})


IN_THE_HUB = Condition(
    code=HUB_INELIGIBLE,
    reads=frozenset(
        ("route", "orders", "forms", "registrations", "person", "needs", "suspended_from", "suspended_until")
    ),
    refs=lambda case: (case.key,) if case.route == "hub" else (),
    holds=_ineligible,
    owner="hub-manager",
)


def _risen(step: Step, _ref: str) -> Held | None:
    """Harm is above what it was when the case moved to the hub, or a score since then says that reoffending is likely.

    Unpaid work alone belongs to the hub at any level that the CRC holds.
    """
    case, on = case_of(step), latest_sentence_on(case_of(step))
    moved = hub_transfer.move_of_this_period(case)
    if on is None or moved is None or route.is_standalone_unpaid_work(case) or custody.is_suspended(step):
        return None
    level, since = risk.rosh(case), moved.on
    if level is not None and level.on > since and _is_above(level, risk.rosh_on(case, since)):
        return Held((level.record,), on, inputs={"rosh": level.level, "since": since.isoformat()})
    score, cut_off = case.scores.get(risk.OGRS), step.value("band.ogrs-cut-off", on).decimal
    if score is None or score.percent is None or score.on <= since or score.percent < cut_off:
        return None
    return Held((score.record,), on, inputs={"ogrs2": f"{score.percent:f}", "since": since.isoformat()})


def _is_above(level: Level, before: Level | None) -> bool:
    return before is not None and risk.LEVELS.index(level.level) > risk.LEVELS.index(before.level)


RISEN_IN_THE_HUB = Condition(
    code=HUB_INELIGIBLE,
    part="risen",
    reads=frozenset(
        ("route", "moved", "allocated_on", "orders", "levels", "scores", "suspended_from", "suspended_until")
    ),
    refs=lambda case: (case.key,) if case.route == "hub" else (),
    holds=_risen,
    owner="hub-manager",
)
