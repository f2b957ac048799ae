"""Composition of the resettlement service: topics, aggregates, policy. Importing it opens nothing."""

from pathlib import Path

from services.resettlement.domain.case import CASE, Case
from services.resettlement.domain.decide import PUBLISHER, READS, decide, subjects
from shared.domain.prisoner import PRISONER, Prisoner
from shared.domain.service import Service

HERE = Path(__file__).parent
SHARED_POLICY = HERE.parents[1] / "shared" / "policy"

SERVICE = Service(
    name="resettlement",
    inputs=("court", "prison", "casework", "allocation"),
    output=PUBLISHER,
    reads=READS,
    kinds={PRISONER: Prisoner, CASE: Case},
    subjects=subjects,
    decide=decide,
    policy=(SHARED_POLICY, HERE / "policy"),
)
