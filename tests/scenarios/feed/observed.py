"""What a feed shows of each cited rate: how many of how many."""

from collections.abc import Callable

from deploy.local.feed import rates
from tests.scenarios.feed.answers import (
    FORM,
    PLAN,
    Answers,
    absences,
    analysis,
    arranged,
    assessed_among,
    changes_reviewed,
    contact_before_release,
    crc,
    current_abuse,
    ended_well,
    everyone,
    first_after_ten_days,
    first_within,
    flagged,
    form_among,
    given_next_day,
    has_activity,
    in_crc,
    in_nps,
    lasted,
    main_part_done,
    nine_months,
    no_activity_in_four_weeks,
    not_written_up,
    nps,
    nps_sentenced,
    oversight,
    plans,
    rar_unplanned,
    re_engaged,
    reconvicted,
    referrals_completed,
    report,
    requirement,
    risk_plan_missing,
    stood_down,
    trait,
    unpaid_work_in_time,
    visit_needed,
    warned,
    whole_form,
)
from tests.scenarios.feed.reading import Told

_with_plan = in_crc(trait(lambda told: any(f["kind"] == "sentence" for f in told.of(PLAN)), assessed_among))

OBSERVED: dict[str, Callable[[Told], Answers]] = {
    "COMMUNITY_SHARE": trait(lambda told: told.community, crc),
    "ORDERS_AMONG_COMMUNITY": trait(
        lambda told: told.case.order.disposal == "community-order", lambda told: told.crc and told.community
    ),
    "NPS_CUSTODY": trait(lambda told: not told.community, nps_sentenced),
    "NPS_ORDERS_AMONG_COMMUNITY": trait(
        lambda told: told.case.order.disposal == "community-order", lambda told: not told.crc and told.community
    ),
    "WOMEN": trait(lambda told: told.case.person.sex == "female", crc),
    "NPS_WOMEN": trait(lambda told: told.case.person.sex == "female", nps),
    "NPS_HIGH_ROSH": trait(lambda told: told.case.person.rosh in ("high", "very-high"), nps),
    "HIGH_RSR": trait(lambda told: float(told.case.person.rsr) >= 6.9, nps),
    "DOMESTIC_ABUSE": trait(lambda told: told.case.person.domestic_abuse != "none", everyone),
    "CHILD_SAFEGUARDING": trait(lambda told: told.case.person.child_safeguarding != "none", everyone),
    "NO_FIXED_ADDRESS": trait(lambda told: "no-address" in told.case.person.attributes, everyone),
    "SUBSTANCE_NEED": trait(lambda told: "substance-misuse" in told.case.person.needs, everyone),
    "FLAGS_ACCURATE": trait(flagged, lambda told: told.crc and current_abuse(told)),
    "NPS_FLAGS_ACCURATE": trait(flagged, lambda told: not told.crc and current_abuse(told)),
    "UNPAID_WORK": trait(lambda told: "unpaid-work" in told.case.order.kinds, lambda told: told.community),
    "POSITIVE_ENDINGS": ended_well,
    "LICENCE_COMPLETED": trait(
        lambda told: told.case.order.outcome == "completed", lambda told: told.case.order.disposal == "custody"
    ),
    "ORAL_REPORTS": trait(lambda told: report(told) == "oral", lambda told: report(told) != "none"),
    "ORAL_NOT_WRITTEN_UP": trait(not_written_up, lambda told: report(told) == "oral" and lasted(told, 14)),
    "FORM_WITH_NOT_KNOWN": trait(lambda told: bool(told.first(FORM)["notKnown"]), whole_form),
    "NO_SCREENING": trait(
        lambda told: "roshScreenedOn" not in told.first(FORM), lambda told: told.crc and form_among(told)
    ),
    "FULL_ANALYSIS_DONE": trait(
        lambda told: told.first(FORM)["fullAnalysis"] == "completed", lambda told: told.crc and analysis(told)
    ),
    "NPS_FULL_ANALYSIS_DONE": trait(
        lambda told: told.first(FORM)["fullAnalysis"] == "completed", lambda told: not told.crc and analysis(told)
    ),
    "WRONGLY_ALLOCATED": trait(lambda told: bool(told.of("casework.transfer.agreed")), nps),
    "RISK_REVIEW_LATER": trait(lambda told: "riskReviewOn" in told.first(FORM), form_among),
    "ABUSE_CHECKED": trait(
        lambda told: any(f["kind"] == "domestic-abuse" for f in told.of("casework.safeguarding-check.requested")),
        lambda told: lasted(told, 20),
    ),
    "CHILD_CHECKED": trait(
        lambda told: any(f["kind"] == "child" for f in told.of("casework.safeguarding-check.requested")),
        lambda told: lasted(told, 20),
    ),
    "GIVEN_NEXT_DAY": in_crc(trait(given_next_day, arranged)),
    "NPS_GIVEN_NEXT_DAY": in_nps(trait(given_next_day, arranged)),
    "FIRST_WITHIN_TWO": in_crc(trait(first_within(2), arranged)),
    "FIRST_WITHIN_FIVE": in_crc(trait(first_within(5), arranged)),
    "FIRST_AFTER_TEN": in_crc(trait(first_after_ten_days, arranged)),
    "NPS_FIRST_WITHIN_TWO": in_nps(trait(first_within(2), arranged)),
    "NPS_FIRST_WITHIN_FIVE": in_nps(trait(first_within(5), arranged)),
    "CONTACT_AS_PLANNED": trait(lambda told: told.case.person.as_planned, crc),
    "OVER_FIVE_ABSENCES": trait(absences(5), nine_months),
    "OVER_ELEVEN_ABSENCES": trait(absences(11), nine_months),
    "CONSTRUCTIVE_WORK_LATE": trait(no_activity_in_four_weeks, has_activity),
    "OVERSIGHT": oversight,
    "WARNED_IN_TIME": warned,
    "REENGAGED": re_engaged,
    "RECALL_FIXED": lambda told: (fact["kind"] != "standard" for fact in told.of("casework.recall.decided")),
    "ASSESSED": trait(lambda told: bool(told.of("casework.assessment.completed")), assessed_among),
    "PLANNED": _with_plan,
    "PROGRESS": in_crc(main_part_done),
    "NPS_PROGRESS": in_nps(main_part_done),
    "PLAN_SHARED": plans("sentence", "release", field="personInvolved", is_=True, crc=True),
    "NPS_PLAN_SHARED": plans("sentence", "release", field="personInvolved", is_=True, crc=False),
    "RAR_DAYS_UNPLANNED": rar_unplanned,
    "RISK_PLAN_MISSING": risk_plan_missing,
    "NO_CONTINGENCY": plans("risk-management", field="contingency", is_=False),
    "REVIEW_SHARED": lambda told: (fact["personInvolved"] for fact in told.of("casework.review.completed")),
    "CHANGE_REVIEWED": changes_reviewed,
    "HOME_VISITED": trait(lambda told: bool(told.of("casework.home-visit.completed")), visit_needed),
    "REFERRAL_COMPLETED": referrals_completed,
    "PROGRAMME_COMPLETED": requirement("accredited-programme"),
    "UNPAID_WORK_IN_TIME": unpaid_work_in_time,
    "UNPAID_WORK_COMPLETED": requirement("unpaid-work"),
    "STOOD_DOWN": stood_down,
    "CONTACT_BEFORE_RELEASE": contact_before_release,
    "RECONVICTED": in_crc(reconvicted),
    "NPS_RECONVICTED": in_nps(reconvicted),
}

UNSEEN = {
    "ENFORCED": "a breach that nobody took leaves no line",
    "REVIEWED": "a review that nobody did leaves no line",
    "SICKNESS": "officers are no people of the feed: seen in the test of its area",
    "SERVICE_OFFICERS": "a small office needs one probation officer, however few officers it has",
    "TURNOVER": "a few dozen officers and a year are too few to see it",
}


def observed(rate: str, told: tuple[Told, ...]) -> tuple[int, int]:
    """How many of how many answers of everyone in `told` are yes."""
    answers = [answer for each in told for answer in OBSERVED[rate](each)]
    return sum(answers), len(answers)


def cited() -> dict[str, rates.Rate]:
    """Every rate that a report states."""
    return {name: rate for name, rate in rates.all_rates().items() if rate.status == "cited"}
