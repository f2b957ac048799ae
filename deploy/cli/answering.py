"""How a command ends: what it prints, where, and with which exit code; and how it waits for asynchronous work."""

import asyncio
import signal
import sys
from typing import Any, NoReturn

import asyncpg
import typer
from aiokafka.errors import KafkaError
from rich.console import Console

from deploy.services import ServiceFailed

console = Console(width=None if sys.stdout.isatty() else 120)
errors = Console(stderr=True)


def awaited(work: Any) -> Any:
    """What asynchronous work leads to; SIGTERM ends it as cleanly as Ctrl-C; a system out of reach is said."""
    try:
        return asyncio.run(_stoppable(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        leave(0)
    except (OSError, asyncpg.PostgresError, KafkaError) as failure:
        failed(
            f"cannot reach the system: {type(failure).__name__}; does it run? (`throughcare up`, `throughcare demo`)"
        )
    except ServiceFailed as failure:
        failed(str(failure))


async def _stoppable(work: Any) -> Any:
    """The work, ended cleanly on SIGTERM as on Ctrl-C."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work


def leave(code: int) -> NoReturn:
    """End with an exit code."""
    raise typer.Exit(code)


def wrong(what: str) -> NoReturn:
    """It was asked wrongly: say how, and end with exit code 2."""
    errors.print(what, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2)


def failed(what: str) -> NoReturn:
    """It failed: say why, and end with exit code 1."""
    errors.print(what, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)
