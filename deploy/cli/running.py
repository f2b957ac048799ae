"""Run it: the demonstration, a live system, one service, the database's migrations."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit

import typer

from deploy import demo as demonstration
from deploy.cli.answering import awaited, console, failed, leave, wrong
from deploy.cli.places import System, owner_dsn
from deploy.live import up as stay_up
from deploy.migrations import migrate_all
from deploy.postgres.roles import DATABASE, OWNER, passwords_stated, provision
from deploy.services import SERVICES
from deploy.system import find
from shared.kernel.migrate import MigrationError


def demo(
    cases: Annotated[int, typer.Option(help="People sentenced.", min=1)] = 1500,
    months: Annotated[int, typer.Option(help="Months of the feed.", min=1)] = 12,
    seed: Annotated[int, typer.Option(help="The same seed gives the same digest.")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write what came of it to this file.")] = None,
    stay: Annotated[bool | None, typer.Option(help="Stay up at the end until Ctrl-C (default: on a terminal).")] = None,
) -> None:
    """A year of a synthetic probation area through four services on this machine, and what they decided."""
    staying = sys.stdout.isatty() if stay is None else stay
    asked = demonstration.Asked(cases, months, seed, json_file, staying)
    leave(awaited(demonstration.demo(asked, console)))


def up() -> None:
    """PostgreSQL, Kafka and the four services, live, until Ctrl-C (or `throughcare down`)."""
    leave(awaited(stay_up(console)))


def down(name: System = "live") -> None:
    """Stop a system that `up` (or a demo that stays) has started."""
    found = find(name)
    if found is None or not _alive(found.pid):
        console.print("Nothing runs.")
        return
    os.kill(found.pid, signal.SIGTERM)
    console.print(f"Asked process {found.pid} to stop.")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def run(service: Annotated[str, typer.Argument(help="allocation, resettlement, enforcement or metrics.")]) -> None:
    """Run one service in the foreground, by the THROUGHCARE_* settings of the environment."""
    if service not in SERVICES:
        wrong(f"there is no service {service!r}: the services are {', '.join(SERVICES)}")
    os.execv(sys.executable, [sys.executable, "-m", f"services.{service}"])  # noqa: S606  # signals reach the service


def migrate(name: System = "live") -> None:
    """Bring the database up to date: every service's tables, and its rights to them.

    THROUGHCARE_OWNER_DSN names the database; or THROUGHCARE_ADMIN_DSN the server, whose database, roles and schemas
    are then made first, with the passwords of THROUGHCARE_PASSWORD_*; else it is that of the local system.
    """
    try:
        applied = awaited(_migrate(name))
    except MigrationError as failure:
        failed(str(failure))
    for service, names in applied.items():
        console.print(f"{service}: {', '.join(names) or 'up to date'}")


async def _migrate(name: str) -> dict[str, list[str]]:
    admin = os.environ.get("THROUGHCARE_ADMIN_DSN")
    if not admin:
        return await migrate_all(owner_dsn(name))
    passwords = passwords_stated(os.environ)
    if OWNER not in passwords:
        wrong("THROUGHCARE_PASSWORD_OWNER is missing: give the password of the tables' owner")
    await provision(admin, passwords)
    server = urlsplit(admin)
    place = f"{server.hostname}:{server.port or 5432}"
    return await migrate_all(f"postgresql://{OWNER}:{quote(passwords[OWNER], safe='')}@{place}/{DATABASE}")
