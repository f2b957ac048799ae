"""Proof of the journals: the chain of hashes is whole, and every decision, decided again, comes out the same.

A journal is read page by page in its own order, in one snapshot; kept in memory are the aggregates as decided so far
and the head of each chain, never the lines. The services are proven side by side, each in a process of its own.
"""

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from uuid import UUID

import asyncpg
import orjson

from deploy.catalogue import service_of
from deploy.services import SERVICES
from deploy.simulate import Memory
from shared.contracts.envelope import from_canonical
from shared.domain.fact import DUE, Fact, Subject, deadline_fact, event_fact, iso
from shared.domain.policy import Policy
from shared.domain.publication import CODE_VERSION, GENESIS
from shared.domain.service import Service
from shared.kernel.clock import from_ms
from shared.kernel.collector import leave_the_living_alone
from shared.kernel.database import Connection
from shared.kernel.parked import passed_from

PAGE = 5000
"""Lines read at once."""
MOST_PROBLEMS = 20
UNHURRIED = {"idle_in_transaction_session_timeout": "0"}
"""The snapshot stands while lines are decided."""


@dataclass(slots=True)
class Verified:
    """What the proof of one service's journal found. `problems` name the line, never what it says."""

    service: str
    lines: int = 0
    decided_again: int = 0
    erased: int = 0
    other_versions: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    found: int = 0

    @property
    def well(self) -> bool:
        """Whether nothing is amiss."""
        return not self.found

    def amiss(self, what: str) -> None:
        """Note a problem; the first twenty are kept in words."""
        self.found += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(f"{self.service}: {what}")


async def verify(dsn: str, services: Iterable[tuple[Service, Policy]]) -> list[Verified]:
    """Prove the journals of some services, one after another, each in its own order."""
    conn = await asyncpg.connect(dsn, server_settings=UNHURRIED)
    try:
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            return [await Proof(service, policy).of_journal(conn) for service, policy in services]
    finally:
        await conn.close()


async def verify_all(dsn: str) -> list[Verified]:
    """Prove the journals of all services as they stand at one instant, as many at once as there are processors."""
    conn = await asyncpg.connect(dsn, server_settings=UNHURRIED)
    try:
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            snapshot: str = await conn.fetchval("SELECT pg_export_snapshot()")
            size = {name: await conn.fetchval(f'SELECT max(position) FROM "{name}".journal') or 0 for name in SERVICES}
            loop, at_once = asyncio.get_running_loop(), min(len(SERVICES), os.cpu_count() or 1)
            with ProcessPoolExecutor(at_once, get_context("spawn")) as pool:
                proving = {
                    name: loop.run_in_executor(pool, _prove, dsn, name, snapshot)
                    for name in sorted(SERVICES, key=lambda name: -size[name])
                }
                return [await proving[name] for name in SERVICES]
    finally:
        await conn.close()


def _prove(dsn: str, name: str, snapshot: str) -> Verified:
    """In a process of its own."""
    leave_the_living_alone()
    return asyncio.run(_of_snapshot(dsn, name, snapshot))


async def _of_snapshot(dsn: str, name: str, snapshot: str) -> Verified:
    service = service_of(name)
    conn = await asyncpg.connect(dsn, server_settings=UNHURRIED)
    try:
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            await conn.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            return await Proof(service, Policy.load(*service.policy)).of_journal(conn)
    finally:
        await conn.close()


class Proof:
    """The proof of one service's journal, line after line."""

    def __init__(self, service: Service, policy: Policy) -> None:
        self.out = Verified(service.name)
        self._memory = Memory(service, policy)
        self._chains: dict[Subject, tuple[int, bytes]] = {}
        self._doubtful: set[Subject] = set()
        """Aggregates with a damaged line: what comes after it is decided from another state, and proves nothing."""

    async def of_journal(self, conn: Connection) -> Verified:
        """Read the whole journal in the transaction of `conn`, and compare its ends with what the states say."""
        position = 0
        while page := await conn.fetch(
            f"""
            SELECT position, kind, key, seq, at, fact_id, content, content_hash, hash
            FROM "{self.out.service}".journal
            WHERE position > $1
            ORDER BY position
            LIMIT {PAGE}
            """,
            position,
        ):
            for row in page:
                self._line(row)
            position = page[-1]["position"]
        await self._ends(conn)
        return self.out

    def _line(self, row: "asyncpg.Record") -> None:
        self.out.lines += 1
        subject = Subject(row["kind"], row["key"])
        self._chain(subject, row)
        if row["content"] is None:
            self.out.erased += 1
            self._doubtful.add(subject)
            return
        self._again(subject, row)

    def _amiss(self, subject: Subject, row: "asyncpg.Record", what: str) -> None:
        self._doubtful.add(subject)
        self.out.amiss(f"journal position {row['position']}: {what}")

    def _chain(self, subject: Subject, row: "asyncpg.Record") -> None:
        seq, head = self._chains.get(subject, (0, GENESIS))
        if row["seq"] != seq + 1:
            told = f"line {row['seq']} of its aggregate follows line {seq}: a line is missing or out of order"
            self._amiss(subject, row, told)
        content_hash = row["content_hash"]
        if row["content"] is not None and hashlib.sha256(row["content"].encode()).digest() != content_hash:
            self._amiss(subject, row, "its content does not give its hash: it was changed")
        if hashlib.sha256(head + content_hash).digest() != row["hash"]:
            self._amiss(subject, row, "it does not follow from the line before it: the chain is broken")
        self._chains[subject] = (row["seq"], row["hash"])

    def _again(self, subject: Subject, row: "asyncpg.Record") -> None:
        """Decide a line again from its fact, and compare. Lines of other rules are counted, not compared."""
        try:
            told = orjson.loads(row["content"])
            if (told["factId"], told["at"]) != (str(row["fact_id"]), iso(from_ms(row["at"]))):
                self._amiss(subject, row, "its columns and its content differ: it was changed")
            fact = _fact(told, row["at"])
            rows, _ = self._memory.rows(fact)
            line = self._memory.decide(fact, rows).line
        except Exception as failure:  # whatever a damaged line makes of itself is a finding, not a crash
            self._amiss(subject, row, f"it cannot be decided again ({type(failure).__name__})")
            return
        if (told["code"], told["policy"]) != (CODE_VERSION, self._memory.policy.version):
            self.out.other_versions[f"code {told['code']}, policy {told['policy']}"] += 1
            return
        self.out.decided_again += 1
        if (line.subject, line.content_hash) != (subject, row["content_hash"]) and subject not in self._doubtful:
            self._amiss(subject, row, "decided again, it comes out otherwise")

    async def _ends(self, conn: Connection) -> None:
        """Each aggregate's state says where its journal ends: no line is missing at the end, no journal is alone."""
        query = f'SELECT kind, key, seq, hash FROM "{self.out.service}".aggregate WHERE seq > 0'
        async for end in conn.cursor(query, prefetch=PAGE):
            if self._chains.pop(Subject(end["kind"], end["key"]), None) != (end["seq"], end["hash"]):
                told = f"the journal of a {end['kind']} does not end where its state says (line {end['seq']})"
                self.out.amiss(told)
        for subject, (seq, _) in self._chains.items():
            self.out.amiss(f"the journal of a {subject.kind} ends at line {seq}, and its state is not there")


def _fact(told: dict[str, object], at: int) -> Fact:
    content = orjson.dumps(told["fact"], option=orjson.OPT_SORT_KEYS)
    if told["topic"] == DUE:
        return deadline_fact(UUID(str(told["factId"])), passed_from(content), from_ms(at))
    return event_fact(from_canonical(content), str(told["topic"]), str(told["factKey"]), from_ms(at), content)
