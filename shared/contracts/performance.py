"""What the metrics service decides: measurements of cases, monthly service levels, improvement notices."""

from typing import Literal

from shared.contracts.outbound import ClearedConcern, Explained, ParkedCase, RaisedConcern, ResumedCase
from shared.contracts.payload import ProviderPayload, event
from shared.contracts.scalars import Amount, Code, Count, Day, Id, Instant, Month, Ordinal, Percent
from shared.contracts.values import Clock


@event("performance.measurement.recorded")
class MeasurementRecorded(Explained):
    """One unit of a measure, of one case. `met` absent: still open. A changed answer supersedes."""

    measurement_id: Id
    measure_code: Code
    provider_code: Code
    period: Month
    clock: Clock
    clock_start_on: Day
    due_at: Instant
    settled_at: Instant | None = None
    met: bool | None = None
    exclusion: Code | None = None
    supersedes: Id | None = None


@event("performance.service-level.reported", keyed_by="provider")
class ServiceLevelReported(ProviderPayload, Explained):
    """A measure of a provider in a month, as known at an instant; late data brings a new revision."""

    measure_code: Code
    period: Month
    numerator: Count
    denominator: Count
    exclusions: Count
    coverage_percent: Amount
    attainment_percent: Percent | None = None
    target_percent: Percent | None = None
    target_status: Literal["confirmed", "default", "none"]
    as_known_at: Instant
    revision: Ordinal


@event("performance.improvement-notice.recommended", keyed_by="provider")
class ImprovementNoticeRecommended(ProviderPayload, Explained):
    """A measure has been below its target for so many months that a notice is recommended."""

    measure_code: Code
    periods: tuple[Month, ...]


@event("performance.concern.raised", readers="M", keyed_by="subject")
class ConcernRaised(RaisedConcern):
    """Performance: something needs a person to act. The same concern again only when its severity rises."""


@event("performance.concern.cleared", readers="M", keyed_by="subject")
class ConcernCleared(ClearedConcern):
    """Performance: a concern is over, for this reason."""


@event("performance.case.parked", readers="AREM", keyed_by="subject")
class CaseParked(ParkedCase):
    """The metrics service cannot decide this case now: readers hold its deadlines until it is resumed."""


@event("performance.case.resumed", readers="AREM", keyed_by="subject")
class CaseResumed(ResumedCase):
    """The metrics service decides this case again."""
