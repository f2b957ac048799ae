"""A broker that takes what the producer sends and answers that it did not: errors that no client can bring about.

The answer is changed where the driver takes it, so the records stand in the topic and the producer believes otherwise:
the worst case, for whoever only sends again.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiokafka.conn import AIOKafkaConnection

OUT_OF_ORDER_SEQUENCE = 45
UNKNOWN_PRODUCER_ID = 59
MESSAGE_TOO_LARGE = 10
NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20


class Refusals:
    """By the number of a produce request in this process's life (from 1), the error code of its answer."""

    def __init__(self, codes: Mapping[int, int]) -> None:
        self._codes = codes
        self._sent = 0

    def arm(self) -> None:
        """Wrap the driver of this process, for its whole life."""
        if self._codes:
            AIOKafkaConnection.send = self._request(AIOKafkaConnection.send)

    def _request(self, original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        def send(conn: Any, request: Any, expect_response: bool = True) -> Awaitable[Any]:
            answer = original(conn, request, expect_response)
            if type(request).__name__ != "ProduceRequest":
                return answer
            self._sent += 1
            code = self._codes.get(self._sent)
            return answer if code is None else _refused(answer, code)

        return send


async def _refused(answer: Awaitable[Any], code: int) -> Any:
    """The broker's answer, with an error for every partition of it."""
    response = await answer
    response.topics = [
        (topic, [(partition[0], code, *partition[2:]) for partition in partitions])
        for topic, partitions in response.topics
    ]
    return response
