"""What a history would have led to under another policy: for each subject what was decided, what would be, and why.

Both policies decide the whole history in the model. Compared is what a decision says (which provider, band, route,
officer, which concern), never how it is worded: a percentage that moves while the officer stays is no difference.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from deploy.history import HistoryRecord
from deploy.simulate import Simulated, simulate
from shared.domain.fact import iso
from shared.domain.policy import Policy
from shared.domain.service import Service

DECIDED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "allocation.provider.decided": ("provider", ("providerKind", "providerCode")),
    "allocation.provider.corrected": ("provider", ("providerKind", "providerCode")),
    "allocation.case.transferred": ("provider", ("toProviderKind", "toProviderCode")),
    "allocation.band.set": ("band", ("band",)),
    "allocation.route.decided": ("route", ("route",)),
    "allocation.officer.assigned": ("officer", ("officerCode",)),
    "allocation.officer.changed": ("officer", ("officerCode",)),
    "allocation.escalation.requested": ("escalation", ("direction", "reason")),
    "allocation.escalation.answered": ("escalation", ("outcome",)),
    "performance.measurement.recorded": ("{measureCode} of a case, {period}", ("met", "exclusion")),
    "performance.service-level.reported": ("{measureCode}, {period}", ("attainmentPercent",)),
}
"""What an event decides, and the fields that say how. Of every other event it counts that and when it was told."""

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Told:
    """One decision as told: when, what it says, and the rules that it rests on, each with what it saw."""

    at: datetime
    place: int
    """Its place among all that its service published."""
    says: str
    rules: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two policies part on one matter of one subject, for the first time."""

    service: str
    subject: str
    what: str
    at: datetime
    was: str
    would_be: str
    why: str

    def as_json(self) -> dict[str, str]:
        """For a script."""
        return {
            "service": self.service,
            "subject": self.subject,
            "what": self.what,
            "at": iso(self.at),
            "was": self.was,
            "wouldBe": self.would_be,
            "why": self.why,
        }


Policies = Sequence[tuple[Service, Policy]]
Matter = tuple[str, str, str]
"""Service, key of the subject, and what is decided."""


def what_if(
    history: Sequence[HistoryRecord], now: Policies, other: Policies, until: datetime | None = None
) -> list[Difference]:
    """Every first difference, by subject and time."""
    was, would_be = (_told(simulate(history, policies, until)) for policies in (now, other))
    changes = changed_parameters(now, other)
    parted: list[tuple[Matter, Told | None, Told | None]] = []
    for matter in was.keys() | would_be.keys():
        found = _first_difference(was.get(matter, []), would_be.get(matter, []))
        if found is not None:
            parted.append((matter, *found))
    ranks = {service.name: rank for rank, (service, _) in enumerate(now)}
    parted.sort(key=lambda one: (one[0][1], _since(*one[1:]), ranks[one[0][0]], _place(*one[1:]), one[0]))
    return list(_explained(parted, changes))


def _since(was: Told | None, would_be: Told | None) -> datetime:
    return min(each.at for each in (was, would_be) if each is not None)


def _place(was: Told | None, would_be: Told | None) -> int:
    return min(each.place for each in (was, would_be) if each is not None)


def changed_parameters(now: Policies, other: Policies) -> dict[str, str]:
    """The parameters that differ, each with how: `6.90 → 3.00`; of a table, only the rows that do."""
    found: dict[str, str] = {}
    known: set[str] = set()
    for (_, before), (_, after) in zip(now, other, strict=True):
        new = {each.id: each for each in after}
        for old in before:
            known.add(old.id)
            contents = [[value and value.content for value in each.values] for each in (old, new[old.id])]
            if contents[0] != contents[1]:
                found[old.id] = _change(contents[0][-1], contents[1][-1])
    unknown = {each.id for _, policy in other for each in policy} - known
    return found | dict.fromkeys(unknown, "no service has this parameter")


def _change(old: Any, new: Any) -> str:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        rows = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
        return ", ".join(f"{row} {_text(old.get(row))} → {_text(new.get(row))}" for row in rows)
    return f"{_text(old)} → {_text(new)}"


def _text(content: Any) -> str:
    if content is None:
        return NOTHING
    return ", ".join(map(str, content)) if isinstance(content, tuple) else str(content)


def _told(results: Mapping[str, Simulated]) -> dict[Matter, list[Told]]:
    """What was told of each matter, in order; the same said again is said once."""
    found: dict[Matter, list[Told]] = {}
    for service, result in results.items():
        for place, event in enumerate(result.outputs):
            payload = orjson.loads(event.value)["additionalInformation"]
            what, says = _said(event.event_type, payload, event.at)
            rules = {rule["ruleId"]: rule["inputs"] for rule in payload.get("because", [])}
            told = found.setdefault((service, event.key, what), [])
            if not told or told[-1].says != says:
                told.append(Told(event.at, place, says, rules))
    return found


def _said(event_type: str, payload: Mapping[str, Any], at: datetime) -> tuple[str, str]:
    if event_type in DECIDED:
        what, fields = DECIDED[event_type]
        return what.format(**payload), " ".join(_plain(payload.get(name)) for name in fields).strip() or "not known"
    kind = event_type.partition(".")[2]
    if kind in ("concern.raised", "concern.cleared"):
        says = f"raised, {payload['severity']}" if kind == "concern.raised" else "cleared"
        return f"concern {payload['code']}", f"{says}, {at:%Y-%m-%d}"
    return kind, f"{at:%Y-%m-%d}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "met" if value else "missed"
    return "" if value is None else str(value)


def _first_difference(was: list[Told], would_be: list[Told]) -> tuple[Told | None, Told | None] | None:
    for place in range(max(len(was), len(would_be))):
        one = was[place] if place < len(was) else None
        other = would_be[place] if place < len(would_be) else None
        if one is None or other is None or one.says != other.says:
            return one, other
    return None


def _explained(
    parted: Iterable[tuple[Matter, Told | None, Told | None]], changes: Mapping[str, str]
) -> Iterator[Difference]:
    """Each difference with its reason: a changed rule that saw it, else an earlier difference of the same subject."""
    before: dict[str, str] = {}
    for (service, subject, what), was, would_be in parted:
        why = _direct_reason(was, would_be, changes)
        if not why and subject in before:
            why = f"follows from the {before[subject]}"
        elif not why:
            why = "follows from what was decided of others"
        before.setdefault(subject, what)
        yield Difference(
            service,
            subject,
            what,
            _since(was, would_be),
            was.says if was is not None else NOTHING,
            would_be.says if would_be is not None else NOTHING,
            why,
        )


def _direct_reason(was: Told | None, would_be: Told | None, changes: Mapping[str, str]) -> str:
    """The changed rules that one of the two rests on and the other does not, or not on the same inputs."""
    reasons = []
    for rule, change in sorted(changes.items()):
        seen = [told.rules.get(rule) if told is not None else None for told in (was, would_be)]
        if seen[0] == seen[1]:
            continue
        inputs = ", ".join(f"{name} {value}" for name, value in (seen[1] or seen[0] or {}).items())
        reasons.append(f"{rule} {change}" + (f" ({inputs})" if inputs else ""))
    return "; ".join(reasons)


def show(console: Console, found: Sequence[Difference], changes: Mapping[str, str]) -> None:
    """Print what differs, subject by subject, and a summary."""
    for name, change in sorted(changes.items()):
        console.print(f"{name}: {change}", style="bold")
    if not found:
        console.print("Nothing would have been decided differently.")
        return
    table = Table("subject", "what", "on", "was", "would be", "why", title="decided differently")
    for one in found:
        table.add_row(one.subject, one.what, f"{one.at:%Y-%m-%d}", one.was, one.would_be, one.why)
    console.print(table)
    counts = ", ".join(f"{service} {n:,}" for service, n in Counter(one.service for one in found).items())
    console.print(f"{len({one.subject for one in found}):,} subjects decided differently: {counts}")
