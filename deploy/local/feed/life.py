"""What happens in a person's life while they are supervised: registrations, changed circumstances, police
call-outs, convictions, risk that rises and falls, and the escalations between providers that follow.
"""

from datetime import date, timedelta
from typing import Any

from deploy.local.feed import rates
from deploy.local.feed.case import Case
from deploy.local.feed.working_days import iso

KINDS = (
    "address",
    "homeless",
    "new-partner",
    "separated",
    "employment-started",
    "employment-lost",
    "finance",
    "family-strain",
    "health",
    "self-harm",
    "substance-use",
    "associates",
    "arrest",
    "charge",
    "childcare",
)
KIND_WEIGHTS = (18, 5, 5, 6, 10, 8, 8, 8, 8, 3, 9, 3, 6, 4, 3)
MONTH = timedelta(days=30)
FOUR_MONTHS = 4
LEVELS = ("low", "medium", "high", "very-high")


def write_registrations(case: Case) -> None:
    """Registrations within days of the allocation; some victim contact for long sentences."""
    codes = list(case.person.registrations)
    if case.order.term_months >= 12 and case.person.nps and case.happens(rates.VICTIM_CONTACT):
        case.victim_contact = True
        codes.append("victim-contact")
    for code in codes:
        on = case.pen.days.on_or_after(case.form_on) if case.chance(0.8) else case.after(case.form_on, 1, 20)
        added = {"registrationId": case.pen.fresh_id(), "code": code, "from": on.isoformat()}
        case.write("casework.registration.added", case.pen.during(on, 16.5, 17.5), added)
        if code in ("child-in-need", "domestic-abuse", "iom") and case.chance(0.08):
            until = case.after(on, 60, 150)
            removed = {"registrationId": added["registrationId"], "code": code, "until": until.isoformat()}
            case.write("casework.registration.removed", case.pen.during(until), removed)


def write_life(case: Case, start: date, until: date) -> list[tuple[str, date]]:
    """Month by month from `start` to `until`; returns the ids and dates of the changes that ask for a review."""
    changes: list[tuple[str, date]] = []
    day, until = start, min(until, case.end)
    reconvicted = rates.NPS_RECONVICTED if case.person.nps else rates.RECONVICTED
    while day < until:
        if case.happens(rates.CIRCUMSTANCES_A_MONTH):
            kind = case.pen.rng.choices(KINDS, KIND_WEIGHTS)[0]
            source = (
                "police"
                if kind in ("arrest", "charge")
                else case.pen.rng.choice(("self", "self", "agency", "provider"))
            )
            changes.append(_circumstances(case, _some_day(case, day), kind, source))
        if case.person.domestic_abuse == "current" and case.happens(rates.CALL_OUT_A_MONTH):
            _call_out(case, _some_day(case, day))
        if case.chance(1 - (1 - reconvicted.value) ** (1 / FOUR_MONTHS)):
            changes.append(_circumstances(case, _some_day(case, day), "conviction", "police"))
        day += MONTH
    if until - start > 2 * MONTH:
        changes += _risk(case, start, until)
    if case.chance(0.1):
        _needs(case, case.after(start, 5, 60))
    return changes


def _some_day(case: Case, month: date) -> date:
    return case.pen.days.on_or_after(month + timedelta(days=case.pen.rng.randrange(29)))


def _circumstances(case: Case, on: date, kind: str, source: str) -> tuple[str, date]:
    change = {"changeId": case.pen.fresh_id(), "changedOn": on.isoformat(), "kinds": [kind], "source": source}
    return case.write("casework.circumstances.changed", case.pen.during(on), change), on


def _call_out(case: Case, on: date) -> None:
    reported = {
        "callOutId": case.pen.fresh_id(),
        "calledOn": on.isoformat(),
        "kind": case.pen.rng.choice(("domestic-abuse", "domestic-abuse", "violence", "other")),
        "personRole": case.pen.rng.choice(("suspect", "suspect", "victim", "witness")),
    }
    case.write("casework.police-call-out.reported", case.pen.during(on, 9, 12), reported)


def _needs(case: Case, on: date) -> None:
    """Needs recorded anew: what the court wrote down, less or more, and hours that do not suit."""
    attributes = [code for code in case.person.attributes if code != "no-address" or case.chance(0.4)]
    unavailable = []
    if case.chance(0.6):
        unavailable = [{"weekday": day, "from": "08:00", "to": "16:30"} for day in case.pen.rng.sample(range(1, 6), 2)]
    recorded: dict[str, Any] = {
        "recordedOn": on.isoformat(),
        "attributes": attributes,
        "unavailable": unavailable,
    }
    case.write("casework.needs.recorded", case.pen.during(on), recorded)


def _risk(case: Case, start: date, until: date) -> list[tuple[str, date]]:
    level = LEVELS.index(case.person.rosh)
    on = case.pen.days.on_or_after(start + timedelta(days=case.pen.rng.randint(30, (until - start).days)))
    if level < 2 and case.happens(rates.RISK_RISES):
        changed = _changed(case, on, level, level + 1, case.pen.rng.choice(("police", "reassessment", "disclosure")))
        if level + 1 == 2 and not case.person.nps and case.chance(0.75):
            _escalate(case, on, level)
        return [changed]
    if level > 0 and case.happens(rates.RISK_FALLS):
        return [_changed(case, on, level, level - 1, "progress")]
    return []


def _changed(case: Case, on: date, level: int, to: int, evidence: str) -> tuple[str, date]:
    changed = {"from": LEVELS[level], "to": LEVELS[to], "changedOn": on.isoformat(), "evidenceCode": evidence}
    return case.write("casework.risk.changed", case.pen.during(on, 9, 15), changed), on


def _escalate(case: Case, on: date, level: int) -> None:
    """The CRC asks the NPS to take the case; the NPS answers within a day, later, or not at all."""
    asked = case.pen.during(on, 15.2, 16.5)
    request = {
        "escalationId": case.pen.fresh_id(),
        "direction": "crc-to-nps",
        "from": LEVELS[level],
        "to": LEVELS[level + 1],
        "requestedAt": iso(asked),
    }
    case.write("casework.risk-escalation.requested", case.soon(asked, 10), request)
    if case.chance(0.9):
        decided = case.pen.during(case.after(on, 1, 1) if case.chance(0.7) else case.after(on, 2, 6), 9, 15)
        answer = {
            "escalationId": request["escalationId"],
            "outcome": "accepted" if case.chance(0.85) else "rejected",
            "firstContactAt": iso(decided),
            "decidedAt": iso(decided),
        }
        case.write("casework.risk-escalation.decided", case.soon(decided, 20), answer)


def tell_victim_liaison(case: Case, about: str, on: date) -> None:
    """Tell victim liaison of a release or recall of `on`: in two business days, later or never."""
    if not case.victim_contact:
        return
    in_time = case.happens(rates.VICTIM_TOLD)
    if in_time or case.chance(0.5):
        told_on = case.after(on, 1, 2) if in_time else case.after(on, 3, 10)
        notified = {"about": about, "orderId": case.order.order_id, "notifiedOn": told_on.isoformat()}
        case.write("casework.victim-liaison.notified", case.pen.during(told_on), notified)
