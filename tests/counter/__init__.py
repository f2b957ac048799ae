"""A trivial service on the kernel: counts contacts by person, one output for each, and a deadline that a contact moves.

It is the workload of the kernel's own tests and benchmarks: what it decides needs no knowledge of probation.
"""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from shared.contracts.casework import ContactAttempted
from shared.contracts.court import SentenceRecorded
from shared.contracts.enforcement import CaseParked, CaseResumed, OversightDue
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Passed, Subject
from shared.domain.policy import Policy
from shared.domain.service import Service
from shared.domain.state import Aggregate
from shared.domain.step import Step

QUIET = timedelta(days=7)
SOON = timedelta(seconds=2)
MENDED = "COUNTER_MENDED"
"""The environment variable that mends the bug on sentences of the court BROKEN."""


class Count(Aggregate, omit_defaults=True):
    """How many contacts a person had, and how many quiet weeks."""

    n: int = 0
    quiet: int = 0


def subjects(fact: Fact, _rows: Rows) -> tuple[Subject, ...]:
    """The person alone."""
    return (fact.payload.subject,) if isinstance(fact.payload, Passed) else (Subject("case", fact.key),)


def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """As `count`, but for the bug on sentences of one court."""
    broken = isinstance(fact.payload, SentenceRecorded) and fact.payload.court_code == "BROKEN"
    if broken and not os.environ.get(MENDED):
        raise ValueError("a bug on one person")
    return count(rows, fact, policy)


def count(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """Count, publish the count, look again after a quiet week: three times at once, then twice more a week apart."""
    owner = subjects(fact, rows)[0]
    step = Step("enforcement", owner, rows, fact, policy)
    case = step.edit()
    if isinstance(fact.payload, Passed):
        case.quiet += 1
        step.emit(OversightDue(order_id="quiet", acceptable_count=case.quiet, because=()))
        if case.quiet < 5:
            step.deadline("quiet", "", step.now if case.quiet < 3 else step.now + QUIET)
        return step.decision()
    case.n += 1
    case.quiet = 0
    step.emit(OversightDue(order_id="count", acceptable_count=case.n, because=()))
    answered_soon = isinstance(fact.payload, ContactAttempted) and fact.payload.channel == "text"
    step.deadline("quiet", "", step.now + (SOON if answered_soon else QUIET))
    return step.decision()


COUNTER = Service(
    name="enforcement",
    inputs=("court", "casework"),
    output="enforcement",
    reads=frozenset({ContactAttempted.event_type, SentenceRecorded.event_type}),
    kinds={"case": Count},
    subjects=subjects,
    decide=decide,
    policy=(Path(os.path.dirname(__file__)) / "policy",),
)

BELOW = replace(
    COUNTER,
    name="metrics",
    inputs=("court", "casework", "enforcement"),
    output="performance",
    reads=COUNTER.reads | {CaseParked.event_type, CaseResumed.event_type},
    decide=count,
)
"""The same without the bug, downstream of the counter: for what upstream time and upstream parking do."""
