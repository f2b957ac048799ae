"""`python -m tests.benchmarks [counter|services|scale|replicas|latency|memory|year|verify|document] [options]`

Without a name: counter and services, in about ten minutes. Exit code 1 where a target is missed.
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

BENCHMARKS = ("counter", "services", "scale", "replicas", "latency", "memory", "year", "verify")
DOCUMENT = "document"
ROUTINE: tuple[str, ...] = ("counter", "services")


async def bench(name: str, given: argparse.Namespace, console: Console) -> Section:
    """Run one benchmark, show what it found, and keep it where asked."""
    section: Section = await import_module(f"tests.benchmarks.{name}").run(given, console)
    showing.show(console, section)
    if given.json:
        figures.keep(given.json, section)
    return section


def parser_of(names: Sequence[str]) -> argparse.ArgumentParser:
    """The command line of one benchmark, or of several with what each has by default."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks {' '.join(names)}")
    parser.add_argument("--json", type=Path, help="put what is found into this document")
    if len(names) == 1:
        import_module(f"tests.benchmarks.{names[0]}").add_arguments(parser)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for. 1 where a target is missed, 2 where it cannot run."""
    console = Console()
    names, rest = ROUTINE, list(arguments)
    if rest and not rest[0].startswith("-"):
        names = (rest.pop(0),)
    if names == (DOCUMENT,):
        return document.main(rest)
    if unknown := set(names) - set(BENCHMARKS):
        console.print(f"there is no benchmark {unknown.pop()}: {', '.join((*BENCHMARKS, DOCUMENT))}")
        return 2
    given = parser_of(names).parse_args(rest)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # a fresh topic's leader is looked for, and found
    if missing := what_is_missing():
        console.print(f"the benchmarks need Apache Kafka: {missing}", style="red")
        return 2
    met = True
    for name in names:
        whole = given if len(names) == 1 else parser_of((name,)).parse_args(rest)
        section = asyncio.run(bench(name, whole, console))
        met = met and section.met
    return 0 if met else 1


if __name__ == "__main__":
    os.environ.setdefault("KAFKA", "apache")
    raise SystemExit(main(sys.argv[1:]))
