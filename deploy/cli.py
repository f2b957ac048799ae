"""The `throughcare` command: run it, feed it, ask it.

Exit codes: 0 well, 1 it failed, 2 asked wrongly, 3 partly read.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn
from urllib.parse import quote, urlsplit

import asyncpg
import orjson
import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from deploy import casebook, dead_letters, history, new_cases, topics
from deploy import demo as demonstration
from deploy import office as offices
from deploy import parked as parked_cases
from deploy import verify as verification
from deploy import what_if as differences
from deploy.catalogue import service_of, with_policies
from deploy.export import OUTSIDE
from deploy.export import export as exported
from deploy.live import up as stay_up
from deploy.local.feed.generate import generate
from deploy.local.feed.history import dump
from deploy.migrations import migrate_all
from deploy.postgres.roles import DATABASE, OWNER, passwords_stated, provision
from deploy.publish import Publisher
from deploy.services import SERVICES, ServiceFailed
from deploy.simulate import simulate as simulated
from deploy.system import Addresses, find
from shared.domain.fact import instant, iso
from shared.domain.policy import InvalidPolicy, Policy
from shared.kernel.migrate import MigrationError

console = Console(width=None if sys.stdout.isatty() else 120)
errors = Console(stderr=True)

app = typer.Typer(
    name="throughcare",
    help="Event-driven probation casework: facts in, explained decisions out.\n\n"
    "Start with `throughcare demo`. To see what a history of your own would lead to, `throughcare simulate FILE`.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
topics_app = typer.Typer(help="The Kafka topics: make them, check them.", no_args_is_help=True)
parked_app = typer.Typer(help="Cases that a bug has parked: which, why, and try them again.", no_args_is_help=True)
letters_app = typer.Typer(
    help="Records that could not be decoded: which, why, and publish them again.", no_args_is_help=True
)
app.add_typer(topics_app, name="topics")
app.add_typer(parked_app, name="parked")
app.add_typer(letters_app, name="dead-letters")

System = Annotated[str, typer.Option("--system", help="Which local system: demo (replay) or live.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for a script.")]


# -- run it -----------------------------------------------------------------------------------------


@app.command()
def demo(
    cases: Annotated[int, typer.Option(help="People sentenced.", min=1)] = 1500,
    months: Annotated[int, typer.Option(help="Months of the feed.", min=1)] = 12,
    seed: Annotated[int, typer.Option(help="The same seed gives the same digest.")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write what came of it to this file.")] = None,
    stay: Annotated[bool | None, typer.Option(help="Stay up at the end until Ctrl-C (default: on a terminal).")] = None,
) -> None:
    """A year of a synthetic probation area through four services on this machine, and what they decided."""
    staying = sys.stdout.isatty() if stay is None else stay
    asked = demonstration.Asked(cases, months, seed, json_file, staying)
    _exit(_run(demonstration.demo(asked, console)))


@app.command()
def up() -> None:
    """PostgreSQL, Kafka and the four services, live, until Ctrl-C (or `throughcare down`)."""
    _exit(_run(stay_up(console)))


@app.command()
def down(name: System = "live") -> None:
    """Stop a system that `up` (or a demo that stays) has started."""
    found = find(name)
    if found is None or not _alive(found.pid):
        console.print("Nothing runs.")
        return
    os.kill(found.pid, signal.SIGTERM)
    console.print(f"Asked process {found.pid} to stop.")


@app.command()
def run(service: Annotated[str, typer.Argument(help="allocation, resettlement, enforcement or metrics.")]) -> None:
    """Run one service in the foreground, by the THROUGHCARE_* settings of the environment."""
    if service not in SERVICES:
        _wrong(f"there is no service {service!r}: the services are {', '.join(SERVICES)}")
    os.execv(sys.executable, [sys.executable, "-m", f"services.{service}"])  # noqa: S606  # signals reach the service


@app.command()
def migrate(name: System = "live") -> None:
    """Bring the database up to date: every service's tables, and its rights to them.

    THROUGHCARE_OWNER_DSN names the database; or THROUGHCARE_ADMIN_DSN the server, whose database, roles and schemas
    are then made first, with the passwords of THROUGHCARE_PASSWORD_*; else it is that of the local system.
    """
    try:
        applied = _run(_migrate(name))
    except MigrationError as failure:
        _failed(str(failure))
    for service, names in applied.items():
        console.print(f"{service}: {', '.join(names) or 'up to date'}")


async def _migrate(name: str) -> dict[str, list[str]]:
    admin = os.environ.get("THROUGHCARE_ADMIN_DSN")
    if not admin:
        return await migrate_all(_owner_dsn(name))
    passwords = passwords_stated(os.environ)
    if OWNER not in passwords:
        _wrong("THROUGHCARE_PASSWORD_OWNER is missing: give the password of the tables' owner")
    await provision(admin, passwords)
    server = urlsplit(admin)
    place = f"{server.hostname}:{server.port or 5432}"
    return await migrate_all(f"postgresql://{OWNER}:{quote(passwords[OWNER], safe='')}@{place}/{DATABASE}")


@topics_app.command("apply")
def topics_apply(
    time: Annotated[str, typer.Option(help="live (brokers' time) or replay.", envvar="THROUGHCARE_TIME")] = "live",
    partitions: Annotated[int, typer.Option(help="For life: keys never move.", min=1)] = 12,
    replication: Annotated[int, typer.Option(min=1)] = 1,
    name: System = "live",
) -> None:
    """Make the topics that are missing; what differs is told, never changed."""
    mode = _time(time)
    try:
        made = _run(topics.apply(_kafka(name), mode, partitions, replication))
    except topics.TopicsError as failure:
        _failed(str(failure))
    console.print(f"made: {', '.join(made) or 'none, all were there'}")


@topics_app.command("check")
def topics_check(
    time: Annotated[str, typer.Option(help="live or replay.", envvar="THROUGHCARE_TIME")] = "live",
    partitions: Annotated[int, typer.Option(min=1)] = 12,
    replication: Annotated[int, typer.Option(min=1)] = 1,
    name: System = "live",
) -> None:
    """Everything about the topics that is not as the services need it; exit code 1 if anything is."""
    mode = _time(time)
    problems = _run(topics.check(_kafka(name), mode, partitions, replication))
    for problem in problems:
        console.print(problem)
    if problems:
        _exit(1)
    console.print("The topics are as they must be.")


# -- feed it ----------------------------------------------------------------------------------------


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(help="A history file, or - for standard input.")],
    until: Annotated[str | None, typer.Option(help="Replay: close time at this instant.")] = None,
    live: Annotated[bool, typer.Option("--live", help="To the live topics, as they are.")] = False,
    name: System = "demo",
) -> None:
    """Publish a history: to replay topics in its own time, with time records; or live, as it comes."""
    records, bad = _read(file)
    through = _run(
        _publish(_kafka("live" if live else name), records, None if until is None else _instant(until), live)
    )
    errors.print(f"{len(records):,} records published" + (f", time told through {iso(through)}" if through else ""))
    _exit(3 if bad else 0)


async def _publish(
    bootstrap: str, records: list[history.HistoryRecord], until: datetime | None, live: bool
) -> datetime | None:
    async with Publisher(bootstrap) as publisher:
        sent = await (publisher.live(records) if live else publisher.replay(records, until))
    return sent.through


@app.command("export")
def export_history(
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; standard output if absent.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Topics; by default those of outside publishers.")] = None,
    name: System = "demo",
) -> None:
    """Take topics out as a history file, sorted by log time."""
    records = _run(exported(_kafka(name), topic or OUTSIDE))
    with contextlib.ExitStack() as stack:
        target = stack.enter_context(out.open("wb")) if out else sys.stdout.buffer
        target.writelines(history.write(record) for record in records)
    errors.print(f"{len(records):,} records")


@app.command()
def feed(
    cases: Annotated[int, typer.Option(min=0)] = 1500,
    months: Annotated[int, typer.Option(min=1)] = 12,
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Write the synthetic sample feed to standard output, as a history file."""
    dump(generate(cases, months, seed), sys.stdout.buffer)


@app.command()
def simulate(
    file: Annotated[Path, typer.Argument(help="A history file, or - for standard input.")],
    until: Annotated[
        str | None, typer.Option(help="Let time go on to here (default: the last record + 400 days).")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="A folder of policy files laid over the services' own.")] = None,
) -> None:
    """What the services would decide over a history, in memory: one JSON line for each thing published, in order."""
    records, bad = _read(file)
    try:
        services = with_policies(policy)
    except InvalidPolicy as wrong:
        _wrong(str(wrong))
    results = simulated(records, services, None if until is None else _instant(until))
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
    _exit(3 if bad else 0)


@app.command("what-if")
def what_if(
    file: Annotated[Path, typer.Argument(help="A history file, or - for standard input.")],
    policy: Annotated[Path, typer.Option(help="A folder of policy files laid over the services' own.")],
    until: Annotated[
        str | None, typer.Option(help="Let time go on to here (default: the last record + 400 days).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What would have been decided differently under another policy: case by case, what was, what would be, and why."""
    records, bad = _read(file)
    try:
        now, other = with_policies(), with_policies(policy)
    except InvalidPolicy as wrong:
        _wrong(str(wrong))
    found = differences.what_if(records, now, other, None if until is None else _instant(until))
    if as_json:
        for one in found:
            print(json.dumps(one.as_json()))
    else:
        differences.show(console, found, differences.changed_parameters(now, other))
    _exit(3 if bad else 0)


# -- ask it -----------------------------------------------------------------------------------------


@app.command()
def case(
    crn: Annotated[str, typer.Argument(help="The person's CRN, as in X123456.")],
    as_json: AsJson = False,
    name: System = "demo",
) -> None:
    """A person's whole timeline across the services: what was stated, what was decided, and why."""
    book = _run(casebook.read(_reader_dsn(name), crn, SERVICES))
    if as_json:
        print(json.dumps(book.as_json()))
    else:
        casebook.show(console, book)
    _exit(0 if book.entries else 1)


@app.command()
def office(
    code: Annotated[str, typer.Argument(help="The office's code, as in LMC1.")],
    with_: Annotated[int, typer.Option("--with", help="What if so many new cases came now?", min=0)] = 0,
    band: Annotated[str, typer.Option(help="Their band, at a CRC's office: green, yellow, blue, red.")] = "",
    rosh: Annotated[str, typer.Option(help="Their risk of harm, at the NPS's: low, medium, high, very-high.")] = "",
    as_json: AsJson = False,
    name: System = "demo",
) -> None:
    """An office's officers: what they hold and could hold, absences, cover; and who would get new cases, and why."""
    standing = _run(offices.read(_reader_dsn(name), code))
    if standing is None:
        _failed(f"there is no office {code!r}")
    policy = Policy.load(*service_of("allocation").policy)
    placing = None
    if with_:
        try:
            placing = new_cases.place(standing.states, code, with_, policy, standing.at, band=band, rosh=rosh)
        except new_cases.CannotPlace as wrong:
            _wrong(str(wrong))
    if as_json:
        print(json.dumps(offices.as_json(code, standing, policy, placing)))
    else:
        offices.show(console, code, standing, policy, placing)


@parked_app.command("list")
def parked_list(as_json: AsJson = False, name: System = "demo") -> None:
    """What is parked: service, kind, key, since when, by which event, how many facts queue."""
    found = _run(parked_cases.parked(_reader_dsn(name), SERVICES))
    if as_json:
        print(json.dumps([one.as_json() for one in found]))
        return
    table = Table("service", "kind", "key", "since", "event", "queued", title="parked")
    for one in found:
        table.add_row(one.service, one.kind, one.key, one.since, one.cause_event_id, str(one.queued))
    console.print(table if found else "Nothing is parked.")


@parked_app.command("show")
def parked_show(service: str, kind: str, key: str, name: System = "demo") -> None:
    """The facts that queue behind a parked aggregate, in order, as JSON lines."""
    for line in _run(_queue(_reader_dsn(name), _service(service), kind, key)):
        print(line)


async def _queue(dsn: str, service: str, kind: str, key: str) -> list[str]:
    conn = await asyncpg.connect(dsn)
    try:
        rows = await conn.fetch(
            f'SELECT content FROM "{service}".parked_fact WHERE kind = $1 AND key = $2 ORDER BY position', kind, key
        )
    finally:
        await conn.close()
    return [row["content"] for row in rows]


@parked_app.command("retry")
def parked_retry(service: str, kind: str, key: str, name: System = "demo") -> None:
    """Ask the running service to decide the queue of a parked aggregate again, after the bug is mended."""
    if not _run(parked_cases.retry(_owner_dsn(name), _service(service), kind, key)):
        _failed("nothing of that name is parked")
    console.print("Asked; `throughcare parked list` shows what is left.")


@letters_app.command("list")
def letters_list(service: str, as_json: AsJson = False, name: System = "demo") -> None:
    """The dead letters of a service: place, reason, where it came from, what to do. Never the content."""
    found = _run(_letters(name, service))
    if as_json:
        print(json.dumps([letter.as_json() for letter in found]))
        return
    table = Table("place", "reason", "from", "what is wrong", "what to do", title=f"{service}.dead-letters")
    for letter in found:
        told = letter.told
        origin = f"{told['x-original-topic']}[{told['x-original-partition']}] {told['x-original-offset']}"
        table.add_row(letter.place, told["x-reason-code"], origin, told["x-reason"], told["x-hint"])
    console.print(table if found else "No dead letters.")


@letters_app.command("show")
def letters_show(service: str, place: str, name: System = "demo") -> None:
    """The bytes of one dead letter (its place as `list` shows it), to standard output. May be about a person."""
    for letter in _run(_letters(name, service)):
        if letter.place == place:
            sys.stdout.buffer.write(letter.value or b"")
            return
    _failed(f"there is no dead letter at {place}")


@letters_app.command("replay")
def letters_replay(
    service: str,
    place: Annotated[list[str] | None, typer.Option(help="Places; all of them if absent.")] = None,
    name: System = "live",
) -> None:
    """Publish dead letters again, byte for byte, to the topics that they came from."""
    chosen = [letter for letter in _run(_letters(name, service)) if place is None or letter.place in place]
    console.print(f"{_run(dead_letters.publish_again(_kafka(name), chosen))} published again")


async def _letters(name: str, service: str) -> list[dead_letters.Letter]:
    return [letter async for letter in dead_letters.letters(_kafka(name), _service(service))]


@app.command()
def verify(as_json: AsJson = False, name: System = "demo") -> None:
    """Prove the journals: every chain of hashes is whole, and every decision, decided again, comes out the same."""
    found = _run(verification.verify_all(_reader_dsn(name)))
    if as_json:
        told: list[dict[str, Any]] = [
            {"service": one.service, "lines": one.lines, "decidedAgain": one.decided_again, "erased": one.erased,
             "otherVersions": one.other_versions, "found": one.found, "problems": one.problems}
            for one in found
        ]  # fmt: skip
        print(json.dumps(told))
    else:
        for one in found:
            console.print(f"{one.service}: {one.lines:,} lines, {one.decided_again:,} decided again, {one.found} amiss")
            for version, n in one.other_versions.items():
                console.print(f"  {n:,} of other rules ({version}): chain checked, not decided again")
            for problem in one.problems:
                console.print(f"  {problem}", style="red")
    _exit(0 if all(one.well for one in found) else 1)


# -- where things are ---------------------------------------------------------------------------------


def _found(name: str) -> Addresses:
    found = find(name)
    if found is None:
        _wrong(f"no local system {name!r} has run here: `throughcare demo` or `throughcare up` starts one")
    return found


def _kafka(name: str) -> str:
    return os.environ.get("THROUGHCARE_KAFKA") or _found(name).kafka


def _reader_dsn(name: str) -> str:
    return os.environ.get("THROUGHCARE_READER_DSN") or _found(name).reader_dsn


def _owner_dsn(name: str) -> str:
    return os.environ.get("THROUGHCARE_OWNER_DSN") or _found(name).owner_dsn


def _service(name: str) -> str:
    if name not in SERVICES:
        _wrong(f"there is no service {name!r}: the services are {', '.join(SERVICES)}")
    return name


def _time(text: str) -> topics.TimeMode:
    if text not in ("live", "replay"):
        _wrong(f"--time is {text!r}: give live or replay")
    return "live" if text == "live" else "replay"


def _instant(text: str) -> datetime:
    try:
        found = instant(text)
    except ValueError:
        _wrong(f"{text!r} is not an instant with an offset, as in 2016-03-04T10:12:00Z")
    return found - timedelta(microseconds=found.microsecond % 1000)


def _read(file: Path) -> tuple[list[history.HistoryRecord], int]:
    """A history file's records; lines that cannot be read are told with number and reason, and the others go on."""
    try:
        stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as failure:
        _wrong(f"{file}: {failure.strerror}")
    records, bad = [], 0
    with stream:
        for found in history.read(stream):
            if isinstance(found, history.BadLine):
                bad += 1
                errors.print(f"line {found.number}: {found.reason}", markup=False, highlight=False, soft_wrap=True)
            else:
                records.append(found)
    return records, bad


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _run(work: Any) -> Any:
    try:
        return asyncio.run(_stoppable(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        _exit(0)
    except (OSError, asyncpg.PostgresError, KafkaError) as failure:
        _failed(
            f"cannot reach the system: {type(failure).__name__}; does it run? (`throughcare up`, `throughcare demo`)"
        )
    except ServiceFailed as failure:
        _failed(str(failure))


async def _stoppable(work: Any) -> Any:
    """The work, ended cleanly on SIGTERM as on Ctrl-C."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work


def _exit(code: int) -> NoReturn:
    raise typer.Exit(code)


def _wrong(what: str) -> NoReturn:
    errors.print(what, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2)


def _failed(what: str) -> NoReturn:
    errors.print(what, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def main() -> None:
    """The command's entry point."""
    app()
