"""Preparing release: an address, a notice to safeguarding, and what is missing on the day."""

from datetime import date
from typing import Any

import pytest

from tests.builders import at
from tests.unit.services.resettlement.story import (
    RELEASE,
    address,
    appointment,
    due,
    form,
    inside,
    plan,
    prepared,
    received,
    released,
    run,
    said,
    sentence,
    withdrawn,
)


def referral(on: str, service: str = "accommodation") -> Any:
    """A referral to a service."""
    fields: dict[str, Any] = {"referral_id": f"R-{service}", "service": service, "contracted": True}
    return said("referral.made", at(on), **fields, referred_on=date.fromisoformat(on))


def notice(on: str) -> Any:
    """Safeguarding is told of the release."""
    fields: dict[str, Any] = {
        "notice_id": "N1",
        "to": "safeguarding-hub",
        "release_on": RELEASE,
        "sent_on": date.fromisoformat(on),
    }
    return said("safeguarding-notice.sent", at(on), **fields)


def registered(code: str, event: str = "added") -> Any:
    """The person is put on a register, or taken off it."""
    day: dict[str, Any] = {"from": date(2016, 4, 1)} if event == "added" else {"until": date(2016, 4, 1)}
    return said(f"registration.{event}", at("2016-04-01"), registration_id="G1", code=code, **day)


@pytest.mark.parametrize(("on", "late"), [("2016-09-01", False), ("2016-09-02", True)])
def test_an_address_is_known_fourteen_days_before_release(on: str, late: bool) -> None:
    told = run([*inside(), referral("2016-06-20"), address(at(on))])
    assert told.concerns("accommodation-unresolved") == ([("2016-09-01", on)] if late else [])


def test_an_address_withdrawn_leaves_it_unresolved() -> None:
    gone = said("release-address.withdrawn", at("2016-09-05"), address_id="AD1", withdrawn_on=date(2016, 9, 5))
    told = run([*inside(), referral("2016-06-20"), address(at("2016-08-01")), gone])
    assert told.concerns("accommodation-unresolved") == [("2016-09-05", "")]
    confirmed_again = address(at("2016-09-06"))
    told = run([*inside(), referral("2016-06-20"), address(at("2016-08-01")), gone, confirmed_again])
    assert told.concerns("accommodation-unresolved") == [("2016-09-05", "2016-09-06")]


@pytest.mark.parametrize(("on", "late"), [("2016-06-23", False), ("2016-06-24", True)])
def test_without_an_address_the_referral_is_made_twelve_weeks_before_release(on: str, late: bool) -> None:
    told = run([*inside(), referral(on)], until=at("2016-07-01"))
    assert told.concerns("accommodation-unresolved") == ([("2016-06-23", on)] if late else [])


def test_with_an_address_no_referral_is_due() -> None:
    told = run([*inside(), address(at("2016-06-01"))], until=at("2016-07-01"))
    assert told.concerns("accommodation-unresolved") == []
    assert "accommodation-unresolved.referral" not in told.case().duties


def needs(attributes: list[str], when: str) -> Any:
    """The person's needs are recorded, whole."""
    fields: dict[str, Any] = {"recorded_on": date(2016, 4, 1), "attributes": attributes, "unavailable": []}
    return said("needs.recorded", at(when), **fields)


def test_without_a_need_of_accommodation_no_referral_is_due() -> None:
    unscreened = [sentence(), received(), due()]
    assert "accommodation-unresolved.referral" not in run(unscreened).case().duties
    homeless = needs(["no-address"], "2016-04-01")
    assert "accommodation-unresolved.referral" in run([*unscreened, homeless]).case().duties
    housed = needs([], "2016-04-02")
    assert "accommodation-unresolved.referral" not in run([*unscreened, homeless, housed]).case().duties
    no_address = sentence(attributes=["no-address"])
    assert "accommodation-unresolved.referral" in run([no_address, received(), due()]).case().duties


def test_another_service_is_no_referral_for_accommodation() -> None:
    told = run([*inside(), referral("2016-06-20", "health")], until=at("2016-07-01"))
    assert told.concerns("accommodation-unresolved") == [("2016-06-23", "")]


@pytest.mark.parametrize(
    "held",
    [
        form(at("2016-03-05"), domestic_abuse="current"),
        form(at("2016-03-05"), domestic_abuse="history"),
        form(at("2016-03-05"), child_safeguarding="history"),
        registered("child-protection"),
        registered("child-in-need"),
        registered("domestic-abuse", "removed"),
    ],
)
def test_safeguarding_is_told_twenty_eight_days_before_release(held: Any) -> None:
    told = run([*inside(), held, notice("2016-08-18")], until=at("2016-08-19", "12:00"))
    assert told.concerns("safeguarding-notice-missing") == []
    told = run([*inside(), held, notice("2016-08-19")], until=at("2016-08-19", "12:00"))
    assert told.concerns("safeguarding-notice-missing") == [("2016-08-18", "2016-08-19")]


@pytest.mark.parametrize("held", [form(at("2016-03-05")), registered("iom"), registered("victim-contact")])
def test_without_such_a_history_no_notice_is_due(held: Any) -> None:
    assert run([*inside(), held]).concerns("safeguarding-notice-missing") == []


def test_a_registration_made_in_error_asks_for_no_notice() -> None:
    taken_back = withdrawn("G1", "registration", at("2016-05-01"))
    assert run([*inside(), registered("child-protection"), taken_back]).concerns("safeguarding-notice-missing") == []


# -- released unprepared -------------------------------------------------------------------------------

BARE = [sentence(), received(), released()]
NEXT_DAY = at("2016-09-16", "12:00")


def test_released_with_nothing_lacks_three_things() -> None:
    told = run(BARE, until=NEXT_DAY)
    (held,) = [sources for code, _, sources in told.open() if code == "released-unprepared"]
    assert held.split(",") == [
        "released-unprepared.address",
        "released-unprepared.appointment",
        "released-unprepared.plan",
    ]
    (raised,) = [each for each in told.events("concern.raised") if each["code"] == "released-unprepared"]
    assert raised["severity"] == "serious"


def test_released_with_plan_address_and_appointment_lacks_nothing() -> None:
    told = run(prepared(), [released()], until=NEXT_DAY)
    assert told.concerns("released-unprepared") == []


@pytest.mark.parametrize("kind", ["resettlement", "release", "sentence"])
def test_any_plan_for_the_release_will_do(kind: str) -> None:
    told = run([*BARE, plan(date(2016, 9, 10), kind=kind)], until=NEXT_DAY)
    (held,) = [sources for code, _, sources in told.open() if code == "released-unprepared"]
    assert "plan" not in held


def test_the_concern_is_cleared_item_by_item() -> None:
    items = [
        plan(date(2016, 9, 20)),
        address(at("2016-09-21")),
        appointment("arranged", at("2016-09-26", "10:00"), at("2016-09-22")),
    ]
    assert run(BARE, items[:2], until=at("2016-09-23")).concerns("released-unprepared") == [("2016-09-15", "")]
    assert run(BARE, items, until=at("2016-09-23")).concerns("released-unprepared") == [("2016-09-15", "2016-09-22")]


def test_an_appointment_that_the_provider_cancels_is_none() -> None:
    made = appointment("arranged", at("2016-09-16", "10:00"), at("2016-09-12"))

    def cancelled(by: str) -> Any:
        fields: dict[str, Any] = {"appointment_id": "A1", "cancelled_by": by, "cancelled_on": date(2016, 9, 14)}
        return said("appointment.cancelled", at("2016-09-14"), **fields)

    def lacks(*facts: Any) -> bool:
        told = run([*BARE, *facts], until=NEXT_DAY)
        return any("appointment" in sources for code, _, sources in told.open() if code == "released-unprepared")

    assert not lacks(made)
    assert not lacks(made, cancelled("person"))
    assert lacks(made, cancelled("provider"))
    again = appointment("rearranged", at("2016-09-19", "10:00"), at("2016-09-15"), changed_by="provider")
    assert not lacks(made, cancelled("provider"), again)
