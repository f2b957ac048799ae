"""Duties: something must be done by an instant. One row says what; this engine opens, re-times, fires and settles.

Nothing is scripted: after each fact the engine asks a row again which clocks run (`clocks`) and what has been done
(`done`), compares with what it knew, and acts on the difference. So a correction, a withdrawal or a late fact needs
no code of its own. A concern is raised only when the due instant has passed in log time (a `Passed` fact), never
from a fact that merely arrives late.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec

from shared.contracts.values import SubjectKind
from shared.domain.business_days import add_business_days, business_days_between, end_of_day, local_date
from shared.domain.concern import Concerns
from shared.domain.policy import RuleApplied, Term, Value
from shared.domain.state import Aggregate, DutyState, Severity
from shared.domain.step import Key, Step

SHORT_NOTICE = "short-notice"
"""Parameter: the least time to do what is due before a target that became known too late."""

ONE_DAY = timedelta(days=1)

NONE_KNOWN: Mapping[str, DutyState] = {}

Moment = Literal["opened", "retimed", "missed", "cleared", "met", "reopened", "void"]


class Clock(msgspec.Struct, frozen=True, gc=False):
    """A running clock of a duty: `ref` names the order, appointment, release, … that it is about.

    `start` is the date (or instant, for terms in hours) that a fact states; for a duty *before* or *on* a date, the
    target. `known_on` is when the target was stated: the floor for short notice counts from it. `parameter` names
    the policy value where the term depends on the state (a table by state); else the row's own.
    """

    ref: str
    start: date | datetime
    order_id: str | None = None
    evidence: tuple[str, ...] = ()
    known_on: date | None = None
    parameter: str | None = None

    @property
    def started_on(self) -> date:
        """The local date that the clock starts (or that is its target)."""
        return local_date(self.start) if isinstance(self.start, datetime) else self.start


class Done(msgspec.Struct, frozen=True, gc=False):
    """What settles a duty: the date (and, where stated, the instant) that counts, and the records that show it."""

    on: date
    at: datetime | None = None
    evidence: tuple[str, ...] = ()


class Pause(msgspec.Struct, frozen=True, gc=False):
    """Days that do not count: from `since` on, up to and without `until` (open while absent)."""

    since: date
    until: date | None = None


def _never(_case: Any, _clock: Clock) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A duty row. `parameter` (default: the row's id) names its term in policy; `timing` how the term is used.

    *after* a clock; *before* a moving target, with a floor for short notice, at latest the target; *on* a stated
    date; *since* last done: as *after*, with a clock that starts at the later of start and last done.
    `done` says what was first done; met if by the due date. `cleared` (default: done at any date) clears a missed
    one: one that is to be done on a later day, as arranged already, is raised and cleared at once. `pauses` gives the
    days that do not count. `tells` publishes what other services must hear.
    """

    code: str
    part: str = ""
    reads: frozenset[str]
    clocks: Callable[[Any], Iterable[Clock]]
    clock: Callable[[Any, str], Clock | None] | None = None
    """The clock of one ref, for a row with `keyed_by`."""
    keyed_by: Mapping[str, Key] = field(default_factory=dict)
    """By ledger: on which refs a row of it bears. Where only such ledgers changed, only those refs are looked at."""
    done: Callable[[Any, Clock], Done | None] = _never
    cleared: Callable[[Any, Clock], Done | None] | None = None
    timing: Literal["after", "before", "on", "since"] = "after"
    parameter: str | None = None
    pauses: Callable[[Any, Clock], Sequence[Pause]] | None = None
    severity: Severity = "warning"
    owner: str = "officer"
    answerable: bool = False
    about: SubjectKind | None = None
    raises: bool = True
    tells: Callable[[Step, Moment, Clock, DutyState, RuleApplied], None] | None = None
    id: str = field(init=False)
    """The row's id: the code, with its part where it has one."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.code}.{self.part}" if self.part else self.code)

    def value(self, step: Step, clock: Clock) -> Value:
        """The term in force on the date that the clock started."""
        return step.value(clock.parameter or self.parameter or self.id, clock.started_on)


def due_at(duty: Duty, case: Any, clock: Clock, value: Value, short_notice: Value | None) -> datetime | None:
    """The instant that a clock's duty is due, in UTC; None while a pause suspends it."""
    if duty.timing == "on":
        return end_of_day(clock.started_on)
    if duty.timing == "before":
        due = value.term.before(clock.started_on)
        if clock.known_on is not None and short_notice is not None:
            floor = min(short_notice.term.after(clock.known_on), end_of_day(clock.started_on))
            due = max(due, floor)
        return due
    due = value.term.after(clock.start)
    pauses = duty.pauses(case, clock) if duty.pauses else ()
    return _stretched(clock.started_on, value.term, due, pauses) if pauses else due


def _stretched(start: date, term: Term, due: datetime, pauses: Sequence[Pause]) -> datetime | None:
    """`due` moved on by the paused days between `start` and it; None while an open pause suspends it."""
    last = local_date(due)
    if min([pause.since for pause in pauses]) > last:
        return due
    counted_from = start + ONE_DAY
    for pause in sorted(pauses, key=lambda p: (p.since, p.until or date.max)):
        if pause.since > last:
            break
        if pause.until is None:
            return None
        first = max(pause.since, counted_from)
        if pause.until <= first:
            continue
        counted_from = pause.until
        if term.unit == "business-days":
            last = add_business_days(last, business_days_between(first - ONE_DAY, pause.until - ONE_DAY))
        else:
            last += pause.until - first
    return due + (end_of_day(last) - end_of_day(local_date(due)))


def in_time(done: Done, due: datetime) -> bool:
    """Whether what was done counts as by the due instant: by its instant where stated, else by its date."""
    return done.at <= due if done.at is not None else done.on <= local_date(due)


def reconcile(step: Step, duty: Duty, concerns: Concerns, fired: str | None = None) -> None:
    """Compare what a duty should be with what is on the record, for every clock that the fact may have touched.

    `fired` is the ref whose due instant has just passed. Sets and takes back deadlines, holds and releases the
    concern, calls `tells`.
    """
    touched = _touched(step, duty, fired)
    if touched is not None and not touched:
        return
    case: Aggregate = step.case
    known = case.duties.get(duty.id, NONE_KNOWN)
    if touched is None:
        clocks = {clock.ref: clock for clock in duty.clocks(case)}
    elif duty.clock is None:
        clocks = {clock.ref: clock for clock in duty.clocks(case) if clock.ref in touched}
    else:
        clocks = {ref: clock for ref in touched if (clock := duty.clock(case, ref)) is not None}
    held = known.keys() if touched is None else {ref for ref in touched if ref in known}
    for ref in sorted(held - clocks.keys()):
        _void(step, duty, concerns, ref, known[ref])
    for ref in sorted(clocks):
        _judge(step, duty, concerns, clocks[ref], known.get(ref), fired=ref == fired)


def _touched(step: Step, duty: Duty, fired: str | None) -> set[str] | None:
    """The refs whose clocks the fact may have touched; None: any."""
    if fired is None and not duty.keyed_by:
        return None
    touched = step.touched(duty.reads, duty.keyed_by)
    if touched is not None and fired is not None:
        touched.add(fired)
    return touched


def _void(step: Step, duty: Duty, concerns: Concerns, ref: str, was: DutyState) -> None:
    step.drop_in("duties", duty.id, ref)
    step.deadline(duty.id, ref, None)
    concerns.release(duty, ref)
    if duty.tells and was.outcome == "open":
        clock = Clock(ref, was.start, was.order_id, was.evidence, parameter=was.parameter)
        duty.tells(step, "void", clock, was, duty.value(step, clock).applied())


def _judge(step: Step, duty: Duty, concerns: Concerns, clock: Clock, was: DutyState | None, *, fired: bool) -> None:
    value = duty.value(step, clock)
    short = step.value(SHORT_NOTICE, clock.started_on) if duty.timing == "before" else None
    due = due_at(duty, step.case, clock, value, short)
    done = duty.done(step.case, clock)
    outcome: Literal["open", "met", "missed"] = "open"
    cleared = False
    if done is not None and (due is None or in_time(done, due)):
        outcome = "met"
    elif due is not None and due <= step.now and (fired or (was is not None and was.outcome == "missed")):
        outcome = "missed"
        late = duty.cleared(step.case, clock) if duty.cleared else done
        cleared, done = late is not None, late
    is_now = DutyState(
        start=clock.started_on,
        due=due,
        outcome=outcome,
        settled_on=done.on if done is not None and (outcome == "met" or cleared) else None,
        evidence=_evidence(clock, done),
        order_id=clock.order_id,
        cleared=cleared,
        parameter=clock.parameter,
    )
    if is_now == was and not fired:
        return
    step.put_in("duties", duty.id, clock.ref, is_now)
    if outcome != "open" or due is None:
        step.deadline(duty.id, clock.ref, None)
    elif was is None or was.outcome != "open" or was.due != due:
        step.deadline(duty.id, clock.ref, due)
    if duty.raises:
        if outcome == "missed" and not cleared:
            rule = _applied(value, clock, due)
            concerns.hold(duty, clock.ref, duty.severity, clock.evidence, rule=rule, order_id=clock.order_id)
        elif fired and outcome == "missed" and done is not None and done.on > step.today:
            rule = _applied(value, clock, due)
            concerns.pass_by(duty, clock.ref, duty.severity, clock.evidence, rule=rule, order_id=clock.order_id)
        else:
            moved = outcome == "open" and duty.timing != "since"
            concerns.release(duty, clock.ref, "superseded" if moved else None)
    if duty.tells and (moment := _moment(was, is_now)):
        duty.tells(step, moment, clock, is_now, _applied(value, clock, due))


def _evidence(clock: Clock, done: Done | None) -> tuple[str, ...]:
    if done is None or not done.evidence:
        return clock.evidence if len(clock.evidence) < 2 else tuple(sorted(set(clock.evidence)))
    return tuple(sorted({*clock.evidence, *done.evidence}))


def _applied(value: Value, clock: Clock, due: datetime | None) -> RuleApplied:
    return value.applied(
        clock=clock.start.isoformat(), due=due.isoformat(timespec="milliseconds") if due else "suspended"
    )


def _moment(was: DutyState | None, is_now: DutyState) -> Moment | None:
    if is_now.outcome != "open":
        if was is None or was.outcome != is_now.outcome:
            return "met" if is_now.outcome == "met" else "missed"
        return "cleared" if is_now.cleared and not was.cleared else None
    if was is None:
        return "opened"
    if was.outcome != "open":
        return "reopened"
    return "retimed" if was.due != is_now.due else None
