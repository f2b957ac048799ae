"""kill -9 at every step of a run and of the relay, found by walking the steps: nothing lost, nothing twice."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.publish import Publisher
from tests.counter.histories import CANARY
from tests.faults import table
from tests.faults.comparison import compare
from tests.faults.extent import extent
from tests.faults.nursery import Nursery
from tests.faults.walk import STRETCH, Walk, kill_points, walking
from tests.running import Rig, rig
from tests.servers import Broker, Database

SEED, PEOPLE = 11, 200
LONG_STRETCH = 105
"""Two hundred lives at random instants are told above 20,000 records."""
MUST_BE_MET = (
    "INSERT INTO inbox", "SELECT p.topic, p.partition, p.step", "INSERT INTO aggregate", "SELECT key, state",
    "UPDATE aggregate", "INSERT INTO due", "DELETE FROM due", "COPY outbox", "COPY journal", "COPY parked_fact",
    "UPDATE progress", "BEGIN", "COMMIT", "DELETE FROM outbox", "ProduceRequest",
)  # fmt: skip
"""Steps that a walk over an eventful history comes to; another name for one of them has to be told here."""


async def test_killed_at_every_step_it_decides_and_publishes_what_the_model_does(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    async with _walk(database, kafka, tmp_path, SEED) as (it, walk):
        steps = await walk.steps(tmp_path)
        assert [name for name in MUST_BE_MET if not any(name in step for step in steps)] == []
        points = kill_points(steps, ordinals=range(1, 8), chance=chance)
        assert len(points) > 400
        for point in points[: extent(60, len(points))]:
            await walk.kill_at(point)
        verdict = await compare(it, walk.told, await walk.finish())
        assert CANARY not in walk.log.read_text()
    killed = walk.kills.total() - len(walk.unmet)
    table.tell("kill -9 at a step", len(walk.told), killed, verdict)
    assert len(walk.unmet) < len(points) / 20, walk.unmet


async def test_killed_at_random_instants_it_decides_and_publishes_what_the_model_does(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    chance, kills = random.Random(SEED + 1), extent(8, 200)
    async with _walk(database, kafka, tmp_path, SEED + 1, extent(STRETCH, LONG_STRETCH)) as (it, walk):
        for _ in range(kills):
            await walk.kill_after(chance.uniform(0.05, 1.0))
        verdict = await compare(it, walk.told, await walk.finish())
    table.tell("kill -9 at a random instant", len(walk.told), kills, verdict)


@asynccontextmanager
async def _walk(
    database: Database, kafka: Broker, folder: Path, seed: int, stretch: int = STRETCH
) -> AsyncIterator[tuple[Rig, Walk]]:
    async with (
        rig(database, kafka, folder) as it,
        Nursery(folder) as nursery,
        Publisher(kafka.bootstrap) as publisher,
        walking(it, nursery, publisher, seed, PEOPLE, stretch) as walk,
    ):
        yield it, walk
