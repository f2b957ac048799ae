"""The enforcement service: its topics, its aggregate and its policy, put together in one place."""

from pathlib import Path

from services.enforcement.domain.case import Case
from services.enforcement.domain.decide import CASE, READS, TOPIC, decide, subjects
from shared.domain.service import Service

ROOT = Path(__file__).resolve().parents[2]

SERVICE = Service(
    name="enforcement",
    inputs=("court", "casework", "allocation", "resettlement"),
    output=TOPIC,
    reads=READS,
    kinds={CASE: Case},
    subjects=subjects,
    decide=decide,
    policy=(ROOT / "shared" / "policy", ROOT / "services" / "enforcement" / "policy"),
)
