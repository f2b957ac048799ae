"""Examples before and at allocation: reports, checks, screening, RSR, the form, the decision."""

from typing import Any

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.scenarios.allocation.area import LMC, NPS, staffed
from tests.scenarios.allocation.supervision import Supervised, without
from tests.scenarios.allocation.telling import example

CHECK_ASKED, CHECK_BACK = "casework.safeguarding-check.requested", "casework.safeguarding-check.returned"
FORM = "casework.allocation-form.submitted"
ORAL = {"kind": "oral"}
IN_NPS = Supervised(rosh="high", officer=f"{NPS}-PO")


def _with_form(person: Supervised, *forms: HistoryRecord) -> list[HistoryRecord]:
    """The person's compliant history with other forms than the one that it has."""
    return [*staffed(), *without(person.compliant(), FORM), *forms]


def _without_rsr(history: list[HistoryRecord]) -> list[HistoryRecord]:
    return [each for each in history if b'"kind":"rsr"' not in (each.value or b"")]


@example
def oral_report_not_written_up() -> list[HistoryRecord]:
    return [*staffed(), *Supervised(report=ORAL).compliant()]


@example
def oral_report_written_up() -> list[HistoryRecord]:
    person = Supervised(report=ORAL)
    report: dict[str, Any] = {"order_id": person.order, "written_up_on": person.day(1)}
    written = fact("court.report.written-up", person.crn, at(person.day(1), "09:00"), **report)
    return [*staffed(), *person.compliant(), written]


@example
def checks_by_the_index_offence() -> list[HistoryRecord]:
    return [*staffed(), *without(Supervised().compliant(), CHECK_ASKED, CHECK_BACK)]


@example
def check_asked_for_and_not_chased() -> list[HistoryRecord]:
    return [*staffed(), *without(Supervised().compliant(), CHECK_BACK)]


@example
def pregnant_woman_and_no_question_to_social_care() -> list[HistoryRecord]:
    person = Supervised(sex="female", form={"child_safeguarding": "history"})
    history = without(person.compliant(), CHECK_ASKED, CHECK_BACK)
    pregnancy = person.changed(9, "pregnancy")
    return [
        *staffed(),
        *history,
        *person.check("domestic-abuse"),
        pregnancy,
        person.reviewed(14, "change", triggers=[pregnancy]),
    ]


@example
def reports_silent_on_safeguarding() -> list[HistoryRecord]:
    person = Supervised()
    history = without(person.compliant(), CHECK_ASKED, CHECK_BACK)
    return [*staffed(), *history, *person.check("domestic-abuse", back=16), *person.check("child", back=18)]


@example
def tariq() -> list[HistoryRecord]:
    person = Supervised(
        disposal="suspended-sentence-order",
        form={"domestic_abuse": "current"},
        registered=("domestic-abuse",),
        officer=f"{LMC}-PO",
    )
    return [*staffed(), *person.compliant()]


@example
def medium_harm_without_a_full_analysis() -> list[HistoryRecord]:
    person = Supervised()
    return _with_form(person, person.submitted(full_analysis="required", full_analysis_on=None))


@example
def no_screening_at_allocation() -> list[HistoryRecord]:
    person = Supervised(rosh="low")
    return _with_form(person, person.submitted(rosh_screened_on=None))


@example
def humberside() -> list[HistoryRecord]:
    return [*staffed(), *Supervised(report={"kind": "standard", "written_up_on": Supervised().day(0)}).compliant()]


@example
def nps_case_without_rsr() -> list[HistoryRecord]:
    person = IN_NPS
    form = person.submitted(rsr_percent=None, rsr_calculated_on=None)
    return _without_rsr(_with_form(person, form))


@example
def rsr_not_required() -> list[HistoryRecord]:
    person = IN_NPS
    none = person.said(
        "risk-score.calculated", 1, "10:30", kind="rsr", calculated_on=person.day(1), not_required_reason="already-nps"
    )
    form = person.submitted(rsr_percent=None, rsr_calculated_on=None)
    return [*_without_rsr(_with_form(person, form)), none]


@example
def rsr_at_the_line() -> list[HistoryRecord]:
    at_the_line = Supervised(crn="S000690", order="order-690", rsr="6.90", officer=f"{NPS}-PSO")
    below = Supervised(crn="S000689", order="order-689", rsr="6.89")
    return [*staffed(), *at_the_line.compliant(), *below.compliant()]


@example
def rsr_wrongly_calculated() -> list[HistoryRecord]:
    person = Supervised()
    again = person.said("risk-score.calculated", 30, kind="rsr", percent="7.20", calculated_on=person.day(30))
    return [*staffed(), *person.compliant(), again]


@example
def answers_not_known() -> list[HistoryRecord]:
    person = Supervised()
    return _with_form(person, person.submitted(not_known=["mental-health", "accommodation"]))


@example
def allocated_to_the_crc_in_error() -> list[HistoryRecord]:
    person = IN_NPS
    wrong = person.submitted(1, rosh_level="medium")
    return _with_form(person, wrong, person.submitted(3, "10:00"), _agreed(person, "N01", "nps", NPS))


@example
def allocated_to_the_nps_in_error() -> list[HistoryRecord]:
    person = Supervised()
    wrong = person.submitted(1, public_interest=True)
    return _with_form(person, wrong, person.submitted(3, "10:00"), _agreed(person, "C01", "crc", LMC))


def _agreed(person: Supervised, code: str, kind: str, office: str) -> HistoryRecord:
    """The providers agree, an hour after the form that put it right."""
    transfer = {"transfer_id": f"{person.order}-transfer", "reason": "wrong-allocation", "to_provider_code": code}
    transfer |= {"to_provider_kind": kind, "to_office_code": office}
    return person.said("transfer.agreed", 3, "11:00", **transfer, agreed_on=person.day(3))


@example
def risk_review_at_a_later_date() -> list[HistoryRecord]:
    person = Supervised(form={"risk_review_on": Supervised().day(42)})
    return [*staffed(), *person.compliant(), person.reviewed(40, "risk-review")]


@example
def risk_review_forgotten() -> list[HistoryRecord]:
    return [*staffed(), *Supervised(form={"risk_review_on": Supervised().day(42)}).compliant()]


@example
def unpaid_work_cases_allocated_slowly() -> list[HistoryRecord]:
    person = Supervised(kinds=("unpaid-work",), rosh="low")
    return _with_form(person, person.submitted(4))
