"""One appointment from its arranging to its outcome: arranged, sometimes moved, cancelled by the provider or
withdrawn as recorded in error; attended, now and then recorded days late, or missed."""

from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.feed import rates
from deploy.local.feed.absences import write_missed
from deploy.local.feed.case import Case
from deploy.local.feed.enforcement import Ladder
from deploy.local.feed.working_days import iso

HALF_HOUR = 1_800_000
LAST_START = 34
"""The last appointment starts before 17:00; in half hours after midnight."""


def book(
    case: Case, day: date, channel: str, purpose: str, requirement: dict[str, Any] | None, *, from_hour: int = 9
) -> dict[str, Any]:
    """A new appointment on `day`, as every fact about it states it."""
    starts = case.pen.days.instant(day, case.pen.rng.randrange(2 * from_hour, LAST_START) * HALF_HOUR)
    meeting: dict[str, Any] = {
        "appointmentId": case.pen.fresh_id(),
        "orderIds": [case.order.order_id],
        "startsAt": iso(starts),
        "channel": channel,
        "purpose": purpose,
    }
    if requirement is not None:
        meeting["requirementId"] = requirement["requirementId"]
    if channel not in ("unpaid-work", "group"):
        meeting["officerCode"] = case.officer(day)
    return meeting


def arrange(case: Case, day: date, meeting: dict[str, Any], made: datetime) -> None:
    """Write that `meeting` was arranged at `made`; some were first arranged for the day before."""
    pen = case.pen
    arranged = {
        **meeting,
        "minutes": pen.rng.choice((30, 45, 60)),
        "givenToPersonOn": made.date().isoformat(),
    }
    if meeting["channel"] == "office" and case.chance(0.1):
        arranged["venue"] = {
            "venueCode": case.office,
            "stepFree": case.chance(0.85),
            "privateRoom": case.chance(0.6),
        }
    if pen.days.before(day, 3) <= made.date() or not case.happens(rates.REARRANGED):
        case.write("casework.appointment.arranged", made, arranged)
        return
    first = {**arranged, "startsAt": iso(pen.days.instant(pen.days.before(day, 1), 20 * HALF_HOUR))}
    case.write("casework.appointment.arranged", made, first)
    changed = {**arranged, "changedBy": "person" if case.chance(0.6) else "provider"}
    at = pen.during(pen.days.before(day, 2), 10, 16)
    case.write("casework.appointment.rearranged", max(at, case.soon(made)), changed)


def fell_through(case: Case, day: date, meeting: dict[str, Any]) -> bool:
    """Write, for a few, that the provider cancelled or that the record was an error."""
    pen, appointment_id = case.pen, meeting["appointmentId"]
    if case.happens(rates.WITHDRAWN):
        withdrawn = {"recordId": appointment_id, "kind": "appointment", "withdrawnOn": day.isoformat()}
        case.write("casework.record.withdrawn", pen.during(day, 17, 18), withdrawn)
        return True
    if case.happens(rates.CANCELLED):
        cancelled = {
            "appointmentId": appointment_id,
            "cancelledBy": "provider",
            "reasonCode": pen.rng.choice(("staff-absence", "venue", "capacity")),
            "cancelledOn": day.isoformat(),
        }
        case.write("casework.appointment.cancelled", pen.during(day, 8, 9), cancelled)
        return True
    return False


def hold(case: Case, ladder: Ladder, day: date, meeting: dict[str, Any]) -> str:
    """Write the outcome of an appointment: `attended`, or how its absence was judged."""
    pen, purpose = case.pen, meeting["purpose"]
    share = case.person.miss * (0.5 if purpose == "induction" else 1.0)
    if case.is_breaking(day) or case.chance(share):
        return write_missed(case, ladder, day, meeting)
    minutes = 120 if purpose == "rar-activity" else pen.rng.choice((15, 20, 30, 30, 45, 60))
    ended = datetime.fromisoformat(meeting["startsAt"]) + timedelta(minutes=minutes)
    at = ended + timedelta(milliseconds=pen.rng.randrange(60_000, 3_000_000))
    recorded = pen.during(case.after(day, 1, 5)) if case.happens(rates.ATTENDANCE_LATE) else None
    case.write("casework.appointment.attended", at, {**meeting, "minutes": minutes}, recorded)
    if meeting["channel"] in ("office", "group"):
        case.attended_on.append(day)
    return "attended"
