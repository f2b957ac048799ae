"""What a decision is: data, and nothing else.

A service's `decide` is handed the aggregates that a fact needs, the fact and the policy, and returns a
`Decision`. The kernel (and the model, which proves it) saves what it says; neither adds anything of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec

from shared.domain.fact import Subject
from shared.domain.policy import RuleApplied

Verdict = Literal["decided", "ignored", "waits", "refused"]


class Outcome(NamedTuple):
    """What became of a fact; `reason` is a short named code, empty for `decided`."""

    verdict: Verdict
    reason: str = ""


DECIDED = Outcome("decided")


def ignored(reason: str) -> Outcome:
    """The fact changes nothing here, because of `reason`: normal, named and counted."""
    return Outcome("ignored", reason)


def waits(reason: str) -> Outcome:
    """The fact came before what it needs; it is kept and tried again when its aggregate changes."""
    return Outcome("waits", reason)


def refused(reason: str) -> Outcome:
    """The fact contradicts what is on the record; nothing moves, and the journal says why."""
    return Outcome("refused", reason)


class Output(NamedTuple):
    """An event to publish: the contract's payload, and whom it is about."""

    payload: Any
    key: str
    crn: str | None
    causation_id: UUID
    correlation_id: UUID | None


class DeadlineChange(NamedTuple):
    """A deadline set (`due` given) or taken back (`due` absent), by subject, kind and ref."""

    subject: Subject
    kind: str
    ref: str
    due: datetime | None


class TallyAdd(NamedTuple):
    """`n` added to a sum that many aggregates feed and one reads: sums commute, so no lock is needed."""

    subject: Subject
    name: str
    period: str
    n: int


class Decision(msgspec.Struct, frozen=True):
    """Everything that follows from one fact. `owner` is the aggregate whose journal it is written to."""

    owner: Subject
    states: Mapping[Subject, Any]
    outcome: Outcome = DECIDED
    outputs: tuple[Output, ...] = ()
    deadlines: tuple[DeadlineChange, ...] = ()
    tallies: tuple[TallyAdd, ...] = ()
    rules: tuple[RuleApplied, ...] = ()
    notes: tuple[str, ...] = ()
    retried: tuple[tuple[UUID, Outcome], ...] = ()


Tallies = Mapping[tuple[str, str], int]
"""The sums of one subject by (name, period)."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The aggregates (and sums) that a fact was found to need, as they stand before it."""

    states: Mapping[Subject, Any]
    tallies: Mapping[Subject, Tallies] = field(default_factory=dict)

    def get(self, kind: str, key: str | None) -> Any | None:
        """The aggregate of that kind and key, or None where the fact did not ask for it."""
        return None if key is None else self.states.get(Subject(kind, key))
