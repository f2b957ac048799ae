"""What the kernel and the model must know of a service: its topics, its aggregates and its `decide`."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.domain.decision import Decision, Rows
from shared.domain.fact import Fact, Subject
from shared.domain.policy import Policy

LOCK_ORDER = ("prisoner", "case", "unit", "office", "provider", "publisher")
"""Aggregates are locked kind after kind in this order, by key within a kind: no two replicas deadlock."""

Subjects = Callable[[Fact, Rows], tuple[Subject, ...]]
"""The aggregates that a fact needs, as far as the rows loaded so far tell.

Asked again with more rows until it names no new one; a later kind's key may come from an earlier kind's row.
"""


@dataclass(frozen=True, slots=True)
class TallyGauge:
    """A Prometheus gauge over the sums of `Subject("gauge", key)`: a sum's name is its label values, joined by `|`.

    `aged`: a sum's period is a date, and a last label, `age`, tells how long before log time that is.
    """

    key: str
    metric: str
    description: str
    labels: tuple[str, ...]
    aged: bool = False
    subject: Subject = field(init=False)
    """Whose sums it shows."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", Subject("gauge", self.key))


@dataclass(frozen=True, slots=True)
class TallyHistogram:
    """A Prometheus histogram of whole numbers over the sums of `Subject("gauge", key)`.

    A sum's name is its label values and, last, the bound of its bucket, `+Inf` or `sum`, joined by `|`.
    """

    key: str
    metric: str
    description: str
    labels: tuple[str, ...]
    bounds: tuple[int, ...]
    subject: Subject = field(init=False)
    """Whose sums it shows."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", Subject("gauge", self.key))

    def observed(self, labels: tuple[str, ...], value: int) -> dict[str, int]:
        """What one observation adds to the sums, by name."""
        place = bisect_left(self.bounds, value)
        bucket = str(self.bounds[place]) if place < len(self.bounds) else "+Inf"
        return {"|".join((*labels, bucket)): 1, "|".join((*labels, "sum")): value}


CONCERNS_GAUGE = TallyGauge(
    "concerns",
    "throughcare_open_concerns",
    "Concerns that are open, by code and severity",
    ("code", "severity"),
)


@dataclass(frozen=True, slots=True)
class Service:
    """One service: a pure function and what it is fed. Composed in `services/X/app.py`."""

    name: str
    inputs: tuple[str, ...]
    output: str
    reads: frozenset[str]
    """Event types that it decides about; others on its topics are passed over and counted."""
    kinds: Mapping[str, type[Any]]
    """State type by aggregate kind; `kinds[kind](key=…)` is the empty one."""
    subjects: Subjects
    decide: Callable[[Rows, Fact, Policy], Decision]
    policy: tuple[Path, ...]
    sums: Callable[[Fact], tuple[Subject, ...]] = lambda _fact: ()
    """Subjects whose tallies the fact reads."""

    gauges: tuple[TallyGauge, ...] = (CONCERNS_GAUGE,)
    """Sums that operators watch."""
    histograms: tuple[TallyHistogram, ...] = ()
    """Sums that operators watch as distributions."""

    @property
    def dead_letters(self) -> str:
        """The topic for records that this service cannot decode."""
        return f"{self.name}.dead-letters"


UPSTREAM: Mapping[str, str] = {
    "allocation": "allocation",
    "resettlement": "resettlement",
    "enforcement": "enforcement",
    "performance": "metrics",
}
"""Service topics and the service that publishes them; every other topic is an outside one."""

TOPIC_RANK: Mapping[str, int] = {
    name: rank
    for rank, name in enumerate(
        (
            "workforce",
            "court",
            "prison",
            "casework",
            "allocation",
            "resettlement",
            "enforcement",
            "performance",
        )
    )
}
"""Causes before effects: the order of records of one millisecond."""
