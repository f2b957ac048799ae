"""The four services' outputs, journals, states and dead letters, held against the model's."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

from deploy.catalogue import SERVICES as CATALOGUE
from deploy.consume import is_time_record, whole
from deploy.digest import Line
from deploy.outcome import OUTPUT_TOPICS, journaled, modelled, published
from deploy.services import SERVICES
from deploy.simulate import Simulated
from deploy.system import System
from shared.domain.fact import Subject
from shared.kernel.packed import unpack_state
from tests.faults.comparison import Verdict


async def compare_area(system: System, model: Mapping[str, Simulated]) -> Verdict:
    """Every output topic, journal and state table, and every dead letter, byte for byte."""
    verdict = Verdict()
    events = await published(system.stack.bootstrap)
    verdict.sent_again = await _records(system.stack.bootstrap) - len(events)
    real = [*events, *await journaled(system.stack.reader_dsn, SERVICES)]
    verdict.hold("line", _identified(real), _identified(modelled(model)), ordered=False)
    for service in CATALOGUE:
        simulated = model[service.name]
        decided = {line.subject for line in simulated.journal}
        states = await _states(system.stack.reader_dsn, service.name, service.kinds)
        verdict.hold(
            f"state of {service.name}",
            [(at, state) for at, state in states.items() if at in decided],
            [(at, state) for at, state in simulated.states.items() if at in decided],
            ordered=False,
        )
        expected = Counter(
            (one.record.topic, one.record.key, one.record.value, one.reason_code) for one in simulated.dead_letters
        )
        letters = await _letters(system.stack.bootstrap, service.dead_letters)
        verdict.hold(f"letter of {service.name}", _each(letters), _each(expected), ordered=False)
        verdict.dead_letters += expected.total()
    return verdict


def _identified(lines: Iterable[Line]) -> list[tuple[Any, Any]]:
    return [((line.service, line.topic, line.key, line.ordinal), (line.at, line.value)) for line in lines]


def _each(counted: Counter[Any]) -> list[tuple[Any, None]]:
    return [(one, None) for one in counted.elements()]


async def _states(dsn: str, service: str, kinds: Mapping[str, type[Any]]) -> dict[Subject, Any]:
    conn = await asyncpg.connect(dsn)
    try:
        rows = await conn.fetch(f'SELECT kind, key, state FROM "{service}".aggregate WHERE state IS NOT NULL')
    finally:
        await conn.close()
    return {Subject(row["kind"], row["key"]): unpack_state(row["state"], kinds[row["kind"]]) for row in rows}


async def _records(bootstrap: str) -> int:
    """How many events the output topics hold, those told twice counted twice."""
    return len([record async for record in whole(bootstrap, OUTPUT_TOPICS) if not is_time_record(record)])


async def _letters(bootstrap: str, topic: str) -> Counter[Any]:
    """Each letter once, by the place that it came from."""
    found: dict[Any, Any] = {}
    async for record in whole(bootstrap, [topic]):
        headers = dict(record.headers)
        origin = headers["x-original-topic"].decode()
        place = (origin, headers["x-original-partition"], headers["x-original-offset"])
        found[place] = (origin, record.key, record.value, headers["x-reason-code"].decode())
    return Counter(found.values())
