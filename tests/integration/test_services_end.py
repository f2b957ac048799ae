"""A service that was started by a demonstration, or a test, does not outlive it, however that ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HOLDER = """
import asyncio, sys
from pathlib import Path
from deploy.services import RunningService

async def hold():
    service = RunningService("idle", {"PYTHONPATH": sys.argv[1]}, Path(sys.argv[1]) / "idle.log", "idling")
    await service.start()
    print(service.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(hold())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_service_ends_with_the_process_that_started_it_and_was_killed(tmp_path: Path) -> None:
    (tmp_path / "idling.py").write_text("import time\ntime.sleep(600)\n")
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        service = int(holder.stdout.readline())
        assert _runs(service)
        holder.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while _runs(service):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    """Whether it is there, and no mere entry of one that has ended."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
