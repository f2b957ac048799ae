"""Documents made from the rows and the policy: every rule with its source and status, every concern, every metric."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from deploy.catalogue import BOOKS, SERVICES
from shared.domain.condition import Condition
from shared.domain.duty import Duty
from shared.domain.measure import Measure
from shared.domain.policy import Parameter, Policy
from shared.domain.service import Service
from shared.kernel.gauges import labels_of
from shared.kernel.telemetry import Telemetry

STATUS = {
    "confirmed": "confirmed",
    "default": "**default, unconfirmed**",
    "inspectors": "inspectors' measure",
    "secondary": "secondary source",
}
MADE = "<!-- Made by `make docs` from the code; a change here is lost. -->\n\n"


def documents() -> dict[str, str]:
    """Every document, by its path."""
    shared = SERVICES[0].policy[0]
    found = {"docs/rules/shared.md": _rules("Values that several services share", [shared])}
    for service in SERVICES:
        own = [folder for folder in service.policy if folder != shared]
        found[f"docs/rules/{service.name}.md"] = _rules(f"Rules of {service.name}", own) + _rows(service)
    return found | {"docs/concerns.md": _concerns(), "docs/metrics.md": _metrics()}


def _rules(title: str, folders: Iterable[Path]) -> str:
    lines = [
        f"# {title}\n",
        f"{MADE}| Rule | What | Value by date in force | Unit | Status | Source |",
        "|---|---|---|---|---|---|",
    ]
    for parameter in Policy.load(*folders):
        values = "; ".join(
            _value(parameter, start, value) for start, value in zip(parameter.starts, parameter.values, strict=True)
        )
        cells = (
            f"`{parameter.id}`",
            parameter.description,
            values,
            parameter.unit,
            STATUS[parameter.status],
            parameter.source,
        )
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _value(parameter: Parameter, start: date, value: Any) -> str:
    said = "none" if value is None else _content(value.content)
    return said if len(parameter.starts) == 1 else f"{start.isoformat()}: {said}"


def _content(content: Any) -> str:
    if isinstance(content, Mapping):
        return ", ".join(f"{name}: {_content(inner)}" for name, inner in content.items())
    if isinstance(content, tuple):
        return ", ".join(_content(inner) for inner in content)
    return str(content).lower() if isinstance(content, bool) else str(content)


def _rows(service: Service) -> str:
    duties = [row for book in BOOKS[service.name].values() for row in book.duties]
    conditions = [row for book in BOOKS[service.name].values() for row in book.conditions]
    workflows = [row for book in BOOKS[service.name].values() for row in book.workflows]
    measures = [row for book in BOOKS[service.name].values() for row in book.measures]
    lines = ["\n## Rows\n", "| Row | Kind | Rule | Owner | Severity |", "|---|---|---|---|---|"]
    lines += [_duty(row) for row in duties] + [_condition(row) for row in conditions]
    lines += [f"| `{row.name}` | workflow of {len(row.transitions)} transitions | | | |" for row in workflows]
    lines += [_measure(row) for row in measures]
    return "\n".join(lines) + "\n"


def _duty(row: Duty) -> str:
    kind = f"duty, {row.timing}" if row.raises else f"duty, {row.timing}, no concern"
    return f"| `{row.id}` | {kind} | `{row.parameter or row.id}` | {row.owner} | {row.severity if row.raises else ''} |"


def _condition(row: Condition) -> str:
    return f"| `{row.id}` | condition | `{row.parameter or row.id}` | {row.owner} | as found |"


def _measure(row: Measure) -> str:
    return f"| `{row.code}` | measure, from {row.clock} | `{row.parameter}` | | |"


def _concerns() -> str:
    lines = [
        "# Concerns\n",
        f"{MADE}What the system notices and a person must act on. A recorded reason clears the *answerable*.\n",
        "| Code | Service | Raised by | Owner | Answerable |",
        "|---|---|---|---|---|",
    ]
    for service in SERVICES:
        by_code: dict[str, list[Duty | Condition]] = {}
        for book in BOOKS[service.name].values():
            rows: tuple[Duty | Condition, ...] = (*book.duties, *book.conditions)
            for row in rows:
                if isinstance(row, Condition) or row.raises:
                    by_code.setdefault(row.code, []).append(row)
        for code, raising in sorted(by_code.items()):
            raised = ", ".join(f"`{row.id}`" for row in raising)
            answerable = "yes" if any(row.answerable for row in raising) else ""
            lines.append(f"| `{code}` | {service.name} | {raised} | {raising[0].owner} | {answerable} |")
    return "\n".join(lines) + "\n"


def _metrics() -> str:
    told = Telemetry()
    lines = ["# Metrics\n", f"{MADE}| Metric | Type | Labels | What it tells |", "|---|---|---|---|"]
    for name in Telemetry.__slots__:
        for family in getattr(told, name).describe():
            labels = ", ".join(getattr(told, name)._labelnames)
            total = "_total" if family.type == "counter" else ""
            lines.append(f"| `{family.name}{total}` | {family.type} | {labels} | {_cell(family.documentation)} |")
    gauges = {gauge.metric: gauge for service in SERVICES for gauge in service.gauges}
    lines += [f"| `{g.metric}` | gauge | {', '.join(labels_of(g))} | {g.description} |" for g in gauges.values()]
    histograms = [histogram for service in SERVICES for histogram in service.histograms]
    lines += [f"| `{h.metric}` | histogram | {', '.join(h.labels)} | {h.description} |" for h in histograms]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


OWNS: tuple[str, ...] = ("docs/rules/*.md", "docs/concerns.md", "docs/metrics.md")
"""The files that are this module's own."""
