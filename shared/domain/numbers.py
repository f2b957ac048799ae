"""Numbers that are one person's: which of them stands, whatever the order in which the mergers are heard.

What stands is a function of the mergers known: they are followed in the order in which they were stated, each letting
the number that then stands for the one stand for the other; one that joins what is one already changes nothing. So of
two mergers into each other the earlier counts, and a late one may move the person to another number.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise

from shared.domain.decision import Rows
from shared.domain.fact import Subject
from shared.domain.state import Aggregate, Row
from shared.domain.step import Step

LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
"""When a merger was stated that is known by its pointer alone."""


class Merger(Row, frozen=True):
    """It was stated at an instant that one number is to stand for another."""

    at: datetime
    goes: str
    stays: str


class Numbered(Aggregate, omit_defaults=True):
    """An aggregate of a person, by one of their numbers."""

    merged_into: str = ""
    """The number that stands for this one."""
    mergers: dict[str, Merger] = {}  # noqa: RUF012 - msgspec gives each state its own empty mapping
    """Of the number that stands: the mergers that made it one with others, by fact."""


Lookup = Callable[[Subject], Numbered | None]


def chain(first: Subject, given: Rows | Step) -> tuple[Subject, ...]:
    """A number and those that stand for it after mergers, the one that stands now last, as far as the rows tell."""
    find: Lookup = given.states.get if isinstance(given, Rows) else _of_step(given)
    found: tuple[Subject, ...] = (first,)
    while (known := find(found[-1])) is not None and known.merged_into:
        following = Subject(first.kind, known.merged_into)
        if following in found:
            break
        found = (*found, following)
    return found


def of_both(goes: Subject, stays: Subject, rows: Rows) -> tuple[Subject, ...]:
    """The numbers that a merger may touch: all that are one with either, as far as the rows loaded tell."""
    found = dict.fromkeys((*chain(goes, rows), *chain(stays, rows)))
    for subject in list(found):
        known: Numbered | None = rows.states.get(subject)
        for merger in known.mergers.values() if known is not None else ():
            found.update(dict.fromkeys(_ends(merger, goes.kind)))
    return tuple(found)


def unite(step: Step, goes: Subject, stays: Subject) -> tuple[Subject, tuple[Subject, ...]]:
    """Take a merger down. Returns the number that stands now, and those that stood until now and no longer do: what
    they hold is to be moved. The step must have been handed all numbers `of_both`.
    """
    held = tuple(dict.fromkeys((chain(goes, step)[-1], chain(stays, step)[-1])))
    stated = dict(_known(step, goes, stays, held))
    stated[str(step.fact.id)] = Merger(step.fact.at, goes.key, stays.key)
    counting, into = followed(stated)
    stands = Subject(goes.kind, _end(into, goes.key))
    for subject in held:
        for fact_id in sorted(step.state(subject).mergers):
            if subject != stands or fact_id not in counting:
                step.drop("mergers", fact_id, subject)
    for fact_id, merger in counting.items():
        step.put("mergers", fact_id, merger, stands)
    for subject in sorted({end for merger in counting.values() for end in _ends(merger, goes.kind)}):
        if step.state(subject).merged_into != into.get(subject.key, ""):
            step.edit(subject).merged_into = into.get(subject.key, "")
    return stands, tuple(subject for subject in held if subject != stands)


def followed(stated: Mapping[str, Merger]) -> tuple[dict[str, Merger], dict[str, str]]:
    """The mergers that count, by fact, and what each number points to. Those that do not count never will: what joins
    two numbers is known, and more mergers take nothing apart."""
    counting: dict[str, Merger] = {}
    into: dict[str, str] = {}
    for fact_id, merger in sorted(stated.items(), key=lambda item: (item[1].at, item[0])):
        goes, stays = _end(into, merger.goes), _end(into, merger.stays)
        if goes != stays:
            into[goes] = stays
            counting[fact_id] = merger
    return counting, into


def _known(step: Step, goes: Subject, stays: Subject, held: tuple[Subject, ...]) -> Iterator[tuple[str, Merger]]:
    """The mergers on the record of either number; of those that an earlier version took down, the pointers."""
    mergers = {fact_id: merger for subject in held for fact_id, merger in step.state(subject).mergers.items()}
    yield from mergers.items()
    pointers = followed(mergers)[1]
    for first in (goes, stays):
        numbers = [subject.key for subject in chain(first, step)]
        for one, other in pairwise(numbers):
            if one not in pointers:
                yield f"{one}|{other}", Merger(LONG_AGO, one, other)


def _ends(merger: Merger, kind: str) -> tuple[Subject, Subject]:
    return Subject(kind, merger.goes), Subject(kind, merger.stays)


def _end(into: Mapping[str, str], number: str) -> str:
    while number in into:
        number = into[number]
    return number


def _of_step(step: Step) -> Lookup:
    return lambda subject: step.state(subject) if step.has(subject) else None
