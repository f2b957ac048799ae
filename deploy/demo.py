"""The demonstration: a year of a synthetic probation area, through Kafka and four services, on this machine.

It generates the sample feed, starts PostgreSQL, Kafka and the services, publishes the feed in log time as fast as the
services take it, shows what happens, and at the end says what was decided: performance against target, one person's
story, a digest of everything, and the addresses to look at.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.live import Live
from rich.table import Table

from deploy import casebook
from deploy.digest import Line, digest
from deploy.history import BadLine, HistoryRecord, read
from deploy.local.feed.generate import generate
from deploy.local.feed.history import dump
from deploy.local.stack import LocalStack
from deploy.local.state import state_folder
from deploy.outcome import journaled, published
from deploy.publish import Publisher
from deploy.scoreboard import draw, look, settled
from deploy.services import SERVICES
from deploy.system import System, running

NAME = "demo"
PARTITIONS = 4
CLOSE_AFTER = timedelta(days=60)
"""Log time goes on so long after the last fact: deadlines pass, the last months close."""
MOST_SECONDS = 1800.0
REFRESH_SECONDS = 0.5
VERSIONED = ("faststream", "aiokafka", "asyncpg", "pydantic")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the demonstration was asked for."""

    cases: int
    months: int
    seed: int
    json: Path | None = None
    stay: bool = False


async def demo(asked: Asked, console: Console) -> int:
    """Run it. Returns the exit code."""
    began = time.monotonic()
    console.print(
        f"Throughcare: [bold]{asked.cases:,}[/] people over [bold]{asked.months}[/] months, seed {asked.seed}. "
        "Everything in this feed is synthetic."
    )
    with console.status("starting PostgreSQL and Kafka, generating the feed …"):
        records, stack = await _prepare(asked)
    try:
        folder = state_folder(NAME)
        for log in (folder / "logs").glob("*.log"):
            log.unlink()
        async with running(stack, folder / "logs") as system:
            system.addresses(os.getpid()).write(NAME)
            console.print(
                f"up after {time.monotonic() - began:.1f} s: {stack.kafka_kind} Kafka, PostgreSQL, 4 services"
            )
            until = records[-1].timestamp + CLOSE_AFTER
            fed = time.monotonic()
            await _feed(system, records, until, console)
            took = time.monotonic() - fed
            report = await _report(asked, system, len(records), took, time.monotonic() - began, console)
            if asked.json:
                asked.json.write_text(json.dumps(report, indent=2) + "\n")
            if asked.stay:
                console.print("Up until Ctrl-C.", style="bold")
                await asyncio.Event().wait()
    finally:
        await stack.__aexit__(None, None, None)
    return 0


async def _prepare(asked: Asked) -> tuple[list[HistoryRecord], LocalStack]:
    stack = LocalStack(NAME, time="replay", partitions=PARTITIONS, fresh=True)
    starting = asyncio.create_task(stack.__aenter__())
    try:
        records = await asyncio.to_thread(feed, asked.cases, asked.months, asked.seed)
    except BaseException:
        with suppress(BaseException):
            await (await starting).__aexit__(None, None, None)
        raise
    return records, await starting


def feed(cases: int, months: int, seed: int) -> list[HistoryRecord]:
    """The sample feed as the history that a file of it would be."""
    file = BytesIO()
    dump(generate(cases, months, seed), file)
    file.seek(0)
    return [record for record in read(file) if not isinstance(record, BadLine)]


async def _feed(system: System, records: list[HistoryRecord], until: datetime, console: Console) -> None:
    publishing = asyncio.create_task(_publish(system, records, until))
    closing = asyncio.create_task(system.closed(until, MOST_SECONDS))
    headline = f"{len(records):,} facts, {records[0].timestamp:%Y-%m-%d} to {records[-1].timestamp:%Y-%m-%d}"
    before = None
    try:
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            while not closing.done():
                score = await look(system.services)
                live.update(draw(score, before, headline))
                before = score
                await asyncio.wait({closing}, timeout=REFRESH_SECONDS)
                if publishing.done():
                    publishing.result()
        await closing
        await publishing
    finally:
        for task in (publishing, closing):
            task.cancel()
    console.print(draw(await settled(system.services), None, headline + ": done"))


async def _publish(system: System, records: list[HistoryRecord], until: datetime) -> None:
    async with Publisher(system.stack.bootstrap) as publisher:
        await publisher.replay(records, until)


async def _report(
    asked: Asked, system: System, facts: int, took: float, total: float, console: Console
) -> dict[str, Any]:
    with console.status("reading everything back for the digest …"):
        outputs = await published(system.stack.bootstrap)
        journal = await journaled(system.stack.reader_dsn, SERVICES)
    events = [(line, orjson.loads(line.value)) for line in outputs]
    reports = _latest_reports(told for _, told in events)
    if reports:
        console.print(_performance(reports))
    crn = _instructive(events)
    if crn is not None:
        casebook.show(console, await casebook.read(system.stack.reader_dsn, crn, SERVICES), most=25)
    raised = Counter(
        told["additionalInformation"]["code"] for _, told in events if told["eventType"].endswith(".concern.raised")
    )
    cleared = Counter(
        told["additionalInformation"]["code"] for _, told in events if told["eventType"].endswith(".concern.cleared")
    )
    score = await look(system.services)
    report = {
        "digest": digest([*outputs, *journal]),
        "seconds": round(total, 1),
        "feedSeconds": round(took, 1),
        "events": facts,
        "decisions": len(journal),
        "published": len(outputs),
        "concernsRaised": dict(sorted(raised.items())),
        "concernsCleared": dict(sorted(cleared.items())),
        "deadLetters": sum(told.dead_letters for told in score.services.values()),
        "parked": sum(told.parked for told in score.services.values()),
        "serviceLevels": reports,
        "kafka": system.stack.kafka_kind,
        "versions": {
            "throughcare": version("throughcare"),
            "python": sys.version.split()[0],
            **{name: version(name) for name in VERSIONED},
        },
        "asked": {"cases": asked.cases, "months": asked.months, "seed": asked.seed},
    }
    console.print(
        f"{facts:,} facts, {len(journal):,} decisions, {len(outputs):,} events published in {took:.1f} s "
        f"({len(journal) / took:,.0f} decisions a second); {total:.1f} s in all."
    )
    for name, service in system.services.items():
        console.print(f"  {name:13} {service.address}/health/ready   {service.address}/metrics")
    console.print(f"One person's story: throughcare case CRN   (for example {crn})")
    console.print(f"digest {report['digest']}", style="bold")
    return report


def _latest_reports(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    latest: dict[tuple[str, str, str], dict[str, Any]] = {}
    for told in events:
        if told["eventType"] == "performance.service-level.reported":
            level = told["additionalInformation"]
            latest[level["providerCode"], level["measureCode"], level["period"]] = level
    return [{name: value for name, value in level.items() if name != "because"} for _, level in sorted(latest.items())]


def _performance(reports: list[dict[str, Any]]) -> Table:
    """Months across, measures down; red is below target. An unconfirmed target is marked."""
    months = sorted({level["period"] for level in reports})[-12:]
    table = Table(title=f"performance against target, %, {months[0]} to {months[-1]}", padding=(0, 1), pad_edge=False)
    for column in ("", "measure", "target", *(month[5:] for month in months)):
        table.add_column(column, justify="left" if column in ("", "measure") else "right", no_wrap=True)
    rows = sorted({(level["providerCode"], level["measureCode"]) for level in reports})
    by_cell = {(level["providerCode"], level["measureCode"], level["period"]): level for level in reports}
    for provider, measure in rows:
        levels = [by_cell.get((provider, measure, month)) for month in months]
        aim = next((level for level in levels if level), {})
        mark = "" if aim.get("targetStatus") == "confirmed" else "*"
        table.add_row(provider, measure, f"{aim.get('targetPercent', '–')}{mark}", *(_cell(level) for level in levels))
    table.caption = "the latest revision of each month; * default target, not confirmed by a source"
    return table


def _cell(level: dict[str, Any] | None) -> str:
    if level is None or "attainmentPercent" not in level:
        return "–"
    percent, target = float(level["attainmentPercent"]), level.get("targetPercent")
    colour = "green" if target is None or percent >= float(target) else "red"
    return f"[{colour}]{percent:.0f}[/]"


def _instructive(events: list[tuple[Line, dict[str, Any]]]) -> str | None:
    """The person with the most kinds of decisions, breaches and hand-overs first: the story worth reading."""
    kinds: dict[str, set[str]] = {}
    size: Counter[str] = Counter()
    for line, told in events:
        if told.get("personReference"):
            kinds.setdefault(line.key, set()).add(told["eventType"])
            size[line.key] += 1
    return max(kinds, key=lambda crn: (len(kinds[crn]), -size[crn], crn), default=None)
