"""Examples of who holds a case: in time, of the right grade and competence, at the right office."""

from dataclasses import replace
from typing import Any

from deploy.history import HistoryRecord
from tests.builders import days
from tests.scenarios.allocation.area import EVERYTHING, HUB, LMC, NPS, away, officer, staffed
from tests.scenarios.allocation.custody import OPENS, RELEASED, Imprisoned
from tests.scenarios.allocation.supervision import MONDAY, Supervised
from tests.scenarios.allocation.telling import example

ABUSE = Supervised(form={"domestic_abuse": "current"}, registered=("domestic-abuse",), officer=f"{LMC}-PO")
SEXUAL = Supervised(
    rosh="high", form={"mappa_level": "1"}, registered=("sexual-offending", "mappa-1"), officer=f"{NPS}-PO"
)
RELEASED_AFTER_SEXUAL = Imprisoned(
    rosh="high", form={"mappa_level": "1"}, registered=("sexual-offending", "mappa-1"), officer=f"{NPS}-PO"
)
WITH_CHILDREN = ("sexual-offending", "mappa-1", "child-protection")
HOMELESS = ("no-address",)


@example
def nobody_within_five_days() -> list[HistoryRecord]:
    back = MONDAY + days(9)
    nobody = [*away(f"{LMC}-PO", MONDAY, back), *away(f"{LMC}-PSO", MONDAY, back)]
    return [*staffed(), *nobody, *Supervised().compliant()]


@example
def licence_case_unassigned_before_release() -> list[HistoryRecord]:
    person = Imprisoned()
    since, back = person.day(OPENS - 2), person.day(OPENS + 13)
    nobody = [*away(f"{LMC}-PO", since, back), *away(f"{LMC}-PSO", since, back)]
    return [*staffed(), *nobody, *person.compliant()]


@example
def assigned_within_a_day_in_the_nps() -> list[HistoryRecord]:
    return [*staffed(), *Supervised(rosh="high", officer=f"{NPS}-PO").compliant()]


@example
def pso_without_training_in_domestic_abuse() -> list[HistoryRecord]:
    person = Supervised(form={"domestic_abuse": "current"}, registered=("domestic-abuse",))
    untrained = officer(f"{LMC}-PSO", competencies=("young-adult",))
    area = staffed(without=[f"{LMC}-PO", f"{LMC}-PSO"])
    return [*area, untrained, *person.compliant(), person.directed(f"{LMC}-PSO", 1, reason="continuity")]


@example
def probation_officer_who_knows_domestic_abuse() -> list[HistoryRecord]:
    return [*staffed(), *ABUSE.compliant()]


@example
def trainee_with_a_sex_offender() -> list[HistoryRecord]:
    area = staffed(without=[f"{NPS}-PO", f"{NPS}-PSO"])
    trainee = officer(f"{NPS}-PO", grade="po", competencies=("young-adult",), reductions="40")
    person = SEXUAL
    return [*area, trainee, *person.compliant(), person.directed(f"{NPS}-PO", 1, reason="specialism")]


@example
def new_psos_not_yet_trained() -> list[HistoryRecord]:
    new = officer(f"{LMC}-NEW", competencies=())
    person = Supervised(registered=("iom",), officer=f"{LMC}-PSO")
    return [*staffed(), new, *person.compliant()]


@example
def new_psos_take_cases_gradually() -> list[HistoryRecord]:
    """The new officer has room for one case, by hours and reduction; the next go to the other."""
    new = officer(f"{LMC}-NEW", available="3.7", reductions="60")
    people = [Supervised(crn=f"S00000{n}", order=f"order-{n}") for n in range(1, 4)]
    return [*staffed(), new, *(each for person in people for each in person.compliant())]


@example
def managers_assign_by_band_and_in_conversation() -> list[HistoryRecord]:
    person = Supervised(officer=f"{LMC}-PO")
    return [*staffed(), person.directed(f"{LMC}-PO", 1, clock="10:00"), *person.compliant()]


@example
def prolific_and_on_drug_rehabilitation() -> list[HistoryRecord]:
    person = Supervised(kinds=("rehabilitation-activity", "drug-rehabilitation"), ogrs="90", registered=("iom",))
    return [*staffed(), *person.compliant()]


@example
def woman_in_wiltshire() -> list[HistoryRecord]:
    person = Supervised(sex="female", kinds=("rehabilitation-activity", "drug-rehabilitation"), officer=f"{LMC}-WOMEN")
    area = staffed(without=[f"{LMC}-PSO"])
    plain = officer(f"{LMC}-PSO", competencies=[each for each in EVERYTHING if each != "women"])
    return [*area, plain, officer(f"{LMC}-WOMEN"), *person.compliant()]


@example
def karen() -> list[HistoryRecord]:
    person = Supervised(sex="female", kinds=("rehabilitation-activity", "unpaid-work"), rosh="low")
    return [*staffed(), *person.compliant()]


@example
def dylan() -> list[HistoryRecord]:
    person = Imprisoned(attributes=HOMELESS, registered=("iom",), ogrs="85")
    housed: dict[str, Any] = {"recorded_on": person.day(RELEASED), "attributes": [], "unavailable": []}
    return [*staffed(), *person.compliant(), person.said("needs.recorded", RELEASED, "16:00", **housed)]


@example
def detached_officer_for_people_on_the_street() -> list[HistoryRecord]:
    return [*staffed(), *Supervised(attributes=HOMELESS, kinds=("rehabilitation-activity", "unpaid-work")).compliant()]


@example
def hassan() -> list[HistoryRecord]:
    return [*staffed(), *Imprisoned(attributes=HOMELESS).compliant()]


@example
def khalid() -> list[HistoryRecord]:
    person = Supervised(disposal="suspended-sentence-order", ogrs="80", form={"child_safeguarding": "history"})
    return [*staffed(), *person.compliant()]


@example
def leslie() -> list[HistoryRecord]:
    person = replace(ABUSE, kinds=("rehabilitation-activity", "accredited-programme"))
    call = person.called_out(30)
    return [*staffed(), *person.compliant(), call, person.reviewed(31, "change", "risk-review", triggers=[call])]


@example
def gerry() -> list[HistoryRecord]:
    person = replace(ABUSE, registered=("domestic-abuse", "child-protection"))
    return [*staffed(), *person.compliant(), person.visited(40)]


@example
def gary() -> list[HistoryRecord]:
    person = Supervised(
        disposal="suspended-sentence-order",
        kinds=("alcohol-treatment", "curfew", "residence"),
        rosh="high",
        form={"domestic_abuse": "history"},
        officer=f"{NPS}-PO",
    )
    call = person.called_out(33)
    return [*staffed(), *person.compliant(), call, person.reviewed(34, "change", "risk-review", triggers=[call])]


@example
def nick() -> list[HistoryRecord]:
    person = replace(SEXUAL, kinds=("accredited-programme",), rosh="medium")
    return [*staffed(), *person.compliant(), person.reviewed(50, "routine")]


@example
def callum() -> list[HistoryRecord]:
    person = replace(RELEASED_AFTER_SEXUAL, registered=WITH_CHILDREN, term="P3Y")
    return [*staffed(), *person.compliant(), person.visited(RELEASED + 10)]


@example
def elliott() -> list[HistoryRecord]:
    return [*staffed(), *replace(RELEASED_AFTER_SEXUAL, term="P30M").compliant()]


@example
def sonny() -> list[HistoryRecord]:
    person = replace(RELEASED_AFTER_SEXUAL, term="P6Y")
    moved_on: dict[str, Any] = {"recorded_on": person.day(RELEASED + 40), "attributes": [], "unavailable": []}
    return [*staffed(), *person.compliant(), person.said("needs.recorded", RELEASED + 40, **moved_on)]


@example
def grandson_in_lancashire() -> list[HistoryRecord]:
    person = replace(SEXUAL, registered=WITH_CHILDREN)
    return [*staffed(), *person.compliant()]


@example
def mappa_at_level_two() -> list[HistoryRecord]:
    person = Supervised(rosh="high", form={"mappa_level": "2"}, registered=("mappa-2",), officer=f"{NPS}-PO")
    return [*staffed(), *person.compliant()]


@example
def andy() -> list[HistoryRecord]:
    person = Supervised(kinds=("unpaid-work",), rosh="low", officer=f"{HUB}-PSO")
    raised = person.risk_becomes("medium", 12)
    checked = person.check("domestic-abuse", 12, 14)
    review = person.reviewed(15, "change", "risk-review", triggers=[raised])
    return [*staffed(), *person.compliant(), raised, *checked, review]
