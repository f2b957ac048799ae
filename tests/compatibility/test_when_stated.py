"""Cases that services stored before every record knew when it was stated: migrated, nothing is lost."""

from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import orjson

from deploy.catalogue import SERVICES
from deploy.migrations import migrate_all
from services.allocation.domain.case import Case as Allocated
from services.allocation.domain.ledgers import Contact
from services.allocation.domain.orders import sex_of
from services.metrics.domain.case import Case as Measured
from services.metrics.domain.case import Discretion, Disposed
from services.resettlement.domain.case import (
    Case,
    Cleared,
    Holder,
    Plan,
    Recall,
    Registration,
    Review,
    Screening,
)
from shared.domain.statement import UNDATED, Dated
from shared.kernel.packed import unpack_state
from tests.compatibility import migrate_as_first
from tests.servers import Database

HEARD = "2016-04-01T12:00:00Z"
RESETTLEMENT = {
    "key": "X123456",
    "recalls": {"R1": {"issued": True, "at": HEARD}},
    "screenings": {"S1": {"at": HEARD, "provider": "C09", "accommodation": True}},
    "plans": {"P1": {"kind": "release", "on": "2016-04-02"}},
    "reviews": {"V1": {"on": "2016-04-03", "post_release": True}},
    "registrations": {"G1": {"history": "child"}},
    "activities": {"A1": "2016-04-04"},
    "referrals": {"F1": "2016-04-05"},
    "notices": {"N1": "2016-04-06"},
    "cleared_copies": {"O1": ["P1", "P2"]},
    "holder": {"holder": {"code": "C16", "at": HEARD}},
    "withdrawn": {"A9": "2016-04-07"},
}
ALLOCATION = {
    "key": "X123456",
    "reviews": {"V1": "2016-04-03"},
    "risk_reviews": {"V1": "2016-04-03"},
    "warnings": {"W1": "2016-04-04"},
    "requirements_ended": {"Q1": "2016-04-05"},
    "withdrawn": {"A9": "2016-04-07"},
    "contacts": {"A1": ["2016-04-01T12:00:00Z", True, 30]},
    "person": {"on": "2016-03-04", "at": "2016-04-01T12:00:00Z", "attributes": ["no-address"]},
    "sex": "female",
}
METRICS = {"key": "X123456", "disposals": {"O1": "community-order"}, "discretions": {"D1": ["F1", "F2"]}}


async def _migrated(database: Database, service: str, stored: dict[str, Any]) -> Any:
    await migrate_as_first(database.owner_dsn, service)
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.execute(
            f"INSERT INTO {service}.aggregate (kind, key, state) VALUES ('case', 'X123456', $1), ('case', 'X2', NULL)",
            orjson.dumps(stored).decode(),
        )
        await migrate_all(owner_dsn=database.owner_dsn, services=(service,))
        state = await owner.fetchval(f"SELECT state FROM {service}.aggregate WHERE key = 'X123456'")
    finally:
        await owner.close()
    kinds = next(each for each in SERVICES if each.name == service).kinds
    return unpack_state(state, kinds["case"])


def _at(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)


async def test_a_case_of_resettlement_is_stated_on_the_days_that_it_is_about(database: Database) -> None:
    case: Case = await _migrated(database, "resettlement", RESETTLEMENT)
    heard = datetime(2016, 4, 1, 12, tzinfo=UTC)
    assert case.recalls == {"R1": Recall(issued=True, decided_at=heard, at=heard)}
    assert case.screenings == {"S1": Screening(heard, "C09", heard, accommodation=True)}
    assert case.plans == {"P1": Plan("release", date(2016, 4, 2), _at("2016-04-02"))}
    assert case.reviews == {"V1": Review(date(2016, 4, 3), _at("2016-04-03"), post_release=True)}
    assert case.registrations == {"G1": Registration(UNDATED, "child")}
    assert case.activities == {"A1": Dated(date(2016, 4, 4), _at("2016-04-04"))}
    assert case.referrals == {"F1": Dated(date(2016, 4, 5), _at("2016-04-05"))}
    assert case.notices == {"N1": Dated(date(2016, 4, 6), _at("2016-04-06"))}
    assert case.cleared_copies == {"O1": Cleared(("P1", "P2"), UNDATED)}
    assert case.holder == {"X123456": Holder("C16", heard)}
    assert case.withdrawn["appointment:A9"] == case.withdrawn["plan:A9"] == date(2016, 4, 7)


async def test_a_case_of_metrics_is_older_than_any_statement(database: Database) -> None:
    case: Measured = await _migrated(database, "metrics", METRICS)
    assert case.disposals == {"O1": Disposed("community-order", UNDATED)}
    assert case.discretions == {"D1": Discretion(("F1", "F2"), UNDATED)}


async def test_a_case_of_allocation_is_stated_on_the_days_that_it_is_about(database: Database) -> None:
    case: Allocated = await _migrated(database, "allocation", ALLOCATION)
    reviewed = {"V1": Dated(date(2016, 4, 3), _at("2016-04-03"))}
    assert case.reviews == case.risk_reviews == reviewed
    assert case.warnings == {"W1": Dated(date(2016, 4, 4), _at("2016-04-04"))}
    assert case.requirements_ended == {"Q1": Dated(date(2016, 4, 5), _at("2016-04-05"))}
    assert case.withdrawn["warning:A9"] == case.withdrawn["call-out:A9"] == date(2016, 4, 7)
    assert case.contacts == {"A1": Contact(datetime(2016, 4, 1, 12, tzinfo=UTC), made=True, minutes=30)}
    assert case.sex == sex_of(case) == "female"
