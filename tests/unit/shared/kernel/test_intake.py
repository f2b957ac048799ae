"""What intake makes of what the consumer does: which partitions are paused when the queue is long (those that fill
it, and never the one that time waits for), and what is made of offsets that were skipped."""

from types import SimpleNamespace
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


class PollingConsumer(Consumer):
    """Polls what it is told to, and stands where it is told to; `first` is the first offset that the topic holds."""

    def __init__(self) -> None:
        super().__init__()
        self.polled: dict[Any, list[Any]] = {}
        self.positions = {KafkaPartition(*at): 0 for at in (AHEAD, BEHIND, EMPTY)}
        self.first = 0
        self._subscription = SimpleNamespace(subscription=SimpleNamespace(assignment=self))

    @property
    def tps(self) -> set[Any]:
        return self.assignment()

    def state_value(self, tp: Any) -> Any:
        return SimpleNamespace(position=self.positions[tp], has_valid_position=True)

    async def getmany(self, *_: Any, **__: Any) -> dict[Any, list[Any]]:
        return self.polled

    async def beginning_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        return dict.fromkeys(partitions, self.first)

    def highwater(self, tp: Any) -> int:
        return self.positions[tp]

    def last_poll_timestamp(self, _: Any) -> int:
        return 1


def a_record(at: TopicPartition, offset: int) -> Any:
    return SimpleNamespace(
        topic=at.topic, partition=at.partition, offset=offset, key=None, value=b"no event", headers=(), timestamp=0
    )


async def polls(intake: Intake, consumer: PollingConsumer, *records: Any) -> None:
    """One poll as FastStream goes about it."""
    consumer.polled = {KafkaPartition(*AHEAD): list(records)} if records else {}
    await consumer.getmany()
    if records:
        await intake._on_batch(records)


async def test_records_deleted_in_a_partition_whose_neighbour_has_news_are_missed() -> None:
    """The client goes back to the first record that is left at any moment, also between a poll and its end."""
    stopped: list[str] = []
    intake, consumer = an_intake("live"), PollingConsumer()
    intake._fatal = stopped.append
    intake.subscriber.consumer = consumer
    intake._watch(consumer)
    behind = intake._worker.order.partitions[BEHIND]

    await polls(intake, consumer, a_record(AHEAD, 0))
    assert (stopped, behind.fetched_to) == ([], 0)

    consumer.polled = {KafkaPartition(*AHEAD): [a_record(AHEAD, 1)]}
    await consumer.getmany()
    consumer.positions[KafkaPartition(*BEHIND)] = consumer.first = 87
    await intake._on_batch([a_record(AHEAD, 1)])
    assert (stopped, behind.fetched_to) == ([], 0), "not yet known, and not passed over"

    await polls(intake, consumer, a_record(AHEAD, 2))
    assert [("records 0 to 86 were deleted" in reason) for reason in stopped] == [True]
    assert behind.fetched_to == 0


async def test_offsets_that_hold_no_records_are_passed_over() -> None:
    intake, consumer = an_intake("live"), PollingConsumer()
    intake.subscriber.consumer = consumer
    intake._watch(consumer)
    consumer.positions[KafkaPartition(*BEHIND)] = 3
    await polls(intake, consumer, a_record(AHEAD, 0))
    assert intake._worker.order.partitions[BEHIND].fetched_to == 3
