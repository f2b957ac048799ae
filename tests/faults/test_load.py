"""Load: ten times the normal rate, one case with ten thousand events in a row, an office that loses an officer."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from deploy.catalogue import with_policies
from deploy.history import HistoryRecord
from deploy.publish import Publisher
from deploy.simulate import simulate
from deploy.system import running
from tests.builders import at, fact
from tests.faults import table
from tests.faults.area import closes, in_order
from tests.faults.area_compared import compare_area
from tests.faults.extent import extent
from tests.faults.live import compare_live
from tests.faults.stream import streaming
from tests.running import SESSION, live_rig
from tests.servers import Broker, Database
from tests.unit.services.allocation.area import CRN, LMC, area, form, officer, sentence
from tests.whole_system import ServersOfTheTest

MOST_MEGABYTES = 250
PATIENCE = extent(200.0, 1200.0)


async def test_ten_times_the_normal_rate_with_bounded_memory(database: Database, kafka: Broker, tmp_path: Path) -> None:
    """Two thousand records a second; what cannot be decided at once waits in Kafka and not in memory."""
    seconds = extent(4, 60)
    async with live_rig(database, kafka, tmp_path) as it:
        service = await it.start(THROUGHCARE_RUN_LIMIT="2000")
        async with streaming(it, 71, least=2000 * seconds, portion=400, people=2000, seconds=PATIENCE) as sent:
            await asyncio.sleep(seconds)  # the length of the load, not a wait for anything
        most = _most_memory(service.pid)
        table.tell("ten times the normal rate", len(sent), 1, await compare_live(it, sent))
        assert most < MOST_MEGABYTES, f"{most} MB"


def _most_memory(pid: int) -> int:
    """Megabytes that a process has had at most."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


async def _as_modelled(
    database: Database, kafka: Broker, folder: Path, history: Sequence[HistoryRecord], fault: str
) -> None:
    """Through the four services, with the model's outcome."""
    model = simulate(history, with_policies(), closes(history))
    await kafka.fresh_topics("replay")
    async with running(ServersOfTheTest(database, kafka.bootstrap), folder, settings=SESSION) as system:
        async with Publisher(kafka.bootstrap) as publisher:
            await publisher.replay(history, closes(history))
        await system.closed(closes(history), PATIENCE)
        table.tell(fault, len(history), 1, await compare_area(system, model))


async def test_one_case_with_ten_thousand_events_in_a_row(database: Database, kafka: Broker, tmp_path: Path) -> None:
    events, begins = extent(400, 10_000), at("2016-03-14", "09:00")
    history = [*area(), sentence(), form()]
    for n in range(events):
        when = begins + timedelta(minutes=50 * n)
        history.append(
            fact(
                "casework.appointment.attended",
                CRN,
                when,
                appointment_id=f"A{n}",
                order_ids=["O1"],
                starts_at=when - timedelta(minutes=30),
                channel="office",
                purpose="supervision",
                minutes=30,
            ),
        )
    await _as_modelled(database, kafka, tmp_path, in_order(history), f"one case with {events:,} events in a row")


async def test_an_office_that_loses_an_officer(database: Database, kafka: Broker, tmp_path: Path) -> None:
    """Each of the officer's cases needs another one, from the next local midnight on."""
    cases, most = extent((120, 20), (5_000, 40))
    history = [*area(), *(officer(f"P{n:03d}") for n in range(cases // most + 2))]
    for n in range(cases):
        crn, when = f"B{n:06d}", at("2016-03-07", "10:00") + timedelta(minutes=n)
        history += [
            sentence(crn, order=f"O{n}", when=when),
            form(crn, when + timedelta(seconds=30), order=f"O{n}"),
        ]
    leaves = history[-1].timestamp + timedelta(days=2)
    history.append(
        fact("workforce.officer.left", LMC, leaves, officer_code="P000", office_code=LMC, left_on=leaves.date())
    )
    history.append(sentence("B999999", date(2016, 9, 1), "O-LAST"))
    await _as_modelled(database, kafka, tmp_path, in_order(history), f"an office with {cases:,} cases loses an officer")
