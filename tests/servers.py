"""What tests are handed of the real servers: a database of their own on one PostgreSQL, and topics of their
own on one Kafka."""

import asyncio
import os
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

import pytest
from confluent_kafka.admin import AdminClient

from deploy.local.fresh_topics import make_fresh
from deploy.local.kafka_jars import what_is_missing
from deploy.local.postgres import LocalPostgres
from deploy.postgres.roles import OWNER, READER, ROLES, role_of
from deploy.topics import TimeMode

Result = TypeVar("Result")

PASSWORDS = dict.fromkeys(ROLES, "test")
TEMPLATE = "throughcare_template"
GROUPS_SECONDS = 60.0


@dataclass(frozen=True)
class Database:
    """A fresh database with roles and schemas, and no tables yet."""

    server: LocalPostgres
    name: str

    def dsn(self, service: str) -> str:
        """As the service itself connects: its own schema, no right to make tables."""
        return self._dsn(role_of(service))

    @property
    def owner_dsn(self) -> str:
        """As migrations connect."""
        return self._dsn(OWNER)

    @property
    def reader_dsn(self) -> str:
        return self._dsn(READER)

    @property
    def admin_dsn(self) -> str:
        return self.server.admin_dsn_of(self.name)

    def _dsn(self, role: str) -> str:
        return self.server.dsn(role, PASSWORDS[role], self.name)


@dataclass(frozen=True)
class Broker:
    """The session's Apache Kafka. Whoever uses topics asks for fresh ones first, and closes its clients."""

    bootstrap: str

    async def fresh_topics(self, time: TimeMode = "replay", partitions: int = 4) -> None:
        """Empty topics, once no group has members: one killed a moment ago still counts for its session, and one of
        the other time mode keeps a new one out."""
        client = AdminClient({"bootstrap.servers": self.bootstrap})
        deadline = monotonic() + GROUPS_SECONDS
        while left := _groups_with_members(client):
            assert monotonic() < deadline, f"still with members: {', '.join(left)}"
            await asyncio.sleep(0.1)
        await make_fresh(self.bootstrap, time, partitions)


def _groups_with_members(client: AdminClient) -> list[str]:
    """Asked on the test's own thread, and for ten seconds at most: whoever waits in another one cannot be ended."""
    found = client.list_consumer_groups(request_timeout=10).result(timeout=15)
    return [group.group_id for group in found.valid if group.state.name not in ("EMPTY", "DEAD")]


def require_apache_kafka() -> None:
    """Skip where it cannot be run, unless `KAFKA=apache` says that it must."""
    if missing := what_is_missing():
        if os.environ.get("KAFKA") == "apache":
            pytest.fail(f"KAFKA=apache, but {missing}")
        pytest.skip(f"needs Apache Kafka: {missing}")


def apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it on a loop and a thread of its own, so that a fixture disturbs no test's loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
