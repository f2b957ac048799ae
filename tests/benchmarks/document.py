"""`document`: writes `docs/performance.md` from the guide's text and the figures kept in `docs/performance.json`."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks import figures
from tests.benchmarks.figures import Section
from tests.benchmarks.showing import markdown

DOCS = Path(__file__).parents[2] / "docs"
FIGURES, GUIDE = DOCS / "performance.json", DOCS / "performance.md"
TEXT = Path(__file__).with_name("guide.md")
"""The guide's text; a line `{{name}}` stands for the figures of the benchmark of that name."""
NOT_RUN = "*Not run yet on the machine of this document.*"


def render(text: str, sections: Mapping[str, Section]) -> str:
    """The guide with its figures. Raises `KeyError` for a section that the text has no place for."""
    places = {line[2:-2] for line in text.splitlines() if _is_place(line)}
    if left_over := set(sections) - places:
        raise KeyError(f"the guide has no place for {', '.join(sorted(left_over))}")
    lines = []
    for line in text.splitlines():
        if line == "{{machine}}":
            lines.append(machine(sections))
        elif _is_place(line):
            section = sections.get(line[2:-2])
            lines.append(markdown(section) if section else NOT_RUN)
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def machine(sections: Mapping[str, Section]) -> str:
    """What the figures were taken on; where sections differ, each kind of machine with its sections."""
    kinds: dict[str, list[str]] = {}
    for name, section in sections.items():
        kinds.setdefault(_machine_of(section), []).append(name)
    if len(kinds) <= 1:
        return next(iter(kinds), NOT_RUN)
    return "\n".join(f"- {', '.join(names)}: {kind}" for kind, names in kinds.items())


def _machine_of(section: Section) -> str:
    facts = section.machine
    postgres = ", ".join(f"{name} {value}" for name, value in facts["postgres"].items() if name != "server_version")
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    return (
        f"{facts['cores']} cores of {facts['processor']}, {facts['memoryGiB']} GiB, {facts['system']}; "
        f"Python {facts['python']}, Apache Kafka {facts['kafka']}, PostgreSQL {facts['postgres']['server_version']} "
        f"({postgres}); {packages}"
    )


def _is_place(line: str) -> bool:
    return line.startswith("{{") and line.endswith("}}")


def main(arguments: Sequence[str]) -> int:
    """Write the guide, or with `--check` say whether it is current."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks document", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 where the guide is stale")
    given = parser.parse_args(arguments)
    sections = figures.read(FIGURES) if FIGURES.exists() else {}
    wanted = render(TEXT.read_text(), sections)
    if given.check:
        current = GUIDE.exists() and GUIDE.read_text() == wanted
        if not current:
            print("stale: docs/performance.md; run `make docs`", file=sys.stderr)
        return 0 if current else 1
    GUIDE.write_text(wanted)
    return 0
