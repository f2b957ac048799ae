"""What every aggregate carries beside its own ledgers: duties, concerns, stages, dates to look again, waiting facts.

States are msgspec structs: data with a fast, exact JSON form. Rows are frozen, so that a step may share them
with the state before it. `load(dump(state)) == state`, and no rule leans on the order of a mapping.
"""

from datetime import date, datetime
from typing import Any, Literal

import msgspec

Severity = Literal["info", "warning", "serious"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "serious")


class Row(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One line of a ledger: only the fields of a fact that some rule reads."""


class DutyState(Row, frozen=True):
    """A duty of one clock: when it is due and how it stands."""

    start: date
    due: datetime | None = None
    """Absent while suspended."""
    outcome: Literal["open", "met", "missed"] = "open"
    settled_on: date | None = None
    evidence: tuple[str, ...] = ()
    order_id: str | None = None
    cleared: bool = False
    """Missed, and done since: no concern is open."""
    parameter: str | None = None
    """The parameter of its term, where that depends on the state."""


class Source(Row, frozen=True):
    """What a row says of a concern that it holds up: how severe, on which evidence, by which rule of policy."""

    severity: Severity
    evidence: tuple[str, ...] = ()
    rule: str = ""
    policy_from: date | None = None


class Concern(Row, frozen=True):
    """A code and ref that a person may have to act on; `sources` are the rows that hold it up."""

    code: str
    ref: str
    sources: dict[str, Source] = {}
    concern_id: str = ""
    """Empty where nothing is raised: the sources are silenced by a recorded reason."""
    severity: Severity = "info"
    order_id: str | None = None
    answered: str = ""
    silenced: tuple[str, ...] = ()
    """The evidence that a recorded reason answered; kept down until it changes."""
    about: str = ""
    """What kind of subject the ref names, where the concern is not about the aggregate that keeps it."""

    @property
    def evidence(self) -> tuple[str, ...]:
        """The evidence of all sources, sorted."""
        return tuple(sorted({each for source in self.sources.values() for each in source.evidence}))


class Stage(Row, frozen=True):
    """Where a workflow stands: the stage, since when, what has been told, and the next date that may move it."""

    stage: str
    since: datetime
    told: tuple[str, ...] = ()
    next_at: datetime | None = None


class Waiting(Row, frozen=True):
    """A fact that came before what it needs, whole, to be tried again."""

    topic: str
    key: str
    content: str
    recorded: datetime
    reason: str
    n: int
    """Its place in the queue of its aggregate."""


class Measured(Row, frozen=True):
    """The measurement that stands for a measure and episode, so that a changed answer can take it back."""

    measurement_id: str
    provider: str
    period: str
    start: date
    due_at: datetime
    met: bool | None = None
    exclusion: str | None = None
    known: bool = True
    n: int = 1


class Aggregate(msgspec.Struct, omit_defaults=True):
    """The state of one aggregate. A service's own kinds extend it with their ledgers."""

    key: str
    duties: dict[str, dict[str, DutyState]] = {}
    concerns: dict[str, Concern] = {}
    stages: dict[str, dict[str, Stage]] = {}
    looks: dict[str, dict[str, datetime]] = {}
    waiting: dict[str, Waiting] = {}
    raised: int = 0
    """How many concerns were ever raised here, so that each has an id of its own."""


_encoder = msgspec.json.Encoder(order="deterministic", decimal_format="string")


def dump(state: Any) -> bytes:
    """A state as JSON, mappings sorted: equal states give equal bytes."""
    return _encoder.encode(state)


def load(data: bytes | str, kind: type[Any]) -> Any:
    """The state that `dump` wrote. Raises `msgspec.ValidationError` where it is not one of `kind`."""
    return msgspec.json.decode(data, type=kind)
