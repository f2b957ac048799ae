"""No process is left of a run that was killed: Linux ends a child with the thread that started it, where asked to."""

import ctypes
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
"""Looked up before any fork: little may be done between it and the new program."""


def _die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


die_with_parent: Callable[[], None] | None = None if _libc is None else _die_with_parent
"""For `preexec_fn`. Elsewhere than on Linux a service outlives a demonstration that was killed."""
