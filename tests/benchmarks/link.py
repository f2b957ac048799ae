"""A chain of four trivial services on the kernel, in the places of the real ones: each reads the same topics, and
answers what the one before it published with one event. Run as a module, it is the one that `BENCHMARK_LINK` names."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from deploy.services import SERVICES
from shared.contracts import allocation, enforcement, performance, resettlement
from shared.contracts.casework import ContactAttempted
from shared.contracts.payload import Payload
from shared.contracts.values import ConcernSubject
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact
from shared.domain.policy import Policy
from shared.domain.service import Service
from shared.domain.step import Step
from shared.kernel.main import main
from tests.benchmarks import counted
from tests.benchmarks.counted import Counted
from tests.benchmarks.workload import service_of

Answer = Callable[..., Payload]

ANSWERS: Mapping[str, type[Payload]] = {
    "allocation": allocation.ConcernCleared,
    "resettlement": resettlement.ConcernCleared,
    "enforcement": enforcement.ConcernCleared,
    "metrics": performance.ConcernCleared,
}
"""What each publishes: an event that every one of them has."""
LAST = SERVICES[-1]


def decide(name: str, answer: Answer, rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """Count, and answer."""
    step = Step(name, counted.subjects(fact, rows)[0], rows, fact, policy)
    case: Counted = step.edit()
    case.n += 1
    step.emit(
        answer(
            because=(),
            subject=ConcernSubject(kind="case", code=step.owner.key),
            concern_id=str(case.n),
            code="BENCHMARK",
            cleared_by=(str(fact.id),),
            reason="ended",
        )
    )
    return step.decision()


def links() -> dict[str, Service]:
    """The four, each fed by the one before; the first by contacts."""
    made: dict[str, Service] = {}
    reads = ContactAttempted.event_type
    for name in SERVICES:
        answer = ANSWERS[name]
        made[name] = replace(
            service_of(name),
            reads=frozenset({reads}),
            kinds=counted.SERVICE.kinds,
            subjects=counted.subjects,
            decide=partial(decide, name, answer),
            policy=counted.SERVICE.policy,
            sums=counted.SERVICE.sums,
            gauges=(),
        )
        reads = answer.event_type
    return made


if __name__ == "__main__":
    main(links()[os.environ["BENCHMARK_LINK"]])
