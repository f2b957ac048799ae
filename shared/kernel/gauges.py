"""Gauges of what stands in the database, refreshed by one task; a scrape never waits for a query."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from shared.domain.decision import Tallies
from shared.domain.service import Service, TallyGauge, TallyHistogram
from shared.kernel.database import TRANSIENT, Connection, close, connect
from shared.kernel.settings import Settings
from shared.kernel.sums import sums_of
from shared.kernel.telemetry import Telemetry
from shared.kernel.worker import Worker

log = logging.getLogger(__name__)

REFRESH_SECONDS = 2.0
COUNT_SHARE = 100
"""Standing deadlines are counted one by one, so no oftener than this many times as long as counting them takes."""
DAY_MS = 24 * 3600 * 1000
AGES = (("under-1-day", 0, 1), ("1-to-7-days", 1, 7), ("7-to-30-days", 7, 30), ("over-30-days", 30, 36500))


class Histograms(Collector):
    """The service's histograms, as their sums stood when they were last read."""

    def __init__(self, histograms: Iterable[TallyHistogram]) -> None:
        self._sums: dict[TallyHistogram, Tallies] = {histogram: {} for histogram in histograms}

    def show(self, histogram: TallyHistogram, sums: Tallies) -> None:
        """Take the sums of one, as read."""
        self._sums[histogram] = sums

    def describe(self) -> Iterable[HistogramMetricFamily]:
        """Their names, before anything has been read."""
        return [HistogramMetricFamily(each.metric, each.description, labels=each.labels) for each in self._sums]

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """Each as Prometheus reads it: counts up to each bound, and the sum."""
        for histogram, sums in self._sums.items():
            family = HistogramMetricFamily(histogram.metric, histogram.description, labels=histogram.labels)
            by_labels: dict[tuple[str, ...], dict[str, int]] = {}
            for (name, _), n in sums.items():
                labels, _, bucket = name.rpartition("|")
                by_labels.setdefault(tuple(labels.split("|")), {})[bucket] = n
            for values, counts in sorted(by_labels.items()):
                family.add_metric(values, _cumulative(histogram, counts), float(counts.get("sum", 0)))
            yield family


def _cumulative(histogram: TallyHistogram, counts: Mapping[str, int]) -> list[tuple[str, float]]:
    found, total = [], 0
    for bound in (*map(str, histogram.bounds), "+Inf"):
        total += counts.get(bound, 0)
        found.append((bound if bound == "+Inf" else f"{float(bound)}", float(total)))
    return found


def by_age(sums: Tallies, now: int) -> dict[tuple[str, ...], int]:
    """Sums whose periods are dates, by label values and age at an instant (ms)."""
    found: dict[tuple[str, ...], int] = {}
    for (name, period), n in sums.items():
        since = datetime.fromisoformat(period).replace(tzinfo=UTC).timestamp() * 1000
        age = next(
            (age for age, least, most in AGES if now - most * DAY_MS < since <= now - least * DAY_MS), AGES[0][0]
        )
        labels = (*name.split("|"), age)
        found[labels] = found.get(labels, 0) + n
    return found


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
            gauge: Gauge(gauge.metric, gauge.description, labels_of(gauge), registry=registry)
            for gauge in service.gauges
        }
        self._histograms = Histograms(service.histograms)
        registry.register(self._histograms)
        self.stopping = False
        self._next_count = 0.0

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
        if time.monotonic() >= self._next_count:
            await self._count_deadlines(conn)
        await self._tallies(conn, through)
        told.refreshed.set(time.time())

    async def _count_deadlines(self, conn: Connection) -> None:
        began = time.monotonic()
        open_by_kind = await conn.fetch("SELECT kind, count(*) FROM due GROUP BY kind")
        ended = time.monotonic()
        self._next_count = ended + COUNT_SHARE * (ended - began)
        self._telemetry.due_open.clear()
        for kind, n in open_by_kind:
            self._telemetry.due_open.labels(kind).set(n)

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

    async def _tallies(self, conn: Connection, through: int | None) -> None:
        gauges, histograms = self._service.gauges, self._service.histograms
        subjects = [gauge.subject for gauge in gauges] + [histogram.subject for histogram in histograms]
        found = await sums_of(conn, subjects)
        for tallied, gauge in self._tallied.items():
            sums = found[tallied.subject]
            gauge.clear()
            if not tallied.aged:
                for (name, _), n in sums.items():
                    gauge.labels(*name.split("|")).set(n)
            elif through is not None:
                for labels, n in by_age(sums, through).items():
                    gauge.labels(*labels).set(n)
        for histogram in histograms:
            self._histograms.show(histogram, found[histogram.subject])


def labels_of(gauge: TallyGauge) -> tuple[str, ...]:
    """The labels of a gauge as Prometheus sees them."""
    return (*gauge.labels, "age") if gauge.aged else gauge.labels
