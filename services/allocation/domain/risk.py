"""What is stated of a person's risk: forms, scores, levels of harm, motivation, registrations, needs.

Every source is kept by its own date, so that the latest statement counts in whatever order they come.
"""

from datetime import date, datetime
from itertools import pairwise

from services.allocation.domain import compliance
from services.allocation.domain.case import (
    Case,
    Form,
    HarmTool,
    Level,
    Motivation,
    Person,
    Registration,
    Score,
    case_of,
    set_down,
)
from services.allocation.domain.ledgers import is_withdrawn
from services.allocation.domain.orders import last_said
from shared.contracts.casework import (
    AllocationFormSubmitted,
    AssessmentCompleted,
    BreachPackSubmitted,
    NeedsRecorded,
    RegistrationAdded,
    RegistrationRemoved,
    RiskChanged,
    RiskScoreCalculated,
)
from shared.contracts.court import HearingConcluded
from shared.contracts.values import Rosh
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome, ignored, waits
from shared.domain.fact import Fact
from shared.domain.identifiers import uuid_text
from shared.domain.statement import UNDATED, put_both, put_latest
from shared.domain.step import Step

LEVELS: tuple[Rosh, ...] = ("low", "medium", "high", "very-high")
HIGH: frozenset[Rosh] = frozenset(("high", "very-high"))
RSR, OGRS = "rsr", "ogrs2"
HARM_TOOLS = frozenset(("rosh-screening", "rosh-full-analysis"))
REMEMBER_LEVELS = 20
"""Stated levels of harm that are kept, the latest ones."""


def take_form(step: Step, fact: Fact, stated: AllocationFormSubmitted) -> Outcome | None:
    """An allocation form; a later one of the order replaces it whole. One for an order that is not known waits."""
    order = case_of(step).orders.get(stated.order_id)
    if order is None or order.sentenced_on is None:
        return waits("no-such-order")
    row = Form(
        form_id=stated.form_id,
        at=fact.at,
        rsr=stated.rsr_percent,
        rsr_on=stated.rsr_calculated_on,
        rosh=stated.rosh_level,
        screened_on=stated.rosh_screened_on,
        full_analysis=stated.full_analysis,
        full_analysis_on=stated.full_analysis_on,
        mappa=stated.mappa_level,
        deportation=stated.deportation_liable,
        deferred=stated.deferred_sentence,
        public_interest=stated.public_interest,
        not_known=tuple(sorted(stated.not_known)),
        unexplored=tuple(sorted(prior.code for prior in stated.priors_of_concern if not prior.explored)),
        domestic_abuse=stated.domestic_abuse,
        child_safeguarding=stated.child_safeguarding,
        risk_review_on=stated.risk_review_on,
    )
    if row.rsr is not None:
        _first_rsr(step, row.rsr_on or local_date(row.at))
    outcome = put_latest(step, "forms", stated.order_id, row)
    state_of_form(step, stated.order_id)
    return outcome


def state_of_form(step: Step, order_id: str) -> None:
    """What a form says of harm and RSR stands beside the other statements, until the order's next form."""
    form = case_of(step).forms[order_id]
    on = local_date(form.at)
    if form.rosh is not None:
        step.put("levels", f"form {order_id}", Level(form.rosh, on, form.at, form.form_id))
    else:
        step.drop("levels", f"form {order_id}")
    if form.rsr is not None:
        step.put("scores", f"{RSR} {order_id}", Score(form.rsr_on or on, form.at, form.rsr, form.form_id))
    else:
        step.drop("scores", f"{RSR} {order_id}")


def _first_rsr(step: Step, on: date) -> None:
    set_down(step, rsr_on=min(on, case_of(step).rsr_on or on))


def take_score(step: Step, fact: Fact, stated: RiskScoreCalculated) -> Outcome | None:
    """A score, or that none is required."""
    if stated.kind == RSR:
        _first_rsr(step, stated.calculated_on)
    return _score(step, stated.kind, Score(stated.calculated_on, fact.at, stated.percent, uuid_text(fact.id)))


def take_assessment(step: Step, fact: Fact, stated: AssessmentCompleted) -> Outcome | None:
    """An assessment: whatever it says of harm, reoffending and motivation; at induction it confirms the band."""
    case = case_of(step)
    on = stated.completed_on
    if stated.rosh_level is not None:
        _level(step, Level(stated.rosh_level, on, fact.at, stated.assessment_id))
    if stated.ogrs2_percent is not None:
        _score(step, OGRS, Score(on, fact.at, stated.ogrs2_percent, stated.assessment_id))
    if stated.motivation is not None:
        set_down(step, motivation=last_assessed(case.motivation, Motivation(stated.motivation, on, fact.at)))
    if stated.tool in HARM_TOOLS:
        put_latest(step, "harm_tools", stated.assessment_id, HarmTool(on, stated.tool == "rosh-full-analysis", fact.at))
    if stated.stage == "induction":
        set_down(step, inducted_on=max(on, case.inducted_on or on))
    return None


def take_risk_change(step: Step, fact: Fact, stated: RiskChanged) -> Outcome | None:
    """The risk of serious harm has changed."""
    _level(step, Level(stated.to, stated.changed_on, fact.at, uuid_text(fact.id)))
    return None


def take_significant_event(step: Step, _fact: Fact, stated: HearingConcluded | BreachPackSubmitted) -> Outcome | None:
    """A breach pack or a hearing: the band is revised, and the person complies no more, or again."""
    compliance.note_breach(step, stated)
    on = stated.held_on if isinstance(stated, HearingConcluded) else stated.submitted_on
    set_down(step, significant_on=max(on, case_of(step).significant_on or on))
    return None


def last_assessed(one: Motivation | None, other: Motivation) -> Motivation:
    """What stands of two assessments of motivation: the later."""
    return other if one is None else max(one, other, key=lambda row: (row.on, row.at, row.level))


def take_registration(step: Step, fact: Fact, stated: RegistrationAdded | RegistrationRemoved) -> Outcome | None:
    """A registration added, or removed: then it is history."""
    if is_withdrawn(step, "registration", stated.registration_id):
        return ignored("withdrawn")
    if isinstance(stated, RegistrationAdded):
        row = Registration(stated.code, since=stated.from_, added_at=fact.at)
    else:
        row = Registration(stated.code, until=stated.until, removed_at=fact.at)
    return put_both(step, "registrations", stated.registration_id, row, registered)


def registered(one: Registration, other: Registration) -> Registration:
    """A registration of which both was stated: added and removed, each as stated last."""
    rows = (one, other)
    added = max(rows, key=lambda row: (row.added_at or UNDATED, row.since or date.min, row.code))
    removed = max(rows, key=lambda row: (row.removed_at or UNDATED, row.until or date.min, row.code))
    last = max(rows, key=lambda row: (max(row.added_at or UNDATED, row.removed_at or UNDATED), row.code))
    return Registration(last.code, added.since, removed.until, added.added_at, removed.removed_at)


def take_needs(step: Step, fact: Fact, stated: NeedsRecorded) -> Outcome | None:
    """The person's attributes, whole."""
    needs = Person(stated.recorded_on, fact.at, tuple(sorted(stated.attributes)))
    known = case_of(step).needs
    if last_said(known, needs) == known != needs:
        return ignored("superseded")
    set_down(step, needs=needs)
    return None


def _score(step: Step, kind: str, score: Score) -> Outcome | None:
    return put_both(step, "scores", kind, score, last_scored)


def last_scored(one: Score, other: Score) -> Score:
    """What stands of two scores of one kind: the later."""
    return max(one, other, key=lambda row: (row.on, row.at, row.record, row.percent is not None, row.percent or 0))


def _level(step: Step, level: Level) -> None:
    put_latest(step, "levels", level.record, level)
    forget_levels(step)


def forget_levels(step: Step) -> None:
    """Keep the latest levels."""
    kept = sorted(case_of(step).levels.items(), key=lambda item: (item[1].on, item[1].at, item[0]))
    for old, _ in kept[:-REMEMBER_LEVELS]:
        step.drop("levels", old)


def _place(level: Level) -> tuple[date, datetime, int, str]:
    """Order of statements; of one instant the higher counts."""
    return level.on, level.at, LEVELS.index(level.level), level.record


def rosh(case: Case) -> Level | None:
    """The latest stated risk of serious harm."""
    if len(case.levels) < 2:
        return next(iter(case.levels.values()), None)
    return max(case.levels.values(), key=_place)


def rosh_on(case: Case, day: date) -> Level | None:
    """The level that had been stated by the end of a day."""
    return max((level for level in case.levels.values() if level.on <= day), key=_place, default=None)


def is_high(level: Level | None) -> bool:
    """Whether a level is high or very high."""
    return level is not None and level.level in HIGH


def high_or_not_since(case: Case) -> date | None:
    """Since when the level has been, without a break, on the side of the risk line on which it is now."""
    stated = list(case.levels.values())
    if len(stated) > 1:
        stated.sort(key=_place, reverse=True)
    since = None
    for level in stated:
        if is_high(level) != is_high(stated[0]):
            break
        since = level.on
    return since


def changes(case: Case) -> list[Level]:
    """The statements by which the level changed, in order; the first one of all is none."""
    stated = sorted(case.levels.values(), key=_place)
    return [level for before, level in pairwise(stated) if level.level != before.level]


def rises(case: Case) -> list[Level]:
    """The statements by which the level rose, in order."""
    stated = sorted(case.levels.values(), key=_place)
    return [level for before, level in pairwise(stated) if LEVELS.index(level.level) > LEVELS.index(before.level)]


def rsr(case: Case) -> Score | None:
    """The latest RSR score, of the scores and forms; without percentage where none is required."""
    stated = [score for kind, score in case.scores.items() if kind.startswith(RSR)]
    if len(stated) < 2:
        return stated[0] if stated else None
    return max(stated, key=lambda score: (score.on, score.at, score.percent or 0, score.record))


def registered_now(case: Case) -> frozenset[str]:
    """The codes of the registrations that stand now."""
    rows = case.registrations.values()
    return frozenset([row.code for row in rows if row.since is not None and row.until is None])


def attributes(case: Case) -> tuple[str, ...]:
    """The person's attributes: as recorded, else as the court stated them."""
    stated = case.needs or case.person
    return stated.attributes if stated is not None else ()


def stated_at(score: Score | Level | None, otherwise: datetime) -> datetime:
    """When a score or level was stated."""
    return score.at if score is not None else otherwise
