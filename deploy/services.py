"""The four services as processes of this machine: started together, watched, stopped clean."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import orjson

from deploy.local.guard import die_with_parent
from deploy.local.ports import free_port

SERVICES = ("allocation", "resettlement", "enforcement", "metrics")
"""In the order in which time flows."""

STOP_SECONDS = 8.0


class ServiceFailed(Exception):
    """A service ended by itself; the message is what it said last."""


class RunningService:
    """One service process: its environment, its log and its pages."""

    def __init__(self, name: str, environment: Mapping[str, str], log: Path, module: str | None = None) -> None:
        self.name = name
        self.port = free_port()
        self.log = log
        self._module = module or f"services.{name}"
        self._environment = {**os.environ, **environment, "THROUGHCARE_HTTP_PORT": str(self.port)}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        """Where its health and metrics pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id. Raises `ServiceFailed` where it does not run."""
        if self._process is None or self._process.returncode is not None:
            raise ServiceFailed(f"{self.name} does not run: {self.last_words()}")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the process."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self._module, env=self._environment, stdout=out, stderr=out,
                start_new_session=True, preexec_fn=die_with_parent,
            )  # fmt: skip

    async def ended(self) -> int:
        """Wait for it to end by itself; its exit code."""
        return 0 if self._process is None else await self._process.wait()

    async def stop(self) -> float:
        """Ask it to stop; killed if it does not within eight seconds. Returns how long it took."""
        began = time.monotonic()
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                await self.kill()
        return time.monotonic() - began

    async def kill(self) -> None:
        """End it as `kill -9` does."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def last_words(self) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return "no log"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])

    async def page(self, path: str) -> tuple[int, bytes]:
        """One of its pages: status and body; status 0 where nobody answers."""
        return await asyncio.to_thread(_get, self.address + path)


def _get(address: str) -> tuple[int, bytes]:
    try:
        with urlopen(address, timeout=2) as answer:  # noqa: S310  # our own address
            return answer.status, answer.read()
    except URLError as failure:
        if hasattr(failure, "code") and hasattr(failure, "read"):
            return int(failure.code), bytes(failure.read())
        return 0, b""
    except OSError:
        return 0, b""


async def ready(services: Iterable[RunningService], seconds: float = 60.0) -> None:
    """Wait until every service holds its partitions and works. Raises `ServiceFailed`."""
    until = time.monotonic() + seconds
    for service in services:
        while True:
            status, body = await service.page("/health/ready")
            if status == 200 and orjson.loads(body).get("partitions"):
                break
            if not service.running:
                raise ServiceFailed(f"{service.name}: {service.last_words()}")
            if time.monotonic() > until:
                raise ServiceFailed(f"{service.name} is not ready after {seconds:.0f} s: {service.last_words()}")
            await asyncio.sleep(0.1)
