"""The rows that a service writes run by run, worked out from the model beforehand, as arguments of bulk statements."""

import pickle
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.contracts.decoding import decode
from shared.contracts.envelope import Event
from shared.domain.fact import Subject
from shared.domain.publication import deadline_id
from shared.kernel.clock import to_ms
from shared.kernel.effects import event_message, partition_of
from shared.kernel.outbox import Headers, unpack
from shared.kernel.packed import pack_state
from tests.benchmarks.workload import Workload

Row = tuple[Any, ...]
Record = tuple[bytes | None, bytes | None, int, Headers]
"""Key, value, timestamp, headers."""


@dataclass(slots=True)
class RunRows:
    """One run: after how many records of the log it is written, its rows by table, its records by topic partition."""

    after: int = 0
    inbox: list[Row] = field(default_factory=list)
    aggregate: list[Row] = field(default_factory=list)
    due: list[Row] = field(default_factory=list)
    due_gone: list[Row] = field(default_factory=list)
    tally: list[Row] = field(default_factory=list)
    journal: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    records: dict[tuple[str, int], list[Record]] = field(default_factory=dict)


def write(path: Path, workload: Workload, partitions: int, run_limit: int) -> int:
    """Work the rows out and keep them in a file; returns the number of runs."""
    runs = list(_runs(workload, partitions, run_limit))
    with path.open("wb") as file:
        pickle.dump(runs, file)
    return len(runs)


def read(path: Path) -> list[RunRows]:
    """The rows that `write` kept."""
    with path.open("rb") as file:
        found: list[RunRows] = pickle.load(file)  # noqa: S301  # our own file of a minute ago
    return found


def _runs(workload: Workload, partitions: int, run_limit: int) -> Iterator[RunRows]:
    place, digests = _places(workload)
    lines, outputs = iter(workload.result.journal), iter(workload.result.outputs)
    run = _RunInMaking()
    taken = 0
    for fact, decision in workload.decided:
        if not fact.is_deadline:
            if taken == run_limit:
                yield run.finish(place[fact.id])
                run, taken = _RunInMaking(), 0
            taken += 1
            run.rows.inbox.append((fact.id, digests[fact.id], to_ms(fact.recorded)))
        line = next(lines)
        run.rows.journal.append(
            (line.subject.kind, line.subject.key, line.seq, to_ms(line.at), line.fact_id, line.content.decode(),
             line.content_hash, line.hash)
        )  # fmt: skip
        run.states.update(decision.states)
        run.heads[line.subject] = (line.seq, line.hash)
        if fact.is_deadline:
            run.due[*fact.payload.subject, fact.payload.kind, fact.payload.ref] = None
        for n, change in enumerate(decision.deadlines):
            identity = (change.subject.kind, change.subject.key, change.kind, change.ref)
            if change.due is None:
                run.due[identity] = None
                continue
            run.due[identity] = (
                deadline_id(fact, change.subject, change.kind, change.ref, change.due, n),
                to_ms(change.due),
                to_ms(max(change.due, fact.recorded)),
                partition_of(change.subject.key, partitions),
            )
        for add in decision.tallies:
            feeder = partition_of(decision.owner.key, partitions)
            run.tallies[(*add.subject, add.name, add.period, feeder)] += add.n
        for _ in decision.outputs:
            run.rows.outbox.append(event_message(next(outputs), workload.service.name, partitions))
    yield run.finish(len(workload.history))


def _places(workload: Workload) -> tuple[dict[Any, int], dict[Any, bytes]]:
    """Where each event first stands in the log, and a digest as wide as the inbox keeps."""
    place: dict[Any, int] = {}
    digests: dict[Any, bytes] = {}
    for n, record in enumerate(workload.history):
        event = decode(record.topic, record.key, record.value, record.headers)
        if isinstance(event, Event) and event.event_id not in place:
            place[event.event_id], digests[event.event_id] = n, event.event_id.bytes
    return place, digests


class _RunInMaking:
    def __init__(self) -> None:
        self.rows = RunRows()
        self.states: dict[Subject, Any] = {}
        self.heads: dict[Subject, tuple[int, bytes]] = {}
        self.due: dict[tuple[str, str, str, str], Row | None] = {}
        self.tallies: Counter[tuple[str, str, str, str, int]] = Counter()

    def finish(self, after: int) -> RunRows:
        rows = self.rows
        rows.after = after
        rows.inbox.sort(key=lambda row: row[0])
        rows.aggregate = [
            (*subject, self._state(subject), *self.heads.get(subject, (None, None)))
            for subject in sorted(self.states.keys() | self.heads.keys())
        ]
        rows.due = [(*identity, *row) for identity, row in sorted(self.due.items()) if row is not None]
        rows.due_gone = sorted(identity for identity, row in self.due.items() if row is None)
        rows.tally = sorted((*key, n) for key, n in self.tallies.items() if n)
        records: dict[tuple[str, int], list[Record]] = defaultdict(list)
        for topic, partition, key, value, headers, logtime in rows.outbox:
            records[topic, partition].append((key, value, logtime, unpack(headers)))
        rows.records = dict(records)
        return rows

    def _state(self, subject: Subject) -> bytes | None:
        """None where it did not change: only the head of its journal did."""
        return pack_state(self.states[subject]) if subject in self.states else None
