"""Workflows: states and transitions, folded over a case's facts in the order of their own dates.

A workflow is never stepped by hand: after a fact, the engine folds the entries of a ref anew (each entry is a record
of the ledger, or a date that is reached) and tells what is new on the path. So a late, corrected or withdrawn fact
gives the same stage as if it had come in its place. An entry that has no transition is ignored with a named reason.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from shared.domain.state import Aggregate, Stage
from shared.domain.step import Step

START = "none"
"""The stage before anything has happened; a ref that stays in it keeps no state."""

NONE_KNOWN: Mapping[str, Stage] = {}


class Entry(msgspec.Struct, frozen=True):
    """Something that may move a workflow: `trigger` is the fact's name, `id` its record, `on` its own instant.

    `rank` orders triggers of one instant. An entry later than log time is a date to be reached: the engine sets a
    deadline for it.
    """

    trigger: str
    on: datetime
    id: str
    rank: int = 0
    data: Any = None


@dataclass(frozen=True, slots=True)
class Transition:
    """From any of `sources`, on `trigger` (and `guard`), to `target` (None: stay); `tells` publishes what follows."""

    sources: frozenset[str]
    trigger: str
    target: str | None
    guard: Callable[[Any, str, Entry], bool] | None = None
    tells: Callable[[Step, str, Entry], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A workflow row: for which refs, which entries, which transitions. Rows read its stages as `stages.<name>`.

    A ref that `refs` does not name has no stage, whatever entries it would have.
    """

    name: str
    reads: frozenset[str]
    refs: Callable[[Any], Iterable[str]]
    entries: Callable[[Any, str], Iterable[Entry]]
    transitions: tuple[Transition, ...]


def reconcile(step: Step, workflow: Workflow) -> None:
    """Fold every ref anew; tell each transition once, and set the deadline of the next date to be reached."""
    case: Aggregate = step.case
    known = case.stages.get(workflow.name, NONE_KNOWN)
    refs = set(workflow.refs(case))
    for ref in sorted(refs | known.keys()):
        _fold(step, workflow, ref, workflow.entries(step.case, ref) if ref in refs else (), known.get(ref))


def deadline_kind(workflow: Workflow) -> str:
    """The kind of the deadlines that a workflow sets for its next date."""
    return f"workflow.{workflow.name}"


def _fold(step: Step, workflow: Workflow, ref: str, given: Iterable[Entry], was: Stage | None) -> None:
    entries = sorted(given, key=lambda e: (e.on, e.rank, e.trigger, e.id))
    stage, since = START, None
    told = set(was.told) if was else set()
    path: list[str] = []
    fresh: list[tuple[Transition, Entry]] = []
    next_at = None
    for entry in entries:
        if entry.on > step.now:
            next_at = entry.on
            break
        moved = _transition(workflow, step.case, stage, ref, entry)
        if moved is None:
            mark = f"!{stage}<{entry.trigger}<{entry.id}"
            path.append(mark)
            if mark not in told:
                step.note(f"{workflow.name}: no transition from {stage} on {entry.trigger}")
            continue
        target = moved.target or stage
        if target != stage:
            stage, since = target, entry.on
        mark = f"{target}<{entry.trigger}<{entry.id}"
        path.append(mark)
        if mark not in told:
            fresh.append((moved, entry))
    is_now = Stage(stage, since or entries[0].on, tuple(path), next_at) if entries else None
    if is_now == was:
        return
    if is_now is None:
        step.drop_in("stages", workflow.name, ref)
    else:
        step.put_in("stages", workflow.name, ref, is_now)
    if next_at != (was.next_at if was else None):
        step.deadline(deadline_kind(workflow), ref, next_at)
    for transition, entry in fresh:
        if transition.tells:
            transition.tells(step, ref, entry)


def _transition(workflow: Workflow, case: Any, stage: str, ref: str, entry: Entry) -> Transition | None:
    for transition in workflow.transitions:
        if transition.trigger != entry.trigger or stage not in transition.sources:
            continue
        if transition.guard is None or transition.guard(case, ref, entry):
            return transition
    return None


def stage_of(case: Any, workflow: str, ref: str) -> str:
    """The stage that a workflow of a case is in; `none` where it has not begun."""
    found = case.stages.get(workflow, {}).get(ref)
    return found.stage if found is not None else START
