"""What the services' own events have in common: their reasons, concerns and parked cases."""

from shared.contracts.payload import Payload
from shared.contracts.scalars import Code, Id, Instant
from shared.contracts.values import Because, ClearReason, ConcernSubject, Severity


class Explained(Payload):
    """An outbound payload: it says which rules were applied, from which source, on which inputs."""

    because: tuple[Because, ...]


class SubjectPayload(Explained):
    """Keyed by whom it is about: a CRN, an office code (also for an officer), a provider, a publisher."""

    subject: ConcernSubject

    @property
    def own_key(self) -> str | None:
        """The subject's code; None for an officer, who is keyed by the office."""
        return None if self.subject.kind == "officer" else self.subject.code


class RaisedConcern(SubjectPayload):
    """Something needs a person to act. The same concern again only when its severity rises."""

    concern_id: Id
    code: Code
    severity: Severity
    owner_role: Code
    order_id: Id | None = None
    evidence: tuple[Id, ...]
    """Ids of the events that show it."""
    threshold_confirmed: bool
    """False where the threshold is a default of ours, without a confirmed source."""


class ClearedConcern(SubjectPayload):
    """A concern is over, for this reason."""

    concern_id: Id
    code: Code
    cleared_by: tuple[Id, ...]
    """Ids of the events that ended it."""
    reason: ClearReason


class ParkedCase(SubjectPayload):
    """The service cannot decide this case now: who reads the service holds the case's deadlines."""

    since: Instant
    cause_event_id: Id


class ResumedCase(SubjectPayload):
    """The service decides this case again."""

    since: Instant
    """Since when it had been parked."""
    cause_event_id: Id
