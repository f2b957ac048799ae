"""AE: a breach is referred to the NPS by its pack, within so many business days of becoming aware. A breach that
enforcement says is due, with no pack, is a unit that cannot be judged: it lowers the measure's coverage."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from services.metrics.domain.case import Case, Discretion, DueReferral, Pack
from services.metrics.domain.ledger import EXCLUDING, SUPERVISING, ended_before, exclusion, provider_on
from shared.contracts.casework import BreachPackSubmitted, DiscretionRecorded
from shared.contracts.enforcement import AbsenceCounted, BreachDue
from shared.domain.business_days import end_of_day, local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.measure import Measure, Unit
from shared.domain.statement import put_latest, stands_over
from shared.domain.step import Step

TERM = "breach-overdue.crc"
"""Parameter: how long a CRC has from becoming aware to its breach pack."""


def take_pack(step: Step, fact: Fact, pack: BreachPackSubmitted) -> Outcome | None:
    """A breach pack has gone to the NPS. Only its first submission is a referral."""
    if pack.submission != 1:
        return ignored("not-the-first-submission")
    failures = tuple(sorted(pack.failure_ids))
    row = Pack(pack.order_id, failures, pack.aware_on, pack.submitted_on, fact.at)
    return put_latest(step, "packs", pack.pack_id, row)


def take_breach_due(step: Step, fact: Fact, due: BreachDue) -> Outcome | None:
    """Breach must be referred. Said again about any of its failures, it is the same breach."""
    if due.route != "crc-pack":
        return ignored("not-referred-by-a-pack")
    row = DueReferral(due.order_id, tuple(sorted(due.failure_ids)), due.aware_on, due.due_at, at=fact.at)
    return put_due(step, " ".join((due.order_id, due.aware_on.isoformat(), *row.failure_ids[:1])), row)


def put_due(step: Step, due_id: str, row: DueReferral) -> Outcome | None:
    """Write that a breach must be referred, in place of what was said earlier about any of its failures."""
    case: Case = step.case
    about = {
        known_id: known
        for known_id, known in sorted(case.referrals_due.items())
        if known.order_id == row.order_id and _meet(known.failure_ids, row.failure_ids)
    }
    if any(stands_over(known, row) for known in about.values()):
        return ignored("older-than-what-is-known")
    for known_id in about:
        step.drop("referrals_due", known_id)
    step.put("referrals_due", due_id, row)
    return None


def take_discretion(step: Step, fact: Fact, discretion: DiscretionRecorded) -> Outcome | None:
    """An officer decided not to breach for these failures."""
    row = Discretion(tuple(sorted(discretion.failure_ids)), fact.at)
    return put_latest(step, "discretions", discretion.discretion_id, row)


def take_absence_counted(step: Step, _fact: Fact, counted: AbsenceCounted) -> Outcome | None:
    """A failure that a breach rests on was judged anew."""
    case: Case = step.case
    moved = False
    for due_id, due in sorted(case.referrals_due.items()):
        if counted.failure_id not in due.failure_ids:
            continue
        accepted = {*due.accepted} - {counted.failure_id}
        if counted.judgement == "acceptable":
            accepted.add(counted.failure_id)
        moved |= step.put("referrals_due", due_id, replace(due, accepted=tuple(sorted(accepted))))
    return None if moved else ignored("no-breach-rests-on-it")


def referrals(step: Step) -> Iterator[Unit]:
    """Breach packs of a CRC, and breaches that are due without one."""
    case: Case = step.case
    for pack_id, pack in case.packs.items():
        due_at = step.value(TERM, pack.aware_on).term.after(pack.aware_on)
        yield from _unit(step, pack_id, pack, due_at, settled_at=end_of_day(pack.submitted_on))
    for due_id, due in case.referrals_due.items():
        if not _stands(case, due):
            continue
        yield from _unit(step, f"due {due_id}", due, due.due_at)


def _unit(
    step: Step, ref: str, breach: Pack | DueReferral, due_at: datetime, *, settled_at: datetime | None = None
) -> Iterator[Unit]:
    held = provider_on(step.case, breach.order_id, breach.aware_on)
    if held is None or held[1] != "crc":
        return
    due_on = local_date(due_at)
    left_out = exclusion(step, breach.order_id, breach.aware_on, due_on)
    if left_out is None and settled_at is None and ended_before(step.case, breach.order_id, due_on):
        left_out = "order-ended"
    yield Unit(
        ref=ref,
        provider=held[0],
        clock_start_on=breach.aware_on,
        due_at=due_at,
        settled_at=settled_at,
        met=None if left_out or settled_at is None else settled_at <= due_at,
        exclusion=left_out,
        known=left_out is not None or settled_at is not None,
    )


def _stands(case: Case, due: DueReferral) -> bool:
    if due.accepted or not case.withdrawn.keys().isdisjoint(due.failure_ids):
        return False
    if any(_meet(row.failure_ids, due.failure_ids) for row in case.discretions.values()):
        return False
    return not any(
        pack.order_id == due.order_id and (pack.aware_on == due.aware_on or _meet(pack.failure_ids, due.failure_ids))
        for pack in case.packs.values()
    )


def _meet(these: tuple[str, ...], those: tuple[str, ...]) -> bool:
    return not set(these).isdisjoint(those)


REFERRED_IN_TIME = Measure(
    code="AE",
    clock="awareness",
    reads=SUPERVISING | EXCLUDING | {"packs", "referrals_due", "discretions", "withdrawn"},
    units=referrals,
    parameter=TERM,
)
