"""Parking within a run: an aggregate that cannot be decided is set aside with its facts, and everything else goes on.

Those downstream are told, and hold its deadlines until it is resumed; what upstream services tell is heeded likewise.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.domain.fact import Fact, Subject
from shared.domain.publication import parking_told
from shared.domain.service import UPSTREAM, Service
from shared.kernel.aggregates import Loaded
from shared.kernel.clock import from_ms, to_ms
from shared.kernel.effects import Effects, event_message


class Parking:
    """Marks the aggregates of one run as parked, resumed or held, and notes what follows in its effects."""

    def __init__(self, service: Service, partitions: int, loaded: Mapping[Subject, Loaded], effects: Effects) -> None:
        self._service = service
        self._partitions = partitions
        self._loaded = loaded
        self._effects = effects

    def park(self, subjects: Sequence[Subject], fact: Fact) -> None:
        """Queue a fact behind the first of its aggregates, and tell those downstream when the queue begins.

        A prisoner that is parked parks its case; an office is never parked for a case's fact.
        """
        subject = subjects[0]
        self._effects.parked.append((subject, fact))
        self._effects.outcomes[fact.type, "parked", ""] += 1
        if self._loaded[subject].parked_since is not None:
            return
        self._mark(subject, fact)
        for other in subjects[1:]:
            if subject.kind == "prisoner" and other.kind == "case" and self._loaded[other].parked_since is None:
                self._mark(other, fact)

    def resume(self, subject: Subject, at: datetime) -> None:
        """The queue of a parked aggregate is empty: from log time `at` on it is decided again."""
        row = self._loaded[subject]
        cause = row.parked_by
        if row.parked_since is None or cause is None:
            return
        self._tell("resumed", subject, cause, at, from_ms(row.parked_since))
        row.parked_since, row.parked_by, row.dirty = None, None, True
        if not row.held_by:
            self._effects.release[subject] = to_ms(at)

    def hear(self, fact: Fact, subjects: Sequence[Subject]) -> None:
        """An upstream service has parked an aggregate, or resumed it: its deadlines are held, or released."""
        effects, publisher = self._effects, UPSTREAM[fact.topic]
        for subject in subjects:
            row = self._loaded[subject]
            if fact.type.endswith(".parked"):
                row.held_by = tuple(sorted({*row.held_by, publisher}))
                effects.hold.add(subject)
                effects.release.pop(subject, None)
            else:
                row.held_by = tuple(name for name in row.held_by if name != publisher)
                if not row.held:
                    effects.hold.discard(subject)
                    effects.release[subject] = to_ms(fact.recorded)
            row.dirty = True
        effects.outcomes[fact.type, "decided", ""] += 1

    def _mark(self, subject: Subject, fact: Fact) -> None:
        row = self._loaded[subject]
        row.parked_since, row.parked_by, row.dirty = to_ms(fact.recorded), fact.id, True
        self._effects.hold.add(subject)
        self._tell("parked", subject, fact.id, fact.recorded, fact.recorded)

    def _tell(
        self, news: Literal["parked", "resumed"], subject: Subject, cause: UUID, at: datetime, since: datetime
    ) -> None:
        event = parking_told(self._service, news, subject, cause, at, since)
        if event is not None:
            self._effects.messages.append(event_message(event, self._service.name, self._partitions))
