"""Composition of the allocation service: topics, aggregates, policy. Importing it opens nothing."""

from pathlib import Path

from services.allocation.domain import watched
from services.allocation.domain.aggregates import subjects, sums
from services.allocation.domain.case import CASE, Case
from services.allocation.domain.decide import PUBLISHER, READS, decide
from services.allocation.domain.office import OFFICE, UNIT, Office, Unit
from shared.domain.prisoner import PRISONER, Prisoner
from shared.domain.service import CONCERNS_GAUGE, Service

HERE = Path(__file__).parent
SHARED_POLICY = HERE.parents[1] / "shared" / "policy"

SERVICE = Service(
    name="allocation",
    inputs=("workforce", "court", "prison", "casework"),
    output=PUBLISHER,
    reads=READS,
    kinds={PRISONER: Prisoner, CASE: Case, UNIT: Unit, OFFICE: Office},
    subjects=subjects,
    decide=decide,
    policy=(SHARED_POLICY, HERE / "policy"),
    sums=sums,
    gauges=(CONCERNS_GAUGE, *watched.GAUGES),
    histograms=watched.HISTOGRAMS,
)
