"""Conditions: what is stated shows something amiss. Whatever rests on a missing fact is a duty instead.

A row says for which refs it is asked and what holds; the engine raises and clears, and looks again at the date that
the row names, through the due table.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec

from shared.contracts.values import SubjectKind
from shared.domain.concern import Concerns
from shared.domain.state import Aggregate, Severity
from shared.domain.step import Key, Step

NO_LOOKS: Mapping[str, datetime] = {}


class Held(msgspec.Struct, frozen=True):
    """The condition holds: on this evidence, at this severity, for the policy of `on`; look again at `until`."""

    evidence: tuple[str, ...]
    on: date
    severity: Severity = "warning"
    until: datetime | None = None
    order_id: str | None = None
    inputs: dict[str, str] = {}
    parameter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition row. `parameter` (default: the code) names the policy value that its threshold comes from."""

    code: str
    part: str = ""
    reads: frozenset[str]
    refs: Callable[[Any], Iterable[str]]
    holds: Callable[[Step, str], Held | None]
    keyed_by: Mapping[str, Key] = field(default_factory=dict)
    """By ledger: on which refs a row of it bears. Where only such ledgers changed, only those refs are looked at;
    `holds` then answers for any ref, also for one that `refs` does not name. Not for a condition with dates to look
    again: the log may reach one before its deadline fires.
    """
    parameter: str | None = None
    owner: str = "officer"
    answerable: bool = False
    turns: Callable[[Step, str], datetime | None] | None = None
    """When one that does not hold may come to hold by time alone."""
    about: SubjectKind | None = None
    """What kind of subject the refs name, where the concern is about them: an office keeps those of its officers."""
    tells: Callable[[Step, str, Held], None] | None = None
    id: str = field(init=False)
    """The row's id: the code, with its part where it has one."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.code}.{self.part}" if self.part else self.code)


def reconcile(step: Step, condition: Condition, concerns: Concerns) -> None:
    """Ask a condition again for every ref that it is about, and for every ref that it held for, as far as the fact may
    have touched them. Raises TypeError where one with `keyed_by` names a date to look again.
    """
    touched = step.touched(condition.reads, condition.keyed_by) if condition.keyed_by else None
    if touched is not None and not touched:
        return
    case: Aggregate = step.case
    looks = case.looks.get(condition.id, NO_LOOKS)
    code, row_id = condition.code, condition.id
    held_refs = {c.ref for c in case.concerns.values() if c.code == code and row_id in c.sources}
    refs = set(condition.refs(case)) if touched is None else touched
    for ref in sorted(refs | held_refs | looks.keys() if touched is None else refs):
        held = condition.holds(step, ref) if ref in refs else None
        if held is None:
            if ref in held_refs:
                concerns.release(condition, ref)
        else:
            _hold(step, condition, concerns, ref, held, new=ref not in held_refs)
        until = held.until if held is not None else None
        if held is None and condition.turns is not None and ref in refs:
            until = condition.turns(step, ref)
        if until is not None and condition.keyed_by:
            raise TypeError(f"{row_id}: a condition with `keyed_by` has no dates to look again")
        if until == looks.get(ref):
            continue
        step.deadline(condition.id, ref, until)
        if until is None:
            step.drop_in("looks", condition.id, ref)
        else:
            step.put_in("looks", condition.id, ref, until)


def _hold(step: Step, condition: Condition, concerns: Concerns, ref: str, held: Held, *, new: bool) -> None:
    if not new and concerns.stands(condition, ref, held.severity, held.evidence, held.order_id):
        return
    value = step.value(held.parameter or condition.parameter or condition.id, held.on)
    rule = value.applied(**held.inputs)
    concerns.hold(condition, ref, held.severity, held.evidence, rule=rule, order_id=held.order_id)
    if new and condition.tells:
        condition.tells(step, ref, held)
