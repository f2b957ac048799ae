"""The Kafka topics: make them, check them."""

from typing import Annotated

import typer

from deploy import topics
from deploy.cli.answering import awaited, console, failed, leave
from deploy.cli.places import System, kafka_of, time_mode

app = typer.Typer(help="The Kafka topics: make them, check them.", no_args_is_help=True)


@app.command()
def apply(
    time: Annotated[str, typer.Option(help="live (brokers' time) or replay.", envvar="THROUGHCARE_TIME")] = "live",
    partitions: Annotated[int, typer.Option(help="For life: keys never move.", min=1)] = 12,
    replication: Annotated[int, typer.Option(min=1)] = 1,
    name: System = "live",
) -> None:
    """Make the topics that are missing; what differs is told, never changed."""
    mode = time_mode(time)
    try:
        made = awaited(topics.apply(kafka_of(name), mode, partitions, replication))
    except topics.TopicsError as failure:
        failed(str(failure))
    console.print(f"made: {', '.join(made) or 'none, all were there'}")


@app.command()
def check(
    time: Annotated[str, typer.Option(help="live or replay.", envvar="THROUGHCARE_TIME")] = "live",
    partitions: Annotated[int, typer.Option(min=1)] = 12,
    replication: Annotated[int, typer.Option(min=1)] = 1,
    name: System = "live",
) -> None:
    """Everything about the topics that is not as the services need it; exit code 1 if anything is."""
    mode = time_mode(time)
    problems = awaited(topics.check(kafka_of(name), mode, partitions, replication))
    for problem in problems:
        console.print(problem)
    if problems:
        leave(1)
    console.print("The topics are as they must be.")
