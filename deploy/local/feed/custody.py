"""A custodial sentence up to release: reception, screening, a release date that may move, the noise of a prison,
and the link between NOMS number and CRN. While the person is in prison no contact in the community is written,
only what prepares release."""

from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.feed import rates
from deploy.local.feed.area import CRC_SOUTH
from deploy.local.feed.case import Case
from deploy.local.feed.licence import supervise_on_licence
from deploy.local.feed.life import write_registrations
from deploy.local.feed.orders import ORA_2014
from deploy.local.feed.planning import write_text
from deploy.local.feed.prison import home_prison, write_movement, write_prison_fact
from deploy.local.feed.release import prepare_release
from deploy.local.feed.sentence import linked_by_sentence
from deploy.local.feed.working_days import add_months, iso

YEAR_IN_MONTHS = 12


def write_custody(case: Case, passed: datetime) -> None:
    """Everything after the sentence of someone sent to prison."""
    order, pen = case.order, case.pen
    write_registrations(case)
    half = (add_months(order.sentenced_on, order.term_months) - order.sentenced_on).days // 2
    credit = int(half * pen.rng.random() * 0.5)
    nominal = order.sentenced_on + timedelta(days=max(half - credit, 6))
    if order.released_at_court:
        nominal = order.sentenced_on
    ends = _supervision_ends(case, credit, pen.days.on_or_before(nominal))
    released_on = nominal
    if not order.released_at_court:
        _receive(case, passed)
        dates = _dates(case, nominal, ends)
        nominal = dates[-1][1]
        _screen(case)
        released_on = pen.days.on_or_before(nominal)
        _pass_time(case, released_on)
        if released_on < case.end:
            prepare_release(case, released_on)
            write_movement(case, "released", "RELEASED", "CR", pen.during(released_on, 8.2, 11.5))
    _link(case, released_on)
    if released_on < case.end:
        supervise_on_licence(case, released_on, max(ends, released_on + timedelta(days=28)))


def _supervision_ends(case: Case, credit: int, released_on: date) -> date:
    """The last day of licence and, for short sentences under the Act of 2014, post-sentence supervision."""
    order = case.order
    sentence_ends = add_months(order.sentenced_on, order.term_months) - timedelta(days=2 * credit)
    if order.term_months < 24 and order.offence_on is not None and order.offence_on >= ORA_2014:
        return max(sentence_ends, add_months(released_on, 12))
    return sentence_ends


def _receive(case: Case, passed: datetime) -> None:
    evening = case.pen.days.instant(case.order.sentenced_on, int(17.5 * 3_600_000))
    at = max(evening, passed) + timedelta(minutes=case.pen.rng.randint(5, 150))
    write_movement(case, "received", "ADMISSION", "I", at)


def _dates(case: Case, nominal: date, ends: date) -> list[tuple[date, date]]:
    """State the release date, and now and then another one; (stated on, release on) each."""
    pen, order = case.pen, case.order
    stated_on = min(case.after(order.sentenced_on, 2, 9), pen.days.on_or_before(nominal - timedelta(days=1)))
    stated_on = max(stated_on, pen.days.after(order.sentenced_on, 1))
    dates = [(stated_on, nominal)]
    if case.happens(rates.RELEASE_DATE_MOVES) and (nominal - stated_on).days > 30:
        moved_on = pen.days.on_or_after(stated_on + timedelta(days=pen.rng.randint(5, (nominal - stated_on).days - 15)))
        other = nominal + timedelta(days=pen.rng.choice((-7, -5, -3, 7, 10, 14, 21, 28)))
        dates.append((moved_on, other))
    for on, release_on in dates:
        due: dict[str, Any] = {
            "releaseOn": release_on.isoformat(),
            "releaseKind": "automatic" if order.term_months < YEAR_IN_MONTHS else "conditional",
            "prisonId": home_prison(case),
            "homeLocalDeliveryUnit": case.person.unit.code,
        }
        sentence_ends = min(add_months(order.sentenced_on, order.term_months), ends)
        due["licenceEndsOn"] = max(sentence_ends, release_on + timedelta(days=1)).isoformat()
        if ends > date.fromisoformat(due["licenceEndsOn"]):
            due["postSentenceEndsOn"] = ends.isoformat()
        write_prison_fact(case, "prison.release.due", pen.during(on, 9, 16), due)
    return dates


def _screen(case: Case) -> None:
    """The prison screens, mostly within 72 hours; the provider's resettlement plan follows."""
    pen = case.pen
    on = case.after(case.order.sentenced_on, 1, 2) if case.chance(0.9) else case.after(case.order.sentenced_on, 4, 8)
    at = pen.during(on, 9, 16)
    screened = {
        "screeningId": pen.fresh_id(),
        "completedAt": iso(at),
        "prisonId": home_prison(case),
        "resettlementProviderCode": CRC_SOUTH,
        "needs": list(case.person.needs),
    }
    write_prison_fact(case, "prison.resettlement-screening.completed", case.soon(at, 60), screened)
    if case.chance(0.06):
        return
    planned_on = case.after(on, 1, 5) if case.happens(rates.RESETTLEMENT_PLAN_IN_TIME) else case.after(on, 6, 15)
    plan: dict[str, Any] = {
        "planId": pen.fresh_id(),
        "orderIds": [case.order.order_id],
        "kind": "resettlement",
        "completedOn": planned_on.isoformat(),
        "objectiveCount": pen.rng.randint(1, 4),
        "personInvolved": case.chance(0.85),
        "contingency": False,
        "reviewTriggers": False,
        "restrictions": [],
        "items": [
            {
                "itemId": pen.fresh_id(),
                "service": need,
                "main": n == 0,
                "referralNeeded": need == "accommodation",
            }
            for n, need in enumerate(case.person.needs[:3])
        ],
        "copy": write_text(case),
    }
    case.plan_id = plan["planId"]
    case.write("casework.plan.completed", pen.during(planned_on), plan)


def _pass_time(case: Case, released_on: date) -> None:
    """Noise of a prison: moves between prisons, court and hospital visits, temporary absence."""
    pen, start = case.pen, case.order.sentenced_on
    room = (min(released_on, case.end) - start).days
    if room < 30:
        return
    for out, back, out_code, back_code, share in (
        ("SENT_TO_COURT", "RETURN_FROM_COURT", "CRT", "CRT", 0.08),
        ("RELEASED_TO_HOSPITAL", "TEMPORARY_ABSENCE_RETURN", "HP", "HP", 0.02),
        ("TEMPORARY_ABSENCE_RELEASE", "TEMPORARY_ABSENCE_RETURN", "C3", "C3", 0.08),
        ("TRANSFERRED", "TRANSFERRED", "TRN", "INT", 0.15),
    ):
        if case.chance(share):
            day = start + timedelta(days=pen.rng.randint(8, room - 10))
            write_movement(case, "released", out, out_code, pen.during(day, 8, 11))
            write_movement(case, "received", back, back_code, pen.during(day, 14, 19))


def _link(case: Case, released_on: date) -> None:
    """Link the NOMS number where the sentence did not: days later, some not before release."""
    if linked_by_sentence(case) or case.order.released_at_court:
        return
    on = case.after(case.order.sentenced_on, 1, 12)
    if case.happens(rates.LINKED_AFTER_RELEASE):
        on = case.after(released_on, 1, 4)
    case.write("casework.person.linked", case.pen.during(on), {"nomsNumber": case.person.noms})
