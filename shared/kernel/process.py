"""One service as one process: FastStream's app with its subscriber and health pages, the worker, the relay, their end.

On SIGTERM the run in hand is finished, the group is left within five seconds, and the process ends.
"""

import asyncio
import logging
import signal
import socket
import traceback
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import asyncpg
import orjson
import uvicorn
from aiokafka.errors import InconsistentGroupProtocolError, KafkaError
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from faststream.kafka import KafkaBroker
from prometheus_client import make_asgi_app

from shared.domain.policy import Policy
from shared.domain.publication import CODE_VERSION
from shared.domain.service import Service
from shared.kernel import migrate, topics
from shared.kernel.database import TRANSIENT, close, connect
from shared.kernel.gauges import Gauges
from shared.kernel.health import Health
from shared.kernel.intake import Intake
from shared.kernel.log_time import IdleRule
from shared.kernel.relay import Relay
from shared.kernel.run import StopService
from shared.kernel.settings import Settings
from shared.kernel.telemetry import Telemetry
from shared.kernel.worker import Worker

log = logging.getLogger(__name__)

CHECK_TOPICS_SECONDS = 30.0
STOP_SECONDS = 4.5


class Server(uvicorn.Server):
    """Uvicorn, whose signals are this process's: it would send itself each again at the end, and end as killed."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals alone."""
        yield


class Process:
    """A running service. `run` returns the reason why it had to stop, or None where it was asked to."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.policy = policy_of(service, settings.policy)
        self.telemetry = Telemetry()
        self.registry = self.telemetry.registry()
        self._stop_reason: str | None = None
        self._server: Server | None = None
        self._asked_to_stop = False
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self) -> str | None:
        """Serve until stopped. Returns the reason of a fatal stop, one line, or None."""
        loop = asyncio.get_running_loop()
        checking = asyncio.ensure_future(self._check())
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked, checking)
        try:
            partitions = await checking
        except asyncio.CancelledError:
            return None
        except StopService as stop:
            return str(stop)
        if not _is_free(self.settings.http_host, self.settings.http_port):
            return f"port {self.settings.http_port} is taken: give another one in THROUGHCARE_HTTP_PORT"
        self._build(partitions)
        app = self._app()
        config = uvicorn.Config(
            app,
            host=self.settings.http_host,
            port=self.settings.http_port,
            log_level="warning",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=2,
        )
        self._server = Server(config)
        try:
            await self._server.serve()
        except SystemExit:
            return (
                self._stop_reason
                or f"cannot serve its pages on {self.settings.http_host}:{self.settings.http_port}: is the port in use?"
            )
        if not self._server.started and not self._asked_to_stop and self._stop_reason is None:
            return "it could not start: its log says why"
        return self._stop_reason

    def _asked(self, checking: asyncio.Future[int]) -> None:
        """A signal asks for the end: the run in hand is the last."""
        self._asked_to_stop = True
        checking.cancel()
        if self._server is not None:
            self.worker.stopping = self.relay.stopping = True
            self.worker.wake.set()
            self._server.should_exit = True

    def fatal(self, reason: str) -> None:
        """Stop the service for a reason that only a person can put right."""
        if self._stop_reason is None:
            self._stop_reason = reason
            log.error("stopping: %s", reason)
        self.worker.stopping = self.relay.stopping = True
        self.health.stopped = reason
        if self._server is not None:
            self._server.should_exit = True

    async def _check(self) -> int:
        """Wait for Kafka and PostgreSQL; check topics and migrations. Returns the number of partitions."""
        delay = 0.2
        while True:
            try:
                await self._check_database()
                return await topics.check(self.service, self.settings.kafka, self.settings.time)
            except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InsufficientPrivilegeError) as refused:
                raise StopService(f"PostgreSQL refuses THROUGHCARE_DSN ({type(refused).__name__})") from None
            except asyncpg.InvalidCatalogNameError:
                raise StopService("the database of THROUGHCARE_DSN is not there: run `throughcare migrate`") from None
            except (*TRANSIENT, KafkaError) as failure:
                log.warning("waiting for Kafka and PostgreSQL (%s)", type(failure).__name__)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5.0)

    async def _check_database(self) -> None:
        conn = await connect(self.settings.dsn, self.service.name, f"{self.service.name}-check")
        try:
            lacking = await migrate.is_current(conn, migrations_of(self.service.name))
        finally:
            await close(conn)
        if lacking:
            raise StopService(f"the database lacks {', '.join(lacking)}: run `throughcare migrate`")

    def _build(self, partitions: int) -> None:
        service, settings, telemetry = self.service, self.settings, self.telemetry
        self.broker = KafkaBroker(
            settings.kafka.split(","),  # FastStream takes a text for one broker
            allow_auto_create_topics=False,
            graceful_timeout=2.0,
            logger=None,
            apply_types=False,
        )
        self.worker = Worker(service, self.policy, settings, partitions, telemetry)
        self.intake = Intake(self.worker, self.broker, settings, telemetry, self.fatal)
        self.relay = Relay(service, settings, partitions, telemetry, self.worker.committed)
        self.idle = IdleRule(self.worker, settings)
        self.relay.on_broker_time = self.idle.heard
        self.gauges = Gauges(service, settings, self.worker, telemetry, self.registry)
        self.health = Health(self.worker, self.relay, self.intake)
        telemetry.build.labels(service.name, CODE_VERSION, self.policy.version).set(1)

    def _app(self) -> AsgiFastStream:
        @get
        async def live(_scope: object) -> AsgiResponse:
            """Whether the process works: its loops turn, and nothing fatal was met."""
            return self._page(self.health.live())

        @get
        async def ready(_scope: object) -> AsgiResponse:
            """Whether it decides and publishes now: partitions are held, the last run and the relay did not fail."""
            return self._page(self.health.ready())

        return AsgiFastStream(
            self.broker,
            lifespan=self._lifespan,
            logger=None,
            asgi_routes=[
                ("/health/live", live),
                ("/health/ready", ready),
                ("/metrics", make_asgi_app(self.registry)),
            ],
        )

    @staticmethod
    def _page(state: tuple[bool, dict[str, object]]) -> AsgiResponse:
        well, told = state
        body = orjson.dumps({"status": "UP" if well else "DOWN", **told})
        return AsgiResponse(body, 200 if well else 503, headers={"content-type": "application/json"})

    @asynccontextmanager
    async def _lifespan(self) -> AsyncIterator[None]:
        try:
            await self.worker.prepare()
        except Exception as failure:  # told in one line, and the end of the process
            self.fatal(f"it could not start ({type(failure).__name__})")
            raise
        loops = [
            self.worker.run(),
            self.relay.run(),
            self.gauges.run(),
            self._watch_topics(),
            self._tell_offsets(),
        ]
        if self.settings.time == "live":
            loops.append(self.idle.run())
        self._tasks = [asyncio.create_task(loop) for loop in loops]
        for task in self._tasks:
            task.add_done_callback(self._ended)
        try:
            yield
        except BaseException as failure:  # the consumer could not start; uvicorn would serve pages for ever
            if not self._asked_to_stop:
                self.fatal(_why_not_started(failure))
            raise
        finally:
            await self._end()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is None:
            return
        failure = task.exception()
        if isinstance(failure, StopService):
            self.fatal(str(failure))
        else:
            # Never the message: a driver's or a KeyError's may hold a person's number.
            trace = traceback.format_tb(failure.__traceback__) if failure else []
            log.error("a loop of the kernel failed: %s\n%s", type(failure).__name__, "".join(trace))
            self.fatal(f"a loop of the kernel failed ({type(failure).__name__}): please report this as a defect")

    async def _end(self) -> None:
        for part in (self.worker, self.relay, self.gauges, self.idle):
            part.stopping = True
        self.worker.wake.set()
        self.worker.committed.set()
        _, late = await asyncio.wait(self._tasks[:2], timeout=STOP_SECONDS)
        for task in {*late, *self._tasks[2:]}:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _watch_topics(self) -> None:
        while True:
            await asyncio.sleep(CHECK_TOPICS_SECONDS)
            with suppress(*TRANSIENT, KafkaError):
                found = await topics.check(self.service, self.settings.kafka, self.settings.time)
                if found != self.worker.partitions:
                    raise StopService(
                        f"the topics have {found} partitions now, and had {self.worker.partitions}: keys would move; "
                        "put the topics back, or make new ones and replay"
                    )

    async def _tell_offsets(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            if self.worker.steps:
                await self.intake.commit()


def _why_not_started(failure: BaseException) -> str:
    if isinstance(failure, InconsistentGroupProtocolError):
        return "the group has members that share partitions otherwise (THROUGHCARE_TIME differs?): stop them first"
    return f"it could not start ({type(failure).__name__})"


def _is_free(host: str, port: int) -> bool:
    """Whether the health pages can be served there; the server itself would end the process without a word of it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def policy_of(service: Service, extra: str) -> Policy:
    """A service's policy: its own files, and those of a folder laid over them."""
    return Policy.load(*service.policy, *([Path(extra)] if extra else []))


def migrations_of(service: str) -> list[Path]:
    """The folders of a service's migrations: the kernel's, then its own."""
    return [migrate.KERNEL, Path(__file__).parents[2] / "services" / service / "migrations"]
