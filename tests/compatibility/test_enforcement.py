"""Cases that enforcement stored before every record knew when it was stated: migrated, none of it is lost."""

from datetime import UTC, date, datetime

import asyncpg
import orjson

from deploy.migrations import migrate_all
from services.enforcement.domain.case import (
    Case,
    Ended,
    PackAnswer,
    RecallAnswered,
    RecallConsidered,
    RecallRequested,
    Supervision,
    Transfer,
    Variation,
)
from shared.kernel.packed import unpack_state
from tests.compatibility import migrate_as_first
from tests.servers import Database

STORED = {
    "key": "X123456",
    "ended": {"O1": "2016-06-01"},
    "returned": {"P1|1": "2016-03-01"},
    "accepted": {"P1|2": "2016-03-08"},
    "variations": {"O1": {"varied_on": "2016-02-01", "ends_on": "2016-12-01"}},
    "transfers": {"2016-02-02 NPS": {"on": "2016-02-02", "kind": "nps"}},
    "supervisions": {
        "S1": {"order_id": "O2", "kind": "licence", "starts_on": "2016-01-04", "fact": "f", "ended_on": "2016-05-01"},
        "S2": {"order_id": "O2", "kind": "post-sentence", "starts_on": "2016-05-01", "fact": "g"},
    },
    "recalls": {
        "R1": {"order_id": "O2", "decision": "recall", "decided_at": "2016-04-01T12:00:00Z", "fact": "h"},
        "R2": {
            "order_id": "O2",
            "requested_at": "2016-04-02T09:00:00Z",
            "outcome": "issued",
            "kind": "standard",
            "answered_at": "2016-04-03T09:00:00Z",
        },
    },
}


def _at(day: str, hour: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour)


async def test_a_case_of_the_first_version_is_stated_on_the_days_that_it_is_about(database: Database) -> None:
    await migrate_as_first(database.owner_dsn, "enforcement")
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.execute(
            "INSERT INTO enforcement.aggregate (kind, key, state) VALUES ('case', 'X123456', $1), ('case', 'X2', NULL)",
            orjson.dumps(STORED).decode(),
        )
        applied = await migrate_all(owner_dsn=database.owner_dsn, services=("enforcement",))
        state = await owner.fetchval("SELECT state FROM enforcement.aggregate WHERE key = 'X123456'")
    finally:
        await owner.close()
    assert applied == {"enforcement": ["0001_when_stated", "0003_packed_states"]}
    case: Case = unpack_state(state, Case)
    assert case.ended == {"O1": Ended(date(2016, 6, 1), _at("2016-06-01"))}
    assert case.returned == {"P1|1": PackAnswer(date(2016, 3, 1), _at("2016-03-01"))}
    assert case.accepted == {"P1|2": PackAnswer(date(2016, 3, 8), _at("2016-03-08"))}
    assert case.variations == {"O1": Variation(date(2016, 2, 1), date(2016, 12, 1), _at("2016-02-01"))}
    assert case.transfers == {"2016-02-02 NPS": Transfer(date(2016, 2, 2), "nps", _at("2016-02-02"))}
    assert case.supervisions == {
        "S1": Supervision("O2", "licence", date(2016, 1, 4), _at("2016-01-04"), "f"),
        "S2": Supervision("O2", "post-sentence", date(2016, 5, 1), _at("2016-05-01"), "g"),
    }
    assert case.supervisions_ended == {"S1": Ended(date(2016, 5, 1), _at("2016-05-01"))}
    decided, requested, answered = _at("2016-04-01", 12), _at("2016-04-02", 9), _at("2016-04-03", 9)
    assert case.recalls_considered == {"R1": RecallConsidered("O2", "recall", decided, decided, "h")}
    assert case.recalls_requested == {"R2": RecallRequested("O2", requested, requested)}
    assert case.recalls_answered == {"R2": RecallAnswered("issued", answered, answered, "standard")}
