"""The four services, in the order in which time flows through them, with their policies."""

from pathlib import Path

from services.allocation.app import SERVICE as ALLOCATION
from services.enforcement.app import SERVICE as ENFORCEMENT
from services.metrics.app import SERVICE as METRICS
from services.resettlement.app import SERVICE as RESETTLEMENT
from shared.domain.policy import Policy
from shared.domain.service import Service

SERVICES: tuple[Service, ...] = (ALLOCATION, RESETTLEMENT, ENFORCEMENT, METRICS)


def service_of(name: str) -> Service:
    """A service by its name. Raises KeyError."""
    return {service.name: service for service in SERVICES}[name]


def with_policies(extra: Path | None = None) -> list[tuple[Service, Policy]]:
    """Each service with its policy; the files of `extra` are laid over it."""
    return [(service, Policy.load(*service.policy, *([extra] if extra else []))) for service in SERVICES]
