"""`throughcare up`: the whole system on this machine, live, until it is asked to stop."""

import asyncio
import os

from rich.console import Console

from deploy.local.stack import LocalStack
from deploy.local.state import state_folder
from deploy.system import running

NAME = "live"


async def up(console: Console) -> int:
    """Start everything and stay until Ctrl-C. Returns the exit code."""
    with console.status("starting PostgreSQL and Kafka …"):
        stack = await LocalStack(NAME, time="live").__aenter__()
    try:
        async with running(stack, state_folder(NAME) / "logs") as system:
            system.addresses(os.getpid()).write(NAME)
            for name, service in system.services.items():
                console.print(f"  {name:13} {service.address}/health/ready   {service.address}/metrics")
            console.print("Live. `throughcare publish --live FILE` feeds it; Ctrl-C stops it.")
            await asyncio.Event().wait()
    finally:
        await stack.__aexit__(None, None, None)
    return 0
