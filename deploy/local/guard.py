"""Run one server that must not outlive whoever asked for it. The guard's standard input is a pipe held by
that process: a line on it is a signal number to hand to the server, and its end (a clean stop, or a kill -9
of the holder, which closes it just the same) stops the server politely, then for good. Standard library only:
it runs as a file, `python -IS guard.py SIGNAL GRACE_SECONDS COMMAND...`, and prints the server's pid."""

import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
"""Looked up before any fork: little may be done between it and the new program."""


def main(polite: int, grace_seconds: float, command: list[str]) -> None:
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _nothing)
    server = subprocess.Popen(  # noqa: S603 - our own command
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - no other thread runs yet
    )
    threading.Thread(target=_follow, args=(server,), daemon=True).start()
    print(server.pid, flush=True)
    for request in iter(sys.stdin.readline, ""):
        server.send_signal(int(request))
    server.send_signal(polite)
    threading.Event().wait(grace_seconds)
    server.kill()
    threading.Event().wait()


def _follow(server: subprocess.Popen[bytes]) -> None:
    code = server.wait()
    os._exit(code if code >= 0 else 128 - code)


def _nothing(_signal: int, _frame: object) -> None:
    """The pipe alone says when to stop, so that a Ctrl-C for a whole terminal cannot reorder it."""


def die_with_parent() -> None:
    """For `preexec_fn`. Linux: the kernel kills the child with the thread that started it. Elsewhere it lives on."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
