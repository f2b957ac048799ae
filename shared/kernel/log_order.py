"""The order in which records and deadlines are taken, and how far time is safe: pure, tested without Kafka.

Records are ordered by (time, topic rank, key, offset); deadlines come after the records of their instant, among
themselves by (fires_at, kind, aggregate kind, key, ref). In replay a record is taken only once every partition has
been read through its time, so the order is one and total. Live, a record waits for no accuser: it is held a moment
for partitions whose state is not known, and taken.
"""

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any, Literal, NamedTuple

import msgspec

Mode = Literal["live", "replay"]


class TopicPartition(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


class Place(NamedTuple):
    """Where a record stands in the order."""

    time: int
    rank: int
    key: str
    offset: int
    partition: TopicPartition


class DeadlinePlace(NamedTuple):
    """Where a deadline stands among deadlines."""

    fires_at: int
    kind: str
    subject_kind: str
    key: str
    ref: str


class Held(msgspec.Struct, gc=False):
    """A record that has been fetched and not yet decided."""

    place: Place
    entry: Any
    fetched_at: float
    fetch: int
    fact: Any = None
    """What it states, once somebody has asked; made once."""


@dataclass(slots=True)
class PartitionState:
    """What is known of one partition that this replica holds."""

    next_offset: int
    clock: int | None = None
    through: int | None = None
    """Read through, by what has been fetched; committed no further than the first undecided record allows."""
    ahead: set[int] = field(default_factory=set)
    pending: deque[tuple[int, int]] = field(default_factory=deque)
    """Offsets and times fetched and not yet behind `next_offset`, in offset order."""
    decided_clock: int | None = None
    """The time of the last record behind `next_offset`."""
    fetched_to: int = 0
    since: int = -1
    """The last fetch before the assignment: what that one or an earlier one brought was read from another position."""
    known_at_fetch: int = -1
    """The last fetch that showed the partition at its high watermark."""
    idle: deque[tuple[int, int]] = field(default_factory=deque)
    """Idle rule: (end offset, time): once decided up to the end, read through the time."""

    def copy(self) -> "PartitionState":
        """A copy to look ahead with."""
        return replace(self, ahead=self.ahead.copy(), pending=self.pending.copy(), idle=self.idle.copy())

    def committed_through(self) -> int | None:
        """Every record up to this instant has been decided."""
        if self.through is None:
            return None
        return min(self.through, self.pending[0][1] - 1) if self.pending else self.through

    def committed_clock(self) -> int | None:
        """The running maximum of record times as of `next_offset`: what reading on from there must not go below."""
        return self.decided_clock


Standing = list[tuple[TopicPartition, PartitionState]]
"""How partitions stand, or will."""


class LogOrder:
    """The records that a replica has fetched, in order, and the time that they make safe."""

    def __init__(self, mode: Mode, ranks: Callable[[str], int], outside: Callable[[str], bool], max_hold: float = 0.2):
        self.mode = mode
        self._rank = ranks
        self._outside = outside
        self._max_hold = max_hold
        self._queue: list[Place] = []
        """Of what is held, in order once it is asked for; those behind the first may have been decided."""
        self._sorted = True
        self._held: dict[Place, Held] = {}
        self._timeless: set[Place] = set()
        self.partitions: dict[TopicPartition, PartitionState] = {}
        self.foreign: dict[TopicPartition, int | None] = {}
        """Through of the input partitions that this replica does not hold, as others wrote it; None: not known."""
        self.fetch = 0

    # -- what is held -----------------------------------------------------------------------

    def assign(
        self,
        partition: TopicPartition,
        next_offset: int,
        clock: int | None,
        through: int | None,
        ahead: Iterable[int] = (),
    ) -> None:
        """Begin (or begin anew) with a partition at its stored progress; what was fetched of it is forgotten."""
        self.revoke([partition])
        self.foreign.pop(partition, None)
        self.partitions[partition] = PartitionState(
            next_offset, clock, through, set(ahead), decided_clock=clock, fetched_to=next_offset, since=self.fetch
        )

    def revoke(self, partitions: Iterable[TopicPartition]) -> None:
        """Forget partitions that another replica may own now."""
        gone = set(partitions)
        for partition in gone:
            if self.partitions.pop(partition, None) is not None:
                self.foreign[partition] = None
        self._held = {place: held for place, held in self._held.items() if place.partition not in gone}
        self._timeless = {place for place in self._timeless if place.partition not in gone}
        self._queue = [place for place in self._queue if place.partition not in gone]

    # -- what is fetched --------------------------------------------------------------------

    def offer(
        self,
        partition: TopicPartition,
        offset: int,
        time: int,
        key: str,
        entry: Any,
        fetched_at: float,
        timeless: bool = False,
    ) -> bool:
        """Take a fetched record into the order. Its time is the partition's running maximum. False if already decided.

        Offsets that the broker skips (a transaction's marker, a compacted record) count as decided. A `timeless`
        record decides nothing, whatever comes of it: it waits for those before it in its partition, not for time.
        """
        state = self._advance(partition, offset)
        if state is None:
            return False
        time = self._tick(state, time)
        state.pending.append((offset, time))
        if offset in state.ahead:
            self._decide(state, offset)
            return False
        place = Place(time, self._rank(partition.topic), key, offset, partition)
        self._held[place] = Held(place, entry, fetched_at, self.fetch)
        if timeless:
            self._timeless.add(place)
        self._queue.append(place)
        self._sorted = False
        return True

    def pass_over(self, partition: TopicPartition, offset: int, time: int | None) -> None:
        """A record that needs no decision (a time record, an event type not read): decided as it is read."""
        state = self._advance(partition, offset)
        if state is None:
            return
        if time is not None:
            state.pending.append((offset, self._tick(state, time)))
        self._decide(state, offset)

    def goes_back(self, partition: TopicPartition, time: int) -> bool:
        """Whether a record of that time comes after a later one, or (replay) after time was told beyond it."""
        state = self.partitions[partition]
        if state.clock is not None and time < state.clock:
            return True
        return self.mode == "replay" and state.through is not None and time <= state.through

    def _tick(self, state: PartitionState, time: int) -> int:
        """The partition's running maximum; in replay beyond all that was read through, too: that never sinks."""
        if state.clock is not None and state.clock > time:
            time = state.clock
        if self.mode == "replay":
            if state.through is not None and state.through >= time:
                time = state.through + 1
            state.through = time - 1
        state.clock = time
        return time

    def _advance(self, partition: TopicPartition, offset: int) -> PartitionState | None:
        state = self.partitions.get(partition)
        if state is None or offset < state.fetched_to:
            return None
        if offset > state.fetched_to:
            self._skip_to(state, offset)
        state.fetched_to = offset + 1
        return state

    def _skip_to(self, state: PartitionState, offset: int) -> None:
        state.ahead.update(range(state.fetched_to, offset))
        state.fetched_to = max(state.fetched_to, offset)
        self._move_on(state)

    def read_to(self, partition: TopicPartition, position: int, at_end: bool) -> None:
        """The consumer stands at `position`; `at_end`: this fetch showed the partition at its high watermark."""
        state = self.partitions.get(partition)
        if state is None:
            return
        self._skip_to(state, position)
        if at_end:
            state.known_at_fetch = self.fetch

    def raise_through(self, partition: TopicPartition, time: int) -> None:
        """The partition has been read through `time`."""
        state = self.partitions.get(partition)
        if state is not None and (state.through is None or state.through < time):
            state.through = time

    def idle_until(self, partition: TopicPartition, end: int, time: int) -> None:
        """Idle rule: once the partition is decided up to offset `end`, it has been read through `time`."""
        state = self.partitions.get(partition)
        if state is not None:
            if state.idle and state.idle[-1][0] == end:
                state.idle.pop()
            state.idle.append((end, time))
            self._settle_idle(state)

    # -- what is taken ----------------------------------------------------------------------

    def safe(self) -> int | None:
        """The instant through which every held partition has been read; None while one is unknown.

        In replay every input partition must be held: there is one order, so there is one reader.
        """
        if self.mode == "replay" and self.foreign:
            return None
        throughs = [state.through for state in self.partitions.values()]
        if not throughs or any(through is None for through in throughs):
            return None
        return min(through for through in throughs if through is not None)

    def holds_back(self, partition: TopicPartition) -> bool:
        """Whether this partition is (one of those) that safe time waits for."""
        state = self.partitions.get(partition)
        return state is None or state.through is None or state.through == self.safe()

    def has_safe(self, n: int) -> bool:
        """Whether safe time has passed `n` records, or more, that are fetched and undecided; counts too few, if any."""
        safe = self.safe()
        if safe is None:
            return False
        passed = 0
        for state in self.partitions.values():
            by_time = bisect_right(state.pending, safe, key=itemgetter(1))
            passed += max(0, by_time - len(state.ahead))
        return passed >= n

    def ready(self, limit: int, now: float) -> list[Held]:
        """Up to `limit` records that may be taken now, in order; they stay queued until `decided`.

        `now` is on the clock of `fetched_at`.
        """
        safe = self.safe() if self.mode == "replay" else None
        found: list[Held] = []
        if not self._sorted:
            self._queue.sort()  # a merge of what was sorted and what was fetched since
            self._sorted = True
        for place in self._queue:
            if len(found) == limit or (self.mode == "replay" and (safe is None or place.time > safe)):
                break
            held = self._held.get(place)
            if held is None:  # decided in a run during which an earlier record arrived
                continue
            if self.mode == "live" and not self._may_go(held, now):
                break
            found.append(held)
        return found + self._timeless_beyond(safe)[: limit - len(found)] if self._timeless else found

    def _timeless_beyond(self, safe: int | None) -> list[Held]:
        """Timeless records whose place safe time may never come to, and that are first in their partitions."""
        heads = [place for place in self._timeless if self.partitions[place.partition].pending[0][0] == place.offset]
        return [self._held[place] for place in sorted(heads) if safe is None or place.time > safe]

    def decided(self, places: Iterable[Place]) -> None:
        """These records have been decided and committed."""
        done = [place for place in places if self._held.pop(place, None) is not None]
        self._timeless.difference_update(done)
        self._decide_all(done, self.partitions)
        gone = 0
        for place in self._queue:
            if place in self._held:
                break
            gone += 1
        del self._queue[:gone]

    def after(self, places: Iterable[Place]) -> Standing:
        """How the partitions will stand once these records are decided, without deciding them yet."""
        states = {at: state.copy() for at, state in self.partitions.items()}
        self._decide_all(places, states)
        return list(states.items())

    def safe_for_deadlines(self, taking: int) -> int | None:
        """The instant through which deadlines may fire in a run that takes `taking` records; None for none.

        Live, a deadline waits until nothing that is fetched is undecided, and for the partitions of other replicas.
        """
        if self.mode == "replay":
            return self.safe()
        if taking or self.queued or any(through is None for through in self.foreign.values()):
            return None
        safe = self.safe()
        others = [through for through in self.foreign.values() if through is not None]
        return None if safe is None else min([safe, *others])

    @property
    def queued(self) -> int:
        """How many records are fetched and undecided."""
        return len(self._held)

    def _may_go(self, held: Held, now: float) -> bool:
        if now - held.fetched_at >= self._max_hold:
            return True
        return all(
            state.pending or state.known_at_fetch >= held.fetch
            for partition, state in self.partitions.items()
            if self._outside(partition.topic)
        )

    def _decide_all(self, places: Iterable[Place], states: Mapping[TopicPartition, PartitionState]) -> None:
        offsets: defaultdict[TopicPartition, list[int]] = defaultdict(list)
        for place in places:
            offsets[place.partition].append(place.offset)
        for partition, decided in offsets.items():
            if (state := states.get(partition)) is not None:
                state.ahead.update(decided)
                self._move_on(state)

    def _decide(self, state: PartitionState, offset: int) -> None:
        state.ahead.add(offset)
        self._move_on(state)

    def _move_on(self, state: PartitionState) -> None:
        # Never beyond what this reader has fetched: a time record there was decided before a crash, and what it told
        # is stored only as far as the first undecided record allowed then; it must be read again.
        while state.next_offset < state.fetched_to and state.next_offset in state.ahead:
            state.ahead.discard(state.next_offset)
            state.next_offset += 1
        while state.pending and state.pending[0][0] < state.next_offset:
            state.decided_clock = state.pending.popleft()[1]
        self._settle_idle(state)

    def _settle_idle(self, state: PartitionState) -> None:
        while state.idle and state.idle[0][0] <= state.next_offset:
            _, time = state.idle.popleft()
            if state.through is None or state.through < time:
                state.through = time
