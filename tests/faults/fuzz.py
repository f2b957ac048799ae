"""Records as no publisher means them: seeded bytes, JSON, headers, keys and sizes, up to the broker's limit."""

import random
from datetime import datetime

import orjson

from deploy.history import HistoryRecord
from tests.counter.histories import contact, person

LARGEST = 1_000_000
"""Bytes of the largest value: the broker's limit for a topic, less its headers."""
TOPICS = ("court", "casework")
Headers = tuple[tuple[str, bytes | None], ...]


def fuzzed(chance: random.Random, now: datetime, n: int) -> HistoryRecord:
    """One record of any kind; a few happen to be sound."""
    make = chance.choice((_bytes, _json, _torn, _twisted, _twisted, _twisted, _deep, _wrapped, _nothing))
    value = make(chance, now, n)
    odd = chance.choice((None, b"", b"\xff\xfe\x00", b"k" * 2000, person(n % 300 + 1).encode()))
    key = person(n % 300).encode() if chance.random() < 0.8 else odd
    return HistoryRecord(chance.choice(TOPICS), now, key, value, _headers(chance))


def _bytes(chance: random.Random, _now: datetime, n: int) -> bytes:
    return chance.randbytes(LARGEST if n % 2000 == 0 else chance.randrange(300))


def _json(chance: random.Random, _now: datetime, _n: int) -> bytes:
    return orjson.dumps(_any(chance, 3))


def _torn(chance: random.Random, now: datetime, n: int) -> bytes:
    """A sound event cut short, or with one byte changed."""
    value = bytearray(_sound(chance, now, n))
    at = chance.randrange(len(value))
    if chance.random() < 0.5:
        return bytes(value[:at])
    value[at] = chance.randrange(256)
    return bytes(value)


def _twisted(chance: random.Random, now: datetime, n: int) -> bytes:
    """A sound event with one of its fields gone, or holding something else."""
    told = orjson.loads(_sound(chance, now, n))
    inner = chance.choice((told, told["additionalInformation"], told["personReference"]))
    name = chance.choice(sorted(inner))
    if chance.random() < 0.2:
        del inner[name]
    else:
        inner[name] = _any(chance, 2)
    return orjson.dumps(told)


def _deep(chance: random.Random, _now: datetime, _n: int) -> bytes:
    depth = chance.choice((10, 500, 100_000))
    opened = chance.choice((b"[", b'{"a":'))
    return opened * depth + b"1" + (b"]" if opened == b"[" else b"}") * chance.choice((depth, depth - 1))


def _wrapped(chance: random.Random, now: datetime, n: int) -> bytes:
    """As a notification service wraps messages, around what may be none."""
    inner = chance.choice((_sound(chance, now, n).decode(), "{", "\ud800".encode("utf-8", "surrogatepass").hex(), ""))
    return orjson.dumps({"Type": chance.choice(("Notification", 7, None)), "Message": inner})


def _nothing(_chance: random.Random, _now: datetime, _n: int) -> bytes | None:
    return None


def _sound(_chance: random.Random, now: datetime, n: int) -> bytes:
    return contact(person(n % 300), now, 1_000_000 + n).value or b""


def _any(chance: random.Random, depth: int) -> object:
    """Any JSON value."""
    kind = chance.randrange(8 if depth else 6)
    plain = (None, chance.random() < 0.5, chance.randrange(-(10**18), 10**18), chance.random() * 1e308, _text(chance))
    if kind < len(plain):
        return plain[kind]
    if kind == 5:
        return chance.choice(("2016-13-45T99:99:99Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999Z", ""))
    if kind == 6:
        return [_any(chance, depth - 1) for _ in range(chance.randrange(4))]
    return {_text(chance): _any(chance, depth - 1) for _ in range(chance.randrange(4))}


def _text(chance: random.Random) -> str:
    alphabet = ("a", "Z", "0", " ", "\u0000", "\n", "é", "漢", "\U0001f600", "\u202e", '"', "\\", "'; DROP TABLE")
    return "".join(chance.choice(alphabet) for _ in range(chance.randrange(12)))


def _headers(chance: random.Random) -> Headers:
    names = ("ce_type", "ce_id", "logtime", "x-original-topic", "trace", "", "ü" * 50)
    if chance.random() < 0.6:
        return ()
    some = chance.sample(names, chance.randrange(1, 4))
    return tuple((name, chance.choice((None, b"", b"\xff\x00", b"throughcare", b"99999999999999999"))) for name in some)
