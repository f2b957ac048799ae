"""Write what is made from code: schemas, the AsyncAPI document, catalogues. With `--check`: is it current?

A generator is a function that gives the text of every file by its path in the repository. Register one in
`GENERATORS`, with the patterns of the files that are its own: those no longer made are stale, and removed.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from deploy.rule_documents import OWNS, documents
from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.catalogue import event_catalogue
from shared.contracts.schemas import event_models, event_schema, schema_file

ROOT = Path(__file__).resolve().parent.parent
CONTRACT_VERSION = "1.0.0"


class Generator(NamedTuple):
    """What makes files, and the patterns of all files that are its own."""

    render: Callable[[], Mapping[str, str]]
    owns: tuple[str, ...]


def contract_files() -> dict[str, str]:
    """Everything that is made from the events: schemas, AsyncAPI document, catalogue."""
    schemas = {f"docs/schemas/{schema_file(model)}": _json(event_schema(model)) for model in event_models()}
    return schemas | {
        "docs/asyncapi.json": _json(asyncapi_document(CONTRACT_VERSION)),
        "docs/events.md": event_catalogue(),
    }


GENERATORS: tuple[Generator, ...] = (
    Generator(documents, OWNS),
    Generator(contract_files, ("docs/schemas/*.json", "docs/asyncapi.json", "docs/events.md")),
)


def stale_files(root: Path = ROOT, generators: Iterable[Generator] = GENERATORS) -> list[str]:
    """The files that are not what the code makes: changed, missing, or made no longer."""
    stale: list[str] = []
    for generator in generators:
        files = generator.render()
        stale += (path for path, text in files.items() if _read(root / path) != text)
        stale += _orphans(root, generator, files)
    return sorted(stale)


def write(root: Path = ROOT, generators: Iterable[Generator] = GENERATORS) -> list[str]:
    """Write every file that is stale, remove those made no longer, and say which."""
    stale = stale_files(root, generators)
    wanted = {path: text for generator in generators for path, text in generator.render().items()}
    for path in stale:
        if path in wanted:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(wanted[path], encoding="utf-8")
        else:
            (root / path).unlink()
    return stale


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 if all is current (or has been written), 1 if `--check` found stale files."""
    parser = argparse.ArgumentParser(prog="python -m deploy.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")
    if not parser.parse_args(arguments).check:
        for path in write():
            print(path)
        return 0
    stale = stale_files()
    for path in stale:
        print(f"stale: {path}", file=sys.stderr)
    if stale:
        print("Run `make docs` and commit what it writes.", file=sys.stderr)
    return 1 if stale else 0


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _orphans(root: Path, generator: Generator, files: Mapping[str, str]) -> list[str]:
    there = (path for pattern in generator.owns for path in root.glob(pattern))
    return [name for path in there if (name := path.relative_to(root).as_posix()) not in files]


if __name__ == "__main__":
    sys.exit(main())
