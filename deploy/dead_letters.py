"""Dead letters: what could not be decoded, where it came from and why; shown, and published again once it can be."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer

from deploy.consume import whole
from shared.contracts.registry import DEAD_LETTERS

OURS = ("x-service", "x-original-topic", "x-original-partition", "x-original-offset", "x-original-timestamp",
        "x-reason-code", "x-reason", "x-hint")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter: its place in the dead letters, and the record as it came."""

    place: str
    told: dict[str, str]
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    def as_json(self) -> dict[str, str]:
        """For a script: no content, which may be about a person."""
        return {"place": self.place, **{name.removeprefix("x-"): value for name, value in self.told.items()}}


async def letters(bootstrap: str, service: str) -> AsyncIterator[Letter]:
    """The dead letters of a service, oldest first within a partition."""
    async for record in whole(bootstrap, [DEAD_LETTERS[service]]):
        yield _letter(record)


async def publish_again(bootstrap: str, chosen: list[Letter]) -> int:
    """Publish the original records again, to the topics that they came from; they are decoded anew."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, max_request_size=8 * 1024 * 1024
    )
    await producer.start()
    try:
        for letter in chosen:
            partition = int(letter.told["x-original-partition"])
            await producer.send_and_wait(
                letter.told["x-original-topic"], letter.value, key=letter.key, partition=partition,
                headers=list(letter.headers),
            )  # fmt: skip
    finally:
        await producer.stop()
    return len(chosen)


def _letter(record: Any) -> Letter:
    headers = list(record.headers)
    told = {name: (value or b"").decode(errors="replace") for name, value in headers[-len(OURS) :] if name in OURS}
    return Letter(f"{record.partition}:{record.offset}", told, record.key, record.value, tuple(headers[: -len(OURS)]))
