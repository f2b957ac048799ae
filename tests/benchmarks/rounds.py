"""Interleaved rounds: service, idiomatic, raw limit, and again; each with a fresh database and a fresh output topic,
and each held against the model when it has finished."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg

from deploy.consume import is_time_record, whole
from deploy.local.kafka import LocalKafka
from deploy.local.stack import LocalStack
from deploy.migrations import migrate_all
from deploy.postgres.roles import OWNER, provision, role_of
from deploy.services import RunningService
from shared.domain.fact import Subject
from shared.kernel.database import Connection
from tests.benchmarks import measure, peer, preload, run_rows
from tests.benchmarks.measure import Run, Servers
from tests.benchmarks.peer import PeerSettings
from tests.benchmarks.workload import Workload, module_of

SYSTEMS = ("service", "idiomatic", "raw limit")
PARTITIONS = 4
RUN_LIMIT = 2000


class WrongResultError(Exception):
    """A system left something else than the model does; its time means nothing."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that is prepared once: the servers with the input on them, and the raw limit's rows in a file."""

    stack: LocalStack
    name: str
    """The service's name on the command line; its module follows from it."""
    full: Workload
    small: Workload
    """For the idiomatic handler, which is slow: fewer people of the same feed."""
    folder: Path
    sampler: str = ""
    """A module to run the service's under, for a profile."""

    async def run(self, system: str) -> Run:
        """Time one system once, and check what it left. Raises `WrongResultError`."""
        workload = self.small if system == "idiomatic" else self.full
        service = workload.service.name
        await preload.empty_output(self.stack.bootstrap, workload.service, PARTITIONS)
        async with self._database(service) as (dsn, conn):
            process = self._process(system, dsn)

            async def finished() -> bool:
                if system == "raw limit":
                    return measure.has_said(process, peer.FINISHED)
                decided = await conn.fetchval(f'SELECT last_value FROM "{service}".journal_position_seq')
                if decided < workload.facts:
                    return False
                return bool(
                    await conn.fetchval(
                        f"""
                        SELECT (SELECT count(*) FROM "{service}".journal) >= $1
                               AND NOT EXISTS (SELECT FROM "{service}".outbox)
                        """,
                        workload.facts,
                    )
                )

            try:
                found = await measure.timed(process, self._servers(), workload.facts, finished)
            finally:
                await process.stop()
            await self._check(system, conn, workload)
        return found

    def _process(self, system: str, dsn: str) -> RunningService:
        log = self.folder / f"{system.replace(' ', '-')}-{uuid4().hex[:8]}.log"
        if system == "service":
            environment: Mapping[str, str] = {
                "THROUGHCARE_KAFKA": self.stack.bootstrap,
                "THROUGHCARE_DSN": dsn,
                "THROUGHCARE_TIME": "replay",
                "THROUGHCARE_RUN_LIMIT": str(RUN_LIMIT),
                "BENCHMARK_SAMPLED": module_of(self.name),
                "BENCHMARK_FOLDER": str(self.folder),
            }
            return RunningService(system, environment, log, self.sampler or module_of(self.name))
        group = f"benchmark-{uuid4().hex}"
        given = PeerSettings(self.name, self.stack.bootstrap, dsn, group, self.folder / "rows.pickle", PARTITIONS)
        module = "tests.benchmarks.idiomatic" if system == "idiomatic" else "tests.benchmarks.raw_limit"
        return RunningService(system, given.environment(), log, module)

    def _servers(self) -> Servers:
        assert isinstance(self.stack.kafka, LocalKafka)
        return Servers(self.stack.postgres.pid, tuple(node.pid for node in self.stack.kafka.nodes))

    @asynccontextmanager
    async def _database(self, service: str) -> AsyncIterator[tuple[str, Connection]]:
        """A fresh database: the service's own way into it, and the administrator's connection."""
        name = f"benchmark_{uuid4().hex[:12]}"
        postgres, passwords = self.stack.postgres, self.stack.passwords
        await provision(postgres.admin_dsn, {}, name)
        await migrate_all(postgres.dsn(OWNER, passwords[OWNER], name), (service,))
        conn = await asyncpg.connect(postgres.admin_dsn_of(name))
        try:
            await conn.execute("CHECKPOINT")
            role = role_of(service)
            yield postgres.dsn(role, passwords[role], name), conn
        finally:
            await conn.close()
            server = await asyncpg.connect(postgres.admin_dsn)
            await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
            await server.close()

    async def _check(self, system: str, conn: Connection, workload: Workload) -> None:
        """The number of journal lines and outputs, and the head of every journal: those of the model."""
        service = workload.service
        lines = await conn.fetchval(f'SELECT count(*) FROM "{service.name}".journal')
        rows = await conn.fetch(f'SELECT kind, key, seq, hash FROM "{service.name}".aggregate WHERE seq > 0')
        heads = {Subject(row["kind"], row["key"]): (row["seq"], row["hash"]) for row in rows}
        ids = [
            dict(record.headers)["ce_id"]
            async for record in whole(self.stack.bootstrap, [service.output])
            if not is_time_record(record)
        ]
        wanted = len(workload.result.outputs)
        if lines != workload.facts or len(ids) != wanted or len(set(ids)) != wanted:
            raise WrongResultError(
                f"{system}: {lines} journal lines and {len(ids)} outputs ({len(set(ids))} ids); "
                f"the model has {workload.facts} and {wanted}"
            )
        if heads != workload.heads:
            differ = [subject for subject, head in workload.heads.items() if heads.get(subject) != head]
            raise WrongResultError(f"{system}: {len(differ)} journals differ from the model's")


@asynccontextmanager
async def prepared(name: str, full: Workload, small: Workload, sampler: str = "") -> AsyncIterator[Bench]:
    """The servers, with the input of every system on them."""
    stack = LocalStack("benchmark", time="replay", partitions=PARTITIONS, fresh=True)
    with tempfile.TemporaryDirectory(prefix="throughcare-benchmark-") as folder:
        async with stack:
            await preload.publish(stack.bootstrap, full, PARTITIONS)
            await preload.publish_in_order(stack.bootstrap, small)
            run_rows.write(Path(folder) / "rows.pickle", full, PARTITIONS, RUN_LIMIT)
            yield Bench(stack, name, full, small, Path(folder), sampler)
