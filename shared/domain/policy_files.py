"""Reading policy files: YAML checked entry by entry, with errors that say what is wrong and what to do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

import yaml

Status = Literal["confirmed", "default", "inspectors", "secondary"]
"""Whether a value has a confirmed source, is our default, the inspectors', or from a secondary source."""

_NUMBER = re.compile(r"-?[0-9]{1,12}([.][0-9]{1,6})?\Z")


class InvalidPolicy(ValueError):
    """A policy file does not say what a policy file must; the message names file, parameter and remedy."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter as its file states it: contents by the date from which they are in force."""

    id: str
    description: str
    values: tuple[tuple[date, Any], ...]
    unit: str
    status: Status
    reference: str
    label: str


class _Loader(yaml.SafeLoader):
    """YAML without surprises: a key that comes twice is an error, not a silent replacement."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, list | dict):
                raise InvalidPolicy(f"line {key_node.start_mark.line + 1}: a key must be plain text")
            if key in seen:
                raise InvalidPolicy(f"line {key_node.start_mark.line + 1}: `{key}` is there twice; keep one")
            seen.add(key)
        return cast(dict[Any, Any], super().construct_mapping(node, deep=deep))


def read_directory(directory: Path) -> dict[str, Entry]:
    """Every parameter of a directory's YAML files, by id. Raises InvalidPolicy."""
    if not directory.is_dir():
        raise InvalidPolicy(f"{directory}: no such directory; name one that holds policy files")
    entries: dict[str, Entry] = {}
    for path in sorted((*directory.glob("*.yaml"), *directory.glob("*.yml"))):
        for entry in _read_file(path):
            if entry.id in entries:
                raise InvalidPolicy(f"{path}: `{entry.id}` is in another file of the directory, too; keep one")
            entries[entry.id] = entry
    return entries


def _read_file(path: Path) -> list[Entry]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidPolicy(f"{path}: not YAML: {error}") from error
    except InvalidPolicy as error:
        raise InvalidPolicy(f"{path}: {error}") from error
    if document is None:
        return []
    if not isinstance(document, dict):
        raise InvalidPolicy(f"{path}: write a mapping of parameter ids to what they are")
    return [_entry(path, parameter, body) for parameter, body in document.items()]


def _entry(path: Path, parameter: object, body: object) -> Entry:
    def wrong(what: str) -> InvalidPolicy:
        return InvalidPolicy(f"{path}: `{parameter}`: {what}")

    if not isinstance(parameter, str) or not parameter:
        raise wrong("the id must be a text; put it in quotes")
    if not isinstance(body, dict) or not isinstance(body.get("values"), dict) or not body["values"]:
        raise wrong('give it `values` by the date in force, such as {2014-06-01: "8"}')
    for key in body.keys() - {"description", "values", "metadata"}:
        raise wrong(f"`{key}` is not known; there are description, values and metadata")
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        raise wrong("give it `metadata` with unit, status and reference")
    unit, status = metadata.get("unit"), metadata.get("status")
    if not isinstance(unit, str) or not unit:
        raise wrong("`metadata.unit` must say what is counted, such as business-days or percent")
    if status not in get_args(Status):
        raise wrong(f"`metadata.status` must be one of {', '.join(get_args(Status))}")
    reference = metadata.get("reference") or ""
    if not isinstance(reference, str) or (not reference and status != "default"):
        raise wrong(f"`metadata.reference` must name the source of a value that is {status}")
    description = body.get("description")
    if not isinstance(description, str) or not description.strip():
        raise wrong("`description` must say what it is, in words")
    values = [(_date(wrong, start), _content(wrong, content)) for start, content in body["values"].items()]
    return Entry(
        id=parameter,
        description=" ".join(description.split()),
        values=tuple(sorted(values, key=lambda value: value[0])),
        unit=unit,
        status=cast(Status, status),
        reference=reference,
        label=str(metadata.get("label") or ""),
    )


def _date(wrong: Any, start: object) -> date:
    if isinstance(start, date) and not isinstance(start, datetime):
        return start
    raise wrong(f"`{start}` in `values` must be a date, such as 2014-06-01")


def _content(wrong: Any, content: object) -> Any:
    if content is None or isinstance(content, bool | int):
        return content
    if isinstance(content, float):
        raise wrong(f'{content} is a float; write it as text: "{content}"')
    if isinstance(content, str):
        return Decimal(content) if _NUMBER.match(content) else content
    if isinstance(content, list):
        return tuple(_content(wrong, each) for each in content)
    if isinstance(content, dict):
        return _table(wrong, content)
    raise wrong(f"a value cannot be a {type(content).__name__}; write a text, an integer, a list or a mapping")


def _table(wrong: Any, content: Mapping[Any, Any]) -> Mapping[str, Any]:
    table: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(key, bool) or not isinstance(key, str | int):
            raise wrong(f"the key `{key}` of a table must be a text; put it in quotes")
        table[str(key)] = _content(wrong, value)
    return MappingProxyType(table)
