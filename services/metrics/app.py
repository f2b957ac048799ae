"""The metrics service, composed: contract performance by provider and month. Importing opens nothing."""

from pathlib import Path

from services.metrics.domain.case import Case
from services.metrics.domain.decide import PUBLISHER, READS, decide, subjects, sums
from services.metrics.domain.provider import Provider
from services.metrics.domain.reports import ATTAINMENT_SHOWN, TARGET_SHOWN
from shared.domain.service import CONCERNS_GAUGE, Service, TallyGauge

_SERVICES = Path(__file__).parents[1]

ATTAINMENT_GAUGE = TallyGauge(
    ATTAINMENT_SHOWN.key,
    "throughcare_service_level",
    "Attainment of the last closed month, in tenths of a percent, by measure and provider",
    ("measure", "provider"),
)
TARGET_GAUGE = TallyGauge(
    TARGET_SHOWN.key,
    "throughcare_service_level_target",
    "Target of the last closed month, in tenths of a percent, by measure and provider",
    ("measure", "provider"),
)

SERVICE = Service(
    name="metrics",
    inputs=("court", "casework", "allocation", "resettlement", "enforcement"),
    output=PUBLISHER,
    reads=READS,
    kinds={"case": Case, "provider": Provider},
    subjects=subjects,
    decide=decide,
    policy=(_SERVICES.parent / "shared" / "policy", _SERVICES / "metrics" / "policy"),
    sums=sums,
    gauges=(CONCERNS_GAUGE, ATTAINMENT_GAUGE, TARGET_GAUGE),
)
