"""Offices that allocation stored with one earlier provider at most: migrated, a take-over to come is not lost."""

from datetime import date

import asyncpg
import orjson

from deploy.migrations import migrate_all
from services.allocation.domain.office import Office, Tenure, Unit
from shared.kernel.packed import unpack_state
from tests.compatibility import migrate_as_first
from tests.servers import Database

TAKEN_OVER = {
    "code": "C02",
    "provider_kind": "crc",
    "kind": "lmc",
    "at": "2016-05-02T09:00:00Z",
    "since": "2016-06-01",
    "before": "C01",
}
OF_THE_NPS = {"code": "C02", "provider_kind": "crc", "kind": "hub", "at": "2016-05-02T09:00:00Z", "since": "2016-06-01"}
NEVER_TAKEN_OVER = {"code": "N01", "provider_kind": "nps", "kind": "nps-unit", "at": "2016-01-04T08:00:00Z"}
STORED = [
    ("office", "LMC1", {"key": "LMC1", "provider": TAKEN_OVER, "units": ["LDU1"]}),
    ("office", "NPS1", {"key": "NPS1", "provider": NEVER_TAKEN_OVER, "units": ["LDU1"]}),
    ("office", "LMC9", {"key": "LMC9"}),
    (
        "unit",
        "LDU1",
        {
            "key": "LDU1",
            "offices": {
                "LMC1": TAKEN_OVER,
                "NPS1": NEVER_TAKEN_OVER,
                "HUB1": {**OF_THE_NPS, "before": "N01", "before_kind": "nps"},
            },
        },
    ),
    ("unit", "LDU9", {"key": "LDU9"}),
]
DAYS = (date(2016, 5, 31), date(2016, 6, 1))


async def test_an_office_of_the_first_version_is_its_former_providers_until_the_day(database: Database) -> None:
    await migrate_as_first(database.owner_dsn, "allocation")
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        for kind, key, state in STORED:
            await owner.execute(
                "INSERT INTO allocation.aggregate (kind, key, state) VALUES ($1, $2, $3)",
                kind,
                key,
                orjson.dumps(state).decode(),
            )
        applied = await migrate_all(owner_dsn=database.owner_dsn, services=("allocation",))
        found = {row["key"]: row["state"] for row in await owner.fetch("SELECT key, state FROM allocation.aggregate")}
    finally:
        await owner.close()
    assert applied == {"allocation": ["0001_tenures", "0002_when_stated", "0003_packed_states"]}
    office: Office = unpack_state(found["LMC1"], Office)
    assert office.provider is not None
    assert office.provider.earlier == (Tenure("C01", "crc", None),)
    assert [office.provider.on(day) for day in DAYS] == [("C01", "crc"), ("C02", "crc")]
    assert office.units == ("LDU1",)
    unit: Unit = unpack_state(found["LDU1"], Unit)
    assert unit.offices["LMC1"] == office.provider
    assert [unit.offices["HUB1"].on(day) for day in DAYS] == [("N01", "nps"), ("C02", "crc")]
    never: Office = unpack_state(found["NPS1"], Office)
    assert never.provider == unit.offices["NPS1"]
    assert never.provider.earlier == ()
    assert unpack_state(found["LMC9"], Office) == Office(key="LMC9")
    assert unpack_state(found["LDU9"], Unit) == Unit(key="LDU9")
