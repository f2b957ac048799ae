"""A person without a responsible officer."""

from datetime import date

import pytest

from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, LMC, form, officer, offices, run, sentence


@pytest.mark.parametrize(
    ("assigned", "raised"),
    [
        ("2016-03-08", []),  # one business day after allocation on Monday
        ("2016-03-09", ["warning"]),
        ("2016-03-14", ["warning"]),  # five business days after sentence
        ("2016-03-15", ["warning", "serious"]),
    ],
)
def test_a_warning_after_one_business_day_a_failure_after_five(assigned: str, raised: list[str]) -> None:
    day_before = date.fromisoformat(assigned).toordinal() - 1
    comes = at(date.fromordinal(day_before), "16:00")
    told = run(offices(), sentence(), form(), officer("A", when=comes))
    assert told.last("officer.assigned")["assignedOn"] == assigned
    assert [each["severity"] for each in told.raised()] == raised
    assert len({each["concernId"] for each in told.raised()}) == bool(raised)
    assert told.open_concerns() == {}


def test_nobody_at_all_is_a_failure_that_stays() -> None:
    told = run(offices(), sentence(), form())
    assert told.open_concerns() == {"officer-unassigned": "serious"}
    assert told.raised()[0]["thresholdConfirmed"] is False


def test_when_an_officer_goes_and_nobody_follows_the_clock_starts_anew() -> None:
    left = fact(
        "workforce.officer.left",
        LMC,
        at("2016-06-01"),
        officer_code="A",
        office_code=LMC,
        left_on=date(2016, 6, 1),
    )
    told = run(offices(), officer("A"), sentence(), form(), left, until=at("2016-06-05"))
    assert told.case().needed_from == date(2016, 6, 2)
    assert told.open_concerns() == {"officer-unassigned": "warning"}


def test_in_custody_nobody_is_missing_yet() -> None:
    told = run(
        offices(),
        officer("A"),
        sentence(disposal="custody", custodial_term="P18M", offence_on=date(2016, 1, 1)),
        form(),
    )
    assert told.last("provider.decided")["disposal"] == "custody"
    assert told.last("route.decided")["route"] == "hub"
    assert told.events("officer.assigned") == []
    assert told.open_concerns() == {}


def test_released_at_court_is_supervised_at_once() -> None:
    told = run(
        offices(),
        officer("A"),
        sentence(disposal="custody", custodial_term="P6M", offence_on=date(2016, 1, 1), released_at_court=True),
        form(),
    )
    assert told.last("officer.assigned")["officerCode"] == "A"


def test_the_concern_ends_with_the_order() -> None:
    ended = fact(
        "casework.order.ended", CRN, at("2016-05-01"), order_id="O1", ended_on=date(2016, 5, 1), outcome="completed"
    )
    told = run(offices(), sentence(), form(), ended)
    assert told.cleared()[-1]["reason"] == "order-ended"
    assert told.open_concerns() == {}
