"""The allocation file: decided in time or not, corrected, moved, closed."""

from datetime import date, datetime

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import (
    CRN,
    MONDAY,
    NPS,
    UNIT,
    area,
    ended,
    form,
    office,
    officer,
    run,
    sentence,
)


def transfer(when: str, to: str = "N01", reason: str = "wrong-allocation", office_code: str = NPS) -> HistoryRecord:
    return fact(
        "casework.transfer.agreed",
        CRN,
        at(when),
        transfer_id=f"T-{when}",
        reason=reason,
        to_provider_code=to,
        to_provider_kind="nps" if to.startswith("N") else "crc",
        to_office_code=office_code,
        agreed_on=at(when).date(),
    )


@pytest.mark.parametrize(
    ("sentenced", "decided", "overdue"),
    [
        ("2016-03-07", "2016-03-07", False),
        ("2016-03-07", "2016-03-09", False),  # Monday: by Wednesday
        ("2016-03-07", "2016-03-10", True),
        ("2016-03-10", "2016-03-14", False),  # Thursday: by Monday
        ("2016-03-10", "2016-03-15", True),
        ("2016-03-24", "2016-03-30", False),  # the Thursday before Easter: by the Wednesday after
        ("2016-03-24", "2016-03-31", True),
    ],
)
def test_allocation_is_due_by_the_second_full_business_day(sentenced: str, decided: str, overdue: bool) -> None:
    told = run(area(), sentence(on=date.fromisoformat(sentenced)), form(when=at(decided, "15:00")))
    assert (told.raised() != []) is overdue
    assert told.open_concerns() == {}


def test_a_form_recorded_late_settles_it_by_its_own_date() -> None:
    late = form(when=at(MONDAY, "15:00"))
    late = HistoryRecord(late.topic, at("2016-03-20"), late.key, late.value)
    told = run(area(), sentence(), late)
    assert [each["code"] for each in told.raised()] == ["allocation-overdue"]
    assert told.open_concerns() == {}
    assert told.case().duties["allocation-overdue"]["O1"].outcome == "met"


def test_the_event_says_by_when_it_was_due() -> None:
    due_at = datetime.fromisoformat(run(area(), sentence(), form()).last("provider.decided")["dueAt"])
    assert due_at == at("2016-03-09", "23:59:59.999")


def test_an_order_that_ends_before_its_allocation_is_not_overdue() -> None:
    told = run(area(), sentence(), ended(CRN, date(2016, 3, 8)))
    assert told.raised() == []
    assert told.case().stages["allocation-file"]["O1"].stage == "closed"


def test_the_file_goes_from_sentence_to_decision() -> None:
    told = run(area(), sentence(), form())
    assert told.case().stages["allocation-file"]["O1"].stage == "decided"
    assert told.events("provider.decided")[0]["hasUnpaidWork"] is False


def test_unpaid_work_is_told_with_the_provider() -> None:
    work = [{"requirement_id": "U", "kind": "unpaid-work", "hours": "100"}]
    assert run(area(), sentence(requirements=work), form()).last("provider.decided")["hasUnpaidWork"] is True


def test_a_later_form_corrects_a_wrong_allocation() -> None:
    told = run(area(), sentence(), form(), form(when=at("2016-03-14"), rosh_level="high"))
    corrected = told.last("provider.corrected")
    assert (corrected["fromProviderCode"], corrected["providerCode"]) == ("C01", "N01")
    assert (corrected["allocatedOn"], corrected["correctedOn"]) == ("2016-03-07", "2016-03-14")
    assert corrected["grounds"] == ["rosh"]
    assert told.last("officer.changed")["officeCode"] == NPS
    assert told.events("case.transferred") == []
    assert told.events("escalation.requested") == []


def test_a_later_form_that_says_the_same_corrects_nothing() -> None:
    told = run(area(), sentence(), form(), form(when=at("2016-03-14"), rosh_level="low"))
    assert told.events("provider.corrected") == []


def test_an_earlier_form_that_comes_late_is_superseded() -> None:
    wrong = form(when=at(MONDAY, "14:30"), rosh_level="high")
    wrong = HistoryRecord(wrong.topic, at("2016-03-20"), wrong.key, wrong.value)
    told = run(area(), sentence(), form(), wrong)
    superseded = "ignored older-than-what-is-known"
    assert told.outcomes("casework.allocation-form.submitted") == {"decided": 1, superseded: 1}
    assert told.case().holder is not None
    assert told.events("provider.corrected") == []


def test_the_providers_agree_that_the_allocation_was_wrong() -> None:
    told = run(area(), sentence(), form(), transfer("2016-03-15"))
    corrected = told.last("provider.corrected")
    assert (corrected["fromProviderCode"], corrected["providerCode"], corrected["correctedOn"]) == (
        "C01",
        "N01",
        "2016-03-15",
    )
    assert told.case().officer is not None
    assert told.last("officer.changed")["fromOfficerCode"] == "LMC1-PSO"


def test_an_agreement_that_only_says_what_is_done_already_changes_nothing() -> None:
    told = run(area(), sentence(), form(), form(when=at("2016-03-14"), rosh_level="high"), transfer("2016-03-14"))
    assert len(told.events("provider.corrected")) == 1


def test_an_agreement_before_the_allocation_waits_for_it() -> None:
    told = run(area(), sentence(), transfer("2016-03-08"), form(when=at("2016-03-09")))
    assert told.last("provider.decided")["providerCode"] == "C01"
    assert told.last("provider.corrected")["providerCode"] == "N01"


def test_the_case_moves_with_the_person_to_the_office_agreed() -> None:
    other = [
        office("LMC9", "C09", "lmc", local_delivery_units=["LDU9"]),
        officer("LMC9-PSO", "LMC9"),
    ]
    told = run(area(), other, sentence(), form(), transfer("2016-05-03", "C09", "moved-area", "LMC9"))
    moved = told.last("case.transferred")
    assert (moved["toProviderCode"], moved["reason"], moved["transferredOn"]) == ("C09", "moved-area", "2016-05-03")
    assert told.last("officer.changed")["officeCode"] == "LMC9"
    assert told.case().home is not None


def test_after_a_move_a_new_order_is_allocated_in_the_new_unit() -> None:
    other = [office("LMC9", "C09", "lmc", local_delivery_units=["LDU9"]), officer("LMC9-PSO", "LMC9")]
    told = run(
        area(),
        other,
        sentence(),
        form(),
        transfer("2016-05-03", "C09", "moved-area", "LMC9"),
        sentence(on=date(2016, 7, 4), order="O2", local_delivery_unit="LDU9"),
        form(when=at("2016-07-04", "15:00"), order="O2"),
    )
    decided = told.last("provider.decided")
    assert (decided["providerCode"], decided["localDeliveryUnit"]) == ("C09", "LDU9")
    assert len(told.events("officer.changed")) == 1


def test_an_office_that_changes_provider_is_its_old_providers_until_then() -> None:
    taken_over = office(
        "LMC1", "C02", "lmc", when=at("2016-03-01"), from_=date(2016, 3, 8), local_delivery_units=[UNIT]
    )
    hub = office("HUB1", "C02", "hub", when=at("2016-03-01"), from_=date(2016, 3, 8))
    told = run(area(), taken_over, hub, sentence(), form(), sentence("A000002"), form("A000002", at("2016-03-08")))
    assert [each["providerCode"] for each in told.events("provider.decided")] == ["C01", "C02"]


def test_everything_decided_ends_with_the_last_order() -> None:
    told = run(area(), sentence(), form(), ended(CRN, date(2016, 9, 1)))
    case = told.case()
    assert (case.holder, case.officer, case.band, case.route) == (None, None, None, None)
    assert told.office().loads["LMC1-PSO"].cases == 0


def test_the_case_goes_on_while_an_order_is_open() -> None:
    told = run(
        area(),
        sentence(),
        form(),
        sentence(order="O2", on=date(2016, 4, 4)),
        form(when=at("2016-04-04", "15:00"), order="O2"),
        ended(CRN, date(2016, 9, 1)),
    )
    assert told.case().officer is not None
    assert told.office().loads["LMC1-PSO"].cases == 1


def test_an_end_that_comes_before_its_sentence_is_kept() -> None:
    told = run(area(), ended(CRN, date(2016, 3, 8)), sentence(when=at("2016-03-09")), form(when=at("2016-03-09")))
    assert told.events("provider.decided") == []
