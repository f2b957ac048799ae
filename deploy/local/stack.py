"""PostgreSQL, Kafka, topics, roles and schemas on this machine, started and stopped together: what the
demonstration, the benchmarks and the tests of the whole system run on."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

from deploy import topics
from deploy.local.guarded import held
from deploy.local.kafka import LocalKafka
from deploy.local.kafka_jars import KafkaMissingError, fetched_jars
from deploy.local.mock_kafka import PARTITIONS as MOCK_PARTITIONS
from deploy.local.mock_kafka import LocalMockKafka
from deploy.local.postgres import LocalPostgres
from deploy.local.state import remembered_passwords, state_folder
from deploy.postgres.roles import DATABASE, OWNER, READER, ROLES, provision, role_of

KafkaKind = Literal["apache", "mock"]


class LocalStack:
    """`async with LocalStack("demo", time="replay") as stack`. It keeps its data from run to run in the
    user's state folder, or in `folder`; `fresh` begins without any. Where Apache Kafka cannot be had, a mock
    broker serves a replay, with four partitions; `KAFKA` in the environment insists on `apache` or `mock`."""

    def __init__(
        self,
        name: str,
        *,
        time: topics.TimeMode,
        partitions: int = 12,
        brokers: int = 1,
        folder: Path | None = None,
        fresh: bool = False,
    ) -> None:
        self.time = time
        self.partitions = partitions
        self.folder = folder or state_folder(name)
        self.passwords: dict[str, str] = {}
        self.postgres = LocalPostgres(self.folder / "postgres")
        self.kafka: LocalKafka | LocalMockKafka = LocalKafka(self.folder / "kafka", brokers=brokers)
        self._replication = min(brokers, 3)
        self._fresh = fresh
        self._lock: IO[str] | None = None

    @property
    def kafka_kind(self) -> KafkaKind:
        return "apache" if isinstance(self.kafka, LocalKafka) else "mock"

    @property
    def bootstrap(self) -> str:
        return self.kafka.bootstrap

    @property
    def admin_dsn(self) -> str:
        """The administrator, in the database of the services."""
        return self.postgres.admin_dsn_of(DATABASE)

    @property
    def owner_dsn(self) -> str:
        return self.postgres.dsn(OWNER, self.passwords[OWNER], DATABASE)

    @property
    def reader_dsn(self) -> str:
        return self.postgres.dsn(READER, self.passwords[READER], DATABASE)

    def dsn(self, service: str) -> str:
        role = role_of(service)
        return self.postgres.dsn(role, self.passwords[role], DATABASE)

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _start(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = held(self.folder / "stack.lock", patience_seconds=1)
        if self._fresh:
            await _to_the_end(partial(_forget, self.folder))
        # Not a task group: what failed is told as it is, and no start is left half done.
        started = await asyncio.gather(self._start_postgres(), self._start_kafka(), return_exceptions=True)
        for outcome in started:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _start_postgres(self) -> None:
        await _to_the_end(self.postgres.start)
        self.passwords = remembered_passwords(self.folder / "passwords.json", ROLES)
        await provision(self.postgres.admin_dsn, self.passwords)

    async def _start_kafka(self) -> None:
        try:
            await _to_the_end(_fetch_apache)
        except KafkaMissingError as missing:
            if os.environ.get("KAFKA") == "apache" or self.time == "live":
                raise
            print(f"*** NO APACHE KAFKA: {missing}. An in-memory mock broker stands in. ***", file=sys.stderr)
            self.kafka, self.partitions = LocalMockKafka(self.folder / "kafka"), MOCK_PARTITIONS
        await _to_the_end(self.kafka.start)
        if self.kafka_kind == "apache":
            await topics.apply(self.bootstrap, self.time, self.partitions, self._replication)

    async def _stop(self) -> None:
        """All of it, whatever else goes wrong or is interrupted meanwhile."""
        await _to_the_end(partial(_stop_all, self.kafka, self.postgres))
        if self._lock:
            self._lock.close()


def _fetch_apache() -> None:
    if os.environ.get("KAFKA") == "mock":
        raise KafkaMissingError("KAFKA=mock asks for none")
    fetched_jars()


def _stop_all(kafka: LocalKafka | LocalMockKafka, postgres: LocalPostgres) -> None:
    try:
        kafka.stop()
    finally:
        postgres.stop()


def _forget(folder: Path) -> None:
    """Once the guards of a killed run are done with it."""
    for lock in folder.glob("*/**/*.lock"):
        held(lock).close()
    for part in ("postgres", "kafka"):
        shutil.rmtree(folder / part, ignore_errors=True)


async def _to_the_end(action: Callable[[], object]) -> None:
    """In a thread. A cancellation waits until it has ended: what is half started could not be stopped."""
    work = asyncio.ensure_future(asyncio.to_thread(action))
    try:
        await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise
