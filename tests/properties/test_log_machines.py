"""The log as machines that hypothesis drives: publishers, fetches, runs, kills and rebalances in any order."""

from datetime import timedelta
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from deploy.history import HistoryRecord
from deploy.simulate import simulate
from shared.domain.service import TOPIC_RANK
from shared.kernel.clock import to_ms
from shared.kernel.log_order import LogOrder, Place, TopicPartition
from tests.counter.histories import again, contact, person, sentence
from tests.properties.test_due_merge import POLICY, RESTLESS, Stored
from tests.properties.test_log_order import Committed, commit
from tests.running import LONG_AGO

STEPS = st.sampled_from((timedelta(0), timedelta(milliseconds=1), timedelta(minutes=1), timedelta(days=3)))
PARTITIONS = st.sampled_from(sorted(Stored([]).log))
FACTS = st.tuples(STEPS, st.integers(0, 3), st.sampled_from(("contact", "sentence", "again")), st.integers(0, 99))
LIMITS = st.integers(1, 6)
CHANCES = st.integers(0, 99)
AFTER = timedelta(days=40)


class Replay(RuleBasedStateMachine):
    """One reader of a log that grows, with deadlines that its own decisions set; in the end it is the model's."""

    def __init__(self) -> None:
        super().__init__()
        self.stored = Stored([])
        self.history: list[HistoryRecord] = []
        self.now = LONG_AGO
        self.reached: dict[TopicPartition, int] = {}

    @rule(facts=st.lists(FACTS, min_size=1, max_size=6), told=st.booleans())
    def published(self, facts: list[tuple[timedelta, int, str, int]], told: bool) -> None:
        """Some facts, some of them once more; then perhaps how far time has come."""
        for step, who, kind, n in facts:
            self.now += step
            if kind == "again" and self.history:
                record = again(self.history[n % len(self.history)], self.now)
            elif kind == "sentence":
                record = sentence(person(who), self.now, f"order-{len(self.history)}")
            else:
                record = contact(person(who), self.now, len(self.history))
            self.history.append(record)
            self.stored.publish(record)
        if told:
            self.stored.tell_time(self.now - timedelta(milliseconds=1))

    @rule(fetches=st.lists(st.tuples(PARTITIONS, st.integers(1, 9)), min_size=1, max_size=8), limit=LIMITS, n=CHANCES)
    def fetched_and_run(self, fetches: list[tuple[TopicPartition, int]], limit: int, n: int) -> None:
        for at, most in fetches:
            self.stored.fetch(at, most)
            self.stored.run(limit, Random(n))

    @rule(limit=st.one_of(st.just(0), LIMITS), n=CHANCES, again=st.lists(PARTITIONS, max_size=2))
    def disturbed(self, limit: int, n: int, again: list[TopicPartition]) -> None:
        """Killed before the commit of a run; else partitions are lost and won back, or sought to what is stored."""
        if limit and not again:
            self.stored.run(limit, Random(n), killed=True)
        for at in again:
            self.stored.order.assign(at, *self.stored.progress[at])
        if not again:
            self.stored.restart()

    @invariant()
    def what_is_reached_never_sinks_and_nothing_before_it_is_undecided(self) -> None:
        for at, (next_offset, _, through, ahead) in self.stored.progress.items():
            told = -1 if through is None else through
            assert told >= self.reached.get(at, -1)
            self.reached[at] = told
            undecided = [
                to_ms(entry.timestamp)
                for offset, entry in enumerate(self.stored.log[at])
                if isinstance(entry, HistoryRecord) and offset >= next_offset and offset not in ahead
            ]
            assert all(time > told for time in undecided)

    def teardown(self) -> None:
        until = self.now + AFTER
        self.stored.until(until)
        while self.stored.run(5, Random(1)):
            pass
        model = simulate(self.history, [(RESTLESS, POLICY)], until)["enforcement"]
        assert [line.hash for line in self.stored.journal] == [line.hash for line in model.journal]
        assert self.stored.order.safe() == to_ms(until)
        assert self.stored.order.queued == 0


TestReplay = Replay.TestCase
TestReplay.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)

OWNED = [TopicPartition("court", n) for n in range(3)]
MINE = st.sampled_from(OWNED)


class Replicas(RuleBasedStateMachine):
    """Two live replicas that share a topic: no deadline may fire before what was appended through its instant."""

    def __init__(self) -> None:
        super().__init__()
        self.log: dict[TopicPartition, list[int]] = {at: [] for at in OWNED}
        self.committed: Committed = dict.fromkeys(OWNED, (0, None, None, ()))
        self.decided: dict[TopicPartition, list[int]] = {at: [] for at in OWNED}
        self.owner = dict.fromkeys(OWNED, 0)
        self.now = 1
        self.orders = [LogOrder("live", TOPIC_RANK.__getitem__, lambda _topic: True, 0.2) for _ in range(2)]
        self.orders[1].foreign = dict.fromkeys(OWNED)
        for at in OWNED:
            self.orders[0].assign(at, *self.committed[at])

    @rule(records=st.lists(st.tuples(MINE, st.integers(0, 2)), min_size=1, max_size=6))
    def appended(self, records: list[tuple[TopicPartition, int]]) -> None:
        for at, step in records:
            self.now += step
            self.log[at].append(self.now)

    @rule(fetches=st.lists(st.tuples(MINE, st.integers(0, 5), LIMITS, st.booleans()), min_size=1, max_size=6))
    def fetched_and_run(self, fetches: list[tuple[TopicPartition, int, int, bool]]) -> None:
        """Records are fetched; then their reader has one run, or is killed before its commit."""
        for at, most, limit, killed in fetches:
            order = self.orders[self.owner[at]]
            order.fetch += 1
            start = order.partitions[at].fetched_to
            for offset, time in list(enumerate(self.log[at]))[start : start + most]:
                order.offer(at, offset, time, "key", None, 0.0)
            position = order.partitions[at].fetched_to
            order.read_to(at, position, at_end=position == len(self.log[at]))
            self._run(self.owner[at], limit, killed)

    def _run(self, replica: int, limit: int, killed: bool) -> None:
        order = self.orders[replica]
        places: list[Place] = [each.place for each in order.ready(limit, 1.0)]
        if killed:
            self._restart(replica)
            return
        self.committed |= commit(order, places)
        for place in places:
            self.decided[place.partition].append(place.offset)

    def _restart(self, replica: int) -> None:
        order = self.orders[replica]
        for at in OWNED:
            if self.owner[at] == replica:
                order.assign(at, *self.committed[at])

    @rule(step=st.integers(0, 2), asking=st.sampled_from(((0,), (1,), (0, 1))), learn=st.booleans())
    def ends_asked_after_a_broker_time(self, step: int, asking: tuple[int, ...], learn: bool) -> None:
        """The least acknowledged time, then the end offsets; what is appended after that is no earlier.

        Then perhaps each replica looks up what the other has written.
        """
        broker_time = self.now
        self.now += step
        for replica in asking:
            order = self.orders[replica]
            for at in order.partitions:
                order.idle_until(at, len(self.log[at]), broker_time - 1)
            self._run(replica, 5, killed=False)
        for replica, order in enumerate(self.orders if learn else ()):
            order.foreign = {at: self.committed[at][2] for at in OWNED if self.owner[at] != replica}

    @rule(at=MINE)
    def moved_to_the_other_replica(self, at: TopicPartition) -> None:
        before, after = self.owner[at], 1 - self.owner[at]
        self.orders[before].revoke([at])
        self.orders[after].assign(at, *self.committed[at])
        self.owner[at] = after

    @invariant()
    def no_deadline_fires_before_a_record_of_its_time(self) -> None:
        for order in self.orders:
            safe = order.safe_for_deadlines(0)
            if safe is None:
                continue
            for at in OWNED:
                undecided = set(range(len(self.log[at]))) - set(self.decided[at])
                assert self.now > safe
                assert all(self.log[at][offset] > safe for offset in undecided)

    @invariant()
    def each_partition_is_decided_once_and_in_order(self) -> None:
        for offsets in self.decided.values():
            assert offsets == list(range(len(offsets)))


TestReplicas = Replicas.TestCase
TestReplicas.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
