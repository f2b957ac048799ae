"""The worker: one loop that takes runs from the log, one after another, and tells how far everything is decided.

An outage (Kafka, PostgreSQL) is waited for with back-off and nothing moves; a fence refused means another replica owns
a partition, and this one goes back to what is stored; what only a person can put right stops the service.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from asyncpg import LockNotAvailableError

from shared.domain.fact import Subject, iso
from shared.domain.policy import Policy
from shared.domain.service import TOPIC_RANK, UPSTREAM, Service
from shared.kernel import inbox, parked, progress
from shared.kernel.clock import from_ms
from shared.kernel.database import TRANSIENT, Connection, close, connect, end_stalled
from shared.kernel.log_order import LogOrder, Standing, TopicPartition
from shared.kernel.progress import Fenced, Progress
from shared.kernel.run import Candidates, Run, StopService
from shared.kernel.settings import Settings
from shared.kernel.telemetry import Telemetry

log = logging.getLogger(__name__)

IDLE_WRITE_SECONDS = 0.1
"""Progress without a decision is written at most so often."""
REQUESTS_SECONDS = 0.5
FORGET_SECONDS = 60.0

Seek = Callable[[dict[TopicPartition, int]], None]


class Worker:
    """Decides the partitions that it is given, in runs; all of its state that counts is in PostgreSQL."""

    def __init__(
        self, service: Service, policy: Policy, settings: Settings, partitions: int, telemetry: Telemetry
    ) -> None:
        self.service = service
        self.policy = policy
        self.settings = settings
        self.partitions = partitions
        self.telemetry = telemetry
        self.order = LogOrder(
            settings.time,
            TOPIC_RANK.__getitem__,
            lambda topic: topic not in UPSTREAM,
            settings.max_hold_ms / 1000,
        )
        self.order.foreign = dict.fromkeys(self.all_partitions())
        self.steps: dict[TopicPartition, int] = {}
        self.lock = asyncio.Lock()
        """A run, or a change of what is owned: never both."""
        self.wake = asyncio.Event()
        self.committed = asyncio.Event()
        """Set after each commit; the relay waits for it."""
        self.stopping = False
        self.failing_since: float | None = None
        self.last_turn = time.monotonic()
        self._seek: Seek | None = None
        self._conn: Connection | None = None
        self._poison_in_a_row = 0
        self._fired: dict[tuple[Subject, int], int] = {}
        self._written: dict[TopicPartition, int | None] = {}
        """Through of each partition as the last run saved it; what was told while it was saved is news to the next."""
        self._asked_due: int | None = None
        self._look_at_due = True
        self._next_write = 0.0
        self._next_requests = 0.0
        self._next_forget = 0.0

    # -- what this replica owns -----------------------------------------------------------------

    def all_partitions(self) -> list[TopicPartition]:
        """Every partition of every input topic, owned or not."""
        return [TopicPartition(topic, n) for topic in self.service.inputs for n in range(self.partitions)]

    async def prepare(self) -> None:
        """A progress row for every input partition, before the first run; an outage, or a lock, is waited for."""

        async def ensure() -> None:
            await progress.ensure(await self._connection(), self.all_partitions())

        await self._patiently(ensure)

    async def stored(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Progress]:
        """Where the database says that partitions stand, over a connection of its own."""
        conn = await connect(self.settings.dsn, self.service.name, f"{self.service.name}-assign")
        try:
            return await progress.load(conn, partitions)
        finally:
            await close(conn)

    def take_over(self, stored: dict[TopicPartition, Progress], seek: Seek) -> None:
        """Own partitions from now on, as they are stored. The caller holds `lock`."""
        self._seek = seek
        for partition, at in stored.items():
            self.order.assign(partition, at.next_offset, at.clock, at.through, at.ahead)
            self.steps[partition] = at.step
        seek({partition: at.next_offset for partition, at in stored.items()})
        self._look_at_due = True
        self.wake.set()

    def give_up(self, partitions: Iterable[TopicPartition]) -> None:
        """Partitions that another replica may own now. The caller holds `lock`, or has waited long enough."""
        gone = list(partitions)
        self.order.revoke(gone)
        for partition in gone:
            self.steps.pop(partition, None)

    # -- the loop -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until `stopping`; returns after the run in hand. Raises `StopService`."""
        delay = 0.0
        while not self.stopping:
            self.last_turn = time.monotonic()
            try:
                worked = await self.turn()
                self.failing_since, delay = None, 0.0
            except Fenced:
                self.telemetry.fenced.inc()
                log.warning("another replica has committed to a partition of mine: going back to what is stored")
                await self._patiently(self._reload)
                worked = True
            except TRANSIENT as failure:
                if isinstance(failure, ValueError):  # a value that the driver refuses: no outage, and no retry helps
                    raise
                delay = await self._failed(failure, delay)
                worked = True
            if not worked:
                await self._pause()
        await close(self._conn)

    async def turn(self) -> bool:
        """One run, or nothing to do (False)."""
        async with self.lock:
            if not self.steps:
                return False
            now = time.monotonic()
            conn = await self._connection()
            if now >= self._next_requests:
                self._next_requests = now + REQUESTS_SECONDS
                for request in await parked.requests(conn):
                    if request.subject.kind in self.service.kinds:
                        await self._retry(conn, request)
                    else:
                        log.warning("an operator asks for a kind of aggregate that this service does not have")
                        await parked.answered(conn, request.id)
            if now >= self._next_forget:
                self._next_forget = now + FORGET_SECONDS
                await inbox.forget(conn)
            return await self._one_run(conn, now)

    async def _one_run(self, conn: Connection, now: float) -> bool:
        safe = self.order.safe_for_deadlines(0)
        ready = self.order.ready(1, now)
        moved = self._through() != self._written and now >= self._next_write
        ask_due = safe is not None and (self._look_at_due or safe != self._asked_due)
        if not ready and not moved and not ask_due:
            return False
        began = time.perf_counter()
        run = Run(self.service, self.policy, self.partitions, self.order)
        run.effects.poison_in_a_row = self._poison_in_a_row
        run.fired.update(self._fired)
        steps = dict(self.steps)
        async with conn.transaction():
            await progress.fence(conn, steps)
            found = await run.gather(conn, self.settings.run_limit, now)
            if found.records or found.deadlines:
                await run.load(conn, found)
                for facts in run.decide(found):
                    await run.working_set.load_on_the_way(conn, facts)
            elif not moved:
                self._asked_due, self._look_at_due = safe, False
                return False
            saved = await run.save(conn, found, steps)
        self._committed(run, found, saved, now, began)
        return bool(found.records or found.deadlines)

    def _committed(self, run: Run, found: Candidates, saved: Standing, now: float, began: float) -> None:
        effects = run.effects
        self.order.decided(effects.places)
        self._fired = run.fired_last()
        for partition in self.steps:
            self.steps[partition] += 1
        self._written = {partition: state.committed_through() for partition, state in saved}
        self._next_write = now + IDLE_WRITE_SECONDS
        decided = bool(found.records or found.deadlines)
        self._look_at_due = decided
        if not decided:
            self._asked_due = found.safe
        elif not effects.places and not effects.outcomes:
            raise StopService("a run with work in it decided nothing: please report this as a defect of the kernel")
        if decided:
            self.committed.set()
        self._report(run, began)
        self._watch_poison(run)

    def _through(self) -> dict[TopicPartition, int | None]:
        return {partition: state.committed_through() for partition, state in self.order.partitions.items()}

    def _report(self, run: Run, began: float) -> None:
        effects, telemetry = run.effects, self.telemetry
        for (fact, verdict, reason), n in effects.outcomes.items():
            telemetry.decisions.labels(fact, verdict, reason).inc(n)
        for rule, n in effects.rules.items():
            telemetry.rules.labels(rule).inc(n)
        for reason, n in effects.poisoned.items():
            telemetry.dead_letters.labels(reason).inc(n)
        for seconds in effects.lateness:
            telemetry.deadline_lateness.observe(seconds)
        telemetry.duplicates.inc(effects.duplicates)
        facts = sum(effects.outcomes.values())
        if facts:
            telemetry.run_records.observe(facts)
            telemetry.run_seconds.observe(time.perf_counter() - began)
        telemetry.last_commit.set(time.time())

    def _watch_poison(self, run: Run) -> None:
        self._poison_in_a_row = run.effects.poison_in_a_row
        if run.effects.longest_poison >= self.settings.poison_limit:
            reason = ", ".join(sorted(run.effects.poisoned))
            raise StopService(
                f"{run.effects.longest_poison} records in a row could not be decoded ({reason}): they are in the dead "
                f"letters; look at {self.service.dead_letters}, put their publisher right, and start again"
            )

    # -- an operator's retry ----------------------------------------------------------------------

    async def _retry(self, conn: Connection, request: parked.Request) -> None:
        """Decide the queue of a parked aggregate, at a log time above everything told as reached.

        Nobody may move time meanwhile, nor add to the queue: the progress of every partition and the aggregates are
        locked first. The request stands until the queue is through.
        """
        steps = dict(self.steps)
        async with conn.transaction():
            await progress.hold_all(conn)
            await progress.fence(conn, steps)
            at = await progress.reached(conn)
            if at is None:
                return
            run = Run(self.service, self.policy, self.partitions, self.order)
            subjects = await parked.together(conn, request.subject)
            for subject in subjects:
                await run.working_set.load_subject(conn, subject)
            answered = await self._drain(conn, run, subjects, at + 1)
            if answered:
                await parked.answered(conn, request.id)
            await run.save(conn, Candidates([], truncated=False, deadlines=[]), steps)
        for partition in self.steps:
            self.steps[partition] += 1
        self._report(run, time.perf_counter())
        self._look_at_due = True
        self.committed.set()

    async def _drain(self, conn: Connection, run: Run, subjects: list[Subject], at: int) -> bool:
        """Decide queued facts in order. False where the rest must wait for the commit of these."""
        for _ in range(self.settings.run_limit):
            queued = await parked.first(conn, subjects, at)
            if queued is None:
                for subject in subjects:
                    run.parking.resume(subject, from_ms(at))
                return True
            await run.working_set.load(conn, [queued.fact])
            if not run.retry(subjects, queued.fact):
                return True
            await parked.done(conn, queued.position)
        return False

    # -- when it fails ----------------------------------------------------------------------------

    async def _connection(self) -> Connection:
        if self._conn is None or self._conn.is_closed():
            self._conn = await connect(self.settings.dsn, self.service.name, self.service.name)
        return self._conn

    async def _failed(self, failure: BaseException, delay: float) -> float:
        self.failing_since = self.failing_since or time.monotonic()
        self.telemetry.retries.labels(type(failure).__name__).inc()
        delay = min(max(0.05, delay * 2), 5.0)
        log.warning("run not committed (%s): trying again in %.2f s", type(failure).__name__, delay)
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.terminate()
        if isinstance(failure, LockNotAvailableError):
            await self._end_stalled()
        await asyncio.sleep(delay * random.uniform(0.5, 1.0))
        return delay

    async def _end_stalled(self) -> None:
        with suppress(*TRANSIENT):
            if ended := await end_stalled(self.settings.dsn):
                log.warning("ended %d sessions whose process said nothing in the middle of a transaction", ended)

    async def _reload(self) -> None:
        async with self.lock:
            if self._seek is not None and self.steps:
                self.take_over(await self.stored(list(self.steps)), self._seek)

    async def _patiently(self, what: Callable[[], Awaitable[None]]) -> None:
        delay = 0.0
        while not self.stopping:
            try:
                await what()
                return
            except TRANSIENT as failure:
                delay = await self._failed(failure, delay)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self.wake.wait(), 0.02 if self.order.queued else 0.05)
        except TimeoutError:
            return
        finally:
            self.wake.clear()

    def describe(self) -> dict[str, str | int | None]:
        """How it stands, for the health page: no personal data."""
        safe = self.order.safe()
        return {
            "partitions": len(self.steps),
            "queued": self.order.queued,
            "safeTime": None if safe is None else iso(from_ms(safe)),
            "failingSeconds": None if self.failing_since is None else int(time.monotonic() - self.failing_since),
        }
