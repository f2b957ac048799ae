"""One timed run of one system: from the instant that it holds its partitions to the instant that all is decided and
published, and the processor time of its process, of PostgreSQL and of Kafka in between."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from deploy.services import RunningService, ServiceFailed
from tests.benchmarks import peer

WHOSE = ("client", "postgres", "kafka")
LOOK_SECONDS = 0.03
MOST_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Processors:
    """Processor seconds so far: the system's own process, PostgreSQL's and Kafka's."""

    client: float
    postgres: float
    kafka: float

    def less(self, before: "Processors") -> "Processors":
        """What was spent since then."""
        return Processors(self.client - before.client, self.postgres - before.postgres, self.kafka - before.kafka)


@dataclass(frozen=True, slots=True)
class Run:
    """What one timed run took."""

    facts: int
    seconds: float
    processors: Processors

    @property
    def rate(self) -> float:
        """Facts decided in a second."""
        return self.facts / self.seconds

    def per_fact(self, whose: str) -> float:
        """Processor milliseconds for a fact: of the `client`, of `postgres` or of `kafka`."""
        spent: float = getattr(self.processors, whose)
        return 1000 * spent / self.facts


@dataclass(frozen=True, slots=True)
class Servers:
    """Whose processor time is counted besides."""

    postgres: int
    kafka: tuple[int, ...]

    def processors(self, client: int) -> Processors:
        """Processor seconds so far."""
        return Processors(_tree(client), _tree(self.postgres), sum(map(_tree, self.kafka)))


async def timed(process: RunningService, servers: Servers, facts: int, finished: Callable[[], Awaitable[bool]]) -> Run:
    """Start a system's process and wait until it has finished. The caller stops it. Raises `ServiceFailed`."""
    await process.start()
    at = await began(process)
    before = servers.processors(process.pid)
    await until_true(process, finished)
    seconds = time.time() - at
    return Run(facts, seconds, servers.processors(process.pid).less(before))


async def until_true(process: RunningService, so: Callable[[], Awaitable[bool]], seconds: float = MOST_SECONDS) -> None:
    """Ask again and again until it is so. Raises `ServiceFailed` where the process ends or it takes longer."""
    give_up = time.monotonic() + seconds
    while not await so():
        if not process.running:
            raise ServiceFailed(f"{process.name} ended: {process.last_words()}")
        if time.monotonic() > give_up:
            raise ServiceFailed(f"{process.name} has not finished after {seconds:.0f} s: {process.last_words()}")
        await asyncio.sleep(LOOK_SECONDS)


async def began(process: RunningService) -> float:
    """When the system said that it holds its partitions, by the instant in its log."""
    give_up = time.monotonic() + 60
    while True:
        for line in _lines(process.log):
            if peer.BEGAN in line:
                return datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S,%f").astimezone().timestamp()
        if not process.running or time.monotonic() > give_up:
            raise ServiceFailed(f"{process.name} did not begin: {process.last_words()}")
        await asyncio.sleep(0.01)


def has_said(process: RunningService, words: str) -> bool:
    """Whether a system's log holds these words."""
    return any(words in line for line in _lines(process.log))


def _lines(log: Path) -> Iterable[str]:
    return log.read_text(errors="replace").splitlines() if log.exists() else ()


def _tree(pid: int) -> float:
    """Processor seconds of a process and its children, those that have ended included."""
    root = psutil.Process(pid)
    spent = root.cpu_times()
    total = float(spent.user + spent.system + spent.children_user + spent.children_system)
    for child in root.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total
