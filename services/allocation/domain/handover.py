"""The hand-over of a case between officers, as a workflow: given, acknowledged, taken up by the first contact; and
what becomes of it while the officer is absent.

That the new officer makes contact in time is enforcement's duty. Source: HMI Probation, Suffolk 2017, line 899; South
Yorkshire 2017, line 795.
"""

from msgspec.structs import replace

from services.allocation.domain.case import Case, case_of, set_down
from shared.contracts.casework import OfficerHandoverAcknowledged
from shared.domain.business_days import start_of_day
from shared.domain.decision import Outcome, ignored
from shared.domain.fact import Fact
from shared.domain.step import Step
from shared.domain.workflow import Entry, Transition, Workflow


def take_acknowledgement(step: Step, _fact: Fact, stated: OfficerHandoverAcknowledged) -> Outcome | None:
    """The officer who holds the case has acknowledged it; the first acknowledgement counts."""
    held = case_of(step).officer
    if held is None or held.code != stated.officer_code or stated.acknowledged_on < held.on:
        return ignored("not-the-officer-of-the-case")
    on = min(stated.acknowledged_on, held.acknowledged_on or stated.acknowledged_on)
    set_down(step, officer=replace(held, acknowledged_on=on))
    return None


def _entries(case: Case, _ref: str) -> list[Entry]:
    held = case.officer
    if held is None:
        return []
    dated = [("changed" if len(case.officers) > 1 else "assigned", held.on, held.code)]
    dated += [("acknowledged", held.acknowledged_on, held.code)] if held.acknowledged_on else []
    dated += [("contact", held.met_on, held.code)] if held.met_on else []
    for absence_id, away in case.away.items():
        dated.append(("absent", away.started_on, absence_id))
        dated += [("covered", away.covered_on, absence_id)] if away.covered_on else []
        dated += [("back", away.ended_on, absence_id)] if away.ended_on else []
    return [Entry(trigger, start_of_day(on), record, RANKS[trigger]) for trigger, on, record in dated]


RANKS = {"assigned": 0, "changed": 0, "acknowledged": 1, "contact": 2, "back": 3, "absent": 4, "covered": 5}
GIVEN = frozenset(("assigned", "handed-over", "acknowledged", "taken-up"))

ASSIGNMENT = Workflow(
    name="assignment",
    reads=frozenset(("officer", "officers", "away")),
    refs=lambda case: (case.key,) if case.officer is not None else (),
    entries=_entries,
    transitions=(
        Transition(frozenset(("none",)), "assigned", "assigned"),
        Transition(frozenset(("none",)), "changed", "handed-over"),
        Transition(frozenset(("assigned", "handed-over")), "acknowledged", "acknowledged"),
        Transition(frozenset(("assigned", "handed-over", "acknowledged")), "contact", "taken-up"),
        Transition(GIVEN, "absent", "absent"),
        Transition(frozenset(("absent",)), "covered", "covered"),
        Transition(frozenset(("absent", "covered")), "back", "taken-up"),
    ),
)
