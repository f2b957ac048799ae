"""The court and what comes with it: the sentence, the report, the scores, the safeguarding checks and the
allocation form, in time and late, whole and with answers not known. Some sentences are recorded days late,
so that later facts stand before them on the log.
"""

from datetime import date, datetime
from typing import Any

from deploy.local.feed import rates
from deploy.local.feed.area import COURT_TEAM, COURTS
from deploy.local.feed.case import Case

NOT_KNOWN = (
    "rosh-screening",
    "full-analysis",
    "mappa",
    "domestic-abuse",
    "child-safeguarding",
    "priors",
    "accommodation",
    "mental-health",
    "substance-misuse",
    "diversity",
)
PRIORS = ("domestic-abuse", "sexual", "child", "weapons", "arson", "stalking", "violence")


def write_sentence(case: Case) -> datetime:
    """Write the sentence and return the instant at which it was passed."""
    person, order, pen = case.person, case.order, case.pen
    passed = pen.during(order.sentenced_on, 10, 15.5)
    report, written_up_later = _report(case)
    information: dict[str, Any] = {
        "orderId": order.order_id,
        "courtCode": pen.rng.choice(COURTS[:2]) if order.term_months < 12 else COURTS[2],
        "sentencedOn": order.sentenced_on.isoformat(),
        "disposal": order.disposal,
        "requirements": order.requirements,
        "report": report,
        "localDeliveryUnit": person.unit.code,
        "officeCode": COURT_TEAM,
        "sex": person.sex,
        "attributes": list(person.attributes),
    }
    if order.ends_on is not None:
        information["endsOn"] = order.ends_on.isoformat()
    if order.offence_on is not None:
        information["offenceOn"] = order.offence_on.isoformat()
    if order.term_months:
        information["custodialTerm"] = f"P{order.term_months}M"
        information["releasedAtCourt"] = order.released_at_court
    linked = order.disposal == "custody" and pen.happens(rates.LINKED_BY_SENTENCE)
    if linked:
        information["nomsNumber"] = person.noms
    recorded = case.soon(passed)
    if pen.happens(rates.SENTENCE_RECORDED_LATE):
        recorded = pen.during(case.after(order.sentenced_on, 1, 3), 9, 12)
    case.write("court.sentence.recorded", passed, information, recorded)
    if written_up_later is not None:
        up = {"orderId": order.order_id, "writtenUpOn": written_up_later.isoformat()}
        case.write("court.report.written-up", pen.during(written_up_later), up)
    return passed


def linked_by_sentence(case: Case) -> bool:
    """True if the sentence, as written, states the NOMS number."""
    return any("nomsNumber" in line.value.get("additionalInformation", {}) for line in case.pen.lines[:1])


def _report(case: Case) -> tuple[dict[str, Any], date | None]:
    """The report before sentence, and the day on which an oral one is written up after it, if ever."""
    sentenced_on = case.order.sentenced_on
    if case.chance(0.15):
        return {"kind": "none"}, None
    if not case.happens(rates.ORAL_REPORTS):
        return {"kind": case.pen.rng.choice(("fast-delivery", "fast-delivery", "standard"))}, None
    if case.happens(rates.ORAL_NOT_WRITTEN_UP):
        return {"kind": "oral"}, None
    if case.chance(0.7):
        return {"kind": "oral", "writtenUpOn": sentenced_on.isoformat()}, None
    return {"kind": "oral"}, case.after(sentenced_on, 1, 4)


def write_allocation_file(case: Case) -> None:
    """Write scores, checks and the allocation form (again, where it was incomplete); sets `form_on`."""
    order, pen = case.order, case.pen
    _score(case)
    returned = [_check(case, kind) for kind in ("domestic-abuse", "child")]
    late = case.happens(rates.FORM_LATE)
    days = pen.rng.randint(3, 7) if late else pen.rng.choices((0, 1, 2), (40, 42, 18))[0]
    case.form_on = pen.days.after(order.sentenced_on, days) if days else order.sentenced_on
    sent = pen.during(case.form_on, 15.7, 17.2) if days == 0 else pen.during(case.form_on, 9, 16.5)
    form = _form(case)
    event = "casework.allocation-form.submitted"
    if case.happens(rates.WRONGLY_ALLOCATED) and case.person.nps:
        _allocate_wrongly(case, form, sent)
    elif case.happens(rates.FORM_WITH_NOT_KNOWN):
        unknown = sorted(pen.rng.sample(NOT_KNOWN[:9], pen.rng.randint(1, 3)))
        case.write(event, sent, {**form, **_without(form, unknown), "notKnown": unknown})
        if case.happens(rates.FORM_COMPLETED_LATER):
            again = case.after(case.form_on, 2, 15)
            case.write(event, pen.during(again), {**form, "notKnown": unknown[:1] if case.chance(0.15) else []})
    else:
        case.write(event, sent, form)
    for when, information in filter(None, returned):
        case.write("casework.safeguarding-check.returned", when, information)
    if case.happens(rates.OFFICER_DIRECTED):
        _direct(case)


def _score(case: Case) -> None:
    person, order, pen = case.person, case.order, case.pen
    event = "casework.risk-score.calculated"
    on = order.sentenced_on if case.chance(0.6) else pen.days.after(order.sentenced_on, 1)
    if not person.nps and not case.happens(rates.RSR_IN_TIME):
        on = case.after(order.sentenced_on, 2, 4)
    if person.nps and case.happens(rates.NPS_RSR_MISSING):
        if case.chance(0.4):
            none = {"kind": "rsr", "calculatedOn": on.isoformat(), "notRequiredReason": "already-nps"}
            case.write(event, pen.during(on, 15.6, 17), none)
    else:
        rsr = {"kind": "rsr", "percent": person.rsr, "calculatedOn": on.isoformat()}
        case.write(event, pen.during(on, 15.6, 17), rsr)
    if case.chance(0.85):
        ogrs = {"kind": "ogrs2", "percent": str(person.ogrs), "calculatedOn": on.isoformat()}
        case.write(event, pen.during(on, 15.6, 17), ogrs)


def _check(case: Case, kind: str) -> tuple[datetime, dict[str, Any]] | None:
    """Ask for a check, perhaps; the answer with its instant, perhaps."""
    person, pen = case.person, case.pen
    if not case.happens(rates.ABUSE_CHECKED if kind == "domestic-abuse" else rates.CHILD_CHECKED):
        return None
    asked = pen.days.before(case.order.sentenced_on, 2) if case.chance(0.3) else case.order.sentenced_on
    if case.chance(0.25):
        asked = case.after(case.order.sentenced_on, 1, 10)
    check = {"checkId": pen.fresh_id(), "kind": kind, "requestedOn": asked.isoformat()}
    at = pen.during(max(asked, case.order.sentenced_on), 15.6, 17)
    case.write("casework.safeguarding-check.requested", at, check)
    if not case.happens(rates.CHECK_RETURNED):
        return None
    back = max(case.after(asked, 1, 9), pen.days.after(case.order.sentenced_on, 1))
    held = person.domestic_abuse if kind == "domestic-abuse" else person.child_safeguarding
    result = "nothing-held" if held == "none" else "information-held"
    return pen.during(back), {**check, "returnedOn": back.isoformat(), "result": result}


def _form(case: Case) -> dict[str, Any]:
    person, order, pen = case.person, case.order, case.pen
    needed = person.rosh != "low" or "current" in (person.domestic_abuse, person.child_safeguarding)
    done = case.happens(rates.NPS_FULL_ANALYSIS_DONE if person.nps else rates.FULL_ANALYSIS_DONE)
    form: dict[str, Any] = {
        "formId": pen.fresh_id(),
        "orderId": order.order_id,
        "rsrPercent": person.rsr,
        "rsrCalculatedOn": order.sentenced_on.isoformat(),
        "roshLevel": person.rosh,
        "fullAnalysis": ("completed" if done else "required") if needed else "not-required",
        "mappaLevel": person.mappa,
        "deportationLiable": person.grounds == "deportation",
        "deferredSentence": person.grounds == "deferred",
        "publicInterest": person.grounds == "public-interest",
        "notKnown": [],
        "priorsOfConcern": _priors(case),
        "domesticAbuse": person.domestic_abuse,
        "childSafeguarding": person.child_safeguarding,
    }
    if person.nps or not case.happens(rates.NO_SCREENING):
        form["roshScreenedOn"] = order.sentenced_on.isoformat()
    if needed and done:
        form["fullAnalysisOn"] = case.form_on.isoformat()
    if case.happens(rates.RISK_REVIEW_LATER):
        form["riskReviewOn"] = case.after(order.sentenced_on, 30, 90).isoformat()
    return form


def _priors(case: Case) -> list[dict[str, Any]]:
    codes = [code for code in PRIORS if case.chance(0.08)]
    if case.person.domestic_abuse != "none" and "domestic-abuse" not in codes:
        codes.insert(0, "domestic-abuse")
    return [{"code": code, "explored": case.chance(0.93)} for code in codes]


def _without(form: dict[str, Any], unknown: list[str]) -> dict[str, Any]:
    """What the form says where an answer is not known."""
    hidden = {
        "mappa": ("mappaLevel", "not-known"),
        "domestic-abuse": ("domesticAbuse", "not-known"),
        "child-safeguarding": ("childSafeguarding", "not-known"),
    }
    changed = dict(hidden[code] for code in unknown if code in hidden)
    if changed.get("mappaLevel") and form["roshLevel"] in ("low", "medium"):
        del changed["mappaLevel"]
    return changed


def _allocate_wrongly(case: Case, form: dict[str, Any], sent: datetime) -> None:
    """The form states too low a risk; the providers agree to put it right, without a risk escalation."""
    person, pen = case.person, case.pen
    event = "casework.allocation-form.submitted"
    case.write(
        event,
        sent,
        {
            **form,
            "rsrPercent": "2.10",
            "roshLevel": "medium",
            "mappaLevel": "none",
            "deportationLiable": False,
            "publicInterest": False,
        },
    )
    agreed = case.after(case.form_on, 2, 10)
    transfer = {
        "transferId": pen.fresh_id(),
        "reason": "wrong-allocation",
        "toProviderCode": person.provider,
        "toProviderKind": "nps",
        "toOfficeCode": person.office,
        "agreedOn": agreed.isoformat(),
    }
    at = pen.during(agreed, 9, 15)
    case.write(event, at, form)
    case.write("casework.transfer.agreed", case.soon(at, 60), transfer)


def _direct(case: Case) -> None:
    """A manager names the officer."""
    on = case.after(case.form_on, 1, 3)
    direction = {
        "directionId": case.pen.fresh_id(),
        "officerCode": case.officer(on),
        "overrides": ["continuity"],
        "reasonCode": "continuity",
        "byGrade": "spo",
        "directedOn": on.isoformat(),
    }
    case.write("casework.assignment.directed", case.pen.during(on), direction)
