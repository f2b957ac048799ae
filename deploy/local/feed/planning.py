"""Assessment and planning: the first assessment, sentence and risk management plans, referrals for what is planned,
and accredited programmes. It follows the days on which the person was in fact seen, and is late, missing, copied
or made without the person as often as the inspectors found."""

from datetime import date
from typing import Any

from deploy.local.feed import rates
from deploy.local.feed.case import Case

FOUR_MONTHS = 82
"""Business days."""


def write_text(case: Case, *, copied: bool = False) -> dict[str, str]:
    """The fingerprint of a new text of the person's file, or of an earlier one again."""
    rng = case.pen.rng
    if copied and case.texts:
        text = rng.choice(case.texts)
    else:
        text = f"{rng.getrandbits(256):064x}"
        case.texts.append(text)
    return {"textHash": text, "textSimhash": text[:16]}


def assess_and_plan(case: Case, seen_on: date | None, kind: str, since: date) -> date | None:
    """The assessment and the first plan of an order or licence; the day of the plan, if there is one.

    `seen_on` is the first face-to-face contact, `kind` is `sentence` or `release`; `since` is the day of the
    allocation or release.
    """
    person = case.person
    if seen_on is None:
        if not case.happens(rates.PLAN_BEFORE_CONTACT):
            return None
        seen_on = case.after(since, 5, 12)
    if person.nps or case.happens(rates.ASSESSED):
        in_time = case.happens(rates.ASSESSED_IN_TIME)
        _assess(case, case.after(seen_on, 0, 9) if in_time else case.after(seen_on, 14, 40))
    if not person.nps and not case.happens(rates.PLANNED):
        return None
    if case.happens(rates.PLAN_BEFORE_CONTACT):
        on = max(case.pen.days.before(seen_on, 1), case.pen.days.on_or_after(since))
    else:
        on = case.after(seen_on, 2, 15) if case.happens(rates.PLANNED_IN_TIME) else case.after(seen_on, 16, 45)
    _plan(case, on, kind, copied=case.happens(rates.PLAN_COPIED))
    if person.rosh != "low" and not case.happens(rates.RISK_PLAN_MISSING):
        _plan(case, case.after(on, 0, 6), "risk-management", copied=False)
    return on


def _assess(case: Case, on: date) -> None:
    person, rng = case.person, case.pen.rng
    assessment = {
        "assessmentId": case.pen.fresh_id(),
        "tool": "oasys-3" if person.complex_case else rng.choice(("oasys-1", "justice-star")),
        "stage": "induction",
        "completedOn": on.isoformat(),
        "officerCode": case.officer(on),
        "ogrs2Percent": str(person.ogrs),
        "motivation": person.motivation,
        "roshLevel": person.rosh,
        "needs": list(person.needs),
        "personInvolved": case.chance(0.8),
        "copy": write_text(case),
    }
    case.write("casework.assessment.completed", case.pen.during(on, 10, 17), assessment)


def _plan(case: Case, on: date, kind: str, *, copied: bool) -> None:
    person, rng = case.person, case.pen.rng
    activity = case.order.requirement("rehabilitation-activity")
    ready = not case.happens(rates.NO_CONTINGENCY)
    plan: dict[str, Any] = {
        "planId": case.pen.fresh_id(),
        "orderIds": [case.order.order_id],
        "kind": kind,
        "completedOn": on.isoformat(),
        "officerCode": case.officer(on),
        "objectiveCount": rng.randint(2, 6),
        "personInvolved": case.happens(rates.NPS_PLAN_SHARED if person.nps else rates.PLAN_SHARED),
        "contingency": ready,
        "reviewTriggers": ready,
        "restrictions": _restrictions(case),
        "items": [] if kind == "risk-management" else _items(case),
        "copy": write_text(case, copied=copied),
    }
    if kind == "sentence" and activity is not None and not case.happens(rates.RAR_DAYS_UNPLANNED):
        plan["rarDaysPlanned"] = activity["days"]
    case.write("casework.plan.completed", case.pen.during(on, 10, 17), plan)
    if kind != "risk-management":
        case.plan_id = plan["planId"]
        for item in plan["items"]:
            _refer(case, on, plan["planId"], item)


def _items(case: Case) -> list[dict[str, Any]]:
    items = []
    for place, service in enumerate(case.person.needs[:3]):
        referral = service not in ("attitudes", "family") and case.chance(0.8)
        items.append(
            {
                "itemId": case.pen.fresh_id(),
                "service": service,
                "main": place == 0,
                "referralNeeded": referral,
            }
        )
    return items


def _restrictions(case: Case) -> list[str]:
    found = []
    if case.person.child_safeguarding == "current" and case.chance(0.5):
        found.append("no-unsupervised-childcare")
    if case.person.domestic_abuse == "current" and case.chance(0.4):
        found.append("no-victim-contact")
    return found


def _refer(case: Case, planned_on: date, plan_id: str, item: dict[str, Any]) -> None:
    """Refer for one plan item, or not; few of these end as they should. The main part is done with progress."""
    pen = case.pen
    progress = rates.NPS_PROGRESS if case.person.nps else rates.PROGRESS
    if item["main"] and case.happens(progress):
        _close_item(case, case.after(planned_on, 50, FOUR_MONTHS), plan_id, item)
    if not item["referralNeeded"]:
        if not item["main"] and case.chance(0.5):
            _close_item(case, case.after(planned_on, 50, 120), plan_id, item)
        return
    if not case.happens(rates.REFERRED):
        return
    on = case.after(planned_on, 0, 9) if case.chance(0.8) else case.after(planned_on, 11, 40)
    referral = {
        "referralId": pen.fresh_id(),
        "service": item["service"],
        "planItemId": item["itemId"],
        "contracted": case.chance(0.95),
        "referredOn": on.isoformat(),
    }
    case.write("casework.referral.made", pen.during(on), referral)
    if case.chance(0.55):
        started = case.after(on, 5, 45)
        case.write(
            "casework.referral.started",
            pen.during(started),
            {"referralId": referral["referralId"], "startedOn": started.isoformat()},
        )
        done = case.after(started, 20, 60)
        if case.chance(rates.REFERRAL_COMPLETED.value / 0.55):
            case.write(
                "casework.referral.completed",
                pen.during(done),
                {"referralId": referral["referralId"], "completedOn": done.isoformat()},
            )
            if not item["main"]:
                _close_item(case, case.after(done, 1, 10), plan_id, item)
        elif case.chance(0.6):
            case.write(
                "casework.referral.left",
                pen.during(done),
                {
                    "referralId": referral["referralId"],
                    "leftOn": done.isoformat(),
                    "reasonCode": pen.rng.choice(("person", "person", "provider", "health")),
                },
            )


def _close_item(case: Case, on: date, plan_id: str, item: dict[str, Any]) -> None:
    closed = {"planId": plan_id, "itemId": item["itemId"], "closedOn": on.isoformat(), "outcome": "completed"}
    case.write("casework.plan-item.closed", case.pen.during(on), closed)


def write_programme(case: Case) -> None:
    """An accredited programme that the court ordered: referral, waiting, start, and how it ends."""
    requirement = case.order.requirement("accredited-programme")
    if requirement is None:
        return
    pen = case.pen
    on = case.after(case.form_on, 5, 30)
    referral = {
        "referralId": pen.fresh_id(),
        "service": "accredited-programme",
        "contracted": True,
        "programmeCode": requirement["programmeCode"],
        "requirementId": requirement["requirementId"],
        "referredOn": on.isoformat(),
    }
    case.write("casework.referral.made", pen.during(on), referral)
    started = case.after(on, 10, 85)
    done = case.after(started, 25, 65)
    if done > case.order.ended_on:
        return
    completes = case.happens(rates.PROGRAMME_COMPLETED)
    case.write(
        "casework.referral.started",
        pen.during(started),
        {"referralId": referral["referralId"], "startedOn": started.isoformat()},
    )
    if completes:
        case.write(
            "casework.referral.completed",
            pen.during(done),
            {"referralId": referral["referralId"], "completedOn": done.isoformat()},
        )
    else:
        case.write(
            "casework.referral.left",
            pen.during(done),
            {"referralId": referral["referralId"], "leftOn": done.isoformat(), "reasonCode": "person"},
        )
    ended = {
        "requirementId": requirement["requirementId"],
        "kind": "accredited-programme",
        "endedOn": done.isoformat(),
        "outcome": "completed" if completes else "not-completed",
    }
    case.write("casework.requirement.ended", pen.during(done, 17, 17.9), ended)
    case.ended_requirements.add(requirement["requirementId"])
