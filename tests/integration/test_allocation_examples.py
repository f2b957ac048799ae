"""Examples of the inspection reports through the real system: it notices what the table says, and what the model says.

All at once, each in an area of its own: another unit, other offices, another person.
"""

import re
from collections import defaultdict
from pathlib import Path

import orjson

from deploy.catalogue import with_policies
from deploy.digest import digest
from deploy.history import HistoryRecord
from deploy.outcome import modelled
from deploy.simulate import Simulated, simulate
from deploy.system import System, running
from services.allocation.domain.watched import TO_OFFICER
from shared.domain.identifiers import stable_id
from tests.running import SESSION, until_true
from tests.scenarios.allocation.noticed import RAISED, history_of
from tests.scenarios.allocation.table import examples
from tests.servers import Broker, Database
from tests.whole_system import AFTER, ServersOfTheTest, first_difference, found, tell

CHOSEN = ("jayden", "doug", "long-sickness-without-cover", "batches-of-the-summer", "accepted-within-a-day")
"""A release and a hub move; the hub and gathering signs; an absence; a day's burst; a good escalation."""

PATIENCE = 150.0


def in_its_own_area(history: list[HistoryRecord], n: int) -> list[HistoryRecord]:
    """The same history of other people in another place, under other ids."""
    return [
        HistoryRecord(each.topic, each.timestamp, _elsewhere(each.key or b"", n), _renamed(each.value or b"", n))
        for each in history
    ]


def _elsewhere(text: bytes, n: int) -> bytes:
    text = re.sub(rb"\b(SOUTH|NPS|LMC|HUB)1(?=\b)", rb"\g<1>%d" % n, text)
    text = re.sub(rb"\bS00(\d{4})\b", rb"S%02d\g<1>" % n, text)
    return re.sub(rb"\bS0001AA\b", rb"S%04dAA" % n, text)


def _renamed(value: bytes, n: int) -> bytes:
    told = orjson.loads(_elsewhere(value, n))
    told["eventId"] = str(stable_id("elsewhere", str(n), told["eventId"]))
    return orjson.dumps(told)


def _example_of(key: str) -> str:
    """The example that a person, an officer or an office of an area belongs to."""
    number = re.match(r"S(\d\d)|[A-Z]+(\d+)", key)
    assert number is not None, key
    return CHOSEN[int(number[1] or number[2]) - 1]


def _counted(model: Simulated) -> str:
    """How many people of the CRC got a first officer, as the page of the service shows it."""
    sums = model.tallies[TO_OFFICER.subject]
    n = sum(each for (name, _), each in sums.items() if name.startswith("provider|crc|") and not name.endswith("sum"))
    return f'{TO_OFFICER.metric}_count{{trait="provider",value="crc"}} {n:.1f}'


async def _shows(system: System, line: str) -> bool:
    _, page = await system.services["allocation"].page("/metrics")
    return line in page.decode().splitlines()


async def test_the_real_system_notices_in_the_examples_what_the_table_says(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    history = sorted(
        (each for n, name in enumerate(CHOSEN, 1) for each in in_its_own_area(history_of(name), n)),
        key=lambda record: record.timestamp,
    )
    model = simulate(history, with_policies(), history[-1].timestamp + AFTER)
    expected = modelled(model)
    await kafka.fresh_topics("replay")
    async with running(ServersOfTheTest(database, kafka.bootstrap), tmp_path, settings=SESSION) as system:
        await system.closed(await tell(system, history), PATIENCE)
        real = await found(system)
        waited = _counted(model["allocation"])
        await until_true(lambda: _shows(system, waited), f"the page shows {waited}", 30)
    assert digest(real) == digest(expected), first_difference(real, expected)
    noticed: defaultdict[str, set[str]] = defaultdict(set)
    for line in real:
        told = orjson.loads(line.value)
        if told.get("eventType") == RAISED:
            noticed[_example_of(line.key)].add(told["additionalInformation"]["code"])
    table = {row.name: row.notices for row in examples()}
    assert {name: noticed[name] for name in CHOSEN} == {name: table[name] for name in CHOSEN}
