"""Reviews after changes, at intervals and after release, and home visits and women's services where they are
called for; done as often, and with the person as often, as the inspectors found."""

from datetime import date, timedelta
from typing import Any

from deploy.local.feed import rates
from deploy.local.feed.case import Case
from deploy.local.feed.planning import write_text


def write_visits_and_offers(case: Case, started_on: date) -> None:
    """Home visits where they are necessary, and a women's service for women."""
    person, pen = case.person, case.pen
    partner = person.domestic_abuse == "current" and "living-with-partner" in person.attributes
    if (partner or "child-protection" in person.registrations) and case.happens(rates.HOME_VISITED):
        for _ in range(2 if case.chance(0.5) else 1):
            on = case.after(started_on, 5, 60)
            visit = {
                "visitId": pen.fresh_id(),
                "visitedOn": on.isoformat(),
                "officerCode": case.officer(on),
                "personSeen": case.chance(0.8),
                "purpose": "risk-check",
            }
            case.write("casework.home-visit.completed", pen.during(on, 11, 17), visit)
    if person.sex == "female" and case.happens(rates.WOMENS_SERVICE):
        on = case.after(case.form_on, 3, 30)
        offer = {
            "offerId": pen.fresh_id(),
            "service": "womens-service",
            "offeredOn": on.isoformat(),
            "answer": pen.rng.choice(("accepted", "accepted", "declined", "pending")),
        }
        case.write("casework.service.offered", pen.during(on), offer)


def write_reviews(case: Case, planned_on: date | None, until: date, changes: list[tuple[str, date]]) -> None:
    """Routine reviews since the plan, and reviews that answer changes; some copied, most without effect."""
    rng = case.pen.rng
    for event_id, changed_on in changes:
        if event_id and case.happens(rates.CHANGE_REVIEWED):
            on = case.after(changed_on, 1, 10)
            if on <= until:
                _review(case, on, ["change"], [event_id])
    if planned_on is None:
        return
    weeks = 16 if case.person.rosh != "low" else 26
    due = planned_on + timedelta(weeks=weeks)
    while due <= min(until, case.end):
        if case.happens(rates.REVIEWED):
            _review(case, case.pen.days.on_or_before(due - timedelta(days=rng.randint(0, 20))), ["routine"], [])
        due += timedelta(weeks=weeks)


def write_release_review(case: Case, released_on: date) -> str:
    """The review after release, within fifteen business days; its id, or an empty one."""
    return _review(case, case.after(released_on, 3, 14), ["post-release"], [])


def _review(case: Case, on: date, purposes: list[str], triggers: list[str]) -> str:
    changed = case.chance(0.35)
    review: dict[str, Any] = {
        "reviewId": case.pen.fresh_id(),
        "purposes": purposes,
        "triggerEventIds": triggers,
        "reviewedIds": [case.plan_id] if case.plan_id else [],
        "completedOn": on.isoformat(),
        "officerCode": case.officer(on),
        "planChanged": changed,
        "personInvolved": case.happens(rates.REVIEW_SHARED),
        "copy": write_text(case, copied=case.happens(rates.PLAN_COPIED)),
    }
    if not changed and case.chance(0.7):
        review["noChangeReason"] = "plan-adequate"
    case.write("casework.review.completed", case.pen.during(on, 10, 17), review)
    return str(review["reviewId"])
