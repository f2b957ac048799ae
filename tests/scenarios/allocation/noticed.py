"""What allocation notices in a history, by the model."""

from collections.abc import Iterable

import orjson

from deploy.history import HistoryRecord, parse
from deploy.simulate import simulate
from services.allocation.app import SERVICE
from shared.domain.policy import Policy
from tests.scenarios.allocation.telling import file_of

POLICY = Policy.load(*SERVICE.policy)
RAISED = "allocation.concern.raised"


def history_of(name: str) -> list[HistoryRecord]:
    """The history file of an example, as `throughcare simulate` reads it."""
    return [parse(line) for line in file_of(name).read_bytes().splitlines()]


def noticed(history: Iterable[HistoryRecord]) -> set[str]:
    """The codes of the concerns that allocation raises; nothing may be parked, nothing be a dead letter."""
    found = simulate(history, [(SERVICE, POLICY)])[SERVICE.name]
    assert not found.parked, found.parked
    assert not found.dead_letters, found.dead_letters
    return {code_of(event.value) for event in found.outputs if event.event_type == RAISED}


def code_of(value: bytes) -> str:
    """The code of a concern that an event tells of."""
    return str(orjson.loads(value)["additionalInformation"]["code"])
