"""Failures of long ago: in a long case they go, and stay as the numbers that rules still read.

So a failure costs the same after ten thousand events as after fifty. What goes is told, settled, and rests in nothing:
no warning or breach that it calls for, no record that names it. A judgement of it that is changed afterwards has
nothing left to change.
"""

from datetime import date

from msgspec.structs import replace

from services.enforcement.domain.case import Case, Counted, Earlier
from services.enforcement.domain.ladder import last_breach_end
from shared.domain.rulebook import View
from shared.domain.step import Step

KEPT = 64
"""Settled failures that a case keeps whole, of those accepted and of the others: more than any limit counts."""

NONE = Earlier()


def fold(step: Step) -> None:
    """Let all but the latest settled failures go."""
    case: Case = step.case
    if len(case.failures) <= KEPT:
        return
    counted, ended = case.counted, case.ended
    perhaps = [ref for ref, row in case.failures.items() if ended or row.excused or ref in counted]
    if len(perhaps) <= KEPT:
        return
    named = _named(case)
    settled = sorted((case.failures[ref].on, ref) for ref in perhaps if ref not in named and _is_settled(case, ref))
    accepted = [ref for _, ref in settled if ref in case.counted and case.counted[ref].judgement == "acceptable"]
    others = [ref for _, ref in settled if ref not in case.counted or case.counted[ref].judgement != "acceptable"]
    for failure_id in (*accepted[:-KEPT], *others[:-KEPT]):
        row = case.counted.get(failure_id)
        if row is not None:
            for order_id in row.told:
                _add(step, order_id, row)
        for ledger in ("failures", "judgements", "counted"):
            step.drop(ledger, failure_id)


FOLDING = View(reads=frozenset({"failures", "counted", "called", "ended"}), derive=fold)


def acceptable(case: Case, order_id: str) -> int:
    """How many acceptable failures of an order are kept as a number only."""
    return case.earlier.get(order_id, NONE).acceptable


def dates(case: Case, order_id: str, ended: date | None, kept: list[date]) -> int:
    """On how many dates an order was failed unacceptably, after the last breach ended: the dates kept, and earlier."""
    earlier = case.earlier.get(order_id, NONE)
    through = earlier.through
    if through is None or (ended is not None and through <= ended):
        return len(kept)
    return earlier.dates + sum(day != through for day in kept)


def of_both(one: Earlier, other: Earlier) -> Earlier:
    """What the failures counted for that are gone of an order under two numbers."""
    through = [row.through for row in (one, other) if row.through is not None]
    return Earlier(one.acceptable + other.acceptable, one.dates + other.dates, max(through, default=None))


def _named(case: Case) -> set[str]:
    """Failures on which something rests."""
    named = {ref for row in case.called.values() for ref in row.failure_ids}
    for records in (case.warnings, case.packs, case.informations):
        named.update(ref for row in records.values() for ref in row.failure_ids)
    named.update(concern.ref for concern in case.concerns.values())
    return named


def _is_settled(case: Case, failure_id: str) -> bool:
    """Whether it was no failure after all, is told on an order that runs, or is of orders that have all ended."""
    row, counted = case.failures[failure_id], case.counted.get(failure_id)
    if row.excused or (row.order_ids and all(each in case.ended for each in row.order_ids)):
        return True
    return counted is not None and bool(counted.told)


def _add(step: Step, order_id: str, counted: Counted) -> None:
    case: Case = step.case
    was = case.earlier.get(order_id, NONE)
    if counted.judgement == "acceptable":
        step.put("earlier", order_id, replace(was, acceptable=was.acceptable + 1))
        return
    ended = last_breach_end(case, order_id)
    if ended is not None and counted.on <= ended:
        return
    since = was.dates if was.through is not None and (ended is None or was.through > ended) else 0
    is_new = was.through != counted.on
    step.put(
        "earlier", order_id, replace(was, dates=since + is_new, through=max(was.through or counted.on, counted.on))
    )
