"""Where things are, by environment or by the local system that has run here; and names and instants as given."""

import os
from datetime import datetime, timedelta
from typing import Annotated

import typer

from deploy.cli.answering import wrong
from deploy.services import SERVICES
from deploy.system import Addresses, find
from deploy.topics import TimeMode
from shared.domain.fact import instant

System = Annotated[str, typer.Option("--system", help="Which local system: demo (replay) or live.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for a script.")]


def _addresses(name: str) -> Addresses:
    found = find(name)
    if found is None:
        wrong(f"no local system {name!r} has run here: `throughcare demo` or `throughcare up` starts one")
    return found


def kafka_of(name: str) -> str:
    """The bootstrap address of a system's Kafka."""
    return os.environ.get("THROUGHCARE_KAFKA") or _addresses(name).kafka


def reader_dsn(name: str) -> str:
    """The database, for one who reads."""
    return os.environ.get("THROUGHCARE_READER_DSN") or _addresses(name).reader_dsn


def owner_dsn(name: str) -> str:
    """The database, for its owner."""
    return os.environ.get("THROUGHCARE_OWNER_DSN") or _addresses(name).owner_dsn


def service_named(name: str) -> str:
    """The name of a service, if there is one."""
    if name not in SERVICES:
        wrong(f"there is no service {name!r}: the services are {', '.join(SERVICES)}")
    return name


def time_mode(text: str) -> TimeMode:
    """The mode of time of that name."""
    if text not in ("live", "replay"):
        wrong(f"--time is {text!r}: give live or replay")
    return "live" if text == "live" else "replay"


def instant_stated(text: str | None) -> datetime | None:
    """An instant, in whole milliseconds; None where none is given."""
    if text is None:
        return None
    try:
        found = instant(text)
    except ValueError:
        wrong(f"{text!r} is not an instant with an offset, as in 2016-03-04T10:12:00Z")
    return found - timedelta(microseconds=found.microsecond % 1000)
