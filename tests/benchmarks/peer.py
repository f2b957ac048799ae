"""What the peers' processes have in common: their settings, from the environment, and when they say that they began."""

import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from shared.contracts.registry import MODELS
from shared.contracts.wire import envelope_of

BEGAN = "working on "
"""Said by a system, in its log, once it holds its partitions: its time counts from there (the kernel says so, too)."""
FINISHED = "everything is produced"


@dataclass(frozen=True, slots=True)
class PeerSettings:
    """Where a peer finds what it needs."""

    service: str
    kafka: str
    dsn: str
    group: str
    rows: Path
    partitions: int

    def environment(self) -> dict[str, str]:
        """As a peer's process takes them."""
        return {f"BENCHMARK_{name.upper()}": str(getattr(self, name)) for name in self.__slots__}


def settings() -> PeerSettings:
    """The settings that `environment` gave."""

    def given(name: str) -> str:
        return os.environ[f"BENCHMARK_{name}"]

    return PeerSettings(
        given("SERVICE"), given("KAFKA"), given("DSN"), given("GROUP"), Path(given("ROWS")), int(given("PARTITIONS"))
    )


def build_validators() -> None:
    """Those of every event type, which are otherwise built when the type is first seen: a peer's time is without it."""
    for model in MODELS.values():
        envelope_of(model)


def log_as_services_do(name: str) -> logging.Logger:
    """A log with the same instants in the same place."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=f"%(asctime)s {name} %(levelname)s %(message)s")
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    logging.getLogger("faststream").setLevel(logging.WARNING)
    return logging.getLogger(name)
