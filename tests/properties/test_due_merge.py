"""Runs without a database: records and deadlines merged in the model's order, wherever runs end."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.history import HistoryRecord
from deploy.publish import partition_of
from deploy.simulate import simulate
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Passed, Subject
from shared.domain.policy import Policy
from shared.domain.publication import GENESIS, JournalLine
from shared.domain.service import Service
from shared.domain.step import Step
from shared.kernel import run as kernel_run
from shared.kernel import working_set
from shared.kernel.aggregates import Loaded
from shared.kernel.clock import to_ms
from shared.kernel.due import Due
from shared.kernel.inbox import Taken
from shared.kernel.incoming import Incoming, classify
from shared.kernel.log_order import TopicPartition
from shared.kernel.run import Run, first_of
from shared.kernel.working_set import MOST_LOADED
from tests.counter import COUNTER, subjects
from tests.counter.histories import again, contact, person, sentence
from tests.properties.test_log_order import Committed, commit, fresh_order
from tests.running import LONG_AGO

PARTITIONS = 2
SUM = Subject("gauge", "loops")
OFFSETS = (timedelta(days=-1), timedelta(0), timedelta(milliseconds=1), timedelta(minutes=1), timedelta(days=7))


def sums(fact: Fact) -> tuple[Subject, ...]:
    """A third of all facts read the sum that most feed."""
    return (SUM,) if fact.id.int % 3 == 0 else ()


def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """Sets and takes back deadlines as the fact's id says, some of another case: before, at and after its own instant.
    What it reads of the sum stands in the journal."""
    owner = subjects(fact, rows)[0]
    step = Step("enforcement", owner, rows, fact, policy)
    case = step.edit()
    case.n += 1
    draw = Random(hashlib.sha256(fact.id.bytes).digest())
    for subject in sums(fact):
        step.note(f"counted {sorted(step.tallies(subject).items())}")
    step.tally(SUM, draw.choice(("one", "other")), "", draw.choice((-1, 0, 1)))
    if isinstance(fact.payload, Passed) and draw.random() < 0.5:
        return step.decision()
    for _ in range(draw.randrange(3)):
        offset = draw.choice(OFFSETS)
        due = None if draw.random() < 0.2 else step.now + offset
        subject = Subject("case", person(draw.randrange(4))) if draw.random() < 0.3 else owner
        step.deadline(draw.choice(("alpha", "beta")), draw.choice(("x", "y")), due, subject)
    return step.decision()


def loop(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """A deadline that sets another one for the instant at which it fires: behind all that were stored before."""
    step = Step("enforcement", subjects(fact, rows)[0], rows, fact, policy)
    case = step.edit()
    case.n += 1
    step.deadline("alpha", f"{case.n:05d}", step.now)
    return step.decision()


def spread(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """A contact sets a deadline for each of five others."""
    step = Step("enforcement", subjects(fact, rows)[0], rows, fact, policy)
    case = step.edit()
    case.n += 1
    for n in range(1, 6) if fact.topic == "casework" else ():
        step.deadline("alpha", "x", step.now + timedelta(days=n), Subject("case", person(n)))
    return step.decision()


RESTLESS = replace(COUNTER, decide=decide, sums=sums)
LOOPING = replace(COUNTER, decide=loop)
SPREADING = replace(COUNTER, decide=spread)
POLICY = Policy.load(*COUNTER.policy)


class Record:
    """A consumed record, as the kernel reads it."""

    def __init__(self, given: HistoryRecord, partition: int, offset: int) -> None:
        self.topic, self.partition, self.offset = given.topic, partition, offset
        self.timestamp = to_ms(given.timestamp)
        self.key, self.value, self.headers = given.key, given.value, given.headers


class Mindful(Random):
    """Forgets nothing."""

    def random(self) -> float:
        return 0.0


class Stored:
    """What Kafka and PostgreSQL would hold, one reader's order, and its runs."""

    def __init__(self, history: Sequence[HistoryRecord], service: Service = RESTLESS) -> None:
        self.service = service
        self.fired: dict[tuple[Subject, int], int] = {}
        self.parked: list[tuple[Subject, Fact]] = []
        self.due: dict[Any, Due] = {}
        self.aggregates: dict[Subject, Loaded] = {}
        self.inbox: dict[Any, Taken] = {}
        self.journal: list[JournalLine] = []
        self.sums: Counter[tuple[str, str]] = Counter()
        """Of `SUM`, by name and period."""
        self.log: dict[TopicPartition, list[HistoryRecord | datetime]] = {
            TopicPartition(topic, n): [] for topic in service.inputs for n in range(PARTITIONS)
        }
        """Records in offset order, and time records: the instant that they tell."""
        self.progress: Committed = dict.fromkeys(self.log, (0, None, None, ()))
        self.restart()
        for one in sorted(history, key=lambda record: record.timestamp):
            self.publish(one)
        self.fetch_all()

    def restart(self) -> None:
        """A reader that knows what is stored and nothing else."""
        self.fired = {}
        self.order = fresh_order("replay", self.progress)

    def publish(self, record: HistoryRecord) -> None:
        self.log[TopicPartition(record.topic, partition_of(record.key, PARTITIONS))].append(record)

    def tell_time(self, through: datetime) -> None:
        for entries in self.log.values():
            entries.append(through)

    def fetch(self, at: TopicPartition, most: int) -> None:
        """Up to `most` entries more of one partition, as the intake takes them."""
        self.order.fetch += 1
        start = self.order.partitions[at].fetched_to
        for offset, entry in list(enumerate(self.log[at]))[start : start + most]:
            if isinstance(entry, datetime):
                self.order.raise_through(at, to_ms(entry))
                self.order.pass_over(at, offset, None)
                continue
            recorded = to_ms(entry.timestamp)
            found = classify(Record(entry, at.partition, offset), recorded, RESTLESS.reads)
            assert isinstance(found, Incoming)
            self.order.offer(at, offset, recorded, found.key, found, 0.0)

    def fetch_all(self) -> None:
        for at, entries in self.log.items():
            self.fetch(at, len(entries))

    def until(self, end: datetime) -> None:
        """Time is told through `end`, and all is fetched."""
        self.tell_time(end)
        self.fetch_all()

    def run(self, limit: int, forgetful: Random, killed: bool = False) -> bool:
        """One run of up to `limit` records and deadlines; now and then an aggregate is found not to be loaded.

        False where there is nothing to do. `killed`: before its commit.
        """
        run = Run(self.service, POLICY, PARTITIONS, self.order)
        run.fired.update(self.fired)
        records = self.order.ready(limit, 0.0)
        safe = self.order.safe_for_deadlines(len(records))
        if safe is None:
            return False
        stored = sorted((due for due in self.due.values() if due.fires_at <= safe), key=lambda due: due.place)[:limit]
        if not records and not stored:
            return False
        found = first_of(records, stored, limit, safe)
        records, stored = found.records, found.deadlines
        ids = {held.entry.event.event_id for held in records}
        found.known = {its_id: taken for its_id, taken in self.inbox.items() if its_id in ids}
        wanted = [Subject("case", held.entry.key) for held in records] + [due.subject for due in stored]
        for subject in wanted[:1] + [one for one in wanted[1:] if forgetful.random() < 0.9]:
            self._load(run, subject)
        first_due = min(stored, key=lambda due: due.place, default=None)
        if first_due is not None:
            self._load(run, first_due.subject)
        firsts = [Run._fact(held) for held in records[:1]] + [Run._deadline(due) for due in stored[:1]]
        self._know_sums(run, [fact for fact in firsts if fact is not None])
        for facts in run.decide(found):
            self._load_on_the_way(run, facts, forgetful)
        if not killed:
            self._save(run, records)
        return True

    def _load(self, run: Run, subject: Subject) -> None:
        if subject not in run.working_set.loaded:
            row = self.aggregates.get(subject) or Loaded(COUNTER.kinds["case"](key=subject.key), 0, GENESIS)
            run.working_set.keep({subject: replace(row)})

    def _load_on_the_way(self, run: Run, facts: Sequence[Fact], forgetful: Random) -> None:
        """What facts lack; but now and then another has locked an aggregate."""
        self._know_sums(run, facts)
        for fact in facts:
            for subject in run.working_set.subjects(fact):
                if forgetful.random() < 0.7:
                    self._load(run, subject)

    def _know_sums(self, run: Run, facts: Sequence[Fact]) -> None:
        known = run.working_set.sums
        known.know({subject: dict(self.sums) for fact in facts for subject in known.lacking(sums(fact))})

    def _save(self, run: Run, records: Sequence[Any]) -> None:
        effects = run.effects
        assert effects.places or effects.outcomes, "a run with work in it decides something"
        for held in records:
            if held.entry.event.event_id in effects.taken:
                self.inbox.setdefault(held.entry.event.event_id, Taken(held.entry.digest, held.place.time))
        self.inbox.update((event_id, Taken(digest, time)) for event_id, digest, time in effects.renewed)
        self.aggregates.update((subject, row) for subject, row in run.working_set.loaded.items() if row.dirty)
        for identity in effects.due_gone:
            self.due.pop(identity, None)
        self.due.update(effects.due_set)
        self.journal.extend(effects.lines)
        self.parked.extend(effects.parked)
        for (_, name, period, _), n in run.working_set.sums.added.items():
            self.sums[name, period] += n
            if not self.sums[name, period]:
                del self.sums[name, period]
        self.fired = run.fired_last()
        self.progress = commit(self.order, effects.places)


def a_history(chance: Random) -> list[HistoryRecord]:
    history: list[HistoryRecord] = []
    now = LONG_AGO
    for n in range(chance.randrange(1, 30)):
        now += chance.choice((timedelta(0), timedelta(milliseconds=1), timedelta(minutes=1), timedelta(days=3)))
        key = person(chance.randrange(4))
        if history and chance.random() < 0.1:
            history.append(again(chance.choice(history), now))
        else:
            history.append(contact(key, now, n) if chance.random() < 0.7 else sentence(key, now, f"order-{n}"))
    return history


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32).map(Random))
def test_records_and_deadlines_come_in_the_models_order_wherever_runs_end(chance: Random) -> None:
    history = a_history(chance)
    until = history[-1].timestamp + timedelta(days=chance.randrange(60))
    stored = Stored(history)
    stored.until(until)
    with patch.object(working_set, "MOST_LOADED", chance.choice((1, 2, MOST_LOADED))):
        while stored.run(chance.randrange(1, 8), chance):
            pass
    model = simulate(history, [(RESTLESS, POLICY)], until)["enforcement"]
    assert [(line.subject, line.seq, line.hash) for line in stored.journal] == [
        (line.subject, line.seq, line.hash) for line in model.journal
    ]


def test_more_stored_deadlines_than_a_run_takes_come_before_the_records_after_them() -> None:
    first = [contact(person(n), LONG_AGO, n) for n in range(20)]
    history = [*first, contact(person(99), LONG_AGO + timedelta(days=30), 99)]
    stored = Stored(history)
    stored.until(LONG_AGO + timedelta(days=31))
    while stored.run(3, Random(1)):
        pass
    instants = [line.at for line in stored.journal]
    assert instants == sorted(instants)


@pytest.mark.parametrize(("most", "runs"), [(MOST_LOADED, [6]), (6, [6]), (5, [5, 1]), (2, [2, 4]), (1, [1, 5])])
def test_a_run_that_has_loaded_its_most_ends_before_what_it_would_load_next(
    most: int, runs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The five others are not loaded when it comes to their deadlines, one after another."""
    monkeypatch.setattr(working_set, "MOST_LOADED", most)
    monkeypatch.setattr(kernel_run, "MOST_ON_THE_WAY", 0)
    stored = Stored([contact(person(0), LONG_AGO, 1)], SPREADING)
    stored.until(LONG_AGO + timedelta(days=9))
    found, before = [], 0
    while stored.run(100, Mindful()):
        found.append(len(stored.journal) - before)
        before = len(stored.journal)
    assert found == runs


def test_a_deadline_that_sets_itself_for_ever_parks_its_aggregate_though_each_run_ends_with_it() -> None:
    """One that comes after it is parked: its deadline is behind the fact that queues first."""
    history = [contact(person(1), LONG_AGO, 1), contact(person(1), LONG_AGO + timedelta(days=1), 2)]
    stored = Stored(history, LOOPING)
    stored.until(LONG_AGO + timedelta(days=2))
    while stored.run(1, Random(1)):
        pass
    model = simulate(history, [(LOOPING, POLICY)], LONG_AGO + timedelta(days=2))["enforcement"]
    assert len(stored.journal) == len(model.journal) == 1001
    assert [fact.id for _, fact in stored.parked] == [fact.id for fact in model.parked[Subject("case", person(1))]]
    assert len(stored.parked) == 2
