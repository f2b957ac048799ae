"""What the figures were taken on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]

from deploy.local.kafka_jars import kafka_version

PACKAGES = ("faststream", "aiokafka", "asyncpg", "pydantic", "msgspec", "orjson")


async def facts(admin_dsn: str) -> dict[str, object]:
    """Cores, memory, versions, and whether commits reach the disk."""
    conn = await asyncpg.connect(admin_dsn)
    try:
        shown = {
            name: await conn.fetchval(f"SHOW {name}")
            for name in ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
        }
    finally:
        await conn.close()
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "loadBefore": round(os.getloadavg()[0], 2),
        "memoryGiB": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "kafka": kafka_version(),
        "postgres": shown,
        "packages": {name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
