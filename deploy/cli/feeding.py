"""Feed it: histories published, taken out, generated."""

import contextlib
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy import history
from deploy.cli.answering import awaited, errors, leave, wrong
from deploy.cli.places import System, instant_stated, kafka_of
from deploy.export import OUTSIDE
from deploy.export import export as exported
from deploy.local.feed.generate import generate
from deploy.local.feed.history import dump
from deploy.publish import Publisher
from shared.domain.fact import iso


def publish(
    file: Annotated[Path, typer.Argument(help="A history file, or - for standard input.")],
    until: Annotated[str | None, typer.Option(help="Replay: close time at this instant.")] = None,
    live: Annotated[bool, typer.Option("--live", help="To the live topics, as they are.")] = False,
    name: System = "demo",
) -> None:
    """Publish a history: to replay topics in its own time, with time records; or live, as it comes."""
    records, bad = read_history(file)
    through = awaited(_publish(kafka_of("live" if live else name), records, instant_stated(until), live))
    errors.print(f"{len(records):,} records published" + (f", time told through {iso(through)}" if through else ""))
    leave(3 if bad else 0)


async def _publish(
    bootstrap: str, records: list[history.HistoryRecord], until: datetime | None, live: bool
) -> datetime | None:
    async with Publisher(bootstrap) as publisher:
        sent = await (publisher.live(records) if live else publisher.replay(records, until))
    return sent.through


def export(
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; standard output if absent.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Topics; by default those of outside publishers.")] = None,
    name: System = "demo",
) -> None:
    """Take topics out as a history file, sorted by log time."""
    records = awaited(exported(kafka_of(name), topic or OUTSIDE))
    with contextlib.ExitStack() as stack:
        target = stack.enter_context(out.open("wb")) if out else sys.stdout.buffer
        target.writelines(history.write(record) for record in records)
    errors.print(f"{len(records):,} records")


def feed(
    cases: Annotated[int, typer.Option(min=0)] = 1500,
    months: Annotated[int, typer.Option(min=1)] = 12,
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Write the synthetic sample feed to standard output, as a history file."""
    dump(generate(cases, months, seed), sys.stdout.buffer)


def read_history(file: Path) -> tuple[list[history.HistoryRecord], int]:
    """A history file's records; lines that cannot be read are told with number and reason, and the others go on."""
    try:
        stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as failure:
        wrong(f"{file}: {failure.strerror}")
    records, bad = [], 0
    with stream:
        for found in history.read(stream):
            if isinstance(found, history.BadLine):
                bad += 1
                errors.print(f"line {found.number}: {found.reason}", markup=False, highlight=False, soft_wrap=True)
            else:
                records.append(found)
    return records, bad
