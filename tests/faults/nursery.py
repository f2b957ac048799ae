"""Processes of a service that start in milliseconds: forked from one that has imported everything and opened nothing.

Hundreds of kill points need hundreds of starts, and two seconds of imports each would be most of it. A life is a
process of its own with its own environment, log and loop; `kill -9` ends it and leaves the nursery alone.
"""

import asyncio
import json
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shared.contracts.registry import MODELS
from shared.contracts.wire import envelope_of
from shared.domain.service import Service
from shared.kernel.main import main
from tests.counter import BELOW, COUNTER
from tests.faults.clock import SteppedClock
from tests.faults.refusals import Refusals
from tests.faults.steps import KillPoint, Steps

BORN = {service.name: service for service in (COUNTER, BELOW)}


class Nursery:
    """One life at a time: `begin`, then `ended`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self.pid = 0

    async def __aenter__(self) -> Self:
        with (self._folder / "nursery.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", __name__,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log, start_new_session=True,
            )  # fmt: skip
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None or self._process.stdin is None:
            return
        self.signal(signal.SIGKILL)
        self._process.stdin.close()
        await self._process.wait()

    async def begin(
        self,
        service: Service,
        environment: Mapping[str, str],
        log: Path,
        kill_at: KillPoint | None = None,
        trace: Path | None = None,
        refusals: Mapping[int, int] | None = None,
        clock: bool = False,
    ) -> None:
        """Fork a process of the service, armed with a kill point, with refusals or with a clock that can be stepped."""
        told = {
            "service": service.name,
            "environment": dict(environment),
            "log": str(log),
            "kill_at": kill_at,
            "trace": None if trace is None else str(trace),
            "refusals": sorted((refusals or {}).items()),
            "clock": clock,
        }
        process = self._running()
        process[0].write(json.dumps(told).encode() + b"\n")
        self.pid = int(await process[1].readline())

    async def ended(self) -> int:
        """Wait for the life to end: its exit code, or minus the signal that killed it."""
        code = int(await self._running()[1].readline())
        self.pid = 0
        return code

    def signal(self, number: signal.Signals) -> None:
        """Send the life a signal, if it lives."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _running(self) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


def _serve() -> None:
    """Fork a life for each line of stdin; print its pid, wait for its end, print how it ended."""
    for model in MODELS.values():
        envelope_of(model)
    for line in sys.stdin:
        told = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(told)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _live(told: Mapping[str, Any]) -> None:
    code = 1
    try:
        log = os.open(told["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.update(told["environment"])
        kill_at = KillPoint(*told["kill_at"]) if told["kill_at"] else None
        Steps(kill_at, Path(told["trace"]) if told["trace"] else None).arm()
        Refusals(dict(told["refusals"])).arm()
        if told["clock"]:
            SteppedClock().arm()
        main(BORN[told["service"]])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # the log is the only place where a life can say what ended it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
