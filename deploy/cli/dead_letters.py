"""Records that could not be decoded: which, why, and publish them again."""

import json
import sys
from typing import Annotated

import typer
from rich.table import Table

from deploy import dead_letters
from deploy.cli.answering import awaited, console, failed
from deploy.cli.places import AsJson, System, kafka_of, service_named

app = typer.Typer(help="Records that could not be decoded: which, why, and publish them again.", no_args_is_help=True)


@app.command("list")
def letters_list(service: str, as_json: AsJson = False, name: System = "demo") -> None:
    """The dead letters of a service: place, reason, where it came from, what to do. Never the content."""
    found = awaited(_letters(name, service))
    if as_json:
        print(json.dumps([letter.as_json() for letter in found]))
        return
    table = Table("place", "reason", "from", "what is wrong", "what to do", title=f"{service}.dead-letters")
    for letter in found:
        told = letter.told
        origin = f"{told['x-original-topic']}[{told['x-original-partition']}] {told['x-original-offset']}"
        table.add_row(letter.place, told["x-reason-code"], origin, told["x-reason"], told["x-hint"])
    console.print(table if found else "No dead letters.")


@app.command("show")
def letters_show(service: str, place: str, name: System = "demo") -> None:
    """The bytes of one dead letter (its place as `list` shows it), to standard output. May be about a person."""
    for letter in awaited(_letters(name, service)):
        if letter.place == place:
            sys.stdout.buffer.write(letter.value or b"")
            return
    failed(f"there is no dead letter at {place}")


@app.command("replay")
def letters_replay(
    service: str,
    place: Annotated[list[str] | None, typer.Option(help="Places; all of them if absent.")] = None,
    name: System = "live",
) -> None:
    """Publish dead letters again, byte for byte, to the topics that they came from."""
    chosen = [letter for letter in awaited(_letters(name, service)) if place is None or letter.place in place]
    console.print(f"{awaited(dead_letters.publish_again(kafka_of(name), chosen))} published again")


async def _letters(name: str, service: str) -> list[dead_letters.Letter]:
    return [letter async for letter in dead_letters.letters(kafka_of(name), service_named(service))]
