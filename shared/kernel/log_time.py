"""How an idle partition is known to have been read, live: by the broker's own clock, never by the client's.

The relay's time records were acknowledged at broker time B. End offsets asked for after that are surely beyond every
record appended before B; once a partition is decided up to its end, it has been read through B less the allowance.
"""

import asyncio
import logging
from contextlib import suppress

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import KafkaError

from shared.domain.service import UPSTREAM
from shared.kernel import progress
from shared.kernel.database import TRANSIENT, Connection, close, connect
from shared.kernel.log_order import TopicPartition
from shared.kernel.settings import Settings
from shared.kernel.worker import Worker

log = logging.getLogger(__name__)

ASK_SECONDS = 0.25
"""How often the stored broker time is read, where another replica's relay writes it."""


class IdleRule:
    """Raises the `through` of outside partitions, live; and learns that of other replicas' partitions."""

    def __init__(self, worker: Worker, settings: Settings) -> None:
        self._worker = worker
        self._settings = settings
        self._heard = asyncio.Event()
        self._broker_time = 0
        self._asked = 0
        self.stopping = False

    def heard(self, broker_time: int) -> None:
        """The relay of this process has an acknowledged broker time (ms)."""
        self._broker_time = max(self._broker_time, broker_time)
        self._heard.set()

    async def run(self) -> None:
        """Ask for end offsets after each new broker time, until `stopping`."""
        while not self.stopping:
            side: AIOKafkaConsumer | None = None
            conn: Connection | None = None
            try:
                side = AIOKafkaConsumer(
                    bootstrap_servers=self._settings.kafka,
                    client_id=f"throughcare-{self._worker.service.name}-side",
                    enable_auto_commit=False,
                )
                await side.start()
                conn = await connect(self._settings.dsn, self._worker.service.name, f"{self._worker.service.name}-time")
                while not self.stopping:
                    await self._turn(conn, side)
            except (*TRANSIENT, KafkaError) as failure:
                log.warning("time stands still (%s): trying again", type(failure).__name__)
                await asyncio.sleep(0.5)
            finally:
                if side is not None:
                    with suppress(TimeoutError, KafkaError, OSError):
                        await asyncio.wait_for(side.stop(), 2.0)
                await close(conn)

    async def _turn(self, conn: Connection, side: AIOKafkaConsumer) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._heard.wait(), ASK_SECONDS)
        self._heard.clear()
        stored = await conn.fetchval("SELECT broker_time FROM relay_clock")
        broker_time = max(self._broker_time, stored or 0)
        await self._learn_of_others(conn)
        if broker_time <= self._asked:
            return
        outside = [at for at in self._worker.order.partitions if at.topic not in UPSTREAM]
        if not outside:
            return
        ends = await side.end_offsets([KafkaPartition(at.topic, at.partition) for at in outside])
        for tp, end in ends.items():
            at = TopicPartition(tp.topic, tp.partition)
            self._worker.order.idle_until(at, end, broker_time - self._settings.clock_allowance_ms)
        self._asked = broker_time
        self._worker.wake.set()

    async def _learn_of_others(self, conn: Connection) -> None:
        order = self._worker.order
        others = [at for at in self._worker.all_partitions() if at not in order.partitions]
        stored = await progress.load(conn, others) if others else {}
        order.foreign = {
            at: stored[at].through if at in stored else None
            for at in self._worker.all_partitions()
            if at not in order.partitions
        }
