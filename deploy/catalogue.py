"""The four services, in the order in which time flows through them, with their policies and their rows."""

from collections.abc import Mapping
from pathlib import Path

from services.allocation.app import SERVICE as ALLOCATION
from services.allocation.domain.decide import BOOKS as ALLOCATION_BOOKS
from services.enforcement.app import SERVICE as ENFORCEMENT
from services.enforcement.domain.decide import BOOK as ENFORCEMENT_BOOK
from services.metrics.app import SERVICE as METRICS
from services.metrics.domain.decide import BOOKS as METRICS_BOOKS
from services.resettlement.app import SERVICE as RESETTLEMENT
from services.resettlement.domain.decide import CASE_BOOK as RESETTLEMENT_BOOK
from shared.domain.policy import Policy
from shared.domain.rulebook import Rulebook
from shared.domain.service import Service

SERVICES: tuple[Service, ...] = (ALLOCATION, RESETTLEMENT, ENFORCEMENT, METRICS)

BOOKS: Mapping[str, Mapping[str, Rulebook]] = {
    "allocation": ALLOCATION_BOOKS,
    "resettlement": {"case": RESETTLEMENT_BOOK},
    "enforcement": {"case": ENFORCEMENT_BOOK},
    "metrics": METRICS_BOOKS,
}
"""The rows of each service, by the kind of aggregate that they are about."""


def service_of(name: str) -> Service:
    """A service by its name. Raises KeyError."""
    return {service.name: service for service in SERVICES}[name]


def with_policies(extra: Path | None = None) -> list[tuple[Service, Policy]]:
    """Each service with its policy; the files of `extra` are laid over it."""
    return [(service, Policy.load(*service.policy, *([extra] if extra else []))) for service in SERVICES]
