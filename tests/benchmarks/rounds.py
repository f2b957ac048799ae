"""Interleaved rounds: service, idiomatic, raw limit, and again; each with a fresh database and a fresh output topic,
and each held against the model when it has finished."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from deploy.consume import is_time_record, whole
from deploy.services import RunningService
from shared.domain.fact import Subject
from shared.kernel.database import Connection
from tests.benchmarks import measure, peer, preload, run_rows
from tests.benchmarks.measure import Run
from tests.benchmarks.peer import PeerSettings
from tests.benchmarks.rig import RUN_LIMIT, Rig, raised
from tests.benchmarks.workload import Workload, module_of

SERVICE, IDIOMATIC, RAW_LIMIT = SYSTEMS = ("service", "idiomatic", "raw limit")
ROWS = "rows.pickle"


class WrongResultError(Exception):
    """A system left something else than the model does; its time means nothing."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that is prepared once: the servers with the input on them, and the raw limit's rows in a file."""

    rig: Rig
    name: str
    """The service's name on the command line; its module follows from it."""
    full: Workload
    small: Workload
    """For the idiomatic handler, which is slow: fewer people of the same feed."""

    async def run(self, system: str, sampler: str = "") -> Run:
        """Time one system once, the service under a `sampler` module for a profile, and check what it left.

        Raises `WrongResultError`.
        """
        workload = self.small if system == IDIOMATIC else self.full
        service = workload.service.name
        await preload.empty_output(self.rig.stack.bootstrap, workload.service, self.rig.partitions)
        async with self.rig.database(service) as database:
            conn = database.conn
            process = self._process(system, database.dsns[service], sampler)

            async def finished() -> bool:
                if system == RAW_LIMIT:
                    return measure.has_said(process, peer.FINISHED)
                decided = await conn.fetchval(f'SELECT last_value FROM "{service}".journal_position_seq')
                if decided < workload.facts:
                    return False
                return bool(
                    await conn.fetchval(
                        f"""
                        SELECT (SELECT count(*) FROM "{service}".journal) >= $1
                               AND NOT EXISTS (SELECT FROM "{service}".outbox)
                        """,
                        workload.facts,
                    )
                )

            try:
                found = await measure.timed(process, self.rig.servers, workload.facts, finished)
            finally:
                await process.stop()
            await self._check(system, conn, workload)
        return found

    def _process(self, system: str, dsn: str, sampler: str) -> RunningService:
        module = module_of(self.name)
        if system == SERVICE:
            return self.rig.service(system, sampler or module, dsn, BENCHMARK_SAMPLED=module)
        group = f"benchmark-{uuid4().hex}"
        rows = self.rig.folder / ROWS
        given = PeerSettings(self.name, self.rig.stack.bootstrap, dsn, group, rows, self.rig.partitions)
        peer_module = "tests.benchmarks.idiomatic" if system == IDIOMATIC else "tests.benchmarks.raw_limit"
        return self.rig.process(system, peer_module, given.environment())

    async def _check(self, system: str, conn: Connection, workload: Workload) -> None:
        """The number of journal lines and outputs, and the head of every journal: those of the model."""
        service = workload.service
        lines = await conn.fetchval(f'SELECT count(*) FROM "{service.name}".journal')
        rows = await conn.fetch(f'SELECT kind, key, seq, hash FROM "{service.name}".aggregate WHERE seq > 0')
        heads = {Subject(row["kind"], row["key"]): (row["seq"], row["hash"]) for row in rows}
        ids = [
            dict(record.headers)["ce_id"]
            async for record in whole(self.rig.stack.bootstrap, [service.output])
            if not is_time_record(record)
        ]
        wanted = len(workload.result.outputs)
        if lines != workload.facts or len(ids) != wanted or len(set(ids)) != wanted:
            raise WrongResultError(
                f"{system}: {lines} journal lines and {len(ids)} outputs ({len(set(ids))} ids); "
                f"the model has {workload.facts} and {wanted}"
            )
        if heads != workload.heads:
            differ = [subject for subject, head in workload.heads.items() if heads.get(subject) != head]
            raise WrongResultError(f"{system}: {len(differ)} journals differ from the model's")


@asynccontextmanager
async def prepared(name: str, full: Workload, small: Workload) -> AsyncIterator[Bench]:
    """The servers, with the input of every system on them."""
    async with raised() as rig:
        await preload.publish(rig.stack.bootstrap, full, rig.partitions)
        await preload.publish_in_order(rig.stack.bootstrap, small)
        run_rows.write(rig.folder / ROWS, full, rig.partitions, RUN_LIMIT)
        yield Bench(rig, name, full, small)
