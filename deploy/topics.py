"""The topics of the published language: their names, and the settings that the services' log time leans on.
`apply` makes those that are missing and never changes one that is there: another partition count would send a
person's later events elsewhere, and another timestamp type would change what the log says. What differs is
reported, for a person to decide."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.contracts import registry

TimeMode = Literal["live", "replay"]

INPUTS = tuple(topic.name for topic in registry.TOPICS.values() if topic.direction == "inbound")
DEAD_LETTERS = tuple(registry.DEAD_LETTERS.values())
TOPICS = (*registry.TOPICS, *DEAD_LETTERS)

MIB = 1024 * 1024
DAY_MS = 24 * 60 * 60 * 1000
EVER = str(2**63 - 1)
CREATED, EXISTS = 0, 36
READY_SECONDS = 30.0
SETTLE_TRIES = 50
"""Tenths of a second for every broker of a cluster to hear of a new topic: any of them may be asked about it."""


class TopicsError(RuntimeError):
    """Topics could not be made, or are not as the services need them; the message lists every problem."""


@dataclass(frozen=True)
class Layout:
    """How a topic must be."""

    partitions: int
    replication: int
    settings: Mapping[str, str]


def layout(topic: str, time: TimeMode, partitions: int, replication: int) -> Layout:
    """What `topic` must be like. Sizes are those of a batch on the wire, headers and framing included; a dead
    letter carries a whole record and says what was wrong with it, so it may be larger than any input. Live
    records are kept for less than the services remember event ids (90 days): none can be taken twice."""
    if topic in DEAD_LETTERS:
        size, kept_days = 4 * MIB, 365
    else:
        size, kept_days = (1 if topic in INPUTS else 2) * MIB, 60
    settings = {
        "cleanup.policy": "delete",
        "max.message.bytes": str(size),
        "min.insync.replicas": "2" if replication >= 3 else "1",
        "message.timestamp.type": "LogAppendTime" if time == "live" else "CreateTime",
        "retention.ms": str(kept_days * DAY_MS) if time == "live" else "-1",
        "retention.bytes": "-1",
    }
    if time == "replay":
        settings |= {"message.timestamp.before.max.ms": EVER, "message.timestamp.after.max.ms": EVER}
    return Layout(partitions, replication, settings)


async def apply(bootstrap: str, time: TimeMode, partitions: int = 12, replication: int = 1) -> list[str]:
    """Make the topics that are missing and return their names, once every partition has a leader.
    TopicsError if one could not be made, or if one that was there differs."""
    async with admin(bootstrap) as client:
        existing = set(await client.list_topics())
        missing = [topic for topic in TOPICS if topic not in existing]
        await create(client, missing, time, partitions, replication)
        problems = await _problems(client, time, partitions, replication)
        patience = SETTLE_TRIES if missing else 0
        while problems and patience:
            await asyncio.sleep(0.1)
            problems = await _problems(client, time, partitions, replication)
            patience -= 1
    if problems:
        raise TopicsError("\n".join(problems))
    return missing


async def check(bootstrap: str, time: TimeMode, partitions: int = 12, replication: int = 1) -> list[str]:
    """In words, everything about the topics that is not as it must be; empty if all is well."""
    async with admin(bootstrap) as client:
        return await _problems(client, time, partitions, replication)


async def create(
    client: AIOKafkaAdminClient, topics: Iterable[str], time: TimeMode, partitions: int, replication: int
) -> None:
    """Make these and wait until they can be used. One that someone else has just made is left to `check`."""
    wanted = []
    for topic in topics:
        how = layout(topic, time, partitions, replication)
        wanted.append(NewTopic(topic, how.partitions, how.replication, topic_configs=dict(how.settings)))
    if not wanted:
        return
    answer = await client.create_topics(wanted)
    failed = [f"{name}: {text or code}" for name, code, text in answer.topic_errors if code not in {CREATED, EXISTS}]
    if failed:
        raise TopicsError("could not make topics: " + "; ".join(failed))
    await _led(client, [topic.name for topic in wanted])


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=15_000)
    try:
        await client.start()
        yield client
    finally:
        await client.close()


async def _led(client: AIOKafkaAdminClient, topics: list[str]) -> None:
    """The controller answers before every broker knows of a new topic."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            shown = await client.describe_topics(topics)
            if all(
                topic["error_code"] == 0
                and topic["partitions"]
                and all(part["error_code"] == 0 and part["leader"] >= 0 for part in topic["partitions"])
                for topic in shown
            ):
                return
            await asyncio.sleep(0.02)


async def _problems(client: AIOKafkaAdminClient, time: TimeMode, partitions: int, replication: int) -> list[str]:
    problems: list[str] = []
    shown = {topic["topic"]: topic for topic in await client.describe_topics(list(TOPICS))}
    there = [topic for topic in TOPICS if shown[topic]["error_code"] == 0]
    found = await _settings(client, there)
    for topic in TOPICS:
        if topic not in there:
            problems.append(f"topic {topic} is missing")
            continue
        parts = shown[topic]["partitions"]
        how = layout(topic, time, partitions, replication)
        if len(parts) != how.partitions:
            problems.append(f"topic {topic} has {len(parts)} partitions, not {how.partitions}")
        if any(len(part["replicas"]) != how.replication for part in parts):
            problems.append(f"topic {topic} is not replicated {how.replication} times throughout")
        for name, value in how.settings.items():
            if found[topic].get(name) != value:
                problems.append(f"topic {topic} has {name}={found[topic].get(name)}, not {value}")
    return problems


async def _settings(client: AIOKafkaAdminClient, topics: list[str]) -> dict[str, dict[str, str]]:
    names = {name: None for topic in topics for name in layout(topic, "replay", 1, 1).settings}
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic, configs=names) for topic in topics]
    answers = await client.describe_configs(resources) if resources else []
    return {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for answer in answers
        for resource in answer.resources
    }
