"""Ask it: a person's timeline, an office and what new cases would lead to, the proof of the journals."""

import json
from typing import Annotated, Any

import typer

from deploy import casebook, new_cases
from deploy import office as offices
from deploy import verify as verification
from deploy.catalogue import service_of
from deploy.cli.answering import awaited, console, failed, leave, wrong
from deploy.cli.places import AsJson, System, reader_dsn
from deploy.services import SERVICES
from shared.domain.policy import Policy


def case(
    crn: Annotated[str, typer.Argument(help="The person's CRN, as in X123456.")],
    as_json: AsJson = False,
    name: System = "demo",
) -> None:
    """A person's whole timeline across the services: what was stated, what was decided, and why."""
    book = awaited(casebook.read(reader_dsn(name), crn, SERVICES))
    if as_json:
        print(json.dumps(book.as_json()))
    else:
        casebook.show(console, book)
    leave(0 if book.entries else 1)


def office(
    code: Annotated[str, typer.Argument(help="The office's code, as in LMC1.")],
    with_: Annotated[int, typer.Option("--with", help="What if so many new cases came now?", min=0)] = 0,
    band: Annotated[str, typer.Option(help="Their band, at a CRC's office: green, yellow, blue, red.")] = "",
    rosh: Annotated[str, typer.Option(help="Their risk of harm, at the NPS's: low, medium, high, very-high.")] = "",
    as_json: AsJson = False,
    name: System = "demo",
) -> None:
    """An office's officers: what they hold and could hold, absences, cover; and who would get new cases, and why."""
    standing = awaited(offices.read(reader_dsn(name), code))
    if standing is None:
        failed(f"there is no office {code!r}")
    policy = Policy.load(*service_of("allocation").policy)
    placing = None
    if with_:
        try:
            placing = new_cases.place(standing.states, code, with_, policy, standing.at, band=band, rosh=rosh)
        except new_cases.CannotPlace as cannot:
            wrong(str(cannot))
    if as_json:
        print(json.dumps(offices.as_json(code, standing, policy, placing)))
    else:
        offices.show(console, code, standing, policy, placing)


def verify(as_json: AsJson = False, name: System = "demo") -> None:
    """Prove the journals: every chain of hashes is whole, and every decision, decided again, comes out the same."""
    found = awaited(verification.verify_all(reader_dsn(name)))
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
    leave(0 if all(one.well for one in found) else 1)
