"""Licence and post-sentence supervision: from release to the end, or to recall. A recall is considered, requested
in time or late and decided; the person returns to prison, and after a fixed-term recall is released again."""

from datetime import date, timedelta
from typing import Any

from deploy.local.feed import rates
from deploy.local.feed.case import Case
from deploy.local.feed.contact import Supervision
from deploy.local.feed.enforcement import Ladder
from deploy.local.feed.life import tell_victim_liaison, write_life
from deploy.local.feed.planning import assess_and_plan
from deploy.local.feed.prison import home_prison, write_movement, write_prison_fact
from deploy.local.feed.reviews import write_release_review, write_reviews
from deploy.local.feed.working_days import iso

ALTERNATIVES = ("warning", "more-contact", "extra-condition", "approved-premises")


def supervise_on_licence(case: Case, released_on: date, ends: date) -> None:
    """Everything from a release on `released_on` to the last day of supervision, `ends`."""
    days, rng = case.pen.days, case.pen.rng
    recall_on = None
    if case.order.outcome == "recalled":
        latest = max(22, (ends - released_on).days - 20)
        recall_on = days.on_or_after(released_on + timedelta(days=rng.randint(21, latest)))
    until = ends if recall_on is None else min(ends, recall_on - timedelta(days=1))
    case.pen.closed_after = until
    tell_victim_liaison(case, "release", released_on)
    seen_before = len(case.attended_on)
    _first_period(case, released_on, until)
    seen = case.attended_on[seen_before:]
    planned_on = assess_and_plan(case, seen[0] if seen else None, "release", released_on)
    if case.happens(rates.RELEASE_REVIEWED):
        write_release_review(case, released_on)
    write_reviews(case, planned_on, until, write_life(case, released_on, until))
    if recall_on is None:
        _end_order(case, ends)
    elif recall_on < case.end:
        _recall(case, recall_on, ends)


def _first_period(case: Case, released_on: date, until: date) -> None:
    """Contact from release: the first appointment mostly the same or the next business day."""
    days, rng = case.pen.days, case.pen.rng
    in_time = case.happens(rates.RELEASE_APPOINTMENT_IN_TIME)
    wait = rng.choice((0, 1, 1)) if in_time else rng.randint(2, 8)
    first = days.after(released_on, wait)
    made = case.pen.during(days.before(released_on, rng.randint(1, 8)))
    if made.date() <= case.order.sentenced_on:
        made = case.pen.during(released_on, 11.6, 11.9)
    supervision = Supervision(case, Ladder(case, on_licence=True), released_on, until, made)
    supervision.from_hour = 13 if first == released_on else 9
    supervision.tracks["contact"] = first
    supervision.run()


def _recall(case: Case, on: date, ends: date) -> None:
    """The recall decided on `on`, the return to prison, and for some release again."""
    pen, rng, order = case.pen, case.pen.rng, case.order
    pen.closed_after = None
    decided = pen.during(on, 10, 12)
    recall: dict[str, Any] = {"recallId": pen.fresh_id(), "orderId": order.order_id}
    if case.happens(rates.RECALL_RISK_REVIEWED):
        recall["riskReviewId"] = pen.fresh_id()
    considered = {
        **recall,
        "decision": "recall",
        "alternatives": rng.sample(ALTERNATIVES, 2),
        "byGrade": "spo",
        "decidedAt": iso(decided),
    }
    case.write("casework.recall.considered", case.soon(decided, 30), considered)
    hours = rng.uniform(0.8, 5.5) if case.happens(rates.RECALL_REQUESTED_IN_TIME) else rng.uniform(26, 80)
    asked = decided + timedelta(seconds=int(hours * 3600))
    case.write("casework.recall.requested", case.soon(asked, 20), {**recall, "requestedAt": iso(asked)})
    fixed = case.happens(rates.RECALL_FIXED)
    length = 14 if order.term_months < 12 else 28
    issued = pen.during(pen.days.after(asked.date(), 1), 9, 16)
    answer = {
        "recallId": recall["recallId"],
        "outcome": "issued",
        "kind": f"fixed-{length}" if fixed else "standard",
        "decidedAt": iso(issued),
    }
    case.write("casework.recall.decided", case.soon(issued, 40), answer)
    tell_victim_liaison(case, "recall", issued.date())
    back_on = issued.date() + timedelta(days=rng.randint(1, 9))
    write_movement(case, "received", "ADMISSION", "L" if fixed else "24", pen.during(back_on, 12, 20))
    if fixed:
        _release_again(case, back_on, back_on + timedelta(days=length), ends)


def _release_again(case: Case, back_on: date, out_on: date, ends: date) -> None:
    pen = case.pen
    due = {
        "releaseOn": out_on.isoformat(),
        "releaseKind": "recall-end",
        "prisonId": home_prison(case),
        "homeLocalDeliveryUnit": case.person.unit.code,
        "licenceEndsOn": max(ends, out_on).isoformat(),
    }
    write_prison_fact(case, "prison.release.due", pen.during(pen.days.after(back_on, 1), 9, 16), due)
    out_on = pen.days.on_or_before(out_on)
    if out_on >= case.end:
        return
    write_movement(case, "released", "RELEASED", "CR", pen.during(out_on, 8.2, 11.5))
    if ends > out_on:
        pen.closed_after = ends
        made = pen.during(out_on, 11.6, 11.9)
        again = Supervision(case, Ladder(case, on_licence=True), out_on, ends, made, "re-engagement", 13)
        again.tracks["contact"] = pen.days.after(out_on, pen.rng.choice((0, 1)))
        again.run()
        _end_order(case, ends)


def _end_order(case: Case, ends: date) -> None:
    on = case.pen.days.on_or_after(ends)
    ended = {"orderId": case.order.order_id, "endedOn": ends.isoformat(), "outcome": "completed"}
    case.write("casework.order.ended", case.pen.during(on, 17, 17.9), ended)
