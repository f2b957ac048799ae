"""Intake: FastStream's batch subscriber hands over undecoded records; they are decoded and put in order.

PostgreSQL holds the true offsets. On assignment the consumer is paused before anything else, then sought to what is
stored, then resumed; Kafka's own commits are for lag tools. A partition whose queue is long is paused, except the one
that holds safe time back.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage, KafkaMessage

from shared.contracts.decoding import TimeRecord
from shared.domain.service import UPSTREAM
from shared.kernel.clock import to_ms
from shared.kernel.database import TRANSIENT
from shared.kernel.incoming import PassedOver, classify, time_of
from shared.kernel.log_order import TopicPartition
from shared.kernel.run import StopService
from shared.kernel.settings import Settings
from shared.kernel.telemetry import Telemetry
from shared.kernel.worker import Worker

log = logging.getLogger(__name__)

MAX_RECORDS = 1000
POLL_MS = 50
FETCH_BYTES = 8 * 1024 * 1024
COMMIT_SECONDS = 2.0
REVOKE_SECONDS = 4.0


async def _raw(records: Any) -> KafkaMessage:
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


class _NoAck:
    """Acknowledgement is PostgreSQL's commit; FastStream is given nothing to commit."""

    async def commit(self) -> None:
        return

    def seek(self, partition: KafkaPartition, offset: int) -> None:
        return


_NO_ACK = _NoAck()


async def _undecoded(message: KafkaMessage) -> Any:
    return message.raw_message


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
        self._paused: set[KafkaPartition] = set()
        self._watched: AIOKafkaConsumer | None = None
        self._handed = 0
        self._taken = 0
        self._next_commit = 0.0
        self.last_poll = time.monotonic()
        self.subscriber = broker.subscriber(
            *worker.service.inputs,
            group_id=f"throughcare-{worker.service.name}",
            batch=True,
            max_records=MAX_RECORDS,
            batch_timeout_ms=POLL_MS,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            parser=_raw,
            decoder=_undecoded,
            listener=self,
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.heartbeat_ms,
            rebalance_timeout_ms=max(settings.session_timeout_ms, 10_000),
            max_poll_interval_ms=600_000,
            fetch_max_wait_ms=100,
            fetch_max_bytes=FETCH_BYTES * 4,
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
        try:
            for record in records:
                self._take(record)
        finally:
            self._taken = self._handed
        self.look()

    def _take(self, record: Any) -> None:
        order = self._worker.order
        at = TopicPartition(record.topic, record.partition)
        state = order.partitions.get(at)
        if state is None or record.offset < state.fetched_to:
            return
        found = classify(record, self._worker.service.reads.__contains__)
        if isinstance(found, TimeRecord):
            self._take_time(at, record.offset, found)
            return
        recorded = time_of(record)
        if isinstance(found, PassedOver):
            self._telemetry.passed_over.labels(found.reason).inc()
            order.pass_over(at, record.offset, recorded)
            return
        if state.clock is not None and recorded < state.clock:
            if self._settings.time == "replay" and record.topic not in UPSTREAM:
                found = found.as_regressed()
            else:
                self._telemetry.late_records.inc()
        order.offer(at, record.offset, recorded, found.key, found, time.monotonic())

    def _take_time(self, at: TopicPartition, offset: int, told: TimeRecord) -> None:
        order = self._worker.order
        heeded = self._settings.time == "replay" or at.topic in UPSTREAM
        if heeded and told.through is not None:
            order.raise_through(at, to_ms(told.through))
        order.pass_over(at, offset, None)

    def look(self) -> None:
        """After each poll: where the consumer stands, which partitions are read to their end, which queue is long."""
        consumer, order = self.consumer, self._worker.order
        self.last_poll = time.monotonic()
        if self._handed == self._taken:
            newest = max((consumer.last_poll_timestamp(tp) or 0 for tp in consumer.assignment()), default=0)
            for tp in consumer.assignment():
                at = TopicPartition(tp.topic, tp.partition)
                if at in order.partitions and tp not in self._paused:
                    self._stand(consumer, tp, at, newest)
        self._balance(consumer)
        self._worker.wake.set()

    def _stand(self, consumer: AIOKafkaConsumer, tp: KafkaPartition, at: TopicPartition, newest: int) -> None:
        state = consumer._subscription.subscription.assignment.state_value(tp)
        if state is None or not state.has_valid_position:
            return
        position, end = state.position, consumer.highwater(tp)
        shown = (consumer.last_poll_timestamp(tp) or 0) >= newest
        self._worker.order.read_to(at, position, end is not None and position >= end and shown)

    def _balance(self, consumer: AIOKafkaConsumer) -> None:
        order, limit = self._worker.order, self._settings.queue_limit
        assigned = consumer.assignment()
        self._paused &= assigned
        for tp in assigned:
            at = TopicPartition(tp.topic, tp.partition)
            state = order.partitions.get(at)
            if state is None:
                continue
            full = len(state.pending) >= limit and not order.holds_back(at)
            if full and tp not in self._paused:
                consumer.pause(tp)
                self._paused.add(tp)
            elif tp in self._paused and (len(state.pending) <= limit // 2 or order.holds_back(at)):
                consumer.resume(tp)
                self._paused.discard(tp)

    def _watch(self, consumer: AIOKafkaConsumer) -> None:
        """Note every return of `getmany`, so that positions are trusted only when their records have been taken."""
        if self._watched is consumer:
            return
        self._watched = consumer
        fetch: Callable[..., Awaitable[dict[KafkaPartition, list[Any]]]] = consumer.getmany

        async def getmany(*partitions: KafkaPartition, **options: Any) -> dict[KafkaPartition, list[Any]]:
            batches = await fetch(*partitions, **options)
            self._worker.order.fetch += 1
            if any(batches.values()):
                self._handed += 1
            else:
                self.look()
            return batches

        consumer.getmany = getmany

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
        """Pause first, before any await: else records from Kafka's own offsets are fetched. Then seek to what is stored."""
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
        async with self._worker.lock:
            stored = await self._worker.stored(partitions)
            first, end = await asyncio.gather(
                consumer.beginning_offsets(assigned), consumer.end_offsets(assigned)
            )
            begin = {}
            for tp, at in zip(assigned, partitions, strict=True):
                begin[at] = in_range(at, stored[at], first[tp], end[tp])
            self._paused = set()
            self._worker.take_over(begin, self._seek)
            consumer.resume(*assigned)
        log.info("working on %d partitions", len(assigned))

    def _seek(self, offsets: dict[TopicPartition, int]) -> None:
        consumer = self.consumer
        assigned = consumer.assignment()
        for at, offset in offsets.items():
            tp = KafkaPartition(at.topic, at.partition)
            if tp in assigned:
                consumer.seek(tp, offset)

    async def commit(self) -> None:
        """Tell Kafka how far it is decided, best effort: lag tools read it, nothing else does."""
        if time.monotonic() < self._next_commit:
            return
        self._next_commit = time.monotonic() + COMMIT_SECONDS
        assigned = self.consumer.assignment()
        offsets = {
            KafkaPartition(at.topic, at.partition): state.next_offset
            for at, state in self._worker.order.partitions.items()
            if KafkaPartition(at.topic, at.partition) in assigned
        }
        if offsets:
            try:
                await self.consumer.commit(offsets)
            except KafkaError as failure:
                log.info("offsets not told to Kafka (%s): lag tools will lag", type(failure).__name__)


def in_range(at: TopicPartition, stored: Any, first: int, end: int) -> Any:
    """The stored progress, if the topic still holds what comes next. Raises `StopService`: offsets are never reset.

    A partition that was never read begins with the first record that the topic still holds.
    """
    if stored.step == 0 and stored.next_offset == 0:
        return stored.starting_at(first)
    if stored.next_offset < first:
        raise StopService(
            f"{at.topic}[{at.partition}]: records {stored.next_offset} to {first - 1} were deleted before they were "
            f"read; restore them, or accept the loss by setting progress.next_offset to {first}"
        )
    if stored.next_offset > end:
        raise StopService(
            f"{at.topic}[{at.partition}] ends at {end}, before offset {stored.next_offset} that was read: the topic "
            "was truncated or made anew; restore it, or start with an empty database"
        )
    return stored
