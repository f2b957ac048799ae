"""The deadlines that a run may come to, in order: those that are stored, and those that its own decisions set."""

import heapq
from collections.abc import Callable, Container

from shared.domain.fact import Subject
from shared.kernel.due import Due, Identity
from shared.kernel.log_order import DeadlinePlace


class RunDeadlines:
    """Deadlines of the aggregates that a replica owns; `is_held` tells of one whose deadlines must not fire."""

    def __init__(self, owned: Container[int], is_held: Callable[[Subject], bool]) -> None:
        self._owned = owned
        """Numbers of the partitions, alike in all topics; a deadline belongs to the owner of its aggregate's."""
        self._is_held = is_held
        self._queue: list[tuple[DeadlinePlace, int, Identity, Due]] = []
        self._current: dict[Identity, Due | None] = {}
        self._n = 0

    def set(self, deadline: Due) -> None:
        """Put a deadline in the place of the one that its aggregate, kind and ref had."""
        if deadline.partition not in self._owned:
            return  # it fires in order with what its owner decides of the aggregate
        identity = deadline.identity
        self._current[identity] = deadline
        self._n += 1
        heapq.heappush(self._queue, (deadline.place, self._n, identity, deadline))

    def drop(self, identity: Identity) -> None:
        """A deadline has fired, or was taken back."""
        self._current[identity] = None

    def next(self, safe: int | None, horizon: DeadlinePlace | None) -> Due | None:
        """The first that may fire: at an instant through which time is safe, and no later in order than the horizon."""
        while self._queue:
            place, _, identity, deadline = self._queue[0]
            if self._current[identity] is not deadline or self._is_held(deadline.subject):
                heapq.heappop(self._queue)
                continue
            if safe is None or place.fires_at > safe:
                return None
            return None if horizon is not None and place > horizon else deadline
        return None

    def soon(self, safe: int | None, loaded: Container[Subject], most: int) -> list[Due]:
        """The first of those that may fire by `safe` and whose aggregates are not loaded."""
        if safe is None:
            return []
        lacking = [
            entry
            for entry in self._queue
            if entry[0].fires_at <= safe and entry[3].subject not in loaded and self._current[entry[2]] is entry[3]
        ]
        return [deadline for _, _, _, deadline in heapq.nsmallest(most, lacking)]
