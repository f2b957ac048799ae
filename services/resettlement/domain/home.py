"""A home: whether the person was said to have none, and the addresses to be released to."""

from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from services.resettlement.domain.case import Address, Case, Home
from shared.contracts.casework import NeedsRecorded, ReleaseAddressConfirmed, ReleaseAddressWithdrawn
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome
from shared.domain.duty import Done
from shared.domain.fact import Fact
from shared.domain.statement import UNDATED, put_both, put_latest
from shared.domain.step import Step

HOME = "home"
NO_ADDRESS = "no-address"


def note_home(step: Step, fact: Fact, attributes: Iterable[str]) -> None:
    """What a sentence, or the needs recorded since, say of a home; what was stated last counts."""
    put_latest(step, "homes", HOME, Home(fact.at, NO_ADDRESS in attributes))


def take_needs(step: Step, fact: Fact, needs: NeedsRecorded) -> Outcome | None:
    """The person's attributes, whole."""
    note_home(step, fact, needs.attributes)
    return None


def take_address(step: Step, fact: Fact, confirmed: ReleaseAddressConfirmed) -> Outcome | None:
    """An address to be released to has been confirmed, of any kind."""
    row = Address(local_date(fact.at), fact.at, confirmed.local_delivery_unit)
    return put_both(step, "addresses", confirmed.address_id, row, both)


def take_address_withdrawn(step: Step, fact: Fact, withdrawn: ReleaseAddressWithdrawn) -> Outcome | None:
    """An address is no longer to be had."""
    return put_both(step, "addresses", withdrawn.address_id, Address(withdrawn_at=fact.at), both)


def standing_address(case: Case, since: date) -> Done | None:
    """The first address that stands, of those confirmed from a day on."""
    found = [
        (row.confirmed_on, address_id)
        for address_id, row in case.addresses.items()
        if row.stands and row.confirmed_on is not None and row.confirmed_on >= since
    ]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def both(one: Address, other: Address) -> Address:
    """An address of which both was stated: as confirmed last, and withdrawn last."""
    stated = max(one, other, key=lambda row: (row.stated_at or UNDATED, row.unit))
    withdrawn = [row.withdrawn_at for row in (one, other) if row.withdrawn_at is not None]
    return replace(stated, withdrawn_at=max(withdrawn, default=None))


def needs_accommodation(case: Case, since: date) -> bool:
    """Whether the person was last said to have no address, or a screening from a day on found the need."""
    if any(row.none for row in case.homes.values()):
        return True
    return any(row.accommodation and local_date(row.completed_at) >= since for row in case.screenings.values())
