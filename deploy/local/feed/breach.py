"""A breach from the officer's view to the court's outcome: the pack to the NPS, returned and sent again, the
information, listing, adjournment, hearing, and what becomes of contact when the order goes on."""

from datetime import date
from typing import Any

from deploy.local.feed import rates
from deploy.local.feed.area import COURTS
from deploy.local.feed.case import Case
from deploy.local.feed.working_days import iso

MILD = {"order-continues": 55, "fined": 20, "order-varied": 18, "withdrawn": 4, "dismissed": 3}
"""Outcomes by which an order goes on, and how often; assumed."""


def recommend(case: Case, failures: list[str], aware_on: date, judged_on: date) -> None:
    """The officer's own view on whether to breach."""
    on = case.pen.days.on_or_after(judged_on)
    against = case.chance(0.1) and not case.is_breaking(aware_on)
    recommended = {
        "orderId": case.order.order_id,
        "failureIds": failures,
        "recommendation": "no-breach" if against else "breach",
        "awareOn": aware_on.isoformat(),
        "recommendedOn": on.isoformat(),
    }
    case.write("casework.breach.recommended", case.pen.during(on, 16, 17.9), recommended)


def refer(case: Case, failures: list[str], aware_on: date, judged_on: date) -> tuple[str, date]:
    """Send the pack to the NPS, again if it comes back; its id and the day on which it is accepted."""
    pen = case.pen
    in_time = case.is_breaking(aware_on) or case.happens(rates.PACK_IN_TIME)
    planned = case.after(aware_on, 2, 8) if in_time else case.after(aware_on, 9, 18)
    on = max(planned, pen.days.on_or_after(judged_on))
    pack: dict[str, Any] = {
        "packId": pen.fresh_id(),
        "submission": 1,
        "orderId": case.order.order_id,
        "failureIds": failures,
        "awareOn": aware_on.isoformat(),
        "proposal": pen.rng.choice(("continue", "continue", "vary", "revoke-resentence")),
        "circumstancesRecorded": case.chance(0.8),
        "submittedOn": on.isoformat(),
    }
    case.write("casework.breach-pack.submitted", pen.during(on, 16.5, 18), pack)
    if not case.is_breaking(aware_on) and case.happens(rates.PACK_RETURNED):
        back = case.after(on, 1, 4)
        returned = {
            "packId": pack["packId"],
            "submission": 1,
            "returnedOn": back.isoformat(),
            "reasonCode": pen.rng.choice(("evidence", "warning", "statement", "other")),
        }
        case.write("casework.breach-pack.returned", pen.during(back), returned)
        on = case.after(back, 1, 6)
        pack = {**pack, "submission": 2, "submittedOn": on.isoformat()}
        case.write("casework.breach-pack.submitted", pen.during(on), pack)
    accepted_on = case.after(on, 1, 3)
    accepted = {
        "packId": pack["packId"],
        "submission": pack["submission"],
        "acceptedOn": accepted_on.isoformat(),
    }
    case.write("casework.breach-pack.accepted", pen.during(accepted_on), accepted)
    return pack["packId"], accepted_on


def go_to_court(
    case: Case, failures: list[str], pack_id: str | None, aware_on: date, ready_on: date
) -> tuple[date, bool]:
    """Lay the information and hear the breach; the day of the last hearing, and whether the order goes on.

    `ready_on` is the day on which the pack was accepted or, for an NPS case, the absence judged.
    """
    pen, order = case.pen, case.order
    laid_on = _laid_on(case, pack_id, aware_on, ready_on)
    information = {
        "informationId": pen.fresh_id(),
        "orderId": order.order_id,
        "failureIds": failures,
        "awareOn": aware_on.isoformat(),
        "laidOn": laid_on.isoformat(),
    }
    if pack_id is not None:
        information["packId"] = pack_id
    case.write("court.information.laid", pen.during(laid_on), information)
    listed_on = case.after(laid_on, 1, 7)
    hearing_on = case.after(listed_on, 6, 22)
    last_on = case.after(hearing_on, 8, 25) if case.happens(rates.ADJOURNED) else hearing_on
    revoked = case.is_breaking(last_on)
    if revoked:
        last_on = order.ended_on
        if case.is_breaking(hearing_on):
            hearing_on = last_on
    if hearing_on != last_on:
        _hear(case, information, listed_on, hearing_on, "adjourned", again=last_on)
        listed_on, hearing_on = case.after(hearing_on, 1, 3), last_on
    if revoked:
        _hear(case, information, min(listed_on, pen.days.before(last_on, 1)), last_on, "revoked-resentenced")
        return last_on, False
    outcome = pen.rng.choices(tuple(MILD), tuple(MILD.values()))[0]
    _hear(case, information, listed_on, hearing_on, outcome)
    if outcome == "order-varied":
        _vary(case, hearing_on)
    return hearing_on, True


def _laid_on(case: Case, pack_id: str | None, aware_on: date, ready_on: date) -> date:
    if pack_id is not None:
        in_time = case.is_breaking(aware_on) or case.happens(rates.LAID_IN_TIME)
        return case.after(ready_on, 1, 2) if in_time else case.after(ready_on, 3, 7)
    in_time = case.is_breaking(aware_on) or case.happens(rates.NPS_LAID_IN_TIME)
    planned = case.after(aware_on, 3, 10) if in_time else case.after(aware_on, 11, 18)
    return max(planned, case.pen.days.after(ready_on, 1))


def _hear(
    case: Case,
    information: dict[str, Any],
    listed_on: date,
    hearing_on: date,
    outcome: str,
    *,
    again: date | None = None,
) -> None:
    listed = {
        "hearingId": case.pen.fresh_id(),
        "orderId": case.order.order_id,
        "purpose": "breach",
        "listedOn": listed_on.isoformat(),
        "hearingOn": hearing_on.isoformat(),
        "courtCode": COURTS[case.pen.rng.randrange(2)],
        "informationId": information["informationId"],
    }
    case.write("court.hearing.listed", case.pen.during(listed_on), listed)
    conclude(case, listed, hearing_on, outcome, again)


def conclude(case: Case, listed: dict[str, Any], held_on: date, outcome: str, again: date | None = None) -> None:
    """Write the outcome of a listed hearing: recorded the same day, the next, or days too late."""
    concluded = {key: listed[key] for key in ("hearingId", "orderId", "purpose")}
    concluded |= {"heldOn": held_on.isoformat(), "outcome": outcome}
    if again is not None:
        concluded["nextHearingOn"] = again.isoformat()
    at = case.pen.during(held_on, 12, 15)
    recorded = None
    if case.happens(rates.OUTCOME_LATE):
        recorded = case.pen.during(case.after(held_on, 2, 9))
    elif case.chance(0.4):
        recorded = case.pen.during(case.pen.days.after(held_on, 1))
    case.write("court.hearing.concluded", at, concluded, recorded)


def _vary(case: Case, hearing_on: date) -> None:
    order = case.order
    varied = {
        "orderId": order.order_id,
        "variedOn": hearing_on.isoformat(),
        "requirements": order.requirements,
        "reason": "breach",
    }
    if order.ends_on is not None:
        varied["endsOn"] = order.ends_on.isoformat()
    case.write("court.order.varied", case.pen.during(hearing_on, 15, 17), varied)


def re_engage(case: Case, hearing_on: date) -> date:
    """After a breach the officer gets hold of the person, or lets weeks pass; the day until which they do."""
    if not case.happens(rates.REENGAGED):
        return case.after(hearing_on, 12, 22)
    at = case.pen.during(case.after(hearing_on, 1, 6))
    attempt = {
        "contactId": case.pen.fresh_id(),
        "at": iso(at),
        "channel": "telephone",
        "purpose": "re-engagement",
        "answered": case.chance(0.75),
    }
    case.write("casework.contact.attempted", case.soon(at, 20), attempt)
    return date.min
