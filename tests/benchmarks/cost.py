"""What a stretch of work costs: processor time of a process and of PostgreSQL, statements, bytes written, the largest
resident size. Statements are counted in the server's own log, which a run of thousands of events hardly notices."""

import time
from dataclasses import dataclass
from pathlib import Path

from shared.kernel.database import Connection
from tests.benchmarks.measure import Processors, Servers
from tests.benchmarks.rig import Rig

STATEMENTS = (b"LOG:  execute ", b"LOG:  statement: ")
KIB = 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """Where the meters stand."""

    at: float
    processors: Processors
    wal: int
    statements: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What so many facts took."""

    facts: int
    seconds: float
    processors: Processors
    wal: int
    statements: int
    resident: int
    """Largest resident size of the process, in bytes."""

    def per_fact(self, whose: str) -> float:
        """Processor milliseconds for a fact: of the `client`, of `postgres` or of `kafka`."""
        spent: float = getattr(self.processors, whose)
        return 1000 * spent / self.facts


class Meters:
    """The meters of one database of a rig. Make them before the process connects: it is then that its statements come
    to be logged."""

    def __init__(self, servers: Servers, conn: Connection, log: Path) -> None:
        self._servers = servers
        self._conn = conn
        self._log = log
        self._from = log.stat().st_size

    @classmethod
    async def on(cls, rig: Rig, name: str, conn: Connection) -> "Meters":
        """For the database `name`; `conn` is connected to it already, so that its own statements are not counted."""
        await conn.execute(f"ALTER DATABASE {name} SET log_statement = 'all'")
        return cls(rig.servers, conn, rig.stack.postgres.log)

    async def read(self, client: int) -> Reading:
        """Where they stand now, with the processor time of the process `client`."""
        wal = await self._conn.fetchval("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint")
        return Reading(time.monotonic(), self._servers.processors(client), wal, self._statements())

    def _statements(self) -> int:
        with self._log.open("rb") as log:
            log.seek(self._from)
            return sum(any(words in line for words in STATEMENTS) for line in log)


def between(before: Reading, after: Reading, facts: int, client: int) -> Cost:
    """The cost of so many facts, by the readings around them; the process `client` still runs."""
    return Cost(
        facts,
        after.at - before.at,
        after.processors.less(before.processors),
        after.wal - before.wal,
        after.statements - before.statements,
        largest_resident(client),
    )


def largest_resident(pid: int) -> int:
    """The largest resident size that a process ever had, in bytes (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * KIB
    raise ProcessLookupError(f"process {pid} tells no resident size")
