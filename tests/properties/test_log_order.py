"""The order of the log, whatever the fetches: one and total in replay, never stalled, nothing twice, with crashes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.service import TOPIC_RANK
from shared.kernel.log_order import LogOrder, Mode, Place, TopicPartition

TOPICS = ("workforce", "court", "casework")
END = 1_000_000
Committed = dict[TopicPartition, tuple[int, int | None, int | None, tuple[int, ...]]]


@dataclass
class Log:
    """A replay log: each partition's entries in offset order, a record (time, key) or a time record (through)."""

    partitions: dict[TopicPartition, list[tuple[int, str | None]]] = field(default_factory=dict)

    def order(self) -> list[tuple[str, int, int]]:
        """What must come of it: (time, topic rank, key, offset), told as (topic, partition, offset)."""
        found = [
            (time, TOPIC_RANK[at.topic], key, offset, at)
            for at, entries in self.partitions.items()
            for offset, (time, key) in enumerate(entries)
            if key is not None
        ]
        return [(at.topic, at.partition, offset) for _, _, _, offset, at in sorted(found)]


def a_log(chance: Random) -> Log:
    """Two partitions of each topic; a key keeps to its partition; many ties; time records here and there."""
    log = Log({TopicPartition(topic, n): [] for topic in TOPICS for n in range(2)})
    now = 0
    for _ in range(chance.randrange(40)):
        now += chance.choice((0, 0, 0, 1, 5))
        n = chance.randrange(6)
        log.partitions[TopicPartition(chance.choice(TOPICS), n % 2)].append((now, f"key-{n}"))
        if chance.random() < 0.15:
            for entries in log.partitions.values():
                entries.append((now - 1, None))
    for entries in log.partitions.values():
        entries.append((END, None))
    return log


def fresh_order(mode: Mode, committed: Committed) -> LogOrder:
    order = LogOrder(mode, TOPIC_RANK.__getitem__, lambda _topic: True, max_hold=0.2)
    for at, progress in committed.items():
        order.assign(at, *progress)
    return order


def fetch(order: LogOrder, log: Log, at: TopicPartition, most: int, now: float = 0.0) -> None:
    """Up to `most` entries more of one partition, as the intake takes them."""
    order.fetch += 1
    entries = log.partitions[at]
    start = order.partitions[at].fetched_to
    for offset, (time, key) in list(enumerate(entries))[start : start + most]:
        if key is None:
            order.raise_through(at, time)
            order.pass_over(at, offset, None)
        elif key == "passed-over":
            order.pass_over(at, offset, time)
        else:
            order.offer(at, offset, time, key, (time, key), now)
    position = min(start + most, len(entries))
    order.read_to(at, position, at_end=position == len(entries))


def commit(order: LogOrder, places: list[Place]) -> Committed:
    """What the database holds after a run, then the run's effect on the order."""
    kept = {
        at: (state.next_offset, state.committed_clock(), state.committed_through(), tuple(state.ahead))
        for at, state in order.after(places)
    }
    order.decided(places)
    return kept


def worked_through(log: Log, chance: Random) -> Iterator[tuple[str, int, int]]:
    """Everything taken, over random fetches, run sizes and crashes; fails where it does not get to the end."""
    committed: Committed = dict.fromkeys(log.partitions, (0, None, None, ()))
    order = fresh_order("replay", committed)
    reached: dict[TopicPartition, int] = {}
    for _ in range(2000):
        fetch(order, log, chance.choice(list(log.partitions)), chance.randrange(1, 6))
        if chance.random() < 0.5:
            found = [held.place for held in order.ready(chance.randrange(1, 8), 0.0)]
            found = found[: chance.randrange(len(found) + 1)]
            if chance.random() < 0.05:  # killed before the commit
                order = fresh_order("replay", committed)
                continue
            committed = commit(order, found)
            for at, (_, _, through, _) in committed.items():
                assert reached.get(at, -1) <= (-1 if through is None else through), "reached never sinks"
                reached[at] = -1 if through is None else through
            yield from ((place.partition.topic, place.partition.partition, place.offset) for place in found)
            if chance.random() < 0.05:  # killed after it
                order = fresh_order("replay", committed)
        if order.safe() == END and not order.queued:
            return
    raise AssertionError("stalled")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32).map(Random))
def test_replay_takes_every_record_once_in_the_one_order_whatever_the_fetches_runs_and_crashes(chance: Random) -> None:
    log = a_log(chance)
    assert list(worked_through(log, chance)) == log.order()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32).map(Random))
def test_a_queue_of_which_only_what_holds_time_back_is_read_on_never_stalls(chance: Random) -> None:
    """As the intake polls: a partition with two records queued is read on only if safe time waits for it, and lets
    less than a run be taken."""
    log = a_log(chance)
    order = fresh_order("replay", dict.fromkeys(log.partitions, (0, None, None, ())))
    taken: list[tuple[str, int, int]] = []
    while not (order.safe() == END and not order.queued):
        before = (order.queued, [state.fetched_to for state in order.partitions.values()])
        time_lacks = not order.has_safe(3)
        for at, state in order.partitions.items():
            if len(state.pending) < 2 or (time_lacks and order.holds_back(at)):
                fetch(order, log, at, 1)
        found = [held.place for held in order.ready(3, 0.0)]
        taken.extend((place.partition.topic, place.partition.partition, place.offset) for place in found)
        commit(order, found)
        assert before != (order.queued, [state.fetched_to for state in order.partitions.values()]), "stalled"
    assert taken == log.order()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32).map(Random))
def test_live_takes_every_record_once_and_in_order_within_a_partition_while_others_arrive(chance: Random) -> None:
    """Records that arrive while a run is in its transaction may stand before what that run has taken."""
    log = a_log(chance)
    order = fresh_order("live", dict.fromkeys(log.partitions, (0, None, None, ())))
    taken: dict[TopicPartition, list[int]] = {at: [] for at in log.partitions}
    now = 0.0
    for _ in range(150):
        now += 0.05
        fetch(order, log, chance.choice(list(log.partitions)), chance.randrange(1, 4), now)
        found = [held.place for held in order.ready(chance.randrange(1, 6), now)]
        for _ in range(chance.randrange(3)):
            fetch(order, log, chance.choice(list(log.partitions)), chance.randrange(1, 4), now)
        commit(order, found)
        for place in found:
            taken[place.partition].append(place.time)
    for at in log.partitions:
        fetch(order, log, at, 1000, now)
    found = [held.place for held in order.ready(1000, now + 1)]
    commit(order, found)
    for place in found:
        taken[place.partition].append(place.time)
    assert order.queued == 0
    for at, entries in log.partitions.items():
        assert taken[at] == [time for time, key in entries if key is not None]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32).map(Random))
def test_live_time_is_safe_only_where_it_was_decided_up_to_an_end_asked_after_it(chance: Random) -> None:
    """Records come with rising times; ends are asked for at an instant; safe time never passes a record to come."""
    at = TopicPartition("court", 0)
    order = fresh_order("live", {at: (0, None, None, ())})
    log = Log({at: []})
    now, undecided = 1, []
    for _ in range(chance.randrange(60)):
        what = chance.random()
        if what < 0.4:
            now += chance.choice((0, 1))
            log.partitions[at].append((now, "key"))
        elif what < 0.6:
            fetch(order, log, at, chance.randrange(1, 4))
        elif what < 0.8:
            now += 1
            order.idle_until(at, len(log.partitions[at]), now - 1)
        else:
            commit(order, [held.place for held in order.ready(chance.randrange(1, 4), 1.0)])
        state = order.partitions[at]
        undecided = [time for time, _ in log.partitions[at][state.next_offset :]]
        safe = order.safe()
        assert safe is None or all(time > safe for time in undecided)


def test_a_partition_that_is_given_up_stops_the_clock_until_it_is_known_what_its_new_owner_has_read() -> None:
    mine, given_up = TopicPartition("court", 0), TopicPartition("court", 1)
    order = fresh_order("live", {mine: (0, None, 5, ()), given_up: (0, None, 5, ())})
    assert order.safe_for_deadlines(0) == 5
    order.revoke([given_up])
    assert order.safe_for_deadlines(0) is None
    order.foreign = {given_up: 3}
    assert order.safe_for_deadlines(0) == 3


def test_replay_waits_until_it_holds_every_partition() -> None:
    mine, missing = TopicPartition("court", 0), TopicPartition("court", 1)
    order = fresh_order("replay", {mine: (0, None, 5, ()), missing: (0, None, 5, ())})
    order.revoke([missing])
    assert order.safe() is None
    order.assign(missing, 0, None, 4)
    assert order.safe() == 4


def test_a_repeat_behind_the_time_that_was_told_takes_nothing_back() -> None:
    at = TopicPartition("court", 0)
    order = fresh_order("replay", {at: (0, None, None, ())})
    order.raise_through(at, 10)
    order.pass_over(at, 0, None)
    assert order.goes_back(at, 10)
    assert not order.goes_back(at, 11)
    order.offer(at, 1, 5, "key", None, 0.0)
    assert order.partitions[at].committed_through() == 10


def test_a_partition_left_and_taken_again_offers_a_record_once() -> None:
    at = TopicPartition("court", 0)
    order = fresh_order("live", {at: (0, None, None, ())})
    order.offer(at, 0, 5, "key", None, 0.0)
    found = [held.place for held in order.ready(9, 1.0)]
    order.offer(at, 1, 5, "a", None, 0.0)
    order.decided(found)
    order.assign(at, 0, None, None)
    order.offer(at, 0, 5, "key", None, 0.0)
    assert [held.place.offset for held in order.ready(9, 1.0)] == [0]


def test_ends_that_are_asked_again_and_again_of_a_partition_that_does_not_move_are_kept_once() -> None:
    at = TopicPartition("court", 0)
    order = fresh_order("live", {at: (0, None, None, ())})
    for time in range(100):
        order.idle_until(at, 7, time)
    assert list(order.partitions[at].idle) == [(7, 99)]


def test_a_repeat_from_before_the_time_that_was_told_waits_for_what_came_before_it_and_for_no_time() -> None:
    at, other = TopicPartition("court", 0), TopicPartition("court", 1)
    order = fresh_order("replay", {at: (0, None, None, ()), other: (0, None, 7, ())})

    def ready() -> list[int]:
        return [held.place.offset for held in order.ready(9, 1.0)]

    order.offer(at, 0, 5, "key", None, 0.0)
    order.offer(at, 1, 9, "key", None, 0.0)
    order.raise_through(at, 20)
    order.pass_over(at, 2, None)
    order.offer(at, 3, 5, "key", None, 0.0, timeless=True)
    assert ready() == [0]
    order.raise_through(other, 10)
    assert ready() == [0, 1]
    commit(order, [held.place for held in order.ready(9, 1.0)])
    assert ready() == [3]
    commit(order, [held.place for held in order.ready(9, 1.0)])
    assert (order.queued, order.partitions[at].next_offset, order.safe()) == (0, 4, 10)
