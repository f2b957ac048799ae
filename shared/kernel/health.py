"""Health: what the consumer, the worker and the relay really do; a broker that answers a ping says nothing of them."""

import time

from shared.kernel.intake import Intake
from shared.kernel.relay import Relay
from shared.kernel.worker import Worker

STUCK_SECONDS = 60.0
"""A loop that has not turned for so long is stuck."""
SLOW_SECONDS = 10.0
"""A run that takes so long is none: PostgreSQL is silent, and the driver waits."""
SILENT_SECONDS = 3.0
"""Kafka has not acknowledged for so long: it is away."""


class Health:
    """Live: the loops turn. Ready: facts are decided and published now."""

    def __init__(self, worker: Worker, relay: Relay, intake: Intake) -> None:
        self._worker = worker
        self._relay = relay
        self._intake = intake
        self.stopped: str | None = None

    def live(self) -> tuple[bool, dict[str, object]]:
        """Whether the process works; a restart helps where it does not."""
        turned = time.monotonic() - self._worker.last_turn
        polled = time.monotonic() - self._intake.last_poll
        well = self.stopped is None and turned < STUCK_SECONDS and polled < STUCK_SECONDS
        return well, {
            "stopped": self.stopped,
            "turnSeconds": round(turned, 1),
            "pollSeconds": round(polled, 1),
        }

    def ready(self) -> tuple[bool, dict[str, object]]:
        """Whether it decides and publishes now. A replica without partitions, or whose relay waits, is ready too."""
        alive, _ = self.live()
        sending = self._relay.sending_since
        silent = sending is not None and time.monotonic() - sending > SILENT_SECONDS
        publishes = self._relay.failing_since is None and not silent
        reads = self._intake.failing_since is None
        slow = time.monotonic() - self._worker.last_turn > SLOW_SECONDS
        failing = self._worker.failing_since is not None or slow or not publishes or not reads
        told: dict[str, object] = {
            **self._worker.describe(),
            "reads": reads,
            "relay": "failing" if not publishes else "leading" if self._relay.leader else "waiting",
        }
        return alive and not failing, told
