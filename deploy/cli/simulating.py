"""Decide a history in memory, without a system; under another policy, what would have been decided differently."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import orjson
import typer

from deploy.catalogue import with_policies
from deploy.cli.answering import console, errors, leave, wrong
from deploy.cli.feeding import read_history
from deploy.cli.places import instant_stated
from deploy.simulate import Simulated
from deploy.simulate import simulate as simulated
from deploy.what_if import Policies, changed_parameters, show, what_if
from shared.domain.fact import iso
from shared.domain.policy import InvalidPolicy


def simulate(
    file: Annotated[Path, typer.Argument(help="A history file, or - for standard input.")],
    until: Annotated[
        str | None, typer.Option(help="Let time go on to here (default: the last record + 400 days).")
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="A folder of policy files laid over the services' own: print what they would change."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --policy: JSON lines for a script.")] = False,
) -> None:
    """What the services would decide over a history, in memory: one JSON line for each thing published, in order.

    With `--policy`, what would have been decided differently: case by case, what was, what would be, and why.
    """
    records, bad = read_history(file)
    end, now = instant_stated(until), with_policies()
    if policy is None:
        _print(simulated(records, now, end))
    else:
        other = _laid_over(policy)
        found = what_if(records, now, other, end)
        if as_json:
            for one in found:
                print(json.dumps(one.as_json()))
        else:
            show(console, found, changed_parameters(now, other))
    leave(3 if bad else 0)


def _laid_over(folder: Path) -> Policies:
    try:
        return with_policies(folder)
    except InvalidPolicy as invalid:
        wrong(str(invalid))


def _print(results: Mapping[str, Simulated]) -> None:
    lines = [
        (event.at, rank, n, service, event)
        for rank, (service, result) in enumerate(results.items())
        for n, event in enumerate(result.outputs)
    ]
    for at, _, _, service, event in sorted(lines, key=lambda line: line[:3]):
        told = {"at": iso(at), "service": service, "topic": event.topic, "key": event.key}
        sys.stdout.buffer.write(
            orjson.dumps({**told, "value": orjson.Fragment(event.value)}, option=orjson.OPT_APPEND_NEWLINE)
        )
    for service, result in results.items():
        for letter in result.dead_letters:
            errors.print(f"{service}: a record on {letter.record.topic} goes to the dead letters: {letter.reason_code}")
        for subject, facts in result.parked.items():
            errors.print(f"{service}: a {subject.kind} is parked at event {facts[0].id}")
