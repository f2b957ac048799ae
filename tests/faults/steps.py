"""The steps of a service process: every call of its drivers, counted by kind; at one of them it kills itself.

PostgreSQL's driver is wrapped at its connection (connect, statements, COPY, and so BEGIN and COMMIT), Kafka's where it
writes a request and takes the answer. Production code knows nothing of it: the entry point of the tests arms it.
"""

import asyncio
import os
import signal
import types
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn

import asyncpg
from aiokafka.conn import AIOKafkaConnection
from asyncpg.connection import Connection

Moment = Literal["before", "sent", "after"]
MOMENTS: tuple[Moment, ...] = ("before", "sent", "after")
"""Before the call; when it is in the socket and no answer has come; with the answer, before it is used."""
STATEMENTS = ("execute", "fetch", "fetchrow", "fetchval", "copy_records_to_table")
NAME_LENGTH = 60


class KillPoint(NamedTuple):
    """Where a process ends: at the `nth` step (from 1) of that name in its life, at that moment."""

    step: str
    nth: int
    moment: Moment


class Steps:
    """Counts the steps of this process, writes their names to `trace`, and ends the process at `kill_at`."""

    def __init__(self, kill_at: KillPoint | None, trace: Path | None) -> None:
        self._kill_at = kill_at
        self._trace = None if trace is None else trace.open("a", buffering=1)
        self._met: Counter[str] = Counter()
        self._names: dict[int, str] = {}

    def arm(self) -> None:
        """Wrap the drivers of this process, for its whole life."""
        for name in STATEMENTS:
            setattr(Connection, name, self._statement(name, getattr(Connection, name)))
        setattr(asyncpg, "connect", self._connect(asyncpg.connect))  # noqa: B010 - a plain one is no typed assignment
        AIOKafkaConnection.send = self._request(AIOKafkaConnection.send)

    def _meet(self, step: str) -> Moment | None:
        """Count a step. Returns the later moment at which this one ends the process, if it does."""
        self._met[step] += 1
        if self._trace is not None:
            self._trace.write(step + "\n")
        at = self._kill_at
        if at is None or at.step != step or at.nth != self._met[step]:
            return None
        if at.moment == "before":
            die()
        return at.moment

    def _connect(self, original: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Awaitable[Any]]:
        async def connect(*given: Any, **options: Any) -> Any:
            name = options.get("server_settings", {}).get("application_name", "a connection")
            conn = await self._through(f"{name}: connect", original(*given, **options))
            self._names[id(conn)] = name
            return conn

        return connect

    def _statement(self, method: str, original: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        async def statement(conn: Any, what: str, *given: Any, **options: Any) -> Any:
            told = " ".join(what.split())[:NAME_LENGTH]
            words = f"COPY {told}" if method == "copy_records_to_table" else told
            step = f"{self._names.get(id(conn), 'a connection')}: {words}"
            return await self._through(step, original(conn, what, *given, **options))

        return statement

    async def _through(self, step: str, call: Coroutine[Any, Any, Any]) -> Any:
        moment = self._meet(step)
        if moment == "sent":
            await _until_written(call)
        result = await call
        if moment == "after":
            die()
        return result

    def _request(self, original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        def send(conn: Any, request: Any, expect_response: bool = True) -> Awaitable[Any]:
            moment = self._meet(f"{conn._client_id}: {type(request).__name__}")
            answer = original(conn, request, expect_response)
            if moment == "sent":
                die()
            return answer if moment is None else _then_die(answer)

        return send


@types.coroutine
def _until_written(call: Coroutine[Any, Any, Any]) -> Generator[None, None, NoReturn]:
    """Run a call as far as it goes without an answer: what it has to say is in the socket by then."""
    with suppress(StopIteration):  # it may need no answer
        call.send(None)
    yield die()


async def _then_die(answer: Awaitable[Any]) -> NoReturn:
    await asyncio.wait([asyncio.ensure_future(answer)])
    die()


def die() -> NoReturn:
    """End this process as `kill -9` does, in the midst of whatever it is doing."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a process outlived its SIGKILL")
