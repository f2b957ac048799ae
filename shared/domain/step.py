"""One decision in the making: working copies of the aggregates, and what follows from the fact.

A step never touches the states that it is handed: a container is copied before its first change, rows are
frozen. So a step that fails leaves nothing behind, and `decide` stays a function.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from shared.contracts.values import Because
from shared.domain.business_days import local_date
from shared.domain.decision import DECIDED, DeadlineChange, Decision, Outcome, Output, Rows, Tallies, TallyAdd
from shared.domain.fact import Fact, Subject
from shared.domain.policy import Policy, RuleApplied, Value

T = TypeVar("T")
NO_LEDGERS: frozenset[str] = frozenset()

Key = Callable[[Any, str, Any], Iterable[str]]
"""Given a case and a row of one of its ledgers, by id: the refs whose answer rests on that row."""


def by_id(_case: Any, row_id: str, _row: Any) -> tuple[str]:
    """The key of a ledger whose ids are the refs."""
    return (row_id,)


class Step:
    """The working state of one decision about `fact`, written to the journal of `owner`."""

    __slots__ = (
        "_deadlines",
        "_edited",
        "_given",
        "_made",
        "_notes",
        "_outputs",
        "_owner",
        "_rested_on",
        "_retried",
        "_rules",
        "_states",
        "_tallies",
        "_worked_out",
        "case",
        "changed",
        "fact",
        "now",
        "policy",
        "publisher",
        "today",
        "value",
    )

    def __init__(self, publisher: str, owner: Subject, rows: Rows, fact: Fact, policy: Policy) -> None:
        self.publisher = publisher
        self.fact = fact
        self.now: datetime = fact.recorded
        """Log time of this step. For order and deadlines only; rules count from stated dates."""
        self.today: date = local_date(fact.recorded)
        """The local date of log time."""
        self.policy = policy
        self.value: Callable[[str, date], Value] = policy.at
        """The policy value in force on the date that the rule's clock started."""
        self.changed: dict[str, set[str] | None] = {}
        """The ledgers of the owner that this step changed, with the ids of the rows that it wrote; None: any row."""
        self._given = rows
        self._states: dict[Subject, Any] = {}
        self._made: dict[int, dict[str, Any]] = {}
        """The containers that this step made, by identity; held, so that no other gets the identity of one."""
        self._outputs: list[Output] = []
        self._deadlines: dict[tuple[Subject, str, str], DeadlineChange] = {}
        self._tallies: list[TallyAdd] = []
        self._rules: dict[RuleApplied, None] = {}
        self._notes: list[str] = []
        self._retried: list[tuple[UUID, Outcome]] = []
        self._worked_out: dict[Hashable, tuple[frozenset[str], Any]] = {}
        self._rested_on: frozenset[str] = NO_LEDGERS
        """The ledgers that what was worked out rests on."""
        self._owner = owner
        self._edited = False
        """Whether `case` is a working copy."""
        self.case: Any = rows.states[owner]
        """The owner as it stands in this step."""

    # -- what is on the record ------------------------------------------------------------------

    @property
    def owner(self) -> Subject:
        """The aggregate that the step decides for, and whose journal it is written to."""
        return self._owner

    @owner.setter
    def owner(self, owner: Subject) -> None:
        self._owner = owner
        self._edited = owner in self._states
        self._worked_out.clear()
        self.case = self.state(owner)

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

    def worked_out(self, what: Hashable, rests_on: frozenset[str], work: Callable[[], T]) -> T:
        """What follows from ledgers of the owner: worked out once, and anew once one of them has changed."""
        known = self._worked_out.get(what)
        if known is None:
            known = self._worked_out[what] = (rests_on, work())
            self._rested_on |= rests_on
        found: T = known[1]
        return found

    # -- change ---------------------------------------------------------------------------------

    def edit(self, subject: Subject | None = None) -> Any:
        """A working copy of an aggregate, to set plain fields on; for ledgers use `put` and `drop`."""
        if self._edited and (subject is None or subject == self._owner):
            return self.case
        subject = subject or self._owner
        found = self._states.get(subject)
        if found is None:
            found = self._states[subject] = self._given.states[subject].__copy__()
        if subject == self._owner:
            self.case, self._edited = found, True
        return found

    def put(self, ledger: str, row_id: str, row: Any, subject: Subject | None = None) -> bool:
        """Write a row to a ledger; the same id again replaces. True if that changed anything."""
        state = self.case if subject is None else self.state(subject)
        if getattr(state, ledger).get(row_id) == row:
            return False
        self._writable(ledger, row_id, subject)[row_id] = row
        return True

    def drop(self, ledger: str, row_id: str, subject: Subject | None = None) -> bool:
        """Take a row out of a ledger. True if it was there."""
        state = self.case if subject is None else self.state(subject)
        if row_id not in getattr(state, ledger):
            return False
        del self._writable(ledger, row_id, subject)[row_id]
        return True

    def touch(self, ledger: str, row_id: str) -> None:
        """Let the rows that read a ledger of the owner look again at one of its rows."""
        if ledger in self._rested_on:
            self._forget(ledger)
        if ledger not in self.changed:
            self.changed[ledger] = {row_id}
        elif (rows := self.changed[ledger]) is not None:
            rows.add(row_id)

    def touch_all(self, *ledgers: str) -> None:
        """Let the rows that read these ledgers of the owner look again at all of them."""
        for ledger in self._rested_on.intersection(ledgers):
            self._forget(ledger)
        self.changed.update(dict.fromkeys(ledgers))

    def touched(self, reads: frozenset[str], keyed_by: Mapping[str, Key]) -> set[str] | None:
        """The refs that may have another answer after what this step changed of some ledgers; None: any ref.

        A changed row counts for its refs as it was before the step, and for those as it is. On a ledger without a key
        any ref may rest.
        """
        refs: set[str] = set()
        for ledger, row_ids in self.changed.items():
            if ledger not in reads:
                continue
            key = keyed_by.get(ledger)
            if key is None or row_ids is None:
                return None
            if key is by_id:
                refs |= row_ids
                continue
            for state in (self._given.states[self._owner], self.case):
                rows = getattr(state, ledger)
                for row_id in row_ids:
                    if row_id in rows:
                        refs.update(key(state, row_id, rows[row_id]))
        return refs

    def _forget(self, ledger: str) -> None:
        for what in [what for what, (rests_on, _) in self._worked_out.items() if ledger in rests_on]:
            del self._worked_out[what]

    def put_in(self, ledger: str, group: str, ref: str, row: Any) -> None:
        """Write to a ledger of ledgers (`duties`, `stages`, `looks`, …) of the owner.

        Rows read such a group as `ledger.group`: `stages.breach`, `duties.breach-overdue.crc`.
        """
        self._writable_group(ledger, group, ref)[ref] = row

    def drop_in(self, ledger: str, group: str, ref: str) -> None:
        """Take a row out of a ledger of ledgers of the owner, and the group with its last row."""
        if ref not in getattr(self.case, ledger).get(group, {}):
            return
        rows = self._writable_group(ledger, group, ref)
        del rows[ref]
        if not rows:
            del getattr(self.case, ledger)[group]

    def _writable(self, ledger: str, row_id: str, subject: Subject | None) -> dict[str, Any]:
        """A ledger to write to. Rows look again at what changes of the owner alone."""
        if subject is None or subject == self._owner:
            self.touch(ledger, row_id)
        return self._own(self.edit(subject), ledger)

    def _writable_group(self, ledger: str, group: str, ref: str) -> dict[str, Any]:
        self.touch(f"{ledger}.{group}", ref)
        groups = self._own(self.edit(), ledger)
        rows: dict[str, Any] = groups.get(group, {})
        if id(rows) not in self._made:
            groups[group] = rows = rows.copy()
            self._made[id(rows)] = rows
        return rows

    def _own(self, state: Any, ledger: str) -> dict[str, Any]:
        rows: dict[str, Any] = getattr(state, ledger)
        if id(rows) not in self._made:
            rows = rows.copy()
            setattr(state, ledger, rows)
            self._made[id(rows)] = rows
        return rows

    # -- what follows ---------------------------------------------------------------------------

    def emit(self, payload: Any, key: str | None = None, crn: str | None = None) -> None:
        """Publish an event about the owner, or about `key`."""
        about = crn if crn is not None else (self._owner.key if self._owner.kind == "case" and key is None else None)
        self._outputs.append(Output(payload, key or self._owner.key, about, self.fact.id, self.fact.correlation_id))

    def because(self, *rules: RuleApplied) -> tuple[Because, ...]:
        """The rules as an event names them; they go to the journal, too."""
        for rule in rules:
            self._rules[rule] = None
        return tuple([_because(rule) for rule in rules])

    def deadline(self, kind: str, ref: str, due: datetime | None, subject: Subject | None = None) -> None:
        """Set a deadline of a subject, or take it back (`due` None). The last word of a step counts."""
        subject = subject or self._owner
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
            owner=self._owner,
            states=self._states,
            outcome=outcome,
            outputs=tuple(self._outputs),
            deadlines=tuple(self._deadlines.values()),
            tallies=tuple(self._tallies),
            rules=tuple(self._rules),
            notes=tuple(self._notes),
            retried=tuple(self._retried),
        )


@lru_cache(1 << 12)
def _because(rule: RuleApplied) -> Because:
    """Kept: most rules see the same few inputs, case after case, and what an event names is never changed."""
    return Because(
        rule_id=rule.rule_id,
        source=rule.source,
        confirmed=rule.confirmed,
        policy_from=rule.policy_from,
        inputs=dict(rule.inputs),
    )
