"""What a run has in memory: aggregates, loaded under locks, as they stand within it, and the sums that facts read."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from shared.domain.decision import Rows
from shared.domain.fact import Fact, Subject
from shared.domain.publication import parking_heard
from shared.domain.service import LOCK_ORDER, Service
from shared.kernel import aggregates
from shared.kernel.aggregates import Loaded
from shared.kernel.database import Connection
from shared.kernel.sums import RunSums

MOST_LOADED = 2500
"""Aggregates of a run from which on it ends before it would load more: a bound on memory."""

Lock = Callable[[Connection, str, Iterable[str], type[Any]], Awaitable[dict[Subject, Loaded]]]


class WorkingSet:
    """The aggregates and sums of one run of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.loaded: dict[Subject, Loaded] = {}
        self.sums = RunSums()
        self._states: dict[Subject, Any] = {}
        self.rows = Rows(self._states, self.sums.read)
        """As a decision is handed it; follows every change."""

    async def load(self, conn: Connection, facts: Sequence[Fact]) -> None:
        """Lock the aggregates that facts need, kind after kind, until no row loaded names another.

        A key may come from a row of an earlier kind, or of the same: the case that a merged one stands for now.
        """
        await self._load(conn, facts, aggregates.lock)

    async def load_on_the_way(self, conn: Connection, facts: Sequence[Fact]) -> None:
        """Load what facts need that the run has come upon in its midst, but no aggregate that another has locked.

        To wait for one out of the order of locks might be to wait for ever; the run ends before a fact that needs it.
        """
        await self._load(conn, facts, aggregates.lock_free)

    async def load_subject(self, conn: Connection, subject: Subject) -> None:
        """Lock one aggregate, if it is not loaded already."""
        if subject not in self.loaded:
            self.keep(await aggregates.lock(conn, subject.kind, [subject.key], self._service.kinds[subject.kind]))

    def keep(self, rows: Mapping[Subject, Loaded]) -> None:
        """Aggregates as they are stored; their locks are held."""
        self.loaded.update(rows)
        self._states.update((subject, row.state) for subject, row in rows.items())

    def change(self, states: Mapping[Subject, Any]) -> None:
        """What a decision made of aggregates, all of which are loaded."""
        for subject, row, state in [(subject, self.loaded[subject], state) for subject, state in states.items()]:
            row.state = self._states[subject] = state
            row.dirty = True

    def subjects(self, fact: Fact) -> tuple[Subject, ...]:
        """The aggregates that a fact needs; news that upstream parked a case needs that case."""
        if (subject := parking_heard(fact)) is not None:
            return (subject,) if subject.kind in self._service.kinds else ()
        return self._service.subjects(fact, self.rows)

    def complete(self, fact: Fact) -> tuple[Subject, ...] | None:
        """The aggregates of a fact, where they and the sums that it reads are loaded; else None."""
        subjects = self.subjects(fact)
        for subject in subjects:
            if subject not in self.loaded:
                return None
        return None if self.sums.lacking(self._service.sums(fact)) else subjects

    def is_parked(self, subject: Subject) -> bool:
        """Whether an aggregate, which is loaded, is parked."""
        return self.loaded[subject].parked_since is not None

    def is_held(self, subject: Subject) -> bool:
        """Whether the deadlines of an aggregate must not fire, as far as is known: it may not be loaded."""
        row = self.loaded.get(subject)
        return row is not None and row.held

    @property
    def full(self) -> bool:
        """Whether the run ends before it would load more."""
        return len(self.loaded) >= MOST_LOADED

    @property
    def dirty(self) -> list[tuple[Subject, Loaded]]:
        """The aggregates that have changed."""
        return [(subject, row) for subject, row in self.loaded.items() if row.dirty]

    async def _load(self, conn: Connection, facts: Sequence[Fact], lock: Lock) -> None:
        lacking, without = self._lacking(facts)
        while lacking:
            kind = min(lacking, key=LOCK_ORDER.index)
            rows = await lock(conn, kind, lacking[kind], self._service.kinds[kind])
            self.keep(rows)
            if len(rows) < len(lacking[kind]):
                break
            lacking, without = self._lacking(without)
        if lacking_sums := self.sums.lacking(subject for fact in facts for subject in self._service.sums(fact)):
            await self.sums.load(conn, lacking_sums)

    def _lacking(self, facts: Sequence[Fact]) -> tuple[dict[str, set[str]], list[Fact]]:
        """By kind, the keys that are not loaded, as far as the rows loaded tell what facts need; and those facts."""
        lacking: defaultdict[str, set[str]] = defaultdict(set)
        without: list[Fact] = []
        loaded = self.loaded
        for fact in facts:
            absent = [subject for subject in self.subjects(fact) if subject not in loaded]
            if absent:
                without.append(fact)
                for subject in absent:
                    lacking[subject.kind].add(subject.key)
        return lacking, without
