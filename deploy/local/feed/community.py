"""A community sentence from its first appointment to its ending: contact, unpaid work, the work of the sentence,
and how order and requirements end. Also the deferred sentence, which ends at court."""

from datetime import date, datetime, timedelta

from deploy.local.feed import rates
from deploy.local.feed.area import COURTS
from deploy.local.feed.breach import conclude
from deploy.local.feed.case import Case
from deploy.local.feed.contact import Supervision
from deploy.local.feed.enforcement import Ladder
from deploy.local.feed.life import write_life, write_registrations
from deploy.local.feed.planning import assess_and_plan, write_programme
from deploy.local.feed.reviews import write_reviews, write_visits_and_offers
from deploy.local.feed.unpaid_work import UnpaidWork

BREAKING = timedelta(days=63)
TEN_DAYS = timedelta(days=10)
POSITIVE = ("completed", "revoked-good-progress")


def write_community(case: Case, passed: datetime) -> None:
    """Everything after the allocation of a community order, suspended sentence order or deferred sentence."""
    order = case.order
    case.pen.closed_after = order.ended_on
    if order.outcome == "revoked-breach":
        case.breaks_from = order.ended_on - BREAKING
    write_registrations(case)
    first, made = _first_appointment(case, passed)
    supervision = Supervision(case, Ladder(case), order.sentenced_on, order.ended_on, made)
    supervision.tracks["contact"] = first
    _begin_requirements(case, supervision)
    supervision.run()
    planned_on = None
    if not order.standalone_unpaid_work:
        seen_on = case.attended_on[0] if case.attended_on else None
        planned_on = assess_and_plan(case, seen_on, "sentence", case.form_on)
    write_programme(case)
    write_visits_and_offers(case, order.sentenced_on)
    changes = write_life(case, order.sentenced_on, order.ended_on)
    write_reviews(case, planned_on, order.ended_on, changes)
    _end(case, supervision)


def _first_appointment(case: Case, passed: datetime) -> tuple[date, datetime]:
    """The day of the first appointment and when it was arranged: at court, the next day or later."""
    days, rng, nps = case.pen.days, case.pen.rng, case.person.nps
    within_two = rates.NPS_FIRST_WITHIN_TWO if nps else rates.FIRST_WITHIN_TWO
    within_five = rates.NPS_FIRST_WITHIN_FIVE if nps else rates.FIRST_WITHIN_FIVE
    after_ten = 0.02 if nps else rates.FIRST_AFTER_TEN.value
    drawn = rng.random()
    if drawn < within_two.value:
        wait = rng.randint(1, 2)
    elif drawn < within_five.value:
        wait = rng.randint(3, 5)
    else:
        wait = 6 if drawn < 1 - after_ten else rng.randint(9, 14)
    sentenced_on = case.order.sentenced_on
    first = days.after(sentenced_on, wait)
    if wait == 6:
        first = min(first, days.on_or_before(sentenced_on + TEN_DAYS))
    given = (rates.NPS_GIVEN_NEXT_DAY if nps else rates.GIVEN_NEXT_DAY).value
    soon = wait <= 2 or case.chance((given - within_two.value) / (1 - within_two.value))
    if wait == 1 or (soon and case.chance(0.6)):
        return first, case.soon(passed, 60)
    if soon:
        return first, case.pen.during(days.after(sentenced_on, 1))
    return first, case.pen.during(case.after(sentenced_on, 2, wait - 1))


def _begin_requirements(case: Case, supervision: Supervision) -> None:
    activity = case.order.requirement("rehabilitation-activity")
    if activity is not None:
        late = case.happens(rates.CONSTRUCTIVE_WORK_LATE)
        wait = case.pen.rng.randint(32, 80) if late else case.pen.rng.randint(12, 26)
        supervision.tracks["activity"] = case.order.sentenced_on + timedelta(days=wait)
        supervision.days_left = activity["days"]
    if case.happens(rates.FAILURE_REPORTED):
        lasts = (case.order.ended_on - case.order.sentenced_on).days
        wait = case.pen.rng.randint(20, lasts - 10)
        supervision.tracks["failure"] = case.order.sentenced_on + timedelta(days=wait)
    unpaid = case.order.requirement("unpaid-work")
    if unpaid is not None:
        gets_through = case.happens(rates.UNPAID_WORK_COMPLETED)
        until = case.order.ended_on
        work = UnpaidWork(case, supervision.ladder, unpaid, int(unpaid["hours"]), gets_through, until)
        supervision.unpaid_work = work
        supervision.tracks["unpaid-work"] = work.arrange()


def _end(case: Case, supervision: Supervision) -> None:
    """The endings of requirements and order; a court revokes for progress or for a new offence."""
    order, pen = case.order, case.pen
    if order.outcome in ("revoked-good-progress", "revoked-reoffending") or not order.requirements:
        _end_at_court(case)
    on = pen.days.on_or_after(order.ended_on)
    at = pen.during(on, 17, 17.9) if on == order.ended_on else pen.during(on, 9, 12)
    recorded = pen.during(case.after(on, 2, 12)) if case.chance(0.08) else None
    outcome = "completed" if order.outcome in POSITIVE else "not-completed"
    if order.outcome in ("revoked-breach", "revoked-reoffending"):
        outcome = "revoked"
    for requirement in order.requirements:
        if requirement["requirementId"] in case.ended_requirements:
            continue
        work = supervision.unpaid_work
        undone = work is not None and requirement is work.requirement
        if undone and work is not None and work.hours_left == 0:
            continue
        ended = {
            "requirementId": requirement["requirementId"],
            "kind": requirement["kind"],
            "endedOn": order.ended_on.isoformat(),
            "outcome": "not-completed" if undone and outcome == "completed" else outcome,
        }
        case.write("casework.requirement.ended", at - timedelta(seconds=90), ended, recorded)
    closed = {"orderId": order.order_id, "endedOn": order.ended_on.isoformat(), "outcome": order.outcome}
    case.write("casework.order.ended", at, closed, recorded)


def _end_at_court(case: Case) -> None:
    order, pen = case.order, case.pen
    listed_on = pen.days.before(order.ended_on, pen.rng.randint(6, 18))
    held_on = pen.days.on_or_before(order.ended_on)
    deferred = order.disposal == "deferred-sentence"
    if order.outcome == "revoked-reoffending":
        charged_on = pen.days.before(listed_on, 4)
        charge = {
            "changeId": pen.fresh_id(),
            "changedOn": charged_on.isoformat(),
            "kinds": ["charge"],
            "source": "police",
        }
        case.write("casework.circumstances.changed", pen.during(charged_on), charge)
    listed = {
        "hearingId": pen.fresh_id(),
        "orderId": order.order_id,
        "purpose": "sentence" if deferred else "revocation",
        "listedOn": listed_on.isoformat(),
        "hearingOn": held_on.isoformat(),
        "courtCode": COURTS[0],
    }
    case.write("court.hearing.listed", pen.during(listed_on), listed)
    outcome = {"revoked-good-progress": "revoked", "revoked-reoffending": "revoked-resentenced"}
    conclude(case, listed, held_on, outcome.get(order.outcome, "fined"))
