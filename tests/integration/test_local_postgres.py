"""The embedded PostgreSQL keeps what was committed, whatever ends it, and is found by nobody afterwards."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from deploy.local.guarded import FolderInUseError, command_line
from deploy.local.postgres import LocalPostgres

HOLDER = """
import sys, time
from pathlib import Path
from deploy.local.postgres import LocalPostgres
server = LocalPostgres(Path(sys.argv[1])).start()
print(server.pid, flush=True)
time.sleep(60)
"""


async def test_it_is_postgresql_18_with_fsync_on_tcp(own_postgres: LocalPostgres) -> None:
    assert str(await _value(own_postgres, "SHOW server_version")).startswith("18.")
    assert await _value(own_postgres, "SHOW fsync") == "on"
    assert await _value(own_postgres, "SHOW unix_socket_directories") == ""
    assert await _value(own_postgres, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"


async def test_what_was_committed_survives_every_way_to_end_it(own_postgres: LocalPostgres) -> None:
    await _run(own_postgres, "CREATE TABLE fact (n integer)")
    ends = (own_postgres.stop, lambda: own_postgres.stop("immediate"), own_postgres.kill)
    for n, end in enumerate(ends, 1):
        await _run(own_postgres, f"INSERT INTO fact VALUES ({n})")
        end()
        assert not own_postgres.running
        own_postgres.start()
        assert await _value(own_postgres, "SELECT count(*) FROM fact") == n


async def test_a_pid_file_that_names_some_other_process_does_not_stop_it(own_postgres: LocalPostgres) -> None:
    own_postgres.kill()
    pid_file = own_postgres.folder / "cluster" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    own_postgres.start()
    assert await _value(own_postgres, "SELECT 1") == 1


def test_two_runs_cannot_share_a_folder(own_postgres: LocalPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.local.guarded.LOCK_PATIENCE_SECONDS", 0.2)
    with pytest.raises(FolderInUseError):
        LocalPostgres(own_postgres.folder).start()
    assert own_postgres.running


def test_it_does_not_outlive_a_holder_that_is_killed(tmp_path: Path) -> None:
    holder, pid = _held_by_another_process(tmp_path)
    holder.kill()
    holder.communicate()
    _expect_gone(pid)
    with LocalPostgres(tmp_path) as again:
        assert again.running


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_it_does_not_outlive_its_guard(tmp_path: Path) -> None:
    with LocalPostgres(tmp_path) as server:
        pid = server.pid
        os.kill(_parent(pid), signal.SIGKILL)
        _expect_gone(pid)
        server.stop()
        server.start()
        assert server.running


def _held_by_another_process(folder: Path) -> tuple["subprocess.Popen[str]", int]:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    return holder, int(holder.stdout.readline())


def _expect_gone(pid: int) -> None:
    deadline = time.monotonic() + 20
    while command_line(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.05)


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


async def _value(server: LocalPostgres, query: str) -> object:
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def _run(server: LocalPostgres, statement: str) -> None:
    await _value(server, statement)
