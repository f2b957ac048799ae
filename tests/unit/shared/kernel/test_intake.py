"""Which partitions are paused when the queue is long: those that fill it, and never the one that time waits for."""

from typing import Any

from aiokafka import TopicPartition as KafkaPartition
from faststream.kafka import KafkaBroker

from shared.kernel.intake import Intake
from shared.kernel.log_order import Mode, TopicPartition
from shared.kernel.process import policy_of
from shared.kernel.settings import Settings
from shared.kernel.telemetry import Telemetry
from shared.kernel.worker import Worker
from tests.counter import COUNTER

AHEAD, BEHIND, EMPTY = (TopicPartition("casework", n) for n in range(3))


class Consumer:
    """Knows what is assigned and what is paused."""

    def __init__(self) -> None:
        self.paused: set[tuple[str, int]] = set()

    def assignment(self) -> set[Any]:
        return {KafkaPartition(*at) for at in (AHEAD, BEHIND, EMPTY)}

    def pause(self, at: Any) -> None:
        self.paused.add(tuple(at))

    def resume(self, at: Any) -> None:
        self.paused.discard(tuple(at))


def an_intake(mode: Mode) -> Intake:
    settings = Settings("127.0.0.1:9", "postgresql://nobody@127.0.0.1:9/none", mode, queue_limit=10)
    telemetry = Telemetry()
    worker = Worker(COUNTER, policy_of(COUNTER, ""), settings, 3, telemetry)
    for at in (AHEAD, BEHIND, EMPTY):
        worker.order.assign(at, 0, None, None)
    return Intake(worker, KafkaBroker(settings.kafka, logger=None), settings, telemetry, lambda _: None)


def queue(intake: Intake, at: TopicPartition, records: int, time: int) -> None:
    order = intake._worker.order
    begin = order.partitions[at].fetched_to
    for offset in range(begin, begin + records):
        order.offer(at, offset, time + offset, "key", None, 0.0)


def balanced(intake: Intake, consumer: Consumer) -> set[tuple[str, int]]:
    intake._balance(consumer)
    return consumer.paused


def test_a_queue_that_is_long_in_all_pauses_the_partitions_that_fill_it() -> None:
    intake, consumer = an_intake("live"), Consumer()
    queue(intake, AHEAD, 5, 1000)
    queue(intake, BEHIND, 4, 0)
    assert balanced(intake, consumer) == set()
    queue(intake, BEHIND, 1, 0)
    assert balanced(intake, consumer) == {AHEAD, BEHIND}, "others wait for what is known of the empty one"
    order = intake._worker.order
    order.decided([held.place for held in order.ready(4, 1.0)])
    assert balanced(intake, consumer) == {AHEAD, BEHIND}, "more than half is still there"
    order.decided([held.place for held in order.ready(1, 1.0)])
    assert balanced(intake, consumer) == set()


def test_in_replay_the_partition_that_holds_time_back_is_read_on() -> None:
    intake, consumer = an_intake("replay"), Consumer()
    intake._worker.order.foreign = {}
    intake._worker.order.raise_through(EMPTY, 5000)
    queue(intake, AHEAD, 10, 1000)
    queue(intake, BEHIND, 10, 0)
    assert balanced(intake, consumer) == {AHEAD}
    intake._worker.order.raise_through(BEHIND, 4000)
    assert balanced(intake, consumer) == {BEHIND}, "now time waits for the other"
