"""What intake makes of what the consumer does: which partitions are polled when the queue is long (not those that fill
it, but always the one that time waits for), and what is made of offsets that were skipped."""

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


def an_intake(mode: Mode, run_limit: int = 2000) -> Intake:
    dsn = "postgresql://nobody@127.0.0.1:9/none"
    settings = Settings("127.0.0.1:9", dsn, mode, queue_limit=10, run_limit=run_limit)
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


def wanted(intake: Intake) -> set[tuple[str, int]]:
    return {tuple(at) for at in intake.wanted()}


def test_while_the_queue_is_long_in_all_the_partitions_that_fill_it_are_not_polled() -> None:
    intake = an_intake("live")
    queue(intake, AHEAD, 5, 1000)
    queue(intake, BEHIND, 4, 0)
    assert wanted(intake) == {AHEAD, BEHIND, EMPTY}
    queue(intake, BEHIND, 1, 0)
    assert wanted(intake) == {EMPTY}, "others wait for what is known of it"
    order = intake._worker.order
    order.decided([held.place for held in order.ready(1, 1.0)])
    assert wanted(intake) == {AHEAD, BEHIND, EMPTY}


def test_in_replay_the_partition_that_holds_time_back_is_read_on() -> None:
    intake = an_intake("replay")
    intake._worker.order.foreign = {}
    intake._worker.order.raise_through(EMPTY, 5000)
    queue(intake, EMPTY, 1, 5001)
    queue(intake, AHEAD, 10, 1000)
    queue(intake, BEHIND, 10, 0)
    assert wanted(intake) == {BEHIND}
    intake._worker.order.raise_through(BEHIND, 4000)
    assert wanted(intake) == {AHEAD}, "now time waits for the other"


def test_in_replay_time_is_not_read_on_while_a_run_of_records_may_be_taken() -> None:
    """Else what is fetched would grow for as long as deciding is slower than reading."""
    intake = an_intake("replay", run_limit=3)
    order = intake._worker.order
    order.foreign = {}
    order.raise_through(EMPTY, 5000)
    queue(intake, AHEAD, 10, 1000)
    queue(intake, BEHIND, 10, 0)
    order.pass_over(BEHIND, 10, 10)
    order.raise_through(BEHIND, 4000)
    queue(intake, BEHIND, 1, 4001)
    order.raise_through(AHEAD, 3000)
    assert wanted(intake) == {EMPTY}, "twenty may be taken"
    order.decided([held.place for held in order.ready(18, 0.0)])
    assert order.has_safe(2)
    assert not order.has_safe(3)
    queue(intake, EMPTY, 8, 6000)
    assert wanted(intake) == {AHEAD}, "two may be, less than a run"


class Consumer:
    """Polls what it is told to, and stands where it is told to; `first` is the first offset that the topic holds."""

    def __init__(self) -> None:
        self.polls: list[dict[Any, list[Any]]] = []
        self.asked: list[set[Any]] = []
        self.positions = {KafkaPartition(*at): 0 for at in (AHEAD, BEHIND, EMPTY)}
        self.first = 0
        self._subscription = SimpleNamespace(subscription=SimpleNamespace(assignment=self))

    def assignment(self) -> set[Any]:
        return {KafkaPartition(*at) for at in (AHEAD, BEHIND, EMPTY)}

    @property
    def tps(self) -> set[Any]:
        return self.assignment()

    def state_value(self, tp: Any) -> Any:
        return SimpleNamespace(position=self.positions[tp], has_valid_position=True)

    async def getmany(self, *partitions: Any, **_: Any) -> dict[Any, list[Any]]:
        self.asked.append(set(partitions))
        return self.polls.pop(0)

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


async def polls(intake: Intake, consumer: Consumer, *records: Any) -> None:
    """One poll as FastStream goes about it."""
    consumer.polls.append({KafkaPartition(*AHEAD): list(records)})
    await consumer.getmany()
    await intake._on_batch(records)


async def test_records_deleted_in_a_partition_whose_neighbour_has_news_are_missed() -> None:
    """The client goes back to the first record that is left at any moment, also between a poll and its end."""
    stopped: list[str] = []
    intake, consumer = an_intake("live"), Consumer()
    intake._fatal = stopped.append
    intake.subscriber.consumer = consumer
    intake._watch(consumer)
    behind = intake._worker.order.partitions[BEHIND]

    await polls(intake, consumer, a_record(AHEAD, 0))
    assert (stopped, behind.fetched_to) == ([], 0)

    consumer.polls.append({KafkaPartition(*AHEAD): [a_record(AHEAD, 1)]})
    await consumer.getmany()
    consumer.positions[KafkaPartition(*BEHIND)] = consumer.first = 87
    await intake._on_batch([a_record(AHEAD, 1)])
    assert (stopped, behind.fetched_to) == ([], 0), "not yet known, and not passed over"

    await polls(intake, consumer, a_record(AHEAD, 2))
    assert [("records 0 to 86 were deleted" in reason) for reason in stopped] == [True]
    assert behind.fetched_to == 0


async def test_offsets_that_hold_no_records_are_passed_over() -> None:
    intake, consumer = an_intake("live"), Consumer()
    intake.subscriber.consumer = consumer
    intake._watch(consumer)
    consumer.positions[KafkaPartition(*BEHIND)] = 3
    await polls(intake, consumer, a_record(AHEAD, 0))
    assert intake._worker.order.partitions[BEHIND].fetched_to == 3


async def test_a_poll_ends_with_records_and_asks_each_time_for_what_is_wanted_then() -> None:
    """FastStream sleeps after a poll without records, and they wait meanwhile."""
    intake, consumer = an_intake("live"), Consumer()
    intake.subscriber.consumer = consumer
    intake._watch(consumer)
    queue(intake, AHEAD, 10, 0)
    before = intake.last_poll
    consumer.polls += [{}, {}, {KafkaPartition(*EMPTY): [a_record(EMPTY, 0)]}]
    assert await consumer.getmany() == {KafkaPartition(*EMPTY): [a_record(EMPTY, 0)]}
    assert [asked & consumer.assignment() for asked in consumer.asked] == [{BEHIND, EMPTY}] * 3
    assert intake.last_poll > before


async def test_where_none_is_wanted_none_is_polled() -> None:
    """The client would poll all where none is named."""
    intake, consumer = an_intake("live"), Consumer()
    intake.subscriber.consumer = consumer
    intake._watch(consumer)
    for at in (AHEAD, BEHIND, EMPTY):
        queue(intake, at, 10, 0)
    consumer.polls.append({KafkaPartition(*EMPTY): [a_record(EMPTY, 10)]})
    await consumer.getmany()
    (asked,) = consumer.asked
    assert asked
    assert not asked & consumer.assignment()
