"""`python -m tests.benchmarks [counter|services|latency|replicas|verify|scale|memory|year|all|document] [options]`

Without a name: counter and services, in about ten minutes; `all`: every one as it is by default, in above an hour.
Exit code 1 where a target is missed.
"""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from rich.console import Console

from deploy.local.kafka_jars import what_is_missing
from tests.benchmarks import document, figures, showing
from tests.benchmarks.figures import Section

BENCHMARKS: tuple[str, ...] = (
    "counter", "services", "latency", "replicas", "verify", "scale", "memory", "year",
)  # fmt: skip
WIDTH = 150
"""Of what is written to no terminal."""
EVERYTHING, DOCUMENT = "all", "document"
ROUTINE: tuple[str, ...] = ("counter", "services")


async def bench(name: str, given: argparse.Namespace, console: Console) -> Section:
    """Run one benchmark, show what it found, and keep it where asked; the guide follows its own figures."""
    section: Section = await import_module(f"tests.benchmarks.{name}").run(given, console)
    showing.show(console, section)
    if given.json:
        figures.keep(given.json, section)
        if given.json.resolve() == document.FIGURES:
            document.main([])
    return section


def parser_of(names: Sequence[str]) -> argparse.ArgumentParser:
    """The command line of one benchmark, or of several with what each has by default."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks {' '.join(names)}")
    parser.add_argument("--json", type=Path, help="put what is found into this document")
    if len(names) == 1:
        import_module(f"tests.benchmarks.{names[0]}").add_arguments(parser)
    return parser


def one_after_another(names: Sequence[str], arguments: Sequence[str], console: Console) -> bool:
    """Run several with what each has by default; one that fails costs the others nothing. Whether all is well."""
    well = True
    for name in names:
        try:
            section = asyncio.run(bench(name, parser_of((name,)).parse_args(arguments), console))
            well = well and section.met
        except Exception as failure:  # told, and the next one has its turn
            console.print(f"{name} failed: {type(failure).__name__}: {failure}", style="red")
            well = False
    return well


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for. 1 where a target is missed or a benchmark fails, 2 where it cannot run."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    names, rest = ROUTINE, list(arguments)
    if rest and not rest[0].startswith("-"):
        names = BENCHMARKS if rest[0] == EVERYTHING else (rest[0],)
        rest = rest[1:]
    if names == (DOCUMENT,):
        return document.main(rest)
    if unknown := set(names) - set(BENCHMARKS):
        console.print(f"there is no benchmark {unknown.pop()}: {', '.join((*BENCHMARKS, EVERYTHING, DOCUMENT))}")
        return 2
    given = parser_of(names).parse_args(rest)
    if missing := what_is_missing():
        console.print(f"the benchmarks need Apache Kafka: {missing}", style="red")
        return 2
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # a fresh topic's leader is looked for, and found
    if len(names) > 1:
        return 0 if one_after_another(names, rest, console) else 1
    return 0 if asyncio.run(bench(names[0], given, console)).met else 1


if __name__ == "__main__":
    os.environ.setdefault("KAFKA", "apache")
    raise SystemExit(main(sys.argv[1:]))
