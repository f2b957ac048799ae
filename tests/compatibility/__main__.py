"""Dump the database of a small sample feed, decided by the services of this version, for later versions to read."""

import asyncio
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from deploy.demo import feed
from deploy.local.postgres import tool
from deploy.local.stack import LocalStack
from deploy.publish import Publisher
from deploy.system import running
from tests.compatibility import FOLDER, MONTHS, PEOPLE, SEED


async def make(name: str) -> Path:
    """Run the feed through the real services, and dump what they wrote."""
    history = feed(PEOPLE, MONTHS, SEED)
    until = history[-1].timestamp + timedelta(days=60)
    target = FOLDER / f"database-{name}.dump"
    with tempfile.TemporaryDirectory() as folder:
        async with LocalStack("compatibility", time="replay", partitions=4, fresh=True) as stack:
            async with running(stack, Path(folder)) as system, Publisher(stack.bootstrap) as publisher:
                await publisher.replay(history, until)
                await system.closed(until, 120)
            dump = [tool("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--dbname={stack.admin_dsn}"]
            done = await asyncio.to_thread(subprocess.run, dump, check=True, capture_output=True)
            target.write_bytes(done.stdout)
    return target


if __name__ == "__main__":
    print(asyncio.run(make(sys.argv[1])))
