"""Servers shared by every tier: one PostgreSQL and one Apache Kafka for the session, started only if a test
asks, a fresh database and fresh topics for each test. Whether the tests on them ran is said at the end."""

import itertools
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import pytest
from hypothesis import settings

from deploy.local.kafka import QUICK_START, LocalKafka
from deploy.local.kafka_jars import kafka_version, what_is_missing
from deploy.local.postgres import LocalPostgres
from deploy.postgres.roles import OWNER, provision
from tests.servers import PASSWORDS, TEMPLATE, Broker, Database, apart, require_apache_kafka

TIERS = {
    "postgres": {"postgres_server", "own_postgres"},
    "kafka": {"kafka_server", "own_kafka"},
}
_database_numbers = itertools.count(1)

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):  # the same examples for the same code; elsewhere, every run looks at others
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    """One server for the session. A test that stops or kills it uses `own_postgres`."""
    with LocalPostgres(tmp_path_factory.mktemp("postgres")) as server:
        apart(provision(server.admin_dsn, PASSWORDS, TEMPLATE))
        yield server


@pytest.fixture(scope="session")
def kafka_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """One broker for the session. A test that stops or kills it uses `own_kafka`."""
    require_apache_kafka()
    with LocalKafka(tmp_path_factory.mktemp("kafka"), java_options=QUICK_START) as server:
        yield server


@pytest.fixture
def database(postgres_server: LocalPostgres) -> Iterator[Database]:
    """A database of the test's own, with roles and schemas."""
    with _fresh_database(postgres_server) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def module_database(postgres_server: LocalPostgres) -> Iterator[Database]:
    """A database for tests of one module that only read what was written once."""
    with _fresh_database(postgres_server) as fresh:
        yield fresh


@contextmanager
def _fresh_database(postgres_server: LocalPostgres) -> Iterator[Database]:
    name = f"test_{next(_database_numbers)}"
    copy = f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {TEMPLATE} STRATEGY file_copy"
    apart(_execute(postgres_server, copy))
    yield Database(postgres_server, name)
    apart(_execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def kafka(kafka_server: LocalKafka) -> Broker:
    """The session's broker; `await kafka.fresh_topics(...)` before using any topic."""
    return Broker(kafka_server.bootstrap)


@pytest.fixture
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    """A server that the test may stop, kill and start."""
    with LocalPostgres(tmp_path_factory.mktemp("own-postgres")) as server:
        yield server


@pytest.fixture
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """A broker that the test may stop, kill and start."""
    require_apache_kafka()
    with LocalKafka(tmp_path_factory.mktemp("own-kafka"), java_options=QUICK_START) as server:
        yield server


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a test needs follows from the fixtures that it asks for; `-m "not kafka"` then leaves it out."""
    for item in items:
        for tier, servers in TIERS.items():
            if servers.intersection(getattr(item, "fixturenames", ())):
                item.add_marker(tier)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """In CI each failure is told when it happens: a run that is cut short comes to no summary."""
    if report.failed and os.environ.get("CI"):
        print(f"\n{report.nodeid} ({report.when}):\n{report.longreprtext}", file=sys.__stderr__, flush=True)


def pytest_report_header() -> str:
    missing = what_is_missing()
    return f"kafka: NOT AVAILABLE: {missing}" if missing else f"kafka: Apache Kafka {kafka_version()}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The line that continuous integration reads: a tier that was skipped has proved nothing."""
    counts: Counter[str] = Counter()
    outcomes = ("passed", "skipped")
    for outcome in outcomes:
        for report in terminalreporter.getreports(outcome):
            counts.update(f"{tier} {outcome}" for tier in TIERS if tier in report.keywords)
    told = [f"{tier} {outcome} {counts[f'{tier} {outcome}']}" for tier in TIERS for outcome in outcomes]
    terminalreporter.write_line(f"real servers: {', '.join(told)}")


async def _execute(server: LocalPostgres, statement: str) -> None:
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
