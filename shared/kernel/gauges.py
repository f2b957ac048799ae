"""Gauges of what stands in the database, refreshed by one task; a scrape never waits for a query."""

import asyncio
import logging
import time

from prometheus_client import CollectorRegistry, Gauge

from shared.domain.fact import Subject
from shared.domain.service import Service
from shared.kernel import outbox
from shared.kernel.database import TRANSIENT, Connection, close, connect
from shared.kernel.settings import Settings
from shared.kernel.telemetry import Telemetry
from shared.kernel.worker import Worker

log = logging.getLogger(__name__)

REFRESH_SECONDS = 2.0
DAY_MS = 24 * 3600 * 1000
AGES = (("under-1-day", 0, 1), ("1-to-7-days", 1, 7), ("7-to-30-days", 7, 30), ("over-30-days", 30, 36500))


class Gauges:
    """Refreshes the gauges of one service."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        worker: Worker,
        telemetry: Telemetry,
        registry: CollectorRegistry,
    ) -> None:
        self._service = service
        self._settings = settings
        self._worker = worker
        self._telemetry = telemetry
        self._tallied = {
            gauge.key: Gauge(gauge.metric, gauge.description, gauge.labels, registry=registry)
            for gauge in service.gauges
        }
        self.stopping = False

    async def run(self) -> None:
        """Refresh every few seconds until `stopping`."""
        conn: Connection | None = None
        while not self.stopping:
            try:
                if conn is None or conn.is_closed():
                    conn = await connect(self._settings.dsn, self._service.name, f"{self._service.name}-gauges")
                await self._refresh(conn)
            except TRANSIENT as failure:
                log.info("gauges not refreshed (%s)", type(failure).__name__)
            await asyncio.sleep(REFRESH_SECONDS)
        await close(conn)

    async def _refresh(self, conn: Connection) -> None:
        told, order = self._telemetry, self._worker.order
        row = await conn.fetchrow(
            """
            SELECT (SELECT min(through) FROM progress) AS through,
                   (SELECT count(*) FROM aggregate WHERE parked_since IS NOT NULL) AS parked,
                   (SELECT count(*) FROM aggregate WHERE held_by <> '{}') AS held
            """
        )
        through = None if row is None else row["through"]
        if row is not None:
            told.parked.set(row["parked"])
            told.held.set(row["held"])
        for topic in self._service.inputs:
            told.lag_records.labels(topic).set(
                sum(state.fetched_to - state.next_offset for at, state in order.partitions.items() if at.topic == topic)
            )
        newest = max((state.clock or 0 for state in order.partitions.values()), default=0)
        if through is not None:
            told.log_time.set(through / 1000)
            told.lag_seconds.set(max(0, newest - through) / 1000)
            if self._settings.time == "live":
                told.safe_behind.set(time.time() - through / 1000)
            told.due_backlog.set(
                await conn.fetchval("SELECT count(*) FROM due WHERE NOT held AND fires_at <= $1", through)
            )
            await self._waiting(conn, through)
        open_by_kind = await conn.fetch("SELECT kind, count(*) FROM due GROUP BY kind")
        told.due_open.clear()
        for kind, n in open_by_kind:
            told.due_open.labels(kind).set(n)
        await self._tallies(conn)
        told.refreshed.set(time.time())

    async def _waiting(self, conn: Connection, now: int) -> None:
        for name, least, most in AGES:
            n = await conn.fetchval(
                """
                SELECT coalesce(sum(waiting), 0)::bigint FROM aggregate
                WHERE waiting > 0 AND waiting_since <= $1 AND waiting_since > $2
                """,
                now - least * DAY_MS,
                now - most * DAY_MS,
            )
            self._telemetry.waiting.labels(name).set(n)

    async def _tallies(self, conn: Connection) -> None:
        subjects = [Subject("gauge", gauge.key) for gauge in self._service.gauges]
        for subject, sums in (await outbox.sums_of(conn, subjects)).items():
            gauge = self._tallied[subject.key]
            gauge.clear()
            for (name, _), n in sums.items():
                gauge.labels(*name.split("|")).set(n)
