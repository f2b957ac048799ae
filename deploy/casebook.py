"""A person's whole timeline across the services, with the reasons: what was stated, what was decided, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from shared.domain.fact import iso
from shared.kernel.clock import from_ms

SHOWN = {
    "orderId", "orderIds", "disposal", "providerCode", "providerKind", "officerCode", "officeCode", "band", "route",
    "grounds", "code", "severity", "reason", "level", "dueAt", "outcome", "kind", "releaseOn", "stage", "judgement",
    "acceptableCount", "failureDates", "measureCode", "period", "met", "exclusion", "awareOn", "startsAt", "channel",
    "purpose", "sentencedOn", "heldOn", "sentOn", "submittedOn", "capacityPercent", "status", "grade", "assignedOn",
    "fromOfficerCode", "officerCount", "exclusions", "unmetGates", "direction", "minimumFaceToFaceHours",
}  # fmt: skip
"""Fields of an event that a reader of a timeline wants; the whole event is in `--json`."""

REJECTIONS = {
    "grade": "not of a grade that the case asks for",
    "competence": "without a competence that it requires",
    "capacity": "above the limit of capacity with it",
    "burst": "given as many new cases today as one may be",
    "absent": "absent, or leaving",
}
"""The reasons for which an officer could not have a case, in words."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision about the person: where, when, about which fact, and what followed."""

    at: str
    service: str
    position: int
    decision: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Casebook:
    """Everything that the services decided about one person, and what stands open now."""

    crn: str
    entries: tuple[Entry, ...]
    deadlines: tuple[dict[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """For a script."""
        return {
            "crn": self.crn,
            "decisions": [{"at": e.at, "service": e.service, **e.decision} for e in self.entries],
            "deadlines": list(self.deadlines),
        }


async def read(dsn: str, crn: str, services: Iterable[str]) -> Casebook:
    """The casebook of one person, from the services' journals."""
    conn = await asyncpg.connect(dsn)
    entries: list[Entry] = []
    deadlines: list[dict[str, str]] = []
    try:
        for rank, service in enumerate(services):
            rows = await conn.fetch(
                f"""
                SELECT position, at, content FROM "{service}".journal
                WHERE kind = 'case' AND key = $1 ORDER BY seq
                """,
                crn,
            )
            for row in rows:
                decision = orjson.loads(row["content"]) if row["content"] else {"outcome": "erased", "events": []}
                entries.append(Entry(iso(from_ms(row["at"])), service, rank * 10**9 + row["position"], decision))
            for row in await conn.fetch(
                f"SELECT kind, ref, due, held FROM \"{service}\".due WHERE subject_kind = 'case' AND key = $1",
                crn,
            ):
                told = {"service": service, "duty": row["kind"], "ref": row["ref"], "due": iso(from_ms(row["due"]))}
                deadlines.append(told)
    finally:
        await conn.close()
    entries.sort(key=lambda entry: (entry.at, entry.position))
    deadlines.sort(key=lambda told: (told["due"], told["duty"]))
    return Casebook(crn, tuple(entries), tuple(deadlines))


def show(console: Console, book: Casebook, most: int | None = None) -> None:
    """Print a casebook; `most` entries at the most, those with consequences first to stay."""
    if not book.entries:
        console.print(f"Nothing has been decided about {book.crn}.")
        return
    told = [entry for entry in book.entries if _matters(entry)]
    shown = told if most is None or len(told) <= most else told[:most]
    table = Table(title=f"{book.crn}: what was decided, and why", show_lines=False, expand=True)
    table.add_column("log time", no_wrap=True, style="dim", width=16)
    table.add_column("service", no_wrap=True, width=12)
    table.add_column("fact and what followed", ratio=1)
    for entry in shown:
        table.add_row(entry.at[:16].replace("T", " "), entry.service, _story(entry.decision))
    console.print(table)
    quiet = len(book.entries) - len(told)
    cut = len(told) - len(shown)
    if quiet or cut:
        console.print(
            f"  ({cut} more with consequences, {quiet} decisions that led to nothing; --json has all)", style="dim"
        )
    for told_due in book.deadlines[:10]:
        console.print(f"  due {told_due['due'][:10]}  {told_due['duty']}  ({told_due['service']})", style="cyan")


def _matters(entry: Entry) -> bool:
    decision = entry.decision
    led = decision.get("events") or decision.get("rules") or decision.get("notes")
    return bool(led or decision.get("outcome") != "decided")


def _story(decision: dict[str, Any]) -> RenderableType:
    """The fact, what became of it, and under each thing that followed what it rests on."""
    lines: list[RenderableType] = [Text(_fact(decision), style="bold")]
    if decision.get("outcome") != "decided":
        lines.append(Text(f"  {decision.get('outcome')}: {decision.get('reason', '')}", style="yellow"))
    lines += [Text(f"  {note}", style="yellow") for note in decision.get("notes", [])]
    told: list[dict[str, Any]] = []
    for event in decision.get("events", []):
        payload = event["additionalInformation"]
        lines.append(Text(f"  → {event['eventType']}  {_fields(payload)}", style="green"))
        lines += [Text(f"      {line}", style="green") for line in _rejected(payload)]
        because = payload.get("because", [])
        lines += [_because(rule) for rule in because]
        told += because
    lines += [_because(rule) for rule in decision.get("rules", []) if rule not in told]
    return Group(*lines)


def _because(rule: dict[str, Any]) -> Text:
    """A rule as applied: its id, its source, whether that is confirmed, and what it saw."""
    label = "" if rule["confirmed"] else " [default, unconfirmed]"
    inputs = ", ".join(f"{name} {value or 'none'}" for name, value in rule["inputs"].items())
    return Text(
        f"    because {rule['ruleId']} ({rule['source']}){label}" + (f": {inputs}" if inputs else ""), style="dim"
    )


def _rejected(payload: dict[str, Any]) -> list[str]:
    """Every candidate who could not have the case, by reason, in the officers' own order: nobody is left out."""
    by_reason: dict[str, list[str]] = {}
    for each in payload.get("rejected", []):
        by_reason.setdefault(each["reason"], []).append(each["officerCode"])
    return [f"not {', '.join(codes)}: {REJECTIONS.get(reason, reason)}" for reason, codes in by_reason.items()]


def _fact(decision: dict[str, Any]) -> str:
    fact = decision.get("fact", {})
    if "deadline" in fact:
        return f"deadline passed: {fact['deadline']} (due {fact['due'][:10]})"
    return f"{decision.get('type', '')}  {_fields(fact.get('additionalInformation', {}))}"


def _fields(payload: dict[str, Any]) -> str:
    return "  ".join(f"{name}={_short(value)}" for name, value in payload.items() if name in SHOWN and value != [])


def _short(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_short(inner) for inner in value[:4]) + (", …" if len(value) > 4 else "") + "]"
    if isinstance(value, dict):
        return "/".join(str(inner) for inner in value.values())
    text = str(value)
    return text if len(text) <= 24 else text[:10] + "…"
