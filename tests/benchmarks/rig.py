"""What every benchmark runs on: real PostgreSQL and Apache Kafka of its own, fresh databases, processes, and the
whole figure in the end with the machine that it was taken on."""

import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from deploy.local.fresh_topics import make_fresh
from deploy.local.kafka import LocalKafka
from deploy.local.stack import LocalStack
from deploy.migrations import migrate_all
from deploy.postgres.roles import OWNER, provision, role_of
from deploy.services import RunningService
from deploy.topics import TimeMode
from shared.kernel.database import Connection
from shared.kernel.settings import Settings
from tests.benchmarks import machine
from tests.benchmarks.figures import FiguresTable, Section, Target
from tests.benchmarks.measure import Servers

PARTITIONS = 4
RUN_LIMIT = Settings("", "", "replay").run_limit
"""Records of one run of the kernel; the batches of the peers are as large."""


@dataclass(frozen=True, slots=True)
class BenchmarkDatabase:
    """One fresh database: an administrator's connection to it, and the ways in of the others."""

    name: str
    conn: Connection
    dsns: Mapping[str, str]
    """By service."""
    owner_dsn: str
    reader_dsn: str


@dataclass(frozen=True, slots=True)
class Rig:
    """The servers, and a folder for what is in between. Made by `raised`."""

    stack: LocalStack
    folder: Path
    facts: Mapping[str, Any]
    partitions: int
    began: float = field(default_factory=time.monotonic)

    @property
    def servers(self) -> Servers:
        """The processes whose processor time is counted beside the services'."""
        assert isinstance(self.stack.kafka, LocalKafka)
        return Servers(self.stack.postgres.pid, tuple(node.pid for node in self.stack.kafka.nodes))

    @asynccontextmanager
    async def database(self, *services: str, template: str = "") -> AsyncIterator[BenchmarkDatabase]:
        """A fresh database with the schemas of some services, migrated; or a copy of another. Dropped at the end."""
        name = f"benchmark_{uuid4().hex[:12]}"
        postgres, passwords = self.stack.postgres, self.stack.passwords
        if template:
            await self.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template} STRATEGY file_copy")
        else:
            await provision(postgres.admin_dsn, {}, name)
            await migrate_all(postgres.dsn(OWNER, passwords[OWNER], name), services)
        conn = await asyncpg.connect(postgres.admin_dsn_of(name))
        try:
            await conn.execute("CHECKPOINT")
            yield BenchmarkDatabase(
                name,
                conn,
                {
                    service: postgres.dsn(role, passwords[role], name)
                    for service in services
                    for role in [role_of(service)]
                },
                postgres.dsn(OWNER, passwords[OWNER], name),
                postgres.dsn("throughcare_reader", passwords["throughcare_reader"], name),
            )
        finally:
            await conn.close()
            await self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def fresh_topics(self) -> None:
        """All topics of the services anew, and empty."""
        await make_fresh(self.stack.bootstrap, self.stack.time, self.partitions)

    async def execute(self, statement: str) -> None:
        """One statement of the administrator, outside of any database of a benchmark."""
        server = await asyncpg.connect(self.stack.postgres.admin_dsn)
        try:
            await server.execute(statement)
        finally:
            await server.close()

    def process(self, name: str, module: str, environment: Mapping[str, str]) -> RunningService:
        """A process, not yet started, with a log of its own."""
        log = self.folder / f"{name.replace(' ', '-')}-{uuid4().hex[:8]}.log"
        return RunningService(name, {"BENCHMARK_FOLDER": str(self.folder), **environment}, log, module)

    def service(self, name: str, module: str, dsn: str, **settings: str) -> RunningService:
        """A process on the kernel, as it runs anywhere."""
        return self.process(
            name,
            module,
            {
                "THROUGHCARE_KAFKA": self.stack.bootstrap,
                "THROUGHCARE_DSN": dsn,
                "THROUGHCARE_TIME": self.stack.time,
                **settings,
            },
        )

    def section(
        self,
        name: str,
        asked: Mapping[str, Any],
        tables: Sequence[FiguresTable],
        targets: Sequence[Target],
        notes: Sequence[str] = (),
        began: float | None = None,
    ) -> Section:
        """What was found, with the machine that it was found on and how long that took: since the rig was raised, or
        since `began` (monotonic) where there were several."""
        taken = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        spent = time.monotonic() - (self.began if began is None else began)
        return Section(name, asked, self.facts, taken, spent, tuple(tables), tuple(targets), tuple(notes))


@asynccontextmanager
async def raised(time_mode: TimeMode = "replay", partitions: int = PARTITIONS) -> AsyncIterator[Rig]:
    """The servers, begun without data and stopped at the end; the facts of the machine are taken before."""
    began = time.monotonic()
    stack = LocalStack("benchmark", time=time_mode, partitions=partitions, fresh=True)
    with tempfile.TemporaryDirectory(prefix="throughcare-benchmark-") as folder:
        async with stack:
            facts = await machine.facts(stack.admin_dsn)
            yield Rig(stack, Path(folder), facts, partitions, began)
