"""Settings of a service process, from the environment; a wrong one stops the start with one line that names it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.kernel.log_order import Mode


class SettingError(Exception):
    """A setting is missing or wrong; the message is one line that names it and says what to give."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process must be told. Durations in milliseconds unless named otherwise."""

    kafka: str
    dsn: str
    time: Mode
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    run_limit: int = 1500
    """Records and deadlines of one run at most, those that it sets itself apart. Each may load a case of its own, of
    some twenty kilobytes."""
    max_hold_ms: int = 200
    clock_allowance_ms: int = 5000
    session_timeout_ms: int = 30_000
    heartbeat_ms: int = 3_000
    queue_limit: int = 4000
    """Records that are kept in memory, of all partitions, before those that have any are polled no more: more than
    two runs of them, so that the next are decoded while PostgreSQL works on this one."""
    poison_limit: int = 1000
    """Records that cannot be decoded in a row before the service stops: a flood is an outage, not poison."""
    policy: str = ""
    """A folder of policy files laid over the service's own."""


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in `THROUGHCARE_*` variables. Raises `SettingError`."""
    env = os.environ if environ is None else environ
    time = _required(env, "TIME", "live (brokers' clocks) or replay (publishers' timestamps)")
    if time not in ("live", "replay"):
        raise SettingError(f"THROUGHCARE_TIME is {time!r}: give live or replay")
    defaults = Settings("", "", "live")
    settings = Settings(
        kafka=_brokers(env),
        dsn=_dsn(env),
        time="live" if time == "live" else "replay",
        http_host=env.get("THROUGHCARE_HTTP_HOST", defaults.http_host),
        http_port=_whole(env, "HTTP_PORT", defaults.http_port, 0, 65535),
        run_limit=_whole(env, "RUN_LIMIT", defaults.run_limit, 1, 100_000),
        max_hold_ms=_whole(env, "MAX_HOLD_MS", defaults.max_hold_ms, 0, 60_000),
        clock_allowance_ms=_whole(env, "CLOCK_ALLOWANCE_MS", defaults.clock_allowance_ms, 0, 600_000),
        session_timeout_ms=_whole(env, "SESSION_TIMEOUT_MS", defaults.session_timeout_ms, 1000, 300_000),
        heartbeat_ms=_whole(env, "HEARTBEAT_MS", defaults.heartbeat_ms, 100, 100_000),
        queue_limit=_whole(env, "QUEUE_LIMIT", defaults.queue_limit, 10, 1_000_000),
        poison_limit=_whole(env, "POISON_LIMIT", defaults.poison_limit, 1, 1_000_000_000),
        policy=env.get("THROUGHCARE_POLICY", ""),
    )
    if settings.heartbeat_ms * 2 > settings.session_timeout_ms:
        raise SettingError(
            f"THROUGHCARE_HEARTBEAT_MS is {settings.heartbeat_ms}: give no more than half of "
            f"THROUGHCARE_SESSION_TIMEOUT_MS ({settings.session_timeout_ms})"
        )
    return settings


def _brokers(env: Mapping[str, str]) -> str:
    what = "the brokers, host:port[,host:port]"
    text = _required(env, "KAFKA", what)
    for broker in text.split(","):
        host, _, port = broker.strip().rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise SettingError(f"THROUGHCARE_KAFKA is {text!r}: give {what}")
    return text


def _dsn(env: Mapping[str, str]) -> str:
    what = "the database, postgresql://role:password@host:port/database"
    text = _required(env, "DSN", what)
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("postgresql", "postgres") and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound:  # never shown: it holds a password
        raise SettingError(f"THROUGHCARE_DSN is not of the form: give {what}")
    return text


def _required(env: Mapping[str, str], name: str, what: str) -> str:
    value = env.get(f"THROUGHCARE_{name}", "").strip()
    if not value:
        raise SettingError(f"THROUGHCARE_{name} is missing: give {what}")
    return value


def _whole(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = env.get(f"THROUGHCARE_{name}", "").strip()
    if not text:
        return default
    try:
        value = int(text)
    except ValueError:
        raise SettingError(f"THROUGHCARE_{name} is {text!r}: give a whole number") from None
    if not least <= value <= most:
        raise SettingError(f"THROUGHCARE_{name} is {value}: give {least} to {most}")
    return value
