"""Policy is data: dated parameters in YAML, in the shape that OpenFisca and PolicyEngine made the convention.

A parameter has values by the date from which they are in force, and says of itself where it comes from and
whether that is confirmed. A decision asks for the value in force on the date that its clock started, and
names what it applied. Scores, money and hours are strings in the files and decimals in Python.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args

from shared.domain.business_days import CACHED_INSTANTS, add_business_days, add_months, end_of_day, local_date
from shared.domain.policy_files import Entry, InvalidPolicy, Status, read_directory

__all__ = [
    "InvalidPolicy",
    "NotInForce",
    "Parameter",
    "Policy",
    "RuleApplied",
    "Status",
    "Term",
    "TermUnit",
    "UnknownParameter",
    "Value",
]

TermUnit = Literal["business-days", "days", "weeks", "months", "hours"]

_TERM_UNITS: tuple[str, ...] = get_args(TermUnit)


class UnknownParameter(KeyError):
    """No policy file has a parameter of this id."""

    def __str__(self) -> str:
        return f"no policy file has the parameter `{self.args[0]}`"


class NotInForce(LookupError):
    """The parameter has no value in force on that date."""


class RuleApplied(NamedTuple):
    """A rule as a decision names it: where it comes from, since when it is in force, and what it saw."""

    rule_id: str
    source: str
    confirmed: bool
    policy_from: date | None
    inputs: tuple[tuple[str, str], ...]


class Term(NamedTuple):
    """A length of time in the unit of its rule."""

    n: int
    unit: TermUnit

    def after(self, start: date | datetime) -> datetime:
        """The instant by which something is due after a start, in UTC.

        In days it is the end of the day, counted from the start's local date; in hours it is exact, and a
        date counts from its end.
        """
        if self.unit == "hours":
            return _instant_of(start) + timedelta(hours=self.n)
        return _end_of_day_moved(start, self.n, self.unit)

    def before(self, target: date | datetime) -> datetime:
        """The instant by which something is due before a target, in UTC; as `after`, the other way."""
        if self.unit == "hours":
            return _instant_of(target) - timedelta(hours=self.n)
        return _end_of_day_moved(target, -self.n, self.unit)


def _instant_of(start: date | datetime) -> datetime:
    return start if isinstance(start, datetime) else end_of_day(start)


@lru_cache(CACHED_INSTANTS)
def _end_of_day_moved(start: date | datetime, n: int, unit: TermUnit) -> datetime:
    day = local_date(start) if isinstance(start, datetime) else start
    if unit == "business-days":
        return end_of_day(add_business_days(day, n))
    if unit == "months":
        return end_of_day(add_months(day, n))
    return end_of_day(day + timedelta(days=n * (7 if unit == "weeks" else 1)))


@dataclass(frozen=True)
class Value:
    """A parameter's value in force from a date. Ask for it as what it is: `number`, `decimal`, `term`, …"""

    parameter: str
    content: Any
    unit: str
    status: Status
    source: str
    label: str
    in_force_from: date

    @property
    def confirmed(self) -> bool:
        """Whether the value has a confirmed source; if not, it is shown as unconfirmed."""
        return self.status == "confirmed"

    @cached_property
    def decimal(self) -> Decimal:
        """The value as a decimal. Raises InvalidPolicy if it is no number."""
        if isinstance(self.content, Decimal):
            return self.content
        if isinstance(self.content, int) and not isinstance(self.content, bool):
            return Decimal(self.content)
        raise self._wrong("a number")

    @cached_property
    def number(self) -> int:
        """The value as a whole number. Raises InvalidPolicy if it is none."""
        number = self.decimal
        if number != number.to_integral_value():
            raise self._wrong("a whole number")
        return int(number)

    @cached_property
    def term(self) -> Term:
        """The value as a length of time. Raises InvalidPolicy if its unit is none of time."""
        if self.unit not in _TERM_UNITS:
            raise self._wrong("a term, in " + ", ".join(_TERM_UNITS))
        return Term(self.number, cast(TermUnit, self.unit))

    @property
    def text(self) -> str:
        """The value as text. Raises InvalidPolicy if it is none."""
        if isinstance(self.content, str):
            return self.content
        raise self._wrong("a text")

    @property
    def flag(self) -> bool:
        """The value as true or false. Raises InvalidPolicy if it is neither."""
        if isinstance(self.content, bool):
            return self.content
        raise self._wrong("true or false")

    @property
    def codes(self) -> tuple[Any, ...]:
        """The value as a list. Raises InvalidPolicy if it is none."""
        if isinstance(self.content, tuple):
            return self.content
        raise self._wrong("a list")

    @cached_property
    def table(self) -> Mapping[str, Any]:
        """The value as a table; numbers written as text are decimals. Raises InvalidPolicy if it is none."""
        if isinstance(self.content, Mapping):
            return self.content
        raise self._wrong("a table")

    def applied(self, **inputs: object) -> RuleApplied:
        """This rule as applied to what it saw; inputs become text (dates ISO, decimals plain)."""
        seen = [(name, given if isinstance(given, str) else _as_text(given)) for name, given in inputs.items()]
        return RuleApplied(self.parameter, self.source, self.confirmed, self.in_force_from, tuple(sorted(seen)))

    def _wrong(self, expected: str) -> InvalidPolicy:
        return InvalidPolicy(
            f"`{self.parameter}`: the value in force from {self.in_force_from} is not {expected}; correct it"
        )


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter with all its values, oldest first. A value of None: not in force from that date on."""

    id: str
    description: str
    unit: str
    status: Status
    source: str
    label: str
    starts: tuple[date, ...]
    values: tuple[Value | None, ...]

    @property
    def confirmed(self) -> bool:
        """Whether it has a confirmed source."""
        return self.status == "confirmed"


class Policy:
    """Every parameter that a service decides by. Never changes once made."""

    __slots__ = ("_parameters", "version")

    version: str
    """A prefix of the SHA-256 of all that the files say."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._parameters = {name: _parameter(entries[name]) for name in sorted(entries)}
        self.version = _digest(self._parameters.values())

    @classmethod
    def load(cls, *directories: Path) -> "Policy":
        """Read the directories' YAML files; a later directory's parameter replaces an earlier one's, whole.

        Raises InvalidPolicy with file, parameter, and what to do.
        """
        entries: dict[str, Entry] = {}
        for directory in directories:
            entries |= read_directory(directory)
        return cls(entries)

    def at(self, parameter: str, on: date) -> Value:
        """The value in force on a date. Raises UnknownParameter, NotInForce."""
        try:
            found = self._parameters[parameter]
        except KeyError:
            raise UnknownParameter(parameter) from None
        at = bisect_right(found.starts, on) - 1
        value = found.values[at] if at >= 0 else None
        if value is None:
            raise NotInForce(f"`{parameter}` has no value in force on {on.isoformat()}")
        return value

    def __contains__(self, parameter: object) -> bool:
        return parameter in self._parameters

    def __iter__(self) -> Iterator[Parameter]:
        """The parameters, by id."""
        return iter(self._parameters.values())

    def __len__(self) -> int:
        return len(self._parameters)


def _parameter(entry: Entry) -> Parameter:
    source = entry.reference or "no confirmed source"
    values = (
        None if content is None else Value(entry.id, content, entry.unit, entry.status, source, entry.label, start)
        for start, content in entry.values
    )
    return Parameter(
        id=entry.id,
        description=entry.description,
        unit=entry.unit,
        status=entry.status,
        source=source,
        label=entry.label,
        starts=tuple(start for start, _ in entry.values),
        values=tuple(values),
    )


def _digest(parameters: Any) -> str:
    said = [
        [each.id, each.description, each.unit, each.status, each.source, each.label]
        + [
            [start.isoformat(), _plain(value and value.content)]
            for start, value in zip(each.starts, each.values, strict=True)
        ]
        for each in parameters
    ]
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()[:16]


def _plain(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {key: _plain(content[key]) for key in sorted(content)}
    if isinstance(content, tuple):
        return [_plain(each) for each in content]
    return format(content, "f") if isinstance(content, Decimal) else content


def _as_text(given: object) -> str:
    if isinstance(given, date):  # an instant, too
        return given.isoformat()
    if isinstance(given, (tuple, list)):
        return ", ".join([_as_text(each) for each in given])
    if isinstance(given, bool):
        return "true" if given else "false"
    return format(given, "f") if isinstance(given, Decimal) else str(given)
