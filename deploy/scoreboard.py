"""What the services say of themselves while they run: their metrics pages, read and added up for a person to watch."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families
from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.services import RunningService

TENTHS = 10


@dataclass(slots=True)
class ServiceScore:
    """One service at one moment."""

    log_time: float = 0.0
    decisions: int = 0
    published: int = 0
    lag: int = 0
    dead_letters: int = 0
    waiting: int = 0
    parked: int = 0
    refreshed: float = 0.0
    concerns: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(slots=True)
class Score:
    """All services at one moment, and the service levels."""

    at: float
    services: dict[str, ServiceScore]
    levels: dict[tuple[str, str], float] = field(default_factory=dict)
    targets: dict[str, float] = field(default_factory=dict)


async def look(services: Mapping[str, RunningService]) -> Score:
    """Read every service's metrics page."""
    pages = await asyncio.gather(*(service.page("/metrics") for service in services.values()))
    score = Score(time.monotonic(), {})
    for name, (status, body) in zip(services, pages, strict=True):
        score.services[name] = _read(score, body.decode()) if status == 200 else ServiceScore()
    return score


async def settled(services: Mapping[str, RunningService]) -> Score:
    """The score once every service has refreshed its gauges after now."""
    asked = time.time()
    while True:
        score = await look(services)
        if all(told.refreshed > asked for told in score.services.values()):
            return score
        await asyncio.sleep(0.2)


def _read(score: Score, text: str) -> ServiceScore:
    found = ServiceScore()
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    for name, labels, value, *_ in samples:
        match name:
            case "throughcare_decisions_total":
                found.decisions += int(value)
            case "throughcare_published_total":
                found.published += int(value)
            case "throughcare_lag_records":
                found.lag += int(value)
            case "throughcare_dead_letters_total":
                found.dead_letters += int(value)
            case "throughcare_waiting_facts":
                found.waiting += int(value)
            case "throughcare_parked_aggregates":
                found.parked = int(value)
            case "throughcare_gauges_refreshed_timestamp_seconds":
                found.refreshed = value
            case "throughcare_log_time_seconds":
                found.log_time = value
            case "throughcare_open_concerns":
                found.concerns[labels["code"], labels["severity"]] += int(value)
            case "throughcare_service_level":
                score.levels[labels["measure"], labels["provider"]] = value / TENTHS
            case "throughcare_service_level_target":
                score.targets[labels["measure"]] = value / TENTHS
    return found


def draw(score: Score, before: Score | None, headline: str) -> Group:
    """The scoreboard as rich shows it."""
    table = Table(title=headline, expand=True)
    for column, justify in (("service", "left"), ("log time", "left"), ("decisions", "right"), ("per second", "right"),
                            ("published", "right"), ("lag", "right"), ("waiting", "right"), ("parked", "right"),
                            ("dead letters", "right")):  # fmt: skip
        table.add_column(column, justify=justify)  # type: ignore[arg-type]  # rich's literal type
    for name, told in score.services.items():
        rate = _rate(score, before, name)
        at = datetime.fromtimestamp(told.log_time, UTC).strftime("%Y-%m-%d") if told.log_time else "–"
        table.add_row(
            name, at, f"{told.decisions:,}", f"{rate:,.0f}", f"{told.published:,}", f"{told.lag:,}",
            f"{told.waiting:,}", f"{told.parked:,}", f"{told.dead_letters:,}",
        )  # fmt: skip
    return Group(table, Panel(_concerns(score), title="open concerns"), Panel(_levels(score), title="service levels"))


def _rate(score: Score, before: Score | None, name: str) -> float:
    if before is None or name not in before.services:
        return 0.0
    return max(0.0, score.services[name].decisions - before.services[name].decisions) / max(1e-9, score.at - before.at)


def _concerns(score: Score) -> Text:
    total: Counter[tuple[str, str]] = Counter()
    for told in score.services.values():
        total += told.concerns
    shown = [f"{code} {n} ({severity})" for (code, severity), n in sorted(total.items()) if n > 0]
    return Text("   ".join(shown) or "none yet")


def _levels(score: Score) -> Text:
    text = Text()
    for (measure, provider), percent in sorted(score.levels.items()):
        target = score.targets.get(measure)
        style = "" if target is None else "green" if percent >= target else "red"
        aim = "" if target is None else f" / {target:g}"
        text.append(f"{measure} {provider} {percent:g} %{aim}   ", style=style)
    return text if text.plain else Text("none yet: the first month has not closed")
