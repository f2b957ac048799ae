"""The local stack comes up whole, keeps its data from run to run, and leaves no process behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import asyncpg
import pytest

from deploy import topics
from deploy.local.guarded import FolderInUseError
from deploy.local.stack import LocalStack
from tests.servers import require_apache_kafka

HOLDER = """
import asyncio, sys
from pathlib import Path
from typing import IO
from deploy.local.stack import LocalStack
async def hold():
    async with LocalStack("held", time="replay", partitions=2, folder=Path(sys.argv[1])):
        print("up", flush=True)
        await asyncio.sleep(60)
asyncio.run(hold())
"""


@pytest.mark.kafka
async def test_it_comes_up_with_topics_and_roles_and_keeps_its_data(tmp_path: Path) -> None:
    require_apache_kafka()
    async with LocalStack("test", time="live", partitions=2, folder=tmp_path) as stack:
        assert stack.kafka_kind == "apache"
        assert await topics.check(stack.bootstrap, "live", partitions=2) == []
        assert await _value(stack.dsn("metrics"), "SELECT current_user") == "throughcare_metrics"
        await _value(stack.owner_dsn, "CREATE TABLE metrics.kept (n integer)")
        with pytest.raises(FolderInUseError):
            await LocalStack("test", time="live", folder=tmp_path).__aenter__()
    assert _processes_on(tmp_path) == []
    async with LocalStack("test", time="live", partitions=2, folder=tmp_path) as stack:
        assert await _value(stack.owner_dsn, "SELECT count(*) FROM metrics.kept") == 0
    async with LocalStack("test", time="replay", partitions=3, folder=tmp_path, fresh=True) as stack:
        assert await topics.check(stack.bootstrap, "replay", partitions=3) == []
        assert await _value(stack.owner_dsn, "SELECT to_regclass('metrics.kept')") is None


@pytest.mark.kafka
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("moment", ["up", "starting"])
async def test_nothing_is_left_of_a_run_that_was_ended(tmp_path: Path, sign: signal.Signals, moment: str) -> None:
    require_apache_kafka()
    with _held_by_another_process(tmp_path) as (holder, said):
        if moment == "up":
            assert said.readline() == "up\n"
        else:
            _wait_until(lambda: any("kafka.Kafka" in line for line in _processes_on(tmp_path)))
        holder.send_signal(sign)
        holder.wait(30)
    _wait_until(lambda: _processes_on(tmp_path) == [])
    async with LocalStack("held", time="replay", partitions=2, folder=tmp_path) as again:
        assert await topics.check(again.bootstrap, "replay", partitions=2) == []


async def test_without_apache_kafka_a_mock_broker_stands_in_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA", "mock")
    async with LocalStack("test", time="replay", partitions=12, folder=tmp_path) as stack:
        assert stack.kafka_kind == "mock"
        assert stack.partitions == 4
        assert re.fullmatch(r"127\.0\.0\.1:\d+", stack.bootstrap)
    assert capsys.readouterr().err.count("NO APACHE KAFKA") == 1
    assert _processes_on(tmp_path) == []


@contextmanager
def _held_by_another_process(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", IO[str]]]:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout is not None
        try:
            yield holder, holder.stdout
        finally:
            holder.kill()


def _processes_on(folder: Path) -> list[str]:
    """Command lines, other than of this test, that name the folder."""
    shown = subprocess.run(["ps", "-ewwo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in shown.splitlines() if str(folder) in line and "LocalStack" not in line and _other(line)]


def _other(line: str) -> bool:
    return int(line.split(maxsplit=1)[0]) != os.getpid()


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "waited 30 s in vain"
        time.sleep(0.05)


async def _value(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
