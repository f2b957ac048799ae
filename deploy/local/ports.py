"""Ports for servers of our own. They are taken from below the kernel's ephemeral range: a port from within it
may be given to an outgoing connection while its server is down for a restart, and a client that keeps trying
such a port can even connect to itself."""

import secrets
import socket
import time
from contextlib import closing

LOWEST, HIGHEST = 15_000, 32_000
FREED_SECONDS = 2.0
_taken: set[int] = set()


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on and that this process has not handed out before."""
    for _ in range(1_000):
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        if port not in _taken and is_free(port):
            _taken.add(port)
            return port
    raise OSError(f"no free port on 127.0.0.1 between {LOWEST} and {HIGHEST}")


def comes_free(port: int) -> bool:
    """Whether a port is free, or is soon: a process that has just been killed holds it for a moment after its end."""
    deadline = time.monotonic() + FREED_SECONDS
    while not (free := is_free(port)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return free


def is_free(port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
