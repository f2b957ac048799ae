"""The topics that a service leans on, checked at start and while it runs: it stops rather than work on wrong ones."""

from collections.abc import Iterable
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from shared.domain.service import Service
from shared.kernel.log_order import Mode
from shared.kernel.run import StopService

TIMESTAMPS: dict[Mode, str] = {"live": "LogAppendTime", "replay": "CreateTime"}


async def partitions_of(bootstrap: str, topics: Iterable[str]) -> dict[str, int]:
    """How many partitions each topic has; a topic that is not there is left out."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="throughcare-check")
    await admin.start()
    try:
        described = await admin.describe_topics(list(topics))
    finally:
        await admin.close()
    return {topic["topic"]: len(topic["partitions"]) for topic in described if not topic["error_code"]}


async def timestamps_of(bootstrap: str, topics: Iterable[str]) -> dict[str, str]:
    """The timestamp type of each topic; empty where the broker does not tell (an in-memory one)."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="throughcare-check")
    await admin.start()
    try:
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
        responses: list[Any] = await admin.describe_configs(resources)
    except KafkaError:
        return {}
    finally:
        await admin.close()
    found = {}
    for response in responses:
        for resource in response.resources:
            error, _, _, name, entries = resource[:5]
            if not error:
                found[name] = next((entry[1] for entry in entries if entry[0] == "message.timestamp.type"), "")
    return found


async def check(service: Service, bootstrap: str, mode: Mode) -> int:
    """The number of partitions that all topics of a service have.

    Raises `StopService` for a topic that is missing, has another number of partitions than its fellows, or keeps
    another time than the mode: in replay the publishers' (`CreateTime`), live the brokers' (`LogAppendTime`).
    """
    topics = [*service.inputs, service.output, service.dead_letters]
    counts = await partitions_of(bootstrap, topics)
    missing = [topic for topic in topics if topic not in counts]
    if missing:
        raise StopService(f"topics missing: {', '.join(missing)}; run `throughcare topics apply`")
    if len(set(counts.values())) != 1:
        told = ", ".join(f"{topic} {counts[topic]}" for topic in topics)
        raise StopService(f"topics differ in their number of partitions ({told}): make them alike before the start")
    for topic, kept in sorted((await timestamps_of(bootstrap, topics)).items()):
        if kept != TIMESTAMPS[mode]:
            raise StopService(
                f"{topic} keeps message.timestamp.type={kept or 'unknown'}, and THROUGHCARE_TIME={mode} needs "
                f"{TIMESTAMPS[mode]}; run `throughcare topics check`"
            )
    return counts[service.output]
