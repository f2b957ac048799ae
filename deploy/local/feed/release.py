"""The twelve weeks before release: contact by the community officer, address, safeguarding notice, licence
and the hand-over, each in time, late or not at all, as often as the rates say.
"""

from datetime import date, timedelta

from deploy.local.feed import rates
from deploy.local.feed.case import Case
from deploy.local.feed.working_days import iso


def prepare_release(case: Case, released_on: date) -> None:
    """Write what was done before a release on `released_on`; nothing is dated before the sentence."""
    first = case.pen.days.after(max(case.order.sentenced_on, released_on - timedelta(weeks=12)), 3)
    if first >= released_on:
        return
    _contact(case, first, released_on)
    _address(case, first, released_on)
    _licence(case, first, released_on)
    _hand_over(case, first, released_on)
    safeguarding = {case.person.domestic_abuse, case.person.child_safeguarding} != {"none"}
    if safeguarding and case.happens(rates.NOTICE_SENT):
        on = _before(case, first, released_on, 28 if case.chance(0.6) else 10)
        notice = {
            "noticeId": case.pen.fresh_id(),
            "to": "safeguarding-hub",
            "releaseOn": released_on.isoformat(),
            "sentOn": on.isoformat(),
        }
        case.write("casework.safeguarding-notice.sent", case.pen.during(on), notice)


def _before(case: Case, first: date, released_on: date, days: int) -> date:
    """A business day at least `days` days before release where there is room, else as early as there is."""
    latest = max(first, released_on - timedelta(days=days))
    room = (latest - first).days
    return case.pen.days.on_or_after(latest - timedelta(days=case.pen.rng.randint(0, min(room, 20)))) if room else first


def _contact(case: Case, first: date, released_on: date) -> None:
    pen = case.pen
    if not case.happens(rates.CONTACT_BEFORE_RELEASE):
        return
    on = _before(case, first, released_on, 28 if case.chance(0.7) else 7)
    if case.chance(0.6):
        starts = pen.days.instant(on, pen.rng.randrange(20, 32) * 1_800_000)
        meeting = {
            "appointmentId": pen.fresh_id(),
            "orderIds": [case.order.order_id],
            "startsAt": iso(starts),
            "minutes": 45,
            "channel": pen.rng.choice(("prison", "prison", "video")),
            "purpose": "pre-release",
            "officerCode": case.officer(on),
        }
        case.write("casework.appointment.attended", starts + timedelta(minutes=70), meeting)
        return
    at = pen.during(on, 10, 16)
    attempt = {
        "contactId": pen.fresh_id(),
        "at": iso(at),
        "channel": pen.rng.choice(("letter", "telephone")),
        "purpose": "pre-release",
        "answered": True,
        "officerCode": case.officer(on),
    }
    case.write("casework.contact.attempted", case.soon(at, 20), attempt)


def _address(case: Case, first: date, released_on: date) -> None:
    pen = case.pen
    if "no-address" in case.person.attributes or "accommodation" in case.person.needs:
        on = _before(case, first, released_on, pen.rng.choice((80, 60, 30, 14)))
        referral = {
            "referralId": pen.fresh_id(),
            "service": "accommodation",
            "contracted": True,
            "referredOn": on.isoformat(),
        }
        case.write("casework.referral.made", pen.during(on), referral)
    if case.happens(rates.ADDRESS_NEVER):
        return
    on = _before(case, first, released_on, 14 if case.happens(rates.ADDRESS_IN_TIME) else 2)
    kind = pen.rng.choice(("settled", "settled", "settled", "temporary", "bail-accommodation"))
    if case.person.rosh in ("high", "very-high") and case.chance(0.5):
        kind = "approved-premises"
    confirmed = {
        "addressId": pen.fresh_id(),
        "kind": kind,
        "from": released_on.isoformat(),
        "localDeliveryUnit": case.person.unit.code,
    }
    case.write("casework.release-address.confirmed", pen.during(on), confirmed)
    if case.chance(0.05):
        withdrawn_on = pen.days.after(on, 1)
        if withdrawn_on < released_on:
            withdrawn = {"addressId": confirmed["addressId"], "withdrawnOn": withdrawn_on.isoformat()}
            case.write("casework.release-address.withdrawn", pen.during(withdrawn_on), withdrawn)


def _licence(case: Case, first: date, released_on: date) -> None:
    person, pen = case.person, case.pen
    covers = []
    if person.domestic_abuse != "none" and case.chance(0.8):
        covers.append("domestic-abuse")
    if person.child_safeguarding != "none" and case.chance(0.8):
        covers.append("child")
    conditions = [{"conditionId": pen.fresh_id(), "kind": "residence", "covers": []}]
    conditions += [{"conditionId": pen.fresh_id(), "kind": "no-contact", "covers": [code]} for code in covers]
    on = _before(case, first, released_on, 5)
    licence = {
        "orderId": case.order.order_id,
        "issuedOn": on.isoformat(),
        "conditions": conditions,
        "justified": [],
    }
    case.write("casework.licence.issued", pen.during(on, 9, 16), licence)


def _hand_over(case: Case, first: date, released_on: date) -> None:
    pen = case.pen
    if case.happens(rates.HANDOVER_MISSING):
        return
    sent_on = _before(case, first, released_on, 14 if case.happens(rates.HANDOVER_IN_TIME) else 3)
    handover = {
        "handoverId": pen.fresh_id(),
        "officerCode": case.officer(sent_on),
        "sentOn": sent_on.isoformat(),
        "openNeeds": list(case.person.needs[:2]),
    }
    if case.plan_id is not None:
        handover["planId"] = case.plan_id
    case.write("casework.release-handover.sent", pen.during(sent_on, 9, 12), handover)
    if case.happens(rates.HANDOVER_RETURNED):
        back_on = pen.days.after(sent_on, 1)
        if back_on < released_on:
            back = {
                "handoverId": handover["handoverId"],
                "returnedOn": back_on.isoformat(),
                "reasonCode": "incomplete",
            }
            case.write("casework.release-handover.returned", pen.during(back_on, 9, 12), back)
            sent_on = back_on
            case.write(
                "casework.release-handover.sent",
                pen.during(back_on, 13, 16),
                {**handover, "sentOn": back_on.isoformat()},
            )
    accepted_on = case.after(sent_on, 1, 5)
    if accepted_on <= released_on and case.chance(0.9):
        accepted = {
            "handoverId": handover["handoverId"],
            "officerCode": handover["officerCode"],
            "acceptedOn": accepted_on.isoformat(),
        }
        case.write("casework.release-handover.accepted", pen.during(accepted_on, 16.1, 17), accepted)
