"""The counter's workload: contacts of many people, some sent twice. Dedupe by event id, count by person, one output for
each. Run as a module, it is the counter on the kernel; its peers read the same records and publish the same events."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from deploy.history import HistoryRecord
from shared.contracts.casework import ContactAttempted
from shared.contracts.enforcement import OversightDue
from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Subject
from shared.domain.policy import Policy
from shared.domain.service import Service
from shared.domain.state import Aggregate
from shared.domain.step import Step
from shared.kernel.main import main
from tests.counter.histories import again, contact
from tests.running import LONG_AGO

INPUT, OUTPUT = "casework", "enforcement"
ALL, FEW = "benchmark-all", "benchmark-few"
"""The peers' topics: the same records without what tells time, and the first so many of them for the slow ones."""
SENT_AGAIN = 0.01
EVENTS_OF_A_PERSON = 20
STEP = timedelta(milliseconds=40)


class Counted(Aggregate, omit_defaults=True):
    """How many contacts a person had."""

    n: int = 0


def payload(n: int) -> OversightDue:
    """What is published for the `n`-th contact of a person."""
    return OversightDue(order_id="count", acceptable_count=n, because=())


def subjects(fact: Fact, _rows: Rows) -> tuple[Subject, ...]:
    """The person alone."""
    return (Subject("case", fact.key),)


def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """Count, and publish the count."""
    owner = subjects(fact, rows)[0]
    step = Step(SERVICE.name, owner, rows, fact, policy)
    case: Counted = step.edit()
    case.n += 1
    step.emit(payload(case.n))
    return step.decision()


SERVICE = Service(
    name="enforcement",
    inputs=(INPUT,),
    output=OUTPUT,
    reads=frozenset({ContactAttempted.event_type}),
    kinds={"case": Counted},
    subjects=subjects,
    decide=decide,
    policy=(Path(__file__).parents[1] / "counter" / "policy",),
)
"""It takes the enforcement service's place: its schema, its role, its output topic."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """Records as published, and what must come of them."""

    records: list[HistoryRecord]
    counts: Mapping[str, int]

    @property
    def events(self) -> int:
        """Contacts without those sent twice: so many outputs follow."""
        return sum(self.counts.values())


def contacts(events: int, seed: int = 1) -> Contacts:
    """So many contacts, twenty a person in the mean, in log order."""
    chance = random.Random(seed)
    people = max(1, events // EVENTS_OF_A_PERSON)
    records: list[HistoryRecord] = []
    counts: Counter[str] = Counter()
    for n in range(events):
        now = LONG_AGO + n * STEP
        key = f"X{chance.randrange(people):06d}"
        records.append(contact(key, now, n))
        counts[key] += 1
        if chance.random() < SENT_AGAIN:
            records.append(again(chance.choice(records), now + STEP / 2))
    return Contacts(records, counts)


if __name__ == "__main__":
    main(SERVICE)
