"""Questions about one person of a feed, each answered as often as the feed can already tell: what the window cuts off
is not counted as left undone."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from deploy.local.feed.working_days import WorkingDays
from tests.scenarios.feed.reading import Told, day

CALENDAR = WorkingDays(date(2016, 1, 4))
Answers = Iterator[bool]
FORM = "casework.allocation-form.submitted"
PLAN = "casework.plan.completed"
SENTENCE = "court.sentence.recorded"


def community(told: Told) -> bool:
    return told.community and not told.case.order.standalone_unpaid_work


def lasted(told: Told, days: int) -> bool:
    return (told.told_until - told.case.order.sentenced_on).days >= days


def trait(test: Callable[[Told], bool], among: Callable[[Told], bool]) -> Callable[[Told], Answers]:
    """A rate that every person of a group answers once."""

    def answers(told: Told) -> Answers:
        if among(told):
            yield test(told)

    return answers


def crc(told: Told) -> bool:
    return told.crc


def nps(told: Told) -> bool:
    return not told.crc


def everyone(told: Told) -> bool:
    return bool(told.facts)


def nps_sentenced(told: Told) -> bool:
    return not told.crc and told.case.order.disposal != "deferred-sentence"


def flagged(told: Told) -> bool:
    return "domestic-abuse" in told.case.person.registrations


def current_abuse(told: Told) -> bool:
    return told.case.person.domestic_abuse == "current"


def induction(told: Told) -> dict[str, Any]:
    arranged = told.of("casework.appointment.arranged")
    return next((fact for fact in arranged if fact["purpose"] == "induction"), {})


def given_next_day(told: Told) -> bool:
    given = day(induction(told)["_at"])
    return given <= CALENDAR.after(told.case.order.sentenced_on, 1)


def first_within(days: int) -> Callable[[Told], bool]:
    def within(told: Told) -> bool:
        starts = day(induction(told)["startsAt"])
        return starts <= CALENDAR.after(told.case.order.sentenced_on, days)

    return within


def first_after_ten_days(told: Told) -> bool:
    starts = day(induction(told)["startsAt"])
    return starts > told.case.order.sentenced_on + timedelta(days=10)


def arranged(told: Told) -> bool:
    return community(told) and lasted(told, 30) and bool(induction(told))


def no_activity_in_four_weeks(told: Told) -> bool:
    names = ("attended", "missed", "cancelled", "arranged")
    begun = [
        day(fact["startsAt"])
        for name in names
        for fact in told.of(f"casework.appointment.{name}")
        if fact.get("purpose") == "rar-activity"
    ]
    limit = told.case.order.sentenced_on + timedelta(weeks=4)
    return not begun or min(begun) > limit


def main_part_done(told: Told) -> Answers:
    closed = {fact["itemId"] for fact in told.of("casework.plan-item.closed")}
    for fact in told.of(PLAN):
        if fact["kind"] in ("sentence", "release") and day(fact["completedOn"]) <= told.told_until - timedelta(
            days=130
        ):
            yield any(item["itemId"] in closed for item in fact["items"] if item["main"])


def has_activity(told: Told) -> bool:
    return arranged(told) and told.crc and told.case.order.requirement("rehabilitation-activity") is not None


def oversight(told: Told) -> Answers:
    accepted = [
        day(fact["judgedOn"])
        for fact in told.of("casework.absence.judged")
        if fact["judgement"] == "acceptable" and "revisesJudgementId" not in fact
    ]
    settled = told.told_until - timedelta(days=20)
    if len([judged for judged in accepted if judged <= settled]) >= 3:
        yield bool(told.of("casework.oversight.recorded"))


def warned(told: Told) -> Answers:
    rejected = [fact for fact in told.of("casework.absence.judged") if fact["judgement"] == "unacceptable"]
    if not rejected or told.case.breaks_from is not None or not told.community:
        return
    first = min(rejected, key=lambda fact: str(fact["judgedOn"]))
    judged_on = day(first["judgedOn"])
    if "revisesJudgementId" in first or judged_on > told.told_until - timedelta(days=20):
        return
    warnings = [fact for fact in told.of("casework.warning.sent") if first["failureId"] in fact["failureIds"]]
    yield any(day(fact["sentOn"]) <= CALENDAR.after(judged_on, 2) for fact in warnings)


def re_engaged(told: Told) -> Answers:
    attempts = [
        day(fact["at"])
        for fact in told.of("casework.contact.attempted")
        if fact["purpose"] == "re-engagement" and "followsId" not in fact
    ]
    for fact in told.of("court.hearing.concluded"):
        held_on = day(fact["heldOn"])
        over = fact["outcome"] in ("adjourned", "revoked-resentenced", "revoked")
        if fact["purpose"] == "breach" and not over and held_on <= told.told_until - timedelta(days=21):
            yield any(held_on < attempt <= CALENDAR.after(held_on, 6) for attempt in attempts)


def assessed_among(told: Told) -> bool:
    seen = told.case.attended_on
    return told.crc and community(told) and bool(seen) and seen[0] <= told.told_until - timedelta(days=75)


def risk_plan_missing(told: Told) -> Answers:
    plans = [fact for fact in told.of(PLAN) if fact["kind"] == "sentence"]
    settled = told.told_until - timedelta(days=14)
    if plans and told.case.person.rosh != "low" and day(plans[0]["completedOn"]) <= settled:
        yield not any(fact["kind"] == "risk-management" for fact in told.of(PLAN))


def plans(*kinds: str, field: str, is_: bool, crc: bool | None = None) -> Callable[[Told], Answers]:
    def answers(told: Told) -> Answers:
        if crc is None or told.crc == crc:
            yield from (fact[field] is is_ for fact in told.of(PLAN) if fact["kind"] in kinds)

    return answers


def rar_unplanned(told: Told) -> Answers:
    if told.case.order.requirement("rehabilitation-activity") is not None:
        yield from ("rarDaysPlanned" not in fact for fact in told.of(PLAN) if fact["kind"] == "sentence")


def changes_reviewed(told: Told) -> Answers:
    answered = {event for fact in told.of("casework.review.completed") for event in fact["triggerEventIds"]}
    settled = told.told_until - timedelta(days=20)
    for fact in told.of("casework.circumstances.changed"):
        if told.community and day(fact["changedOn"]) <= settled and fact["kinds"] != ["charge"]:
            yield fact["_id"] in answered


def visit_needed(told: Told) -> bool:
    person = told.case.person
    partner = person.domestic_abuse == "current" and "living-with-partner" in person.attributes
    needed = partner or "child-protection" in person.registrations
    return needed and told.community and lasted(told, 95)


def referrals_completed(told: Told) -> Answers:
    done = {fact["referralId"] for fact in told.of("casework.referral.completed")}
    for fact in told.of("casework.referral.made"):
        if "planItemId" in fact and day(fact["referredOn"]) <= told.told_until - timedelta(days=160):
            yield fact["referralId"] in done


def requirement(kind: str) -> Callable[[Told], Answers]:
    def answers(told: Told) -> Answers:
        for fact in told.of("casework.requirement.ended"):
            if fact["kind"] == kind and fact["outcome"] != "revoked":
                yield fact["outcome"] == "completed"

    return answers


def unpaid_work_in_time(told: Told) -> Answers:
    for fact in told.of("casework.unpaid-work.arranged"):
        yield day(fact["arrangedOn"]) <= CALENDAR.after(told.case.form_on, 7)


def stood_down(told: Told) -> Answers:
    for name, answer in (("stood-down", True), ("session-worked", False)):
        yield from (answer for _ in told.of(f"casework.unpaid-work.{name}"))
    missed = told.of("casework.appointment.missed")
    yield from (False for fact in missed if fact["channel"] == "unpaid-work")


def contact_before_release(told: Told) -> Answers:
    released = [f for f in told.of("prison-offender-events.prisoner.released") if f["reason"] == "RELEASED"]
    if released and (day(released[0]["_at"]) - told.case.order.sentenced_on).days >= 14:
        tried = told.of("casework.appointment.attended") + told.of("casework.contact.attempted")
        yield any(fact["purpose"] == "pre-release" for fact in tried)


def reconvicted(told: Told) -> Answers:
    if told.community and lasted(told, 125):
        until = told.case.order.sentenced_on + timedelta(days=120)
        convicted = [f for f in told.of("casework.circumstances.changed") if f["kinds"] == ["conviction"]]
        yield any(day(fact["changedOn"]) <= until for fact in convicted)


def in_crc(answers: Callable[[Told], Answers]) -> Callable[[Told], Answers]:
    return lambda told: answers(told) if told.crc else iter(())


def in_nps(answers: Callable[[Told], Answers]) -> Callable[[Told], Answers]:
    return lambda told: iter(()) if told.crc else answers(told)


def ended_well(told: Told) -> Answers:
    for fact in told.of("casework.order.ended"):
        if told.community and fact["outcome"] not in ("died", "deported", "quashed", "moved-jurisdiction"):
            yield fact["outcome"] in ("completed", "revoked-good-progress")


def report(told: Told) -> str:
    sentence = told.first("court.sentence.recorded")
    return str(sentence["report"]["kind"]) if sentence else "none"


def not_written_up(told: Told) -> bool:
    report = told.first("court.sentence.recorded")["report"]
    return "writtenUpOn" not in report and not told.of("court.report.written-up")


def form_among(told: Told) -> bool:
    return bool(told.of(FORM))


def analysis(told: Told) -> bool:
    return form_among(told) and told.first(FORM)["fullAnalysis"] != "not-required"


def whole_form(told: Told) -> bool:
    return form_among(told) and not told.of("casework.transfer.agreed")


def absences(over: int) -> Callable[[Told], bool]:
    return lambda told: len(told.of("casework.appointment.missed")) > over


def nine_months(told: Told) -> bool:
    lasted = (told.told_until - told.case.order.sentenced_on).days
    return told.crc and told.community and 230 <= lasted <= 300
