"""How often things happen in the feed. A `cited` rate is a figure of an inspection report of HM
Inspectorate of Probation, with the report, the line of its text and the words that state it; an `assumed`
rate has no source: it is a plain guess to make the feed whole, and is never tuned to what our own rules say
about it.

Reports: *South Yorkshire 2017* and *Suffolk 2017* (quality and impact), *South Yorkshire 2020* (CRC) and
*Early Work 2016* (Transforming Rehabilitation: early work 5). A person's rate of missed appointments is
drawn so that long cases come near the two cited shares of cases with many absences.
"""

from dataclasses import dataclass
from typing import Literal

SY17, SUF17, SY20, EARLY = (
    "South Yorkshire 2017",
    "Suffolk 2017",
    "South Yorkshire 2020",
    "Early Work 2016",
)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share between 0 and 1, what it is a share of, and where it comes from."""

    value: float
    of: str
    status: Literal["cited", "assumed"]
    report: str | None = None
    line: int | None = None
    words: str | None = None


def cited(value: float, of: str, report: str, line: int, words: str) -> Rate:
    """A rate that a report states."""
    return Rate(value, of, "cited", report, line, words)


def assumed(value: float, of: str) -> Rate:
    """A rate with no source."""
    return Rate(value, of, "assumed")


# Who is sentenced to what
NPS_SHARE = assumed(0.25, "sentences that the NPS keeps (39 % of a caseload in 2017, but its sentences are long)")
COMMUNITY_SHARE = cited(1639 / 2125, "CRC starts that are community sentences", SY20, 554, "1,639 of 2,125")
ORDERS_AMONG_COMMUNITY = cited(103 / 149, "CRC community sentences that are community orders", EARLY, 540, "103 of 149")
NPS_CUSTODY = cited(57 / 102, "NPS cases on licence", EARLY, 542, "57 of 102")
NPS_ORDERS_AMONG_COMMUNITY = cited(25 / 45, "NPS community sentences that are community orders", EARLY, 542, "25 of 45")
DEFERRED = assumed(0.03, "NPS sentences that are deferred")
WOMEN = cited(0.1407, "CRC caseload who are women", SY20, 466, "14.07 per cent")
NPS_WOMEN = cited(0.05, "NPS sample who are women", EARLY, 542, "5%")
MEDIUM_ROSH = assumed(0.55, "CRC cases of medium risk of serious harm (Early Work 2016: more than half)")
NPS_HIGH_ROSH = cited(11 / 16, "NPS cases classed as high risk of serious harm", SUF17, 149, "11 of 16")
VERY_HIGH_ROSH = assumed(0.04, "high-risk NPS cases classed as very high")
HIGH_RSR = cited(11 / 102, "NPS cases with a risk of serious recidivism of 6.90 or more", EARLY, 193, "11 of 102")
MAPPA = assumed(0.55, "NPS cases managed under MAPPA")
SEXUAL_OFFENDING = assumed(0.25, "NPS cases registered for sexual offending")
DOMESTIC_ABUSE = cited(0.45, "cases with domestic abuse", SY20, 1084, "45%")
CHILD_SAFEGUARDING = cited(0.34, "cases with child safeguarding issues", SY20, 1089, "34%")
ISSUE_IS_CURRENT = assumed(0.55, "domestic abuse and child safeguarding issues that are current, not history")
NO_FIXED_ADDRESS = cited(0.21, "cases with no fixed address", SY20, 485, "21 per cent")
SUBSTANCE_NEED = cited(0.79, "cases with substance misuse", SY20, 1079, "79%")
FLAGS_ACCURATE = cited(0.84, "CRC cases whose flags are accurate", EARLY, 302, "84%")
NPS_FLAGS_ACCURATE = cited(0.88, "NPS cases whose flags are accurate", EARLY, 407, "88%")
UNPAID_WORK = cited(0.2, "CRC cases with unpaid work", SY17, 974, "one-fifth")
STANDALONE_UNPAID_WORK = assumed(0.35, "unpaid work requirements that stand alone")
REHABILITATION_ACTIVITY = assumed(0.75, "community sentences with rehabilitation activity")
PROGRAMME = assumed(0.1, "community sentences with an accredited programme")
TREATMENT = assumed(0.09, "community sentences with drug, alcohol or mental health treatment")
CURFEW = assumed(0.12, "community sentences with a curfew")
POSITIVE_ENDINGS = cited(0.75, "terminated community sentences that ended successfully (SL8)", SY20, 574, "75%")
LICENCE_COMPLETED = cited(0.63, "licences and post-sentence supervision completed (SL9a)", SY17, 73, "63%")
EXCLUDED_ENDINGS = assumed(0.012, "community sentences that end by death or a move to another jurisdiction")

# Court and allocation
ORAL_REPORTS = cited(0.29, "reports that were oral", EARLY, 176, "29%")
ORAL_NOT_WRITTEN_UP = cited(0.32, "oral reports with no written record", EARLY, 175, "just under one-third")
FORM_WITH_NOT_KNOWN = cited(
    0.24, "allocation forms with significant answers not known", EARLY, 198, "nearly one in four"
)
FORM_COMPLETED_LATER = assumed(0.65, "incomplete allocation forms that are submitted again")
FORM_LATE = assumed(0.1, "allocation forms later than two business days")
NO_SCREENING = cited(0.7, "CRC allocations without a risk of serious harm screening", EARLY, 199, "70%")
FULL_ANALYSIS_DONE = cited(0.3, "CRC full analyses done before allocation, where required", EARLY, 200, "30%")
NPS_FULL_ANALYSIS_DONE = cited(0.76, "NPS full analyses done before allocation, where required", EARLY, 200, "76%")
RSR_IN_TIME = assumed(0.95, "CRC cases with RSR by the day after sentence (Early Work 2016: almost all)")
NPS_RSR_MISSING = assumed(0.15, "NPS cases without RSR (Early Work 2016: a not insignificant number)")
WRONGLY_ALLOCATED = cited(2 / 102, "NPS cases first allocated to a CRC in error", EARLY, 207, "2 of 102")
RISK_REVIEW_LATER = cited(2 / 311, "cases flagged to return for a risk review", EARLY, 208, "2 of 311")
ABUSE_CHECKED = cited(0.59, "cases with a domestic abuse check", SY20, 2851, "59%")
CHILD_CHECKED = cited(0.69, "cases with child safeguarding information shared", SY20, 2862, "69%")
CHECK_RETURNED = assumed(0.88, "safeguarding checks that are returned")
SENTENCE_RECORDED_LATE = assumed(0.03, "sentences recorded one to three days late, after appointments were")
OFFICER_DIRECTED = assumed(0.08, "cases given to an officer by a manager's direction")

# Contact
GIVEN_NEXT_DAY = cited(0.6, "CRC appointments given within a working day of sentence", EARLY, 244, "three-fifths")
NPS_GIVEN_NEXT_DAY = cited(0.75, "NPS appointments given within a working day", EARLY, 364, "three-quarters")
FIRST_WITHIN_TWO = cited(
    0.32, "CRC first appointments within two working days", EARLY, 245, "slightly less than one-third"
)
FIRST_WITHIN_FIVE = cited(
    2 / 3, "CRC first appointments with the officer in five working days", EARLY, 246, "two-thirds"
)
FIRST_AFTER_TEN = cited(0.09, "CRC cases with none in ten days", EARLY, 246, "9%")
NPS_FIRST_WITHIN_TWO = cited(1 / 3, "NPS first appointments within two working days", EARLY, 365, "one-third")
NPS_FIRST_WITHIN_FIVE = cited(0.75, "NPS first appointments with the officer in five", EARLY, 366, "three-quarters")
CONTACT_AS_PLANNED = cited(0.8, "CRC cases with contact in line with the plan", EARLY, 298, "four-fifths")
OVER_FIVE_ABSENCES = cited(0.68, "long cases with over five absences", SY17, 956, "over two-thirds")
OVER_ELEVEN_ABSENCES = cited(0.32, "long cases with over eleven absences", SY17, 956, "almost one-third")
FAILURE_REPORTED = assumed(0.08, "community sentences with a reported failure that is no absence")
CANCELLED = assumed(0.02, "appointments that the provider cancels")
REARRANGED = assumed(0.05, "appointments that are rearranged")
WITHDRAWN = assumed(0.004, "appointments recorded in error and withdrawn")
ATTENDANCE_LATE = assumed(0.06, "attendances recorded one to five days late")
CONSTRUCTIVE_WORK_LATE = cited(1 / 3, "CRC cases with no constructive work in four weeks", EARLY, 274, "one-third")
HUB_MOVE = assumed(0.35, "CRC cases without exclusions that move to the hub after the weekly phase")
TELEPHONE = assumed(0.1, "supervision appointments by telephone outside the hub")

# Absence and enforcement
ACCEPTABLE = assumed(0.82, "absences judged acceptable (South Yorkshire 2017: too many)")
JUDGED_IN_TIME = assumed(0.85, "absences judged within six business days")
NEVER_JUDGED = assumed(0.04, "absences never judged")
RATIONALE = assumed(0.85, "acceptable absences with a recorded rationale")
EVIDENCE = assumed(0.2, "acceptable absences with evidence")
PENDING = assumed(0.06, "absences that first wait for evidence")
REJUDGED = assumed(0.02, "absences judged again")
NEXT_TOO_FAR = assumed(0.25, "appointments after an acceptable absence set too far ahead (2017: often)")
OVERSIGHT = cited(1 / 3, "CRC cases with management oversight where required", EARLY, 311, "one-third")
WARNED_IN_TIME = cited(0.8, "CRC failures with a clear and timely warning", EARLY, 290, "four-fifths")
ENFORCED = cited(0.75, "CRC cases with enforcement taken where required", EARLY, 290, "three-quarters")
DISCRETION = assumed(0.6, "breaches not taken for which discretion is recorded")
PACK_IN_TIME = assumed(0.87, "breach packs within eight business days")
PACK_RETURNED = assumed(0.12, "breach packs returned")
LAID_IN_TIME = assumed(0.9, "accepted packs laid within two business days")
NPS_LAID_IN_TIME = assumed(0.92, "NPS informations laid within ten business days")
ADJOURNED = assumed(0.15, "breach hearings adjourned once")
OUTCOME_LATE = assumed(0.1, "court outcomes later than the next business day")
REENGAGED = cited(2 / 3, "CRC breaches with effort to re-engage", EARLY, 294, "two-thirds")
RECALL_FIXED = cited(0.5, "recalls that are fixed-term", EARLY, 293, "half")
RECALL_REQUESTED_IN_TIME = assumed(0.88, "recalls requested within 24 hours")
RECALL_RISK_REVIEWED = assumed(0.5, "recalls with a risk review")

# Assessment, plan, review
ASSESSED = cited(0.93, "CRC cases assessed at the start", EARLY, 256, "93%")
ASSESSED_IN_TIME = assumed(0.8, "assessments within fifteen business days")
PLANNED = cited(0.92, "CRC cases with an initial plan", EARLY, 257, "92%")
PLANNED_IN_TIME = assumed(0.85, "plans within fifteen business days of the first attendance")
PLAN_SHARED = cited(0.6, "CRC plans made with the person", EARLY, 260, "almost three in five")
NPS_PLAN_SHARED = cited(0.74, "NPS plans made with the person", EARLY, 375, "almost three-quarters")
PLAN_BEFORE_CONTACT = assumed(0.04, "plans made before any contact (Early Work 2016: instances)")
PLAN_COPIED = assumed(0.04, "release plans and reviews that copy an earlier text")
RAR_DAYS_UNPLANNED = cited(0.57, "plans that do not say how RAR days are used", EARLY, 259, "57%")
RISK_PLAN_MISSING = cited(0.16, "risk management plans not completed where required", EARLY, 267, "16%")
NO_CONTINGENCY = cited(0.4, "risk management plans without contingency and triggers", EARLY, 267, "40%")
REVIEWED = cited(0.87, "written reviews done where needed", SY20, 200, "87 per cent")
REVIEW_SHARED = cited(0.5, "reviews with the person", EARLY, 310, "half")
CHANGE_REVIEWED = cited(0.5, "changes of risk with a quick response", EARLY, 308, "half")
HOME_VISITED = cited(0.63, "home visits done where necessary", SY20, 3090, "63%")
REFERRED = assumed(0.72, "plan items referred (South Yorkshire 2020: over 70 per cent)")
REFERRAL_COMPLETED = cited(0.2, "RAR interventions completed", SY20, 1169, "around 20 per cent")
PROGRAMME_COMPLETED = cited(0.74, "accredited programmes completed", SY20, 1147, "74%")
PROGRESS = cited(0.42, "CRC cases with sufficient progress at four months", EARLY, 318, "slightly more than two-fifths")
NPS_PROGRESS = cited(
    0.62, "NPS cases with sufficient progress at four months", EARLY, 422, "slightly more than three-fifths"
)
UNPAID_WORK_IN_TIME = cited(0.86, "unpaid work started in seven days", SUF17, 396, "86%")
UNPAID_WORK_COMPLETED = cited(0.96, "unpaid work positively completed (SL10)", SY20, 588, "96%")
STOOD_DOWN = cited(0.008, "unpaid work sessions stood down", SY20, 2201, "0.8%")
RAR_BULK = assumed(0.01, "rehabilitation activity credited in bulk")
WOMENS_SERVICE = assumed(0.6, "women offered a women's service")

# Custody and release
CONTACT_BEFORE_RELEASE = cited(0.51, "prisoners with contact before release", SY20, 2996, "51%")
LINKED_BY_SENTENCE = assumed(0.6, "prisoners whose NOMS number comes with the sentence")
LINKED_AFTER_RELEASE = assumed(0.02, "prisoners linked only after their release")
RELEASE_DATE_MOVES = assumed(0.3, "release dates that move")
RESETTLEMENT_PLAN_IN_TIME = assumed(0.85, "resettlement plans within five business days of screening")
ADDRESS_IN_TIME = assumed(0.65, "addresses confirmed two weeks before release")
ADDRESS_NEVER = assumed(0.12, "releases with no address")
NOTICE_SENT = assumed(0.55, "releases in safeguarding cases of which the hub is told")
HANDOVER_IN_TIME = assumed(0.65, "hand-overs sent ten business days before release")
HANDOVER_MISSING = assumed(0.12, "releases with no hand-over")
HANDOVER_RETURNED = assumed(0.1, "hand-overs returned")
RELEASE_APPOINTMENT_IN_TIME = assumed(0.92, "first appointments arranged within a business day of release")
RELEASE_REVIEWED = assumed(0.7, "releases with a review in fifteen business days")
RELEASED_AT_COURT = assumed(0.04, "short custodial sentences already served at court")
VICTIM_TOLD = assumed(0.75, "releases and recalls with victim contact of which victim liaison is told in time")
VICTIM_CONTACT = assumed(0.4, "NPS custodial sentences of a year or more with victim contact")
SNS_WRAPPED = assumed(0.6, "prison messages that come wrapped as an SNS notification")

# Life and record-keeping
RECONVICTED = cited(0.16, "CRC people convicted again in about four months", EARLY, 315, "16%")
NPS_RECONVICTED = cited(0.1, "NPS people convicted again in about four months", EARLY, 421, "one-tenth")
CIRCUMSTANCES_A_MONTH = assumed(0.12, "months in which circumstances change")
CALL_OUT_A_MONTH = assumed(0.05, "months with a police call-out, where domestic abuse is current")
RISK_RISES = assumed(0.03, "cases whose risk of serious harm rises")
RISK_FALLS = assumed(0.05, "cases whose risk of serious harm falls")
DUPLICATED = assumed(0.005, "messages sent twice")

# Officers
SERVICE_OFFICERS = cited(
    0.75, "CRC responsible officers who are probation services officers", SY17, 407, "about three-quarters"
)
TURNOVER = cited(0.14, "CRC officers who leave in a year", SY20, 450, "14 per cent")
SICKNESS = cited(0.048, "working days that staff lose to sickness", SY20, 825, "4.8%")
COVERED = assumed(0.6, "long absences with cover from the first day")
PART_TIME = assumed(0.25, "officers who work part time")


def all_rates() -> dict[str, Rate]:
    """Every rate of this module by its name, in the order written."""
    return {name: value for name, value in globals().items() if isinstance(value, Rate)}
