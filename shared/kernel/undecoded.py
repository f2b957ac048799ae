"""How FastStream's batch subscriber is made to hand over records as they came: nothing parsed, nothing acknowledged."""

from typing import Any

from faststream.kafka.message import KafkaAckableMessage, KafkaMessage


class _NoAck:
    """Acknowledgement is PostgreSQL's commit; FastStream is given nothing to commit."""

    async def commit(self) -> None:
        return

    def seek(self, *_: object) -> None:
        return


_NO_ACK = _NoAck()


async def raw(records: Any) -> KafkaMessage:
    """A batch as FastStream's message, without touching headers or bodies: a bad one must not cost its neighbours."""
    return KafkaAckableMessage(
        body=b"",
        raw_message=records,
        headers={},
        message_id="",
        correlation_id="",
        content_type=None,
        consumer=_NO_ACK,
    )


async def undecoded(message: KafkaMessage) -> Any:
    """The records of a batch that `raw` made a message of."""
    return message.raw_message
