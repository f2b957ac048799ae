"""The model: the services' domains over a history, in one plain loop, in memory, without the kernel.

It is what "would have been decided", and the oracle of the tests: outputs, states and journals of the real system
equal the model's. It knows the rules of the log and nothing of Kafka or PostgreSQL: topic ranks, ties, the window of
duplicates, poison, parking, and that time ends at `until`.
"""

import hashlib
import heapq
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from deploy.history import HistoryRecord
from shared.contracts.decoding import TimeRecord, Unknown, Unread, decode
from shared.contracts.envelope import canonical_json
from shared.contracts.poison import Poison
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Passed, Subject, deadline_fact, event_fact
from shared.domain.policy import Policy
from shared.domain.publication import (
    GENESIS,
    JournalLine,
    Published,
    deadline_id,
    journal_line,
    parking_heard,
    parking_told,
    publish,
)
from shared.domain.service import TOPIC_RANK, Service

log = logging.getLogger(__name__)

WINDOW = timedelta(days=90)
MAX_AT_ONE_INSTANT = 1000
"""Deadlines of one aggregate at one instant; with more of them it is parked."""
A_DAY = timedelta(days=1)


class Place(NamedTuple):
    """Order of records: time, topic rank, key, and the order within the topic."""

    time: datetime
    rank: int
    key: str
    n: int


class Input(NamedTuple):
    """A record with its place."""

    place: Place
    record: HistoryRecord


class DueAt(NamedTuple):
    """Order of deadlines."""

    fires_at: datetime
    kind: str
    subject_kind: str
    key: str
    ref: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that could not be decided, and why."""

    record: HistoryRecord
    reason_code: str


@dataclass(slots=True)
class Simulated:
    """What one service decided over a history."""

    service: Service
    outputs: list[Published] = field(default_factory=list)
    journal: list[JournalLine] = field(default_factory=list)
    states: dict[Subject, Any] = field(default_factory=dict)
    tallies: dict[Subject, dict[tuple[str, str], int]] = field(default_factory=dict)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    parked: dict[Subject, list[Fact]] = field(default_factory=dict)
    facts: int = 0


class Decided(NamedTuple):
    """One fact decided: the decision, the events that it publishes, its line of the journal."""

    decision: Decision
    events: list[Published]
    line: JournalLine


class Memory:
    """A service's aggregates, journal heads and sums, in memory: enough to decide one fact after another."""

    def __init__(self, service: Service, policy: Policy) -> None:
        self.service = service
        self.policy = policy
        self.states: dict[Subject, Any] = {}
        self.heads: dict[Subject, tuple[int, bytes]] = {}
        self.tallies: dict[Subject, dict[tuple[str, str], int]] = {}

    def rows(self, fact: Fact) -> tuple[Rows, tuple[Subject, ...]]:
        """The aggregates that a fact needs: asked until it names no new one."""
        states: dict[Subject, Any] = {}
        rows = Rows(states, {subject: self.tallies.get(subject, {}) for subject in self.service.sums(fact)})
        while True:
            subjects = self.service.subjects(fact, rows)
            missing = [subject for subject in subjects if subject not in states]
            if not missing:
                return rows, subjects
            for subject in missing:
                states[subject] = self.states.get(subject) or self.service.kinds[subject.kind](key=subject.key)

    def decide(self, fact: Fact, rows: Rows) -> Decided:
        """Decide a fact and keep what follows. Raises what the rules raise; then nothing is kept."""
        decision = self.service.decide(rows, fact, self.policy)
        seq, head = self.heads.get(decision.owner, (0, GENESIS))
        events = publish(self.service, fact, decision, seq + 1)
        line = journal_line(fact, decision, events, seq + 1, head, self.policy.version)
        self.heads[decision.owner] = (line.seq, line.hash)
        self.states.update(decision.states)
        for add in decision.tallies:
            sums = self.tallies.setdefault(add.subject, {})
            sums[add.name, add.period] = sums.get((add.name, add.period), 0) + add.n
            if not sums[add.name, add.period]:
                del sums[add.name, add.period]
        return Decided(decision, events, line)


class Model:
    """One service over one history. `run` returns what it decided through `until`."""

    def __init__(self, service: Service, policy: Policy) -> None:
        self.service = service
        self.out = Simulated(service)
        self._memory = Memory(service, policy)
        self.out.states, self.out.tallies = self._memory.states, self._memory.tallies
        self._inbox: dict[UUID, tuple[bytes, datetime]] = {}
        self._due: dict[tuple[Subject, str, str], tuple[DueAt, UUID, datetime]] = {}
        self._heap: list[tuple[DueAt, tuple[Subject, str, str]]] = []
        self._held: dict[Subject, set[str]] = {}
        self._fired: Counter[tuple[Subject, datetime]] = Counter()

    def run(self, records: Sequence[Input], until: datetime) -> Simulated:
        """Work through records and deadlines, in order, and let time go on to `until`."""
        queue = iter(sorted(records, key=lambda given: given.place))
        following = next(queue, None)
        while True:
            standing = self._next_due()
            if following is not None and (standing is None or following.place.time <= standing[0].fires_at):
                if following.place.time > until:
                    return self.out
                self._take(following)
                following = next(queue, None)
            elif standing is not None and standing[0].fires_at <= until:
                self._fire(*standing)
            else:
                return self.out

    def _next_due(self) -> tuple[DueAt, tuple[Subject, str, str]] | None:
        while self._heap:
            at, identity = self._heap[0]
            current = self._due.get(identity)
            if current is None or current[0] != at or identity[0] in self.out.parked or self._held.get(identity[0]):
                heapq.heappop(self._heap)
                continue
            return at, identity
        return None

    def _take(self, given: Input) -> None:
        record, at = given.record, given.place.time
        decoded = decode(record.topic, record.key, record.value, record.headers, self.service.reads)
        if isinstance(decoded, TimeRecord | Unknown | Unread):
            return
        if isinstance(decoded, Poison):
            self.out.dead_letters.append(DeadLetter(record, decoded.reason_code))
            return
        if decoded.occurred_at > at + A_DAY:
            self.out.dead_letters.append(DeadLetter(record, "occurred-in-the-future"))
            return
        content = canonical_json(decoded)
        digest = hashlib.sha256(content).digest()[:16]
        known = self._inbox.get(decoded.event_id)
        if known is not None and at - known[1] <= WINDOW:
            if known[0] != digest:
                self.out.dead_letters.append(DeadLetter(record, "id-reused"))
            return
        self._inbox[decoded.event_id] = (digest, at)
        self._settle(event_fact(decoded, record.topic, given.place.key, at, content))

    def _fire(self, at: DueAt, identity: tuple[Subject, str, str]) -> None:
        heapq.heappop(self._heap)
        _, its_id, due = self._due.pop(identity)
        subject, kind, ref = identity
        fact = deadline_fact(its_id, Passed(subject, kind, ref, due), at.fires_at)
        self._fired[subject, at.fires_at] += 1
        if self._fired[subject, at.fires_at] > MAX_AT_ONE_INSTANT:
            self._park((subject,), fact)
        else:
            self._settle(fact)

    def _settle(self, fact: Fact) -> None:
        if (upstream := parking_heard(fact)) is not None:
            self._hear_of_parking(upstream, fact)
            return
        rows, subjects = self._memory.rows(fact)
        self.out.facts += 1
        if any(subject in self.out.parked for subject in subjects):
            self._park(subjects, fact)
            return
        try:
            decided = self._memory.decide(fact, rows)
        except Exception as bug:  # a bug on one aggregate parks it, as in the kernel
            log.warning("parked %s %s: %s", fact.type, fact.id, type(bug).__name__)
            self._park(subjects, fact)
            return
        self.out.outputs.extend(decided.events)
        self.out.journal.append(decided.line)
        for n, change in enumerate(decided.decision.deadlines):
            identity = (change.subject, change.kind, change.ref)
            if change.due is None:
                self._due.pop(identity, None)
                continue
            its_id = deadline_id(fact, change.subject, change.kind, change.ref, change.due, n)
            at = DueAt(max(change.due, fact.recorded), change.kind, change.subject.kind, change.subject.key, change.ref)
            self._due[identity] = (at, its_id, change.due)
            heapq.heappush(self._heap, (at, identity))

    def _park(self, subjects: Sequence[Subject], fact: Fact) -> None:
        """Queue a fact behind its own aggregate; a prisoner that is parked parks its case."""
        own, *others = subjects
        cases = [other for other in others if own.kind == "prisoner" and other.kind == "case"]
        for subject in (own, *cases) if own not in self.out.parked else ():
            if subject in self.out.parked:
                continue
            self.out.parked[subject] = []
            told = parking_told(self.service, "parked", subject, fact.id, fact.recorded, fact.recorded)
            self.out.outputs.extend([told] if told else [])
        self.out.parked[own].append(fact)

    def _hear_of_parking(self, subject: Subject, fact: Fact) -> None:
        """Hold the deadlines of what an upstream service has parked; let them fire again once it is resumed."""
        holders = self._held.setdefault(subject, set())
        if fact.type.endswith(".parked"):
            holders.add(fact.topic)
            return
        holders.discard(fact.topic)
        for identity, (at, its_id, due) in list(self._due.items()):
            if identity[0] == subject and not holders:
                again = at._replace(fires_at=max(at.fires_at, fact.recorded))
                self._due[identity] = (again, its_id, due)
                heapq.heappush(self._heap, (again, identity))


def simulate(
    history: Iterable[HistoryRecord],
    services: Sequence[tuple[Service, Policy]],
    until: datetime | None = None,
) -> dict[str, Simulated]:
    """Run the services one after another over a whole history: time flows from one to the next, never back.

    `until` defaults to the last record plus 400 days.
    """
    topics: dict[str, list[Input]] = {}
    records = sorted(history, key=lambda record: record.timestamp)
    for n, record in enumerate(records):
        _add(topics, record, n)
    if until is None:
        until = records[-1].timestamp if records else datetime.fromisoformat("1970-01-01T00:00:00+00:00")
        until += timedelta(days=400)
    found: dict[str, Simulated] = {}
    for service, policy in services:
        given = [record for topic in service.inputs for record in topics.get(topic, ())]
        result = found[service.name] = Model(service, policy).run(given, until)
        for n, event in enumerate(result.outputs):
            _add(topics, HistoryRecord(event.topic, event.at, event.key.encode(), event.value), n)
    return found


def _add(topics: dict[str, list[Input]], record: HistoryRecord, n: int) -> None:
    key = (record.key or b"").decode("latin-1")
    place = Place(record.timestamp, TOPIC_RANK[record.topic], key, n)
    topics.setdefault(record.topic, []).append(Input(place, record))
