"""Apache Kafka in KRaft mode as plain Java processes on 127.0.0.1: one node, or several that are broker and
controller at once, each of which a test may stop, kill or start again on its data and its port."""

import base64
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.guarded import Guarded, ServerFailedError
from deploy.local.kafka_jars import fetched_jars
from deploy.local.ports import free_port, is_free

SETTINGS = Path(__file__).parents[1] / "kafka" / "broker.properties"
LOGGING = SETTINGS.with_name("log4j2.xml")
START_SECONDS = 60.0
GRACE_SECONDS = 8.0
QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m")
"""For tests: up a third sooner, and slower under load."""


class KafkaNode:
    """One process, broker and controller, numbered from 1. `start` returns at once: see `LocalKafka.wait`."""

    def __init__(self, number: int, folder: Path, port: int, java_options: Sequence[str]) -> None:
        self.number = number
        self.port = port
        self.controller_port = free_port()
        self.address = f"127.0.0.1:{port}"
        self.folder = folder
        self._java_options = java_options
        self._server = Guarded(folder, "kafka", polite=signal.SIGTERM, grace_seconds=GRACE_SECONDS)

    @property
    def running(self) -> bool:
        return self._server.running

    @property
    def pid(self) -> int:
        return self._server.pid

    @property
    def log(self) -> Path:
        return self._server.log

    def format(self, cluster_id: str, settings: Mapping[str, str]) -> None:
        """Write the configuration, and make the data folder unless it is there."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mine = {
            "node.id": str(self.number),
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "log.dirs": str(self.folder / "data"),
        }
        lines = [f"{name}={value}" for name, value in {**settings, **mine}.items()]
        self._configuration.write_text(SETTINGS.read_text() + "\n" + "\n".join(lines) + "\n")
        formatted = self.folder / "formatted"
        if not formatted.exists():
            shutil.rmtree(self.folder / "data", ignore_errors=True)
            storage = self._java("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c")
            tool = subprocess.run(storage, capture_output=True, text=True, check=False)  # noqa: S603
            if tool.returncode:
                raise ServerFailedError(f"Kafka's storage could not be made:\n{tool.stdout}{tool.stderr}")
            formatted.touch()

    def start(self) -> None:
        self._server.start(self._java("kafka.Kafka"))

    def stop(self) -> None:
        """A clean shutdown; SIGKILL if it takes longer than the grace."""
        self._server.stop()

    def kill(self) -> None:
        self._server.signal(signal.SIGKILL)
        self._server.wait(10)

    def brokers_seen(self) -> set[int]:
        """Numbers of the brokers in its metadata; empty as long as it does not answer."""
        if is_free(self.port):
            return set()
        asked: dict[str, str | int | float | bool] = {
            "bootstrap.servers": self.address,
            "log_level": 0,
            "reconnect.backoff.max.ms": 100,
        }
        try:
            return set(AdminClient(asked).list_topics(timeout=1).brokers)
        except KafkaException:
            return set()

    def wait_to_see(self, enough: Callable[[set[int]], bool], seconds: float) -> None:
        """Until the brokers in its metadata are enough."""
        deadline = time.monotonic() + seconds
        while not enough(self.brokers_seen()):
            self._server.expect_running()
            if time.monotonic() > deadline:
                words = self._server.last_words()
                raise ServerFailedError(f"Kafka's node {self.number} does not answer:\n{words}")
            time.sleep(0.05)

    @property
    def _configuration(self) -> Path:
        return self.folder / "server.properties"

    def _java(self, program: str, *arguments: str) -> list[str]:
        return [
            *("java", *self._java_options, "-XX:+ExitOnOutOfMemoryError", "-cp", f"{fetched_jars()}/*"),
            *(f"-Dlog4j2.configurationFile={LOGGING}", program, *arguments, str(self._configuration)),
        ]


class LocalKafka:
    """A cluster on one folder. `start` after `stop` or `kill` finds its topics, records and groups again."""

    def __init__(
        self,
        state_dir: Path,
        *,
        brokers: int = 1,
        ports: Sequence[int] | None = None,
        settings: Mapping[str, str] | None = None,
        java_options: Sequence[str] = ("-Xmx512m",),
    ) -> None:
        self.folder = state_dir
        chosen = ports or [free_port() for _ in range(brokers)]
        self.nodes = tuple(
            KafkaNode(number, state_dir / f"node-{number}", port, java_options) for number, port in enumerate(chosen, 1)
        )
        self._settings = self._replication(len(self.nodes)) | dict(settings or {})

    @property
    def bootstrap(self) -> str:
        return ",".join(node.address for node in self.nodes)

    @property
    def running(self) -> bool:
        return any(node.running for node in self.nodes)

    def start(self) -> Self:
        """Returns when every broker takes part. The first start on a machine fetches Kafka's jars."""
        fetched_jars()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        cluster_id = self._cluster_id()
        voters = ",".join(f"{node.number}@127.0.0.1:{node.controller_port}" for node in self.nodes)
        settings = self._settings | {"controller.quorum.voters": voters}
        stopped = [node for node in self.nodes if not node.running]
        try:
            _at_once(lambda node: node.format(cluster_id, settings), stopped)
            for node in stopped:
                node.start()
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Until every broker takes requests, and has all of them in its metadata."""
        everyone = {node.number for node in self.nodes}
        for node in self.nodes:
            node.wait_to_see(lambda seen: seen == everyone, seconds)

    def wait_until_gone(self, gone: KafkaNode, seconds: float = START_SECONDS) -> None:
        """Until the others have noticed that it is down, and lead its partitions."""
        for node in self.nodes:
            if node is not gone:
                node.wait_to_see(lambda seen: bool(seen) and gone.number not in seen, seconds)

    def stop(self) -> None:
        """Cleanly and together: the last of several would wait in vain for a quorum to leave."""
        _at_once(lambda node: node.stop(), self.nodes)

    def kill(self) -> None:
        for node in self.nodes:
            node.kill()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _cluster_id(self) -> str:
        kept = self.folder / "cluster-id"
        if not kept.exists():
            kept.write_text(_new_cluster_id())
        return kept.read_text()

    @staticmethod
    def _replication(brokers: int) -> dict[str, str]:
        copies, in_sync = str(min(brokers, 3)), "2" if brokers >= 3 else "1"
        return {
            "default.replication.factor": copies,
            "min.insync.replicas": in_sync,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": in_sync,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": in_sync,
        }


def _at_once(action: Callable[[KafkaNode], None], nodes: Sequence[KafkaNode]) -> None:
    if nodes:
        with ThreadPoolExecutor(len(nodes)) as threads:
            list(threads.map(action, nodes))


def _new_cluster_id() -> str:
    """A random id as Kafka writes them; never one that begins with a dash, which its tool would read as an option."""
    while (made := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return made
