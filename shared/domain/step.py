"""One decision in the making: working copies of the aggregates, and what follows from the fact.

A step never touches the states that it is handed: a container is copied before its first change, rows are
frozen. So a step that fails leaves nothing behind, and `decide` stays a function.
"""

import copy
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from shared.contracts.values import Because
from shared.domain.business_days import local_date
from shared.domain.decision import DECIDED, DeadlineChange, Decision, Outcome, Output, Rows, Tallies, TallyAdd
from shared.domain.fact import Fact, Subject
from shared.domain.policy import Policy, RuleApplied, Value
from shared.domain.state import Aggregate


class Step:
    """The working state of one decision about `fact`, written to the journal of `owner`."""

    __slots__ = (
        "_copied",
        "_deadlines",
        "_given",
        "_notes",
        "_outputs",
        "_retried",
        "_rules",
        "_states",
        "_tallies",
        "changed",
        "fact",
        "owner",
        "policy",
        "publisher",
    )

    def __init__(self, publisher: str, owner: Subject, rows: Rows, fact: Fact, policy: Policy) -> None:
        self.publisher = publisher
        self.owner = owner
        self.fact = fact
        self.policy = policy
        self.changed: set[str] = set()
        self._given = rows
        self._states: dict[Subject, Any] = {}
        self._copied: set[tuple[Subject, str, str]] = set()
        self._outputs: list[Output] = []
        self._deadlines: dict[tuple[Subject, str, str], DeadlineChange] = {}
        self._tallies: list[TallyAdd] = []
        self._rules: dict[RuleApplied, None] = {}
        self._notes: list[str] = []
        self._retried: list[tuple[UUID, Outcome]] = []

    # -- what is on the record ------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """Log time of this step. For order and deadlines only; rules count from stated dates."""
        return self.fact.recorded

    @property
    def today(self) -> date:
        """The local date of log time."""
        return local_date(self.fact.recorded)

    @property
    def case(self) -> Any:
        """The owner as it stands in this step."""
        return self.state(self.owner)

    def state(self, subject: Subject) -> Any:
        """An aggregate as it stands in this step. Raises KeyError where the fact did not ask for it."""
        found = self._states.get(subject)
        return self._given.states[subject] if found is None else found

    def has(self, subject: Subject) -> bool:
        """Whether the fact was handed that aggregate."""
        return subject in self._given.states

    def tallies(self, subject: Subject) -> Tallies:
        """The sums of a subject, as asked for by the service's `sums`."""
        return self._given.tallies.get(subject, {})

    def value(self, parameter: str, on: date) -> Value:
        """The policy value in force on the date that the rule's clock started."""
        return self.policy.at(parameter, on)

    # -- change ---------------------------------------------------------------------------------

    def edit(self, subject: Subject | None = None) -> Any:
        """A working copy of an aggregate, to set plain fields on; for ledgers use `put` and `drop`."""
        subject = subject or self.owner
        found = self._states.get(subject)
        if found is None:
            found = self._states[subject] = copy.copy(self._given.states[subject])
        return found

    def put(self, ledger: str, row_id: str, row: Any, subject: Subject | None = None) -> bool:
        """Write a row to a ledger; the same id again replaces. True if that changed anything."""
        own = self._own(subject or self.owner, ledger)
        if own.get(row_id) == row:
            return False
        own = self._writable(subject or self.owner, ledger)
        own[row_id] = row
        self._mark(ledger, subject)
        return True

    def drop(self, ledger: str, row_id: str, subject: Subject | None = None) -> bool:
        """Take a row out of a ledger. True if it was there."""
        if row_id not in self._own(subject or self.owner, ledger):
            return False
        del self._writable(subject or self.owner, ledger)[row_id]
        self._mark(ledger, subject)
        return True

    def put_in(self, ledger: str, group: str, ref: str, row: Any) -> None:
        """Write to a ledger of ledgers (`duties`, `stages`, `looks`, …) of the owner.

        Rows read such a group as `ledger.group`: `stages.breach`, `duties.breach-overdue.crc`.
        """
        outer = self._writable(self.owner, ledger)
        if (self.owner, ledger, group) not in self._copied:
            self._copied.add((self.owner, ledger, group))
            outer[group] = dict(outer.get(group, {}))
        outer[group][ref] = row
        self.changed.add(f"{ledger}.{group}")

    def drop_in(self, ledger: str, group: str, ref: str) -> None:
        """Take a row out of a ledger of ledgers of the owner, and the group with its last row."""
        if ref not in getattr(self.case, ledger).get(group, {}):
            return
        self.changed.add(f"{ledger}.{group}")
        outer = self._writable(self.owner, ledger)
        inner = {key: row for key, row in outer[group].items() if key != ref}
        if inner:
            outer[group] = inner
            self._copied.add((self.owner, ledger, group))
        else:
            del outer[group]
            self._copied.discard((self.owner, ledger, group))

    def _own(self, subject: Subject, ledger: str) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], getattr(self.state(subject), ledger))

    def _writable(self, subject: Subject, ledger: str) -> dict[str, Any]:
        state = self.edit(subject)
        if (subject, ledger, "") not in self._copied:
            self._copied.add((subject, ledger, ""))
            setattr(state, ledger, dict(getattr(state, ledger)))
        return cast(dict[str, Any], getattr(state, ledger))

    def _mark(self, ledger: str, subject: Subject | None) -> None:
        if subject is None or subject == self.owner:
            self.changed.add(ledger)

    # -- what follows ---------------------------------------------------------------------------

    def emit(self, payload: Any, key: str | None = None, crn: str | None = None) -> None:
        """Publish an event about the owner, or about `key`."""
        about = crn if crn is not None else (self.owner.key if self.owner.kind == "case" and key is None else None)
        self._outputs.append(Output(payload, key or self.owner.key, about, self.fact.id, self.fact.correlation_id))

    def because(self, *rules: RuleApplied) -> tuple[Because, ...]:
        """The rules as an event names them; they go to the journal, too."""
        for rule in rules:
            self._rules[rule] = None
        return tuple(
            Because(
                rule_id=rule.rule_id,
                source=rule.source,
                confirmed=rule.confirmed,
                policy_from=rule.policy_from,
                inputs=dict(rule.inputs),
            )
            for rule in rules
        )

    def deadline(self, kind: str, ref: str, due: datetime | None, subject: Subject | None = None) -> None:
        """Set a deadline of a subject, or take it back (`due` None). The last word of a step counts."""
        subject = subject or self.owner
        self._deadlines[subject, kind, ref] = DeadlineChange(subject, kind, ref, due)

    def tally(self, subject: Subject, name: str, period: str, n: int) -> None:
        """Add to a sum that this aggregate feeds and another reads."""
        self._tallies.append(TallyAdd(subject, name, period, n))

    def note(self, text: str) -> None:
        """A remark for the journal: a named reason, no personal data."""
        self._notes.append(text)

    def took_up(self, waiting_id: UUID, outcome: Outcome) -> None:
        """A waiting fact has been tried again, with this outcome."""
        self._retried.append((waiting_id, outcome))

    def decision(self, outcome: Outcome = DECIDED) -> Decision:
        """The decision as data."""
        return Decision(
            owner=self.owner,
            states=self._states,
            outcome=outcome,
            outputs=tuple(self._outputs),
            deadlines=tuple(self._deadlines.values()),
            tallies=tuple(self._tallies),
            rules=tuple(self._rules),
            notes=tuple(self._notes),
            retried=tuple(self._retried),
        )


def aggregate_of(step: Step) -> Aggregate:
    """The owner, seen as what every aggregate carries."""
    return cast(Aggregate, step.case)
