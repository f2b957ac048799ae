"""Missed appointments and other failures: when the provider became aware, whether anyone called, and how it was
judged, in time or late, with a rationale and evidence or without, at once, after waiting for evidence, or again."""

from datetime import date
from typing import Any

from deploy.local.feed import rates
from deploy.local.feed.case import Case
from deploy.local.feed.enforcement import Ladder
from deploy.local.feed.working_days import iso

REASONS = {
    "illness": 40,
    "employment": 16,
    "childcare": 12,
    "transport": 12,
    "bereavement": 5,
    "residence": 4,
    "court-or-custody": 3,
    "other": 8,
}
"""Reasons of accepted absences and how often each is given; assumed."""

EVIDENCE_KIND = {"illness": "medical", "employment": "employer", "court-or-custody": "court"}


def write_missed(case: Case, ladder: Ladder, day: date, meeting: dict[str, Any]) -> str:
    """Write that `meeting` was missed on `day` and what was made of it; `accepted` or `rejected`.

    An absence that nobody ever judges counts as accepted here: contact goes on.
    """
    pen, breaking = case.pen, case.is_breaking(day)
    aware_on = day if case.chance(0.85) else pen.days.after(day, 1)
    missed = {key: value for key, value in meeting.items() if key != "officerCode"}
    missed["awareOn"] = aware_on.isoformat()
    case.write("casework.appointment.missed", pen.during(aware_on, 16.6, 17.6), missed)
    if case.chance(0.15):
        _call(case, aware_on, meeting["appointmentId"], answered=not breaking and case.chance(0.6))
    if not breaking and case.happens(rates.NEVER_JUDGED):
        return "accepted"
    return _judge(case, ladder, day, aware_on, meeting["appointmentId"])


def write_failure(case: Case, ladder: Ladder, day: date) -> None:
    """Write a failure of `day` that is not an absence, and how it was judged."""
    pen = case.pen
    aware_on = case.after(day, 1, 3)
    curfew = case.order.requirement("curfew") is not None
    reported = {
        "failureId": pen.fresh_id(),
        "orderIds": [case.order.order_id],
        "kind": "curfew" if curfew else pen.rng.choice(("behaviour", "refused-instruction", "lost-contact")),
        "failedOn": day.isoformat(),
        "awareOn": aware_on.isoformat(),
        "serious": case.chance(0.05),
    }
    case.write("casework.failure.reported", pen.during(aware_on), reported)
    _judge(case, ladder, day, aware_on, str(reported["failureId"]), absence=False)


def _call(case: Case, aware_on: date, appointment_id: str, *, answered: bool) -> None:
    called = case.pen.during(case.pen.days.after(aware_on, 1), 9, 17)
    attempt = {
        "contactId": case.pen.fresh_id(),
        "at": iso(called),
        "channel": "telephone",
        "purpose": "re-engagement",
        "answered": answered,
        "followsId": appointment_id,
    }
    case.write("casework.contact.attempted", case.soon(called, 15), attempt)


def _judge(case: Case, ladder: Ladder, day: date, aware_on: date, failure_id: str, *, absence: bool = True) -> str:
    """An officer judges the failure; the ladder takes it from there."""
    pen, rng, breaking = case.pen, case.pen.rng, case.is_breaking(day)
    accepted = not breaking and case.happens(rates.ACCEPTABLE)
    in_time = breaking or case.happens(rates.JUDGED_IN_TIME)
    judged_on = max(case.after(day, 1, 5) if in_time else case.after(day, 7, 25), aware_on)
    reason = rng.choice(("none-given", "other"))
    if accepted:
        reason = rng.choices(tuple(REASONS), tuple(REASONS.values()))[0]
    judged: dict[str, Any] = {
        "judgementId": pen.fresh_id(),
        "failureId": failure_id,
        "judgement": "acceptable" if accepted else "unacceptable",
        "reasonCode": reason,
        "rationaleRecorded": not accepted or case.happens(rates.RATIONALE),
        "byGrade": "po" if case.person.complex_case else "pso",
        "judgedOn": judged_on.isoformat(),
    }
    if accepted and absence and case.happens(rates.EVIDENCE):
        judged["evidenceId"] = _evidence(case, day, judged_on, failure_id, reason)
    if accepted and absence and judged_on > pen.days.after(aware_on, 1) and case.happens(rates.PENDING):
        waiting = {**judged, "judgementId": pen.fresh_id(), "judgement": "pending-evidence"}
        waiting["judgedOn"] = aware_on.isoformat()
        waiting.pop("evidenceId", None)
        case.write("casework.absence.judged", pen.during(aware_on, 17.6, 18), waiting)
        judged["revisesJudgementId"] = waiting["judgementId"]
    case.write("casework.absence.judged", pen.during(judged_on, 10, 16), judged)
    if not breaking and case.happens(rates.REJUDGED):
        accepted = not accepted
        judged_on = case.after(judged_on, 3, 20)
        revised = {
            **judged,
            "judgementId": pen.fresh_id(),
            "revisesJudgementId": judged["judgementId"],
            "judgement": "acceptable" if accepted else "unacceptable",
            "judgedOn": judged_on.isoformat(),
        }
        case.write("casework.absence.judged", pen.during(judged_on), revised)
    if accepted:
        ladder.accept(failure_id, judged_on)
        return "accepted"
    ladder.reject(failure_id, day, aware_on, judged_on)
    return "rejected"


def _evidence(case: Case, day: date, judged_on: date, appointment_id: str, reason: str) -> str:
    on = min(case.after(day, 1, 5), judged_on)
    evidence_id = case.pen.fresh_id()
    received = {
        "evidenceId": evidence_id,
        "appointmentId": appointment_id,
        "kind": EVIDENCE_KIND.get(reason, "other"),
        "receivedOn": on.isoformat(),
    }
    case.write("casework.absence-evidence.received", case.pen.during(on, 9, 10), received)
    return evidence_id
