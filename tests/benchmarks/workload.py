"""What the systems are given and what must come of it: a feed, taken through the model up to the measured service."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module

from deploy.demo import feed
from deploy.history import HistoryRecord
from deploy.simulate import Simulated, simulate
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Subject
from shared.domain.policy import Policy
from shared.domain.service import TOPIC_RANK, UPSTREAM, Service
from shared.kernel.effects import event_message
from shared.kernel.outbox import unpack
from shared.kernel.process import policy_of

MONTHS, SEED = 12, 1
SAMPLE_CASES = 60


@dataclass(frozen=True, slots=True)
class Workload:
    """A service's whole input, in the order of the log, and what the model decided on it, one fact after another."""

    service: Service
    cases: int
    until: datetime
    history: list[HistoryRecord]
    """Everything on its input topics, what other services publish included."""
    decided: list[tuple[Fact, Decision]]
    result: Simulated

    @property
    def facts(self) -> int:
        """Facts decided: events taken and deadlines passed. The unit of every rate."""
        return len(self.result.journal)

    @property
    def heads(self) -> dict[Subject, tuple[int, bytes]]:
        """The last sequence and hash of each journal: equal only if every line before is."""
        return {line.subject: (line.seq, line.hash) for line in self.result.journal}


class UnfitWorkloadError(Exception):
    """The feed holds what the peers do not do (parking, dead letters): the message says what."""


def module_of(name: str) -> str:
    """The module that runs a service."""
    return f"services.{name}"


def service_of(name: str) -> Service:
    """A service by its name."""
    service: Service = import_module(f"services.{name}.app").SERVICE
    return service


def cases_for(name: str, facts: int) -> int:
    """How many people make about so many facts."""
    sample = prepare(name, SAMPLE_CASES)
    return max(1, round(facts * SAMPLE_CASES / sample.facts))


def prepare(name: str, cases: int) -> Workload:
    """Generate the feed of so many people and take it through the model. Raises `UnfitWorkloadError`."""
    service = service_of(name)
    history = feed(cases, MONTHS, SEED)
    until = max(record.timestamp for record in history)
    decided: list[tuple[Fact, Decision]] = []

    def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
        decision = service.decide(rows, fact, policy)
        decided.append((fact, decision))
        return decision

    upstream = [service_of(UPSTREAM[topic]) for topic in sorted(set(service.inputs) & set(UPSTREAM), key=_rank)]
    chain = [*upstream, replace(service, decide=decide)]
    found = simulate(history, [(each, policy_of(each, "")) for each in chain], until)
    result = found[service.name]
    _check_fit(result, len(decided))
    records = [record for record in history if record.topic in service.inputs]
    for each in upstream:
        records += outputs_of(found[each.name])
    return Workload(service, cases, until, in_log_order(records), decided, result)


def outputs_of(result: Simulated) -> list[HistoryRecord]:
    """A service's outputs as its relay publishes them: with their log time, in a header and as their timestamp."""
    return [
        HistoryRecord(
            event.topic,
            event.at,
            event.key.encode(),
            event.value,
            tuple(unpack(event_message(event, result.service.name, partitions=1).headers)),
        )
        for event in result.outputs
    ]


def in_log_order(records: Sequence[HistoryRecord]) -> list[HistoryRecord]:
    """By time, topic rank and key; what one key says at one instant stays in its order."""
    return sorted(records, key=lambda record: (record.timestamp, _rank(record.topic), record.key or b""))


def _rank(topic: str) -> int:
    return TOPIC_RANK[topic]


def _check_fit(result: Simulated, decided: int) -> None:
    if result.parked or result.dead_letters or decided != len(result.journal):
        raise UnfitWorkloadError(
            f"{result.service.name}: the model parks {len(result.parked)} aggregates and refuses "
            f"{len(result.dead_letters)} records of this feed; the peers do neither, so there is nothing to compare"
        )
