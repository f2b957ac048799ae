"""The broker for a machine without Java or Maven: librdkafka's mock cluster, inside the confluent-kafka
wheel. It speaks the real protocol and keeps nothing. Its limits: four partitions for every topic, made on
first use; CreateTopics is refused; publishers' timestamps are kept. `python -m deploy.local.mock_kafka`
prints the address and stays up until it is told to stop."""

import re
import signal
import sys
import time
from pathlib import Path
from typing import Self

from confluent_kafka.admin import AdminClient

from deploy.local.guarded import Guarded, ServerFailedError

PARTITIONS = 4
START_SECONDS = 15.0
_ADDRESS = re.compile(r"^bootstrap (\S+)$", re.MULTILINE)


class LocalMockKafka:
    """One mock broker in a process of its own. A restart begins empty, and on another port."""

    def __init__(self, state_dir: Path) -> None:
        self.folder = state_dir
        self.bootstrap = ""
        self._server = Guarded(state_dir, "mock-kafka", polite=signal.SIGTERM, grace_seconds=2)

    def start(self) -> Self:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._server.log.unlink(missing_ok=True)
        self._server.start([sys.executable, "-m", "deploy.local.mock_kafka"])
        deadline = time.monotonic() + START_SECONDS
        while (address := _ADDRESS.search(self._server.log.read_text())) is None:
            self._server.expect_running()
            if time.monotonic() > deadline:
                self._server.stop()
                raise ServerFailedError(f"the mock broker does not answer:\n{self._server.last_words()}")
            time.sleep(0.02)
        self.bootstrap = address[1]
        return self

    def stop(self) -> None:
        self._server.stop()

    @property
    def running(self) -> bool:
        return self._server.running


def main() -> None:
    # The cluster lives as long as the client that made it.
    client = AdminClient({"test.mock.num.brokers": 1, "log_level": 0})
    brokers = client.list_topics(timeout=START_SECONDS).brokers.values()
    print("bootstrap", ",".join(f"{broker.host}:{broker.port}" for broker in brokers), flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main()
