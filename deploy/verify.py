"""Proof of the journals: the chain of hashes is whole, and every decision, decided again, comes out the same."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import orjson

from deploy.simulate import Memory
from shared.contracts.envelope import from_canonical
from shared.domain.fact import DUE, Fact, Subject, deadline_fact, event_fact
from shared.domain.policy import Policy
from shared.domain.publication import CODE_VERSION, GENESIS
from shared.domain.service import Service
from shared.kernel.clock import from_ms
from shared.kernel.parked import passed_from

PREFETCH = 2000
MOST_PROBLEMS = 20


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
            self.problems.append(what)


async def verify(dsn: str, services: Iterable[tuple[Service, Policy]]) -> list[Verified]:
    """Prove the journals of some services, each in its own order."""
    conn = await asyncpg.connect(dsn)
    try:
        return [await _journal(conn, service, policy) for service, policy in services]
    finally:
        await conn.close()


async def _journal(conn: "asyncpg.Connection[asyncpg.Record]", service: Service, policy: Policy) -> Verified:
    out = Verified(service.name)
    chains: dict[Subject, tuple[int, bytes]] = {}
    memory = Memory(service, policy)
    async with conn.transaction(readonly=True):
        query = f"""
            SELECT position, kind, key, seq, at, fact_id, content, content_hash, hash
            FROM "{service.name}".journal ORDER BY position
        """
        async for row in conn.cursor(query, prefetch=PREFETCH):
            out.lines += 1
            _chain(out, chains, row)
            _again(out, memory, row)
        ends = await conn.fetch(f'SELECT kind, key, seq, hash FROM "{service.name}".aggregate WHERE seq > 0')
    for end in ends:
        subject = Subject(end["kind"], end["key"])
        if chains.get(subject) != (end["seq"], bytes(end["hash"])):
            out.amiss(
                f"{service.name}: the journal of a {subject.kind} does not end where its state says (line {end['seq']})"
            )
    return out


def _chain(out: Verified, chains: dict[Subject, tuple[int, bytes]], row: "asyncpg.Record") -> None:
    subject = Subject(row["kind"], row["key"])
    seq, head = chains.get(subject, (0, GENESIS))
    place = f"{out.service}: journal position {row['position']}"
    if row["seq"] != seq + 1:
        out.amiss(f"{place}: line {row['seq']} of its aggregate follows line {seq}: a line is missing or out of order")
    content_hash = bytes(row["content_hash"])
    if row["content"] is None:
        out.erased += 1
    elif hashlib.sha256(row["content"].encode()).digest() != content_hash:
        out.amiss(f"{place}: its content does not give its hash: it was changed")
    if hashlib.sha256(head + content_hash).digest() != bytes(row["hash"]):
        out.amiss(f"{place}: it does not follow from the line before it: the chain is broken")
    chains[subject] = (row["seq"], bytes(row["hash"]))


def _again(out: Verified, memory: Memory, row: "asyncpg.Record") -> None:
    """Decide a line again from its fact, and compare. Lines of other rules are counted, not compared."""
    place = f"{out.service}: journal position {row['position']}"
    if row["content"] is None:
        return
    try:
        told = orjson.loads(row["content"])
        version = f"code {told['code']}, policy {told['policy']}"
        fact = _fact(told, row)
        rows, _ = memory.rows(fact)
        decided = memory.decide(fact, rows)
    except Exception as failure:  # whatever a damaged line makes of itself is a finding, not a crash
        out.amiss(f"{place}: cannot be decided again ({type(failure).__name__})")
        return
    if (told["code"], told["policy"]) != (CODE_VERSION, memory.policy.version):
        out.other_versions[version] += 1
        return
    out.decided_again += 1
    if decided.line.content_hash != bytes(row["content_hash"]):
        out.amiss(f"{place}: decided again, it comes out otherwise")


def _fact(told: dict[str, object], row: "asyncpg.Record") -> Fact:
    content = orjson.dumps(told["fact"], option=orjson.OPT_SORT_KEYS)
    at = from_ms(row["at"])
    if told["topic"] == DUE:
        return deadline_fact(UUID(str(told["factId"])), passed_from(content), at)
    return event_fact(from_canonical(content), str(told["topic"]), str(told["factKey"]), at, content)
