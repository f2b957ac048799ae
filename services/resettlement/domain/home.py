"""A home: whether the person was said to have none, and the addresses to be released to."""

from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from services.resettlement.domain.case import Address, Case, Home, case_of
from shared.contracts.casework import NeedsRecorded, ReleaseAddressConfirmed, ReleaseAddressWithdrawn
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Done
from shared.domain.fact import Fact
from shared.domain.step import Step

HOME = "home"
NO_ADDRESS = "no-address"


def note_home(step: Step, fact: Fact, attributes: Iterable[str]) -> None:
    """What a sentence, or the needs recorded since, say of a home; what was stated last counts."""
    was = case_of(step).homes.get(HOME)
    if was is None or was.at <= fact.at:
        step.put("homes", HOME, Home(fact.at, NO_ADDRESS in attributes))


def take_needs(step: Step, fact: Fact, needs: NeedsRecorded) -> Outcome | None:
    """The person's attributes, whole."""
    note_home(step, fact, needs.attributes)
    return None


def take_address(step: Step, fact: Fact, confirmed: ReleaseAddressConfirmed) -> Outcome | None:
    """An address to be released to has been confirmed, of any kind."""
    was = case_of(step).addresses.get(confirmed.address_id, Address())
    if was.stated_at is not None and was.stated_at > fact.at:
        return ignored("stated-again-since")
    row = Address(local_date(fact.at), fact.at, confirmed.local_delivery_unit, was.withdrawn_at)
    step.put("addresses", confirmed.address_id, row)
    return None


def take_address_withdrawn(step: Step, fact: Fact, withdrawn: ReleaseAddressWithdrawn) -> Outcome | None:
    """An address is no longer to be had."""
    was = case_of(step).addresses.get(withdrawn.address_id, Address())
    if was.withdrawn_at is None or was.withdrawn_at < fact.at:
        step.put("addresses", withdrawn.address_id, replace(was, withdrawn_at=fact.at))
    return None


def standing_address(case: Case, since: date) -> Done | None:
    """The first address that stands, of those confirmed from a day on."""
    found = [
        (row.confirmed_on, address_id)
        for address_id, row in case.addresses.items()
        if row.stands and row.confirmed_on is not None and row.confirmed_on >= since
    ]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def needs_accommodation(case: Case, since: date) -> bool:
    """Whether the person was last said to have no address, or a screening from a day on found the need."""
    if any(row.none for row in case.homes.values()):
        return True
    return any(row.accommodation and local_date(row.at) >= since for row in case.screenings.values())
