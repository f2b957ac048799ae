"""Failures to comply: absences and reported failures, how people judged them, and what makes them none after all.

The ledger is append-only: a judgement is never overwritten, a later one stands in its place. An attended appointment
or a session that the provider stood down is never an absence.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from services.enforcement.domain.case import Case, Counted, Failure, Judged, StoodDown
from services.enforcement.domain.orders import is_open
from shared.contracts.casework import AbsenceJudged, AppointmentMissed, FailureReported, UnpaidWorkStoodDown
from shared.domain.business_days import local_date
from shared.domain.contact import is_face_to_face
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Duty
from shared.domain.fact import Fact
from shared.domain.identifiers import uuid_text
from shared.domain.statement import latest, put_both, put_latest
from shared.domain.step import Step, by_id

SETTLED = frozenset({"acceptable", "unacceptable"})


def take_missed(step: Step, fact: Fact, missed: AppointmentMissed) -> Outcome | None:
    """A missed appointment."""
    if is_withdrawn(step, "appointment", missed.appointment_id, fact):
        return ignored("withdrawn")
    day = local_date(missed.starts_at)
    row = Failure(
        on=day,
        aware_on=missed.aware_on,
        at=fact.at,
        fact=uuid_text(fact.id),
        order_ids=tuple(sorted(missed.order_ids)),
        face_to_face=is_face_to_face(step, missed.channel, day),
    )
    return _put(step, missed.appointment_id, row)


def take_reported(step: Step, fact: Fact, reported: FailureReported) -> Outcome | None:
    """A failure that is not an absence."""
    if is_withdrawn(step, "failure", reported.failure_id, fact):
        return ignored("withdrawn")
    row = Failure(
        on=reported.failed_on,
        aware_on=reported.aware_on,
        at=fact.at,
        fact=uuid_text(fact.id),
        order_ids=tuple(sorted(reported.order_ids)),
        reported=True,
    )
    return _put(step, reported.failure_id, row)


def take_judged(step: Step, fact: Fact, judged: AbsenceJudged) -> Outcome | None:
    """A person's judgement; it may come before the failure that it is about."""
    row = Judged(
        judgement_id=judged.judgement_id,
        judgement=judged.judgement,
        on=judged.judged_on,
        at=fact.at,
        fact=uuid_text(fact.id),
        revises=judged.revises_judgement_id,
    )
    outcome = put_both(step, "judgements", judged.failure_id, (row,), judged_under_both)
    recount(step, judged.failure_id)
    return outcome


def judged_under_both(one: tuple[Judged, ...], other: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """The judgements of a failure, each as it was stated last."""
    made = {each.judgement_id: each for each in one}
    for each in other:
        known = made.get(each.judgement_id)
        made[each.judgement_id] = each if known is None else latest(known, each)
    return tuple(sorted(made.values(), key=lambda each: (each.on, each.at, each.judgement_id)))


def counted_under_both(one: Counted, other: Counted) -> Counted:
    """As what a failure counts that two cases have counted: as judged last, and told of wherever either has told."""
    stands = max(one, other, key=lambda row: (row.judged_on, row.judgement_id, row.judgement, row.on, row.aware_on))
    return replace(stands, told=tuple(sorted({*one.told, *other.told})))


def take_stood_down(step: Step, fact: Fact, stood_down: UnpaidWorkStoodDown) -> Outcome | None:
    """A session that the provider stood down: never an absence."""
    if is_withdrawn(step, "session", stood_down.session_id, fact):
        return ignored("withdrawn")
    case: Case = step.case
    was = case.stood_down.get(stood_down.session_id)
    outcome = put_latest(step, "stood_down", stood_down.session_id, StoodDown(stood_down.appointment_id, fact.at))
    excuse(step, stood_down.appointment_id)
    if was is not None:
        excuse(step, was.appointment_id)
    return outcome


def is_withdrawn(step: Step, kind: str, record_id: str, fact: Fact) -> bool:
    """Whether a record was taken back after this was stated of it."""
    case: Case = step.case
    through = case.withdrawn.get(f"{kind}:{record_id}") if case.withdrawn else None
    return through is not None and fact.at <= through


def excuse(step: Step, failure_id: str | None) -> None:
    """Bring a failure in line with what else is known of the same appointment."""
    case: Case = step.case
    row = case.failures.get(failure_id) if failure_id is not None else None
    if failure_id is not None and row is not None:
        excused = _excuse(case, failure_id, row)
        if excused != row.excused:
            step.put("failures", failure_id, replace(row, excused=excused))
        recount(step, failure_id)


def recount(step: Step, failure_id: str) -> None:
    """Bring what a failure counts as in line with the judgement of it that stands.

    One that counts as it did may be stated by other events now: what reads `counted` looks again at their names, too.
    """
    case: Case = step.case
    row, judged = case.failures.get(failure_id), standing(case, failure_id)
    if row is None or row.excused or judged is None or judged.judgement not in SETTLED:
        step.drop("counted", failure_id)
        return
    was = case.counted.get(failure_id)
    same = was is not None and (was.judgement_id, was.judgement) == (judged.judgement_id, judged.judgement)
    counted = Counted(
        judgement_id=judged.judgement_id,
        judgement=judged.judgement,
        on=row.on,
        aware_on=row.aware_on,
        judged_on=judged.on,
        order_ids=row.order_ids,
        told=was.told if was is not None and same else (),
    )
    if not step.put("counted", failure_id, counted):
        step.touch("counted", failure_id)


def standing(case: Case, failure_id: str) -> Judged | None:
    """The judgement of a failure that stands: the last one that no other revises."""
    made = case.judgements.get(failure_id, ())
    if len(made) < 2:
        return made[0] if made else None
    revised = {each.revises for each in made}
    return next((each for each in reversed(made) if each.judgement_id not in revised), made[-1])


def accepted(case: Case, order_id: str) -> dict[str, Counted]:
    """The failures of an order that count as acceptable."""
    return {
        ref: row for ref, row in case.counted.items() if row.judgement == "acceptable" and order_id in row.order_ids
    }


def judgements_of(case: Case, failure_ids: Iterable[str]) -> tuple[str, ...]:
    """The events that state the judgements of failures."""
    return tuple(sorted([judged.fact for ref in failure_ids if (judged := standing(case, ref)) is not None]))


def evidence_of(case: Case, failure_ids: Sequence[str]) -> tuple[str, ...]:
    """The events that state the failures and their judgements."""
    stated = [case.failures[ref].fact for ref in failure_ids]
    return tuple(sorted((*stated, *judgements_of(case, failure_ids))))


def _put(step: Step, failure_id: str, row: Failure) -> Outcome | None:
    excused = _excuse(step.case, failure_id, row)
    outcome = put_latest(step, "failures", failure_id, replace(row, excused=excused) if excused else row)
    recount(step, failure_id)
    return outcome


def _excuse(case: Case, failure_id: str, row: Failure) -> str:
    if row.reported:
        return ""
    attended = case.attended.get(failure_id)
    if attended is not None and attended.at >= row.at:
        return "attended"
    return "stood-down" if any(each.appointment_id == failure_id for each in case.stood_down.values()) else ""


def _unjudged(case: Case, failure_id: str) -> Clock | None:
    """A failure on an order that runs, which nobody has judged."""
    row = case.failures.get(failure_id)
    if row is None or row.excused or failure_id in case.counted:
        return None
    order_id = next((each for each in row.order_ids if is_open(case, each)), None)
    return Clock(failure_id, row.on, order_id, (row.fact,)) if order_id is not None else None


def _all_unjudged(case: Case) -> Iterator[Clock]:
    return (clock for each in case.failures if (clock := _unjudged(case, each)) is not None)


DUTIES = (
    Duty(
        code="absence-unjudged",
        reads=frozenset({"failures", "counted", "ended"}),
        clocks=_all_unjudged,
        clock=_unjudged,
        keyed_by={"failures": by_id, "counted": by_id},
    ),
)
