"""The `throughcare` command: run it, feed it, ask it, mend it. A module for each group of its commands.

Exit codes: 0 well, 1 it failed, 2 asked wrongly, 3 partly read.
"""

from collections.abc import Callable

import typer

from deploy.cli import asking, dead_letters, feeding, parked, running, simulating, topics

app = typer.Typer(
    name="throughcare",
    help="Event-driven probation casework: facts in, explained decisions out.\n\n"
    "Start with `throughcare demo`. To see what a history of your own would lead to, `throughcare simulate FILE`.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
COMMANDS: tuple[Callable[..., None], ...] = (
    *(running.demo, running.up, running.down, running.run, running.migrate),
    *(feeding.publish, feeding.export, feeding.feed, simulating.simulate),
    *(asking.case, asking.office, asking.verify),
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(topics.app, name="topics")
app.add_typer(parked.app, name="parked")
app.add_typer(dead_letters.app, name="dead-letters")


def main() -> None:
    """The command's entry point."""
    app()
