"""A run: a stretch of the log, worked through in one transaction.

Fence, dedupe, load, decide, save: records and deadlines in one order, decided in memory one after another. A run may
end anywhere (its size, a key that is not loaded); the order does not depend on where.
"""

import logging
import traceback
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.domain.decision import DeadlineChange, Decision
from shared.domain.fact import Fact, Passed, Subject, deadline_fact, event_fact
from shared.domain.policy import Policy
from shared.domain.publication import deadline_id, journal_line, parking_heard, publish
from shared.domain.service import Service
from shared.kernel import aggregates, due, inbox, journal, outbox, parked, progress
from shared.kernel.clock import from_ms, to_ms
from shared.kernel.database import Connection
from shared.kernel.due import Due
from shared.kernel.effects import Effects, dead_letter, event_message, partition_of
from shared.kernel.incoming import Incoming, reused_id
from shared.kernel.log_order import DeadlinePlace, Held, LogOrder, Standing, TopicPartition
from shared.kernel.parking import Parking
from shared.kernel.run_deadlines import RunDeadlines
from shared.kernel.working_set import WorkingSet

log = logging.getLogger(__name__)

MAX_AT_ONE_INSTANT = 1000
"""Deadlines of one aggregate at one instant; more are a loop in its rules, and it is parked."""
MOST_ON_THE_WAY = 500
"""Deadlines whose aggregates are loaded at once in the midst of a run."""


class StopService(Exception):
    """Something that only a person can put right: the service stops, loudly, with this reason."""


@dataclass(slots=True)
class Candidates:
    """What a run may decide: records in order, whether there are more, and deadlines in order, up to a horizon."""

    records: list[Held]
    truncated: bool
    deadlines: list[Due]
    horizon: DeadlinePlace | None = None
    """The first stored deadline that is left for another run, or the last that is known where there may be more."""
    safe: int | None = None
    known: dict[UUID, inbox.Taken] = field(default_factory=dict)


def first_of(records: list[Held], deadlines: list[Due], limit: int, safe: int | None) -> Candidates:
    """The first `limit` of records and deadlines taken together; of each there may be more where there are so many."""
    by_instant = [(record.place.time, 0) for record in records] + [(due.fires_at, 1) for due in deadlines]
    taken = Counter(of for _, of in sorted(by_instant)[:limit])
    n = taken[1]
    more = n < len(deadlines) or len(deadlines) == limit
    horizon = deadlines[min(n, limit - 1)].place if more else None
    return Candidates(
        records[: taken[0]], len(records) == limit or taken[0] < len(records), deadlines[:n], horizon, safe
    )


class Run:
    """One run of one replica. `load` and `save` are its two ends; between them `decide` is pure of the database.

    What `decide` finds lacking on its way it asks its caller to load.
    """

    def __init__(self, service: Service, policy: Policy, partitions: int, order: LogOrder) -> None:
        self.service = service
        self.policy = policy
        self.partitions = partitions
        self.order = order
        self.effects = Effects()
        self.working_set = WorkingSet(service)
        self._owned = frozenset(at.partition for at in order.partitions)
        self._deadlines = RunDeadlines(self._owned, self.working_set.is_held)
        self.fired: Counter[tuple[Subject, int]] = Counter()
        """Deadlines fired by aggregate and instant; begins with those of the instant that the last run ended in."""
        self.parking = Parking(service, partitions, self.working_set.loaded, self.effects)

    # -- load ---------------------------------------------------------------------------------

    async def gather(self, conn: Connection, limit: int, now: float) -> Candidates:
        """What may be decided now: records, and deadlines that safe time has passed."""
        records = self.order.ready(limit, now)
        safe = self.order.safe_for_deadlines(len(records))
        stored = await due.passed(conn, sorted(self._owned), safe, limit) if safe is not None else []
        return first_of(records, stored, limit, safe)

    async def load(self, conn: Connection, found: Candidates) -> None:
        """Claim the event ids, then lock every aggregate that the facts need, kind after kind."""
        facts: list[Fact] = []
        first: dict[UUID, inbox.Taken] = {}
        for held in found.records:
            fact = self._fact(held)
            if fact is not None:
                facts.append(fact)
                if fact.id not in first:
                    first[fact.id] = inbox.Taken(held.entry.digest, held.place.time)
        found.known = await inbox.claim(conn, first)
        facts += [self._deadline(stored) for stored in found.deadlines]
        await self.working_set.load(conn, facts)

    # -- decide -------------------------------------------------------------------------------

    def decide(self, found: Candidates) -> Iterator[list[Fact]]:
        """Decide one after another, in order, until the run ends.

        Yields facts for which something is lacking: the next, and others that are about to come. Where the next still
        lacks it when asked to go on, the run ends before it.
        """
        for stored in found.deadlines:
            self._deadlines.set(stored)
        records = iter(found.records)
        record = next(records, None)
        while not self.effects.release:  # released deadlines stand in the database: the next run loads them
            deadline = self._deadlines.next(found.safe, found.horizon)
            if record is not None and (deadline is None or record.place.time <= deadline.fires_at):
                if found.horizon is not None and record.place.time > found.horizon.fires_at:
                    return  # stored deadlines that were not loaded come first
                fact = self._to_decide(record, found)
                if fact is not None:
                    subjects = yield from self._with_its_subjects(fact, found)
                    if subjects is None:
                        return
                    self._take(record, found, fact, subjects)
                record = next(records, None)
                if record is None and found.truncated:
                    return
            elif deadline is not None:
                fact = self._deadline(deadline)
                subjects = yield from self._with_its_subjects(fact, found)
                if subjects is None:
                    return
                if not self.working_set.is_held(deadline.subject):  # it may be: nobody knew before it was loaded
                    self._fire(deadline, fact, subjects)
            else:
                return

    def _with_its_subjects(
        self, fact: Fact, found: Candidates
    ) -> Generator[list[Fact], None, tuple[Subject, ...] | None]:
        subjects = self.working_set.complete(fact)
        if subjects is None and not self.working_set.full:
            soon = self._deadlines.soon(found.safe, self.working_set.loaded, MOST_ON_THE_WAY)
            yield [fact, *map(self._deadline, soon)]
            subjects = self.working_set.complete(fact)
        return subjects

    def _to_decide(self, held: Held, found: Candidates) -> Fact | None:
        """The fact of a record; None where nothing is to be decided: it is poison, or has been taken."""
        incoming: Incoming = held.entry
        if incoming.event is None or incoming.poison is not None:
            self._dead_letter(held, incoming.poison)
            return None
        known = self._known(held, found)
        if known is not None and held.place.time - known.recorded <= inbox.WINDOW_MS:
            if known.digest != incoming.digest:
                self._dead_letter(held, reused_id())
            else:
                self.effects.duplicates += 1
                self.effects.come_to(held.place)
            return None
        if incoming.regressed:
            raise StopService(
                f"replay: the time of {held.place.partition.topic}[{held.place.partition.partition}] went back at "
                f"offset {held.place.offset}; sort the history by time (`throughcare publish` does) and publish it anew"
            )
        return self._fact(held)

    def _known(self, held: Held, found: Candidates) -> inbox.Taken | None:
        event_id = held.entry.event.event_id
        if (digest := self.effects.taken.get(event_id)) is not None:
            return inbox.Taken(digest, held.place.time)
        return found.known.get(event_id) if found.known else None

    def _take(self, held: Held, found: Candidates, fact: Fact, subjects: tuple[Subject, ...]) -> None:
        digest = held.entry.digest
        if found.known and fact.id in found.known:  # so long ago that it is taken anew
            self.effects.renewed.append((fact.id, digest, held.place.time))
        self.effects.taken[fact.id] = digest
        self.effects.come_to(held.place)
        self._settle(fact, subjects)

    @staticmethod
    def _fact(held: Held) -> Fact | None:
        incoming: Incoming = held.entry
        if held.fact is None and incoming.event is not None:
            place = held.place
            held.fact = event_fact(
                incoming.event, place.partition.topic, place.key, from_ms(place.time), incoming.content
            )
        fact: Fact | None = held.fact
        return fact

    @staticmethod
    def _deadline(standing: Due) -> Fact:
        passed = Passed(standing.subject, standing.kind, standing.ref, from_ms(standing.due))
        return deadline_fact(standing.deadline_id, passed, from_ms(standing.fires_at))

    def _fire(self, standing: Due, fact: Fact, subjects: tuple[Subject, ...]) -> None:
        identity = standing.identity
        self._deadlines.drop(identity)
        self.effects.drop_due(identity)
        self.effects.lateness.append((standing.fires_at - standing.due) / 1000)
        at = (standing.subject, standing.fires_at)
        self.fired[at] += 1
        if self.fired[at] > MAX_AT_ONE_INSTANT:
            self.parking.park((standing.subject, *subjects[1:]), fact)
            return
        self._settle(fact, subjects)

    def _settle(self, fact: Fact, subjects: tuple[Subject, ...]) -> None:
        """Decide a fact whose aggregates are loaded; park its own aggregate where the rules fail on it."""
        if parking_heard(fact) is not None:
            self.parking.hear(fact, subjects)
            return
        own = subjects[0] if subjects else None
        if own is not None and any(map(self.working_set.is_parked, subjects)):
            self.parking.park(subjects, fact)
            return
        try:
            decision = self.service.decide(self.working_set.rows, fact, self.policy)
            self._apply(fact, decision)
        except Exception as bug:  # the boundary of "a bug on one aggregate": that one is parked, the rest goes on
            log.error("cannot decide event %s: %s", fact.id, where(bug))
            if own is None:
                raise StopService(f"cannot decide event {fact.id}, which is about no aggregate") from bug
            self.parking.park(subjects, fact)

    def _apply(self, fact: Fact, decision: Decision) -> None:
        owner = self.working_set.loaded[decision.owner]
        seq = owner.seq + 1
        events = publish(self.service, fact, decision, seq)
        line = journal_line(fact, decision, events, seq, owner.hash, self.policy.version)
        changes = [
            ((change.subject, change.kind, change.ref), self._due(fact, change, n))
            for n, change in enumerate(decision.deadlines)
        ]
        messages = [event_message(event, self.service.name, self.partitions) for event in events]
        # From here on nothing may fail: a decision is applied whole or not at all.
        self.working_set.change(decision.states)
        owner.seq, owner.hash, owner.dirty = seq, line.hash, True
        effects = self.effects
        effects.lines.append(line)
        effects.messages.extend(messages)
        for identity, standing in changes:
            if standing is not None:
                effects.set_due(identity, standing)
                self._deadlines.set(standing)
            else:
                effects.drop_due(identity)
                self._deadlines.drop(identity)
        feeder = partition_of(decision.owner.key, self.partitions)
        for given in decision.tallies:
            self.working_set.sums.feed(given, feeder)
        effects.outcomes[fact.type, decision.outcome.verdict, decision.outcome.reason] += 1
        for rule in decision.rules:
            effects.rules[rule.rule_id] += 1

    def _due(self, fact: Fact, change: DeadlineChange, n: int) -> Due | None:
        """The deadline that the `n`-th change of a decision sets; None where it takes one back."""
        subject, kind, ref, due = change
        if due is None:
            return None
        at = to_ms(due)
        row = self.working_set.loaded.get(subject)
        return Due(
            subject,
            kind,
            ref,
            deadline_id(fact, subject, kind, ref, due, n),
            at,
            max(at, to_ms(fact.recorded)),
            partition_of(subject.key, self.partitions),
            None if row is None else row.held,
        )

    def fired_last(self) -> dict[tuple[Subject, int], int]:
        """How often deadlines fired at the last instant: a loop in the rules may end each run that it is in."""
        last = max((instant for _, instant in self.fired), default=0)
        return {at: n for at, n in self.fired.items() if at[1] == last}

    # -- what cannot be decided ---------------------------------------------------------------

    def _dead_letter(self, held: Held, poison: Any) -> None:
        self.effects.come_to(held.place, poison=True)
        self.effects.messages.append(dead_letter(self.service, held.entry, poison))
        self.effects.poisoned[poison.reason_code] += 1

    def retry(self, subjects: Sequence[Subject], fact: Fact) -> bool:
        """Decide a queued fact of aggregates parked together. False if it still cannot be: it stays where it is."""
        for other in self.working_set.subjects(fact):
            if other not in subjects and self.working_set.is_parked(other):
                return False
        try:
            self._apply(fact, self.service.decide(self.working_set.rows, fact, self.policy))
        except Exception as bug:  # the operator's retry met the same bug, or another
            log.error("still cannot decide event %s: %s", fact.id, where(bug))
            return False
        return True

    # -- save ---------------------------------------------------------------------------------

    async def save(self, conn: Connection, found: Candidates, steps: Mapping[TopicPartition, int]) -> Standing:
        """Write all that follows, one statement a table; the caller commits. Returns how the partitions stand then.

        Raises `Fenced` where partitions were taken away since the run began: it could not write their progress.
        """
        effects = self.effects
        standing = self.order.after(effects.places)
        if steps.keys() != dict(standing).keys():
            raise progress.Fenced("partitions of this run were taken away")
        if len(effects.places) < len(found.records):
            await inbox.give_back(conn, self._not_come_to(found))
        if effects.renewed:
            ids, digests, recorded = zip(*effects.renewed, strict=True)
            await inbox.renew(conn, ids, digests, recorded)
        await self.working_set.sums.save(conn)
        if dirty := self.working_set.dirty:
            await aggregates.save(conn, dirty)
        if effects.due_gone:
            await due.take_back(conn, effects.due_gone)
        if effects.due_set:
            await due.put(conn, effects.due_set)
        if effects.hold:
            await due.hold(conn, effects.hold)
        if effects.release:
            await due.release(conn, effects.release.items())
        if effects.parked:
            await parked.queue(conn, effects.parked)
        if effects.lines:
            await journal.append(conn, effects.lines)
        if effects.messages:
            await outbox.append(conn, effects.messages)
        await progress.save(conn, standing, steps)
        return standing

    def _not_come_to(self, found: Candidates) -> set[UUID]:
        """The event ids that the run has claimed for nothing."""
        come_to = {(place.partition, place.offset) for place in self.effects.places}
        left = {
            held.entry.event.event_id
            for held in found.records
            if held.entry.event is not None and (held.place.partition, held.place.offset) not in come_to
        }
        return left - self.effects.taken.keys() - found.known.keys()


def where(bug: BaseException) -> str:
    """The kind of a bug and the line it came from, without the values that its message may hold."""
    frames = traceback.extract_tb(bug.__traceback__)
    return f"{type(bug).__name__} at {frames[-1].filename}:{frames[-1].lineno}" if frames else type(bug).__name__
