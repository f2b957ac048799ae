"""Histories for the counter: seeded, with what real publishers do: ties, repeats, other types, what is no event."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from deploy.history import HistoryRecord
from tests.builders import fact

CANARY = "Z99"
"""How the number of every person of these histories begins: no log and no metric may hold it."""
POISON = (
    b"\xff\xfe{",
    b'{"eventType": ',
    b"[1, 2]",
    b'{"eventType": "casework.contact.attempted", "version": 99}',
    None,
)


def person(n: int) -> str:
    """The number of the `n`-th person."""
    return f"{CANARY}{n:04d}"


def contact(key: str, when: datetime, n: int, channel: str = "telephone") -> HistoryRecord:
    """Somebody has tried to reach a person; `n` makes it another contact."""
    return fact(
        "casework.contact.attempted",
        key,
        when,
        contact_id=f"contact-{n}",
        at=when,
        channel=channel,
        purpose="induction",
        answered=True,
    )


def sentence(key: str, when: datetime, order: str = "order", court: str = "COURT") -> HistoryRecord:
    """A court has passed sentence; the court BROKEN meets the counter's bug."""
    return fact(
        "court.sentence.recorded",
        key,
        when,
        order_id=order,
        court_code=court,
        sentenced_on=when.date(),
        disposal="community-order",
        requirements=[],
        report={"kind": "none"},
        local_delivery_unit="LDU",
        office_code="OFFICE",
        sex="not-known",
        attributes=[],
    )


def unread(key: str, when: datetime) -> HistoryRecord:
    """An event type that is in nobody's contract."""
    return replace(contact(key, when, 0), value=b'{"eventType": "casework.tea.made", "version": 1}')


def poison(key: str, when: datetime, value: bytes | None) -> HistoryRecord:
    """A record that is no event."""
    return HistoryRecord("casework", when, key.encode(), value, (("trace", b"\xff\x00"), ("empty", None)))


def mixed(start: datetime, records: int, people: int, seed: int, step: timedelta) -> list[HistoryRecord]:
    """Contacts and sentences of many people, several at one instant, some sent again, some that are no events."""
    chance = random.Random(seed)
    history: list[HistoryRecord] = []
    now = start
    for n in range(records):
        key, what = person(chance.randrange(people)), chance.random()
        if what < 0.02:
            history.append(poison(key, now, chance.choice(POISON)))
        elif what < 0.04:
            history.append(unread(key, now))
        elif what < 0.10 and history:
            history.append(again(chance.choice(history), now))
        elif what < 0.30:
            history.append(sentence(key, now, f"order-{n}"))
        else:
            history.append(contact(key, now, n))
        if chance.random() < 0.6:
            now += step * chance.random()
            now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return history


def again(record: HistoryRecord, when: datetime) -> HistoryRecord:
    """The same record, delivered once more."""
    return replace(record, timestamp=when)


def ends(history: Sequence[HistoryRecord]) -> datetime:
    """A month after the last record: every quiet week has passed."""
    return max(record.timestamp for record in history) + timedelta(days=30)
