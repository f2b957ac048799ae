"""Intake: FastStream's batch subscriber hands over undecoded records; they are decoded and put in order.

PostgreSQL holds the true offsets. On assignment the consumer is paused before anything else, then sought to what is
stored, then resumed; Kafka's own commits are for lag tools. While the queue is long the partitions that fill it are
not polled, except the one that holds safe time back.
"""

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, get_args

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import ConsumerStoppedError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from shared.contracts.decoding import TimeRecord
from shared.domain.service import UPSTREAM
from shared.kernel.clock import to_ms
from shared.kernel.database import TRANSIENT
from shared.kernel.incoming import Incoming, PassedOver, PassingOver, classify, time_of
from shared.kernel.log_order import TopicPartition
from shared.kernel.run import StopService, where
from shared.kernel.settings import Settings
from shared.kernel.sole_reader import SoleReader
from shared.kernel.telemetry import Telemetry
from shared.kernel.undecoded import raw, undecoded
from shared.kernel.worker import Worker

log = logging.getLogger(__name__)

MAX_RECORDS = 250
"""Of a poll: about ten milliseconds of decoding, for which the worker may have to wait with an answer of PostgreSQL."""
POLL_MS = 50
FETCH_BYTES = 256 * 1024
"""Of one partition. The client keeps so much of each that is not polled, and has the next ready for those that are."""
COLLECT_MS, COLLECT_BYTES = 50, 64 * 1024
"""A fetch comes back once so much stands ready, or after so long. A fetch for each record took half of a service's
processor time, and most of the broker's: on two cores four services kept both busy at 50 records a second, and each
step waited for a core."""
NOWHERE = KafkaPartition("", 0)
"""Polled with those that are wanted: where none is named, the client polls all."""
COMMIT_SECONDS = 2.0
REVOKE_SECONDS = 4.0


class Intake(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """What a replica reads, and its part in the group."""

    def __init__(
        self,
        worker: Worker,
        broker: KafkaBroker,
        settings: Settings,
        telemetry: Telemetry,
        fatal: Callable[[str], None],
    ) -> None:
        self._worker = worker
        self._settings = settings
        self._telemetry = telemetry
        self._fatal = fatal
        self._passed_over = {reason: telemetry.passed_over.labels(reason) for reason in get_args(PassingOver)}
        self._watched: AIOKafkaConsumer | None = None
        self._broken = False
        self._handed = 0
        self._taken = 0
        self._stood: dict[TopicPartition, int] = {}
        """Where the consumer stood when the last poll returned; by now it may have gone past records that are gone."""
        self._next_commit = 0.0
        self.last_poll = time.monotonic()
        self.failing_since: float | None = None
        self.subscriber = broker.subscriber(
            *worker.service.inputs,
            group_id=f"throughcare-{worker.service.name}",
            batch=True,
            max_records=MAX_RECORDS,
            batch_timeout_ms=POLL_MS,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            parser=raw,
            decoder=undecoded,
            listener=self,
            partition_assignment_strategy=(RangePartitionAssignor if settings.time == "live" else SoleReader,),
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.heartbeat_ms,
            rebalance_timeout_ms=max(settings.session_timeout_ms, 10_000),
            max_poll_interval_ms=600_000,
            fetch_max_wait_ms=COLLECT_MS,
            fetch_min_bytes=COLLECT_BYTES,
            fetch_max_bytes=FETCH_BYTES * 8,
            max_partition_fetch_bytes=FETCH_BYTES,
        )
        self.subscriber(self._on_batch)

    @property
    def consumer(self) -> AIOKafkaConsumer:
        """The group's consumer, once the subscriber has started."""
        consumer = self.subscriber.consumer
        if consumer is None:
            raise StopService("the consumer has not started")
        return consumer

    # -- records ------------------------------------------------------------------------------

    async def _on_batch(self, records: Any) -> None:
        """Take the records of one poll. FastStream would swallow what is raised here, and the records with it."""
        if self._broken:
            return
        try:
            batch = _by_partition(records)
            if self._handed != self._taken + 1:
                self._read_again()
            elif await self._holds_what_was_skipped(self._stood | {at: queue[0].offset for at, queue in batch.items()}):
                for at, queue in batch.items():
                    self._take(at, queue)
            self._taken = self._handed
            self.look()
        except KafkaError:
            self._read_again()
        except Exception as bug:  # whatever it is: a record that was not taken must not count as read
            self._broken = True
            log.error("a batch could not be taken: %s", where(bug))
            self._fatal(f"a batch of records could not be taken ({type(bug).__name__}): please report this as a defect")

    def _read_again(self) -> None:
        """What was polled is not what was expected: forget it, and read from what was taken on."""
        self._seek({at: state.fetched_to for at, state in self._worker.order.partitions.items()})
        self._worker.order.fetch += 1
        for state in self._worker.order.partitions.values():
            state.since = self._worker.order.fetch
        self._taken = self._handed

    async def _holds_what_was_skipped(self, reached: Mapping[TopicPartition, int]) -> bool:
        """Whether offsets that a poll skipped are markers of the broker's own, and no records that were deleted.

        False, and the service stops, where the topic no longer holds what should have come next: the client would
        go on from the first record that is left, without a word.
        """
        states = self._worker.order.partitions
        doubtful = {
            KafkaPartition(at.topic, at.partition): states[at].fetched_to
            for at, offset in reached.items()
            if at in states and states[at].fetched_to < offset and self._worker.order.fetch > states[at].since
        }
        if not doubtful:
            return True
        for tp, first in (await self.consumer.beginning_offsets(list(doubtful))).items():
            if first > doubtful[tp]:
                self._broken = True
                self._fatal(deleted(TopicPartition(tp.topic, tp.partition), doubtful[tp], first))
        return not self._broken

    def _take(self, at: TopicPartition, records: Sequence[Any]) -> None:
        order, reads, now = self._worker.order, self._worker.service.reads, time.monotonic()
        state = order.partitions.get(at)
        if state is None or order.fetch <= state.since:
            return
        passed_over: Counter[PassingOver] = Counter()
        for record in records:
            if record.offset < state.fetched_to:
                continue
            recorded = time_of(record)
            found = classify(record, recorded, reads)
            if isinstance(found, Incoming):
                self._offer(at, recorded, found, now)
            elif isinstance(found, PassedOver):
                passed_over[found.reason] += 1
                order.pass_over(at, record.offset, recorded)
            else:
                self._take_time(at, record.offset, found)
        for reason, n in passed_over.items():
            self._passed_over[reason].inc(n)

    def _offer(self, at: TopicPartition, recorded: int, found: Incoming, now: float) -> None:
        order, regressed = self._worker.order, False
        if order.goes_back(at, recorded):
            if self._settings.time == "replay" and at.topic not in UPSTREAM:
                found, regressed = found.as_regressed(), True
            else:
                self._telemetry.late_records.inc()
        order.offer(at, found.record.offset, recorded, found.key, found, now, timeless=regressed)

    def _take_time(self, at: TopicPartition, offset: int, told: TimeRecord) -> None:
        order = self._worker.order
        heeded = self._settings.time == "replay" or at.topic in UPSTREAM
        if heeded and told.through is not None:
            order.raise_through(at, to_ms(told.through))
        order.pass_over(at, offset, None)

    def look(self) -> None:
        """After each poll: where the consumer stands, and which partitions are read to their end."""
        if self._broken:
            return
        consumer, order = self.consumer, self._worker.order
        self.last_poll = time.monotonic()
        if self._handed == self._taken:
            newest = max((consumer.last_poll_timestamp(tp) or 0 for tp in consumer.assignment()), default=0)
            for tp in consumer.assignment():
                at = TopicPartition(tp.topic, tp.partition)
                if at in order.partitions:
                    self._stand(consumer, tp, at, newest)
        self._worker.wake.set()

    def _stand(self, consumer: AIOKafkaConsumer, tp: KafkaPartition, at: TopicPartition, newest: int) -> None:
        position, end = self._stood.get(at), consumer.highwater(tp)
        if position is None:
            return
        shown = (consumer.last_poll_timestamp(tp) or 0) >= newest
        self._worker.order.read_to(at, position, end is not None and position >= end and shown)

    def wanted(self) -> list[KafkaPartition]:
        """Those to poll. A partition that is not keeps its place, and the client what it has fetched of it.

        Pausing would throw that away, and fetch it again.
        """
        order = self._worker.order
        full = sum(len(state.pending) for state in order.partitions.values()) >= self._settings.queue_limit
        # Live, no record waits for safe time, so the queue runs down by itself. In replay time is read on while it
        # lets less than a run be taken: beyond that the queue would grow for as long as the worker is the slower one.
        time_lacks = full and order.mode == "replay" and not order.has_safe(self._settings.run_limit)
        return [
            KafkaPartition(at.topic, at.partition)
            for at, state in order.partitions.items()
            # One that has none in the queue is polled: what is known of it, others wait for.
            if not full or not state.pending or (time_lacks and order.holds_back(at))
        ]

    def _watch(self, consumer: AIOKafkaConsumer) -> None:
        """Poll what is wanted, and note each return: positions are trusted only once their records are taken."""
        if self._watched is consumer:
            return
        self._watched = consumer
        fetch: Callable[..., Awaitable[dict[KafkaPartition, list[Any]]]] = consumer.getmany

        async def getmany(**options: Any) -> dict[KafkaPartition, list[Any]]:
            while True:  # until there are records: FastStream sleeps after a poll without
                await asyncio.sleep(0)  # the worker's turn: a poll of what has been fetched already waits for nothing
                try:
                    batches = await fetch(NOWHERE, *self.wanted(), **options)
                except KafkaError:
                    self.failing_since = self.failing_since or time.monotonic()
                    raise
                self.failing_since = None
                self._worker.order.fetch += 1
                self._stood = self._standing(consumer, batches)
                if batches:
                    self._handed += 1
                    return batches
                if await self._holds_what_was_skipped(self._stood):
                    self.look()

        consumer.getmany = getmany

    def _standing(
        self, consumer: AIOKafkaConsumer, batches: Mapping[KafkaPartition, list[Any]]
    ) -> dict[TopicPartition, int]:
        """After the last record that was polled, or where the consumer stands; nothing while records are missing."""
        if self._handed != self._taken:
            return {}
        found = {TopicPartition(*tp): _position(consumer, tp) for tp in consumer.assignment()}
        after = {TopicPartition(*tp): records[-1].offset + 1 for tp, records in batches.items() if records}
        return {at: position for at, position in found.items() if position is not None} | after

    # -- the group ----------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: Collection[KafkaPartition]) -> None:
        """Wait for the run in hand, then forget; a run that takes longer is refused by the fence."""
        worker = self._worker
        try:
            await asyncio.wait_for(worker.lock.acquire(), REVOKE_SECONDS)
        except TimeoutError:
            log.warning("the run in hand outlasts the rebalance: the fence decides")
            worker.give_up(TopicPartition(tp.topic, tp.partition) for tp in revoked)
            return
        try:
            worker.give_up(TopicPartition(tp.topic, tp.partition) for tp in revoked)
        finally:
            worker.lock.release()

    async def on_partitions_assigned(self, assigned: Collection[KafkaPartition]) -> None:
        """Pause first, before any await: else Kafka's own offsets are read from. Then seek to what is stored."""
        consumer = self.consumer
        consumer.pause(*assigned)
        self._watch(consumer)
        delay = 0.1
        while not self._worker.stopping and set(assigned) <= consumer.assignment():
            try:
                await self._begin(consumer, assigned)
                return
            except StopService as stop:
                self._fatal(str(stop))
                return
            except (*TRANSIENT, KafkaError) as failure:
                log.warning("cannot begin with what was assigned (%s): trying again", type(failure).__name__)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5.0)

    async def _begin(self, consumer: AIOKafkaConsumer, assigned: Collection[KafkaPartition]) -> None:
        partitions = [TopicPartition(tp.topic, tp.partition) for tp in assigned]
        for at in partitions:
            if at.partition >= self._worker.partitions:
                raise StopService(
                    f"{at.topic} has more than {self._worker.partitions} partitions now: keys would move; put the "
                    "topics back, or make new ones and replay"
                )
        async with self._worker.lock:
            stored = await self._worker.stored(partitions)
            first, end = await asyncio.gather(consumer.beginning_offsets(assigned), consumer.end_offsets(assigned))
            begin = {}
            for tp, at in zip(assigned, partitions, strict=True):
                begin[at] = in_range(at, stored[at], first[tp], end[tp])
            self._worker.take_over(begin, self._seek)
            consumer.resume(*assigned)
        log.info("working on %d partitions", len(assigned))

    def _seek(self, offsets: dict[TopicPartition, int]) -> None:
        consumer = self.consumer
        assigned = consumer.assignment()
        self._stood = {}
        for at, offset in offsets.items():
            tp = KafkaPartition(at.topic, at.partition)
            if tp in assigned:
                consumer.seek(tp, offset)

    async def commit(self) -> None:
        """Tell Kafka how far it is decided, best effort: lag tools read it, nothing else does."""
        if time.monotonic() < self._next_commit:
            return
        self._next_commit = time.monotonic() + COMMIT_SECONDS
        consumer = self.subscriber.consumer
        if consumer is None:
            return
        assigned = consumer.assignment()
        offsets = {
            KafkaPartition(at.topic, at.partition): state.next_offset
            for at, state in self._worker.order.partitions.items()
            if KafkaPartition(at.topic, at.partition) in assigned
        }
        if offsets:
            try:
                await consumer.commit(offsets)
            except (KafkaError, ConsumerStoppedError) as failure:
                log.info("offsets not told to Kafka (%s): lag tools will lag", type(failure).__name__)


def _by_partition(records: Any) -> Mapping[TopicPartition, Sequence[Any]]:
    found: defaultdict[TopicPartition, list[Any]] = defaultdict(list)
    for (topic, partition), stretch in groupby(records, attrgetter("topic", "partition")):
        found[TopicPartition(topic, partition)].extend(stretch)
    return found


def _position(consumer: AIOKafkaConsumer, tp: KafkaPartition) -> int | None:
    assignment = consumer._subscription.subscription.assignment
    state = assignment.state_value(tp) if tp in assignment.tps else None
    return state.position if state is not None and state.has_valid_position else None


def deleted(at: TopicPartition, next_offset: int, first: int) -> str:
    """Why the service stops where records were deleted before it had read them."""
    return (
        f"{at.topic}[{at.partition}]: records {next_offset} to {first - 1} were deleted before they were "
        f"read; restore them, or accept the loss by setting progress.next_offset to {first}"
    )


def in_range(at: TopicPartition, stored: Any, first: int, end: int) -> Any:
    """The stored progress, if the topic still holds what comes next. Raises `StopService`: offsets are never reset.

    A partition that was never read begins with the first record that the topic still holds.
    """
    if stored.step == 0 and stored.next_offset == 0:
        return stored.starting_at(first)
    if stored.next_offset < first:
        raise StopService(deleted(at, stored.next_offset, first))
    if stored.next_offset > end:
        raise StopService(
            f"{at.topic}[{at.partition}] ends at {end}, before offset {stored.next_offset} that was read: the topic "
            "was truncated or made anew; restore it, or start with an empty database"
        )
    return stored
