"""A server process under its guard: started, watched, signalled and stopped, with its output in a log file.
One lock file for each server, held by the guard, says that its folder is in use; a new run waits for a guard
that is still stopping the server of a run that was killed."""

import fcntl
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from deploy.local import guard

LOCK_PATIENCE_SECONDS = 20.0


class ServerFailedError(RuntimeError):
    """A local server did not start, did not answer or ended; the end of its log is in the message."""


class FolderInUseError(RuntimeError):
    """Another run holds this folder."""


class Guarded:
    """One server: `start`, then `signal`, `wait` or `stop`. It may be started again once it has ended."""

    def __init__(self, folder: Path, name: str, *, polite: signal.Signals, grace_seconds: float) -> None:
        self.log = folder / f"{name}.log"
        self._name = name
        self.lock = folder / f"{name}.lock"
        self._polite = polite
        self._grace_seconds = grace_seconds
        self._guard: subprocess.Popen[str] | None = None
        self.pid = 0

    @property
    def running(self) -> bool:
        return self._guard is not None and self._guard.poll() is None

    def start(self, command: list[str], environment: dict[str, str] | None = None) -> None:
        """Returns once the process exists, which is long before it answers."""
        if self.running:
            raise ServerFailedError(f"{self._name} is running already")
        self._forget()
        with self.log.open("a") as log, held(self.lock) as lock:
            self._guard = subprocess.Popen(  # noqa: S603 - our own guard
                [
                    sys.executable,
                    "-IS",
                    guard.__file__,
                    str(int(self._polite)),
                    str(self._grace_seconds),
                    *command,
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
                start_new_session=True,
                pass_fds=[lock.fileno()],
            )
        self.pid = int(_pipe(self._guard.stdout).readline() or 0)
        if not self.pid:
            raise ServerFailedError(f"{self._name} could not be started:\n{self.last_words()}")

    def signal(self, sign: signal.Signals) -> None:
        """Hand a signal to the server, through the guard: a reused process id is never hit."""
        if self.running and self._guard:
            requests = _pipe(self._guard.stdin)
            with suppress(BrokenPipeError):
                requests.write(f"{int(sign)}\n")
                requests.flush()

    def wait(self, seconds: float) -> None:
        """Until it has ended; TimeoutError if it has not by then."""
        if self._guard:
            try:
                self._guard.wait(seconds)
            except subprocess.TimeoutExpired as late:
                raise TimeoutError(f"{self._name} is still running after {seconds} s") from late
            self._forget()

    def stop(self) -> None:
        """Politely, then, after the grace, for good. Safe to call at any time."""
        if self._guard:
            _pipe(self._guard.stdin).close()
            self.wait(self._grace_seconds + 10)

    def expect_running(self) -> None:
        if not self.running:
            raise ServerFailedError(f"{self._name} ended while starting:\n{self.last_words()}")

    def last_words(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _forget(self) -> None:
        if self._guard:
            for pipe in (self._guard.stdin, self._guard.stdout):
                if pipe:
                    pipe.close()
        self._guard, self.pid = None, 0


def held(lock: Path, patience_seconds: float | None = None) -> IO[str]:
    """The file, open and locked; the lock lasts as long as any process keeps this descriptor open."""
    file = lock.open("w")
    patience = LOCK_PATIENCE_SECONDS if patience_seconds is None else patience_seconds
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                file.close()
                raise FolderInUseError(f"another run is using {lock.parent}") from None
            time.sleep(0.1)
        else:
            return file


def command_line(pid: int) -> str:
    """What that process was started with; empty if there is none."""
    shown = Path(f"/proc/{pid}/cmdline")
    try:
        if Path("/proc/self/cmdline").exists():
            return shown.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return subprocess.check_output(["ps", "-o", "args=", "-p", str(pid)], text=True)  # noqa: S603, S607
    except (FileNotFoundError, ProcessLookupError, subprocess.CalledProcessError):
        return ""


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise ServerFailedError("a guard without pipes")
    return stream
