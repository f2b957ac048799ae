"""Cases that a bug has parked: which, why, and try them again."""

import json

import asyncpg
import typer
from rich.table import Table

from deploy import parked as parked_cases
from deploy.cli.answering import awaited, console, failed
from deploy.cli.places import AsJson, System, owner_dsn, reader_dsn, service_named
from deploy.services import SERVICES

app = typer.Typer(help="Cases that a bug has parked: which, why, and try them again.", no_args_is_help=True)


@app.command("list")
def parked_list(as_json: AsJson = False, name: System = "demo") -> None:
    """What is parked: service, kind, key, since when, by which event, how many facts queue."""
    found = awaited(parked_cases.parked(reader_dsn(name), SERVICES))
    if as_json:
        print(json.dumps([one.as_json() for one in found]))
        return
    table = Table("service", "kind", "key", "since", "event", "queued", title="parked")
    for one in found:
        table.add_row(one.service, one.kind, one.key, one.since, one.cause_event_id, str(one.queued))
    console.print(table if found else "Nothing is parked.")


@app.command("show")
def parked_show(service: str, kind: str, key: str, name: System = "demo") -> None:
    """The facts that queue behind a parked aggregate, in order, as JSON lines."""
    for line in awaited(_queue(reader_dsn(name), service_named(service), kind, key)):
        print(line)


async def _queue(dsn: str, service: str, kind: str, key: str) -> list[str]:
    conn = await asyncpg.connect(dsn)
    try:
        rows = await conn.fetch(
            f'SELECT content FROM "{service}".parked_fact WHERE kind = $1 AND key = $2 ORDER BY position', kind, key
        )
    finally:
        await conn.close()
    return [row["content"] for row in rows]


@app.command("retry")
def parked_retry(service: str, kind: str, key: str, name: System = "demo") -> None:
    """Ask the running service to decide the queue of a parked aggregate again, after the bug is mended."""
    if not awaited(parked_cases.retry(owner_dsn(name), service_named(service), kind, key)):
        failed("nothing of that name is parked")
    console.print("Asked; `throughcare parked list` shows what is left.")
