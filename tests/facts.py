"""Facts of every event type, drawn from the contract's own models: any payload that its publisher may send.

Ids come from small pools, so that facts meet: an order is one of two, and what an appointment, a failure or a
withdrawal names is often the same record. Days and instants are few, so that ties and corrections are usual.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import orjson
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from deploy.history import HistoryRecord
from shared.contracts.payload import Part
from shared.contracts.registry import MODELS, TOPICS
from tests.builders import at, fact

START = date(2016, 1, 4)
SPAN = 240
"""Days in which things happen."""

DAYS = st.integers(0, SPAN).map(lambda n: START + timedelta(days=n))
INSTANTS = st.builds(at, DAYS, st.sampled_from(("09:00", "12:00", "12:00", "17:00")))
CRNS = CRN, OTHER_CRN, _ = "X123456", "Y123456", "Z123456"
NOMS_NUMBERS, OFFICES = ("A1234BC", "B1234BC", "C1234BC"), ("OFF", "HUB")
APPOINTMENTS, FAILURES, SESSIONS = ("A1", "A2", "A3"), ("F1", "F2"), ("S1", "S2")

SCALARS: Mapping[Any, SearchStrategy[Any]] = {
    datetime: INSTANTS,
    date: DAYS,
    bool: st.booleans(),
    int: st.integers(1, 7),
    Decimal: st.sampled_from(("0", "3.5", "7.4")),
}

NAMED: Mapping[str, SearchStrategy[Any]] = {
    "order_id": st.sampled_from(("O1", "O1", "O2")),
    "order_ids": st.sampled_from((("O1",), ("O2",), ("O1", "O2"))),
    "appointment_id": st.sampled_from(APPOINTMENTS),
    "casework.failure.reported failure_id": st.sampled_from(FAILURES),
    "failure_id": st.sampled_from(APPOINTMENTS + FAILURES),
    "failure_ids": st.lists(st.sampled_from(APPOINTMENTS + FAILURES), min_size=1, max_size=3, unique=True).map(tuple),
    "session_id": st.sampled_from(SESSIONS),
    "record_id": st.sampled_from(APPOINTMENTS + FAILURES + SESSIONS),
    "submission": st.integers(1, 2),
    "because": st.just(()),
    "into_crn": st.sampled_from(CRNS),
    "noms_number": st.sampled_from(NOMS_NUMBERS),
    "removed_noms_number": st.sampled_from(NOMS_NUMBERS),
    "office_code": st.sampled_from(OFFICES),
    "local_delivery_unit": st.just("LDU"),
    "local_delivery_units": st.just(("LDU",)),
}
"""Fields that are drawn by their name, or by event type and name, because facts meet in them."""

ALWAYS = frozenset({"offence_on"})
"""Optional fields that another field may call for."""


@cache
def payloads(model: type[Part]) -> SearchStrategy[dict[str, Any]]:
    """The fields of a payload or of a part of one; what is optional is left out now and then."""
    needed: dict[str, SearchStrategy[Any]] = {}
    optional: dict[str, SearchStrategy[Any]] = {}
    for name, field in model.model_fields.items():
        own = f"{getattr(model, 'event_type', '')} {name}"
        named = NAMED.get(own, NAMED.get(name))
        drawn = _of(field.annotation, name, field.metadata) if named is None else named
        (needed if field.is_required() or name in ALWAYS else optional)[name] = drawn
    return st.fixed_dictionaries(needed, optional=optional)


def _of(kind: Any, name: str, limits: Sequence[Any] = ()) -> SearchStrategy[Any]:
    origin = get_origin(kind)
    if origin is Annotated:
        return _of(kind.__origin__, name, kind.__metadata__)
    if origin is Literal:
        return st.sampled_from(get_args(kind))
    if origin in (Union, UnionType):
        return st.one_of(*(_of(each, name) for each in get_args(kind) if each is not NoneType))
    if origin is tuple:
        return st.lists(_of(get_args(kind)[0], name), max_size=2).map(tuple)
    if isinstance(kind, type) and issubclass(kind, Part):
        return payloads(kind)
    return _scalar(kind, name, limits)


def _scalar(kind: Any, name: str, limits: Sequence[Any]) -> SearchStrategy[Any]:
    if kind in SCALARS:
        return SCALARS[kind]
    assert kind is str, (kind, name)
    pattern = next((each.pattern for each in limits if getattr(each, "pattern", None)), None)
    if pattern is not None:
        return st.from_regex(pattern, fullmatch=True)
    return st.sampled_from((f"{name}-1", f"{name}-2"))


def facts_of(event_type: str, crns: Sequence[str] = (CRN,)) -> SearchStrategy[HistoryRecord]:
    """Facts of one type about a person under any of these CRNs, or about one of the offices or prison numbers, recorded
    as they happen."""
    model = MODELS[event_type, 1]
    keys = {"noms": NOMS_NUMBERS, "office": OFFICES}.get(TOPICS[model.topic].key, crns)

    def stated(fields: dict[str, Any], happened: datetime, key: str) -> HistoryRecord:
        for name, numbers in MERGED_WITH.items():
            if fields.get(name) == key:
                fields = fields | {name: next(each for each in numbers if each != key)}
        own = {KEY_FIELDS[model.keyed_by]: key} if KEY_FIELDS.get(model.keyed_by) in model.model_fields else {}
        return fact(event_type, key, happened, **(fields | own))

    return st.builds(stated, payloads(model), INSTANTS, st.sampled_from(keys))


MERGED_WITH = {"into_crn": CRNS, "removed_noms_number": NOMS_NUMBERS}
"""Where a merger names the other number."""

KEY_FIELDS = {"noms": "noms_number", "office": "office_code"}
"""Where a payload repeats the key that its record has."""


def history(
    event_types: Iterable[str], *, least: int = 1, most: int = 40, crns: Sequence[str] = (CRN,)
) -> SearchStrategy[list[HistoryRecord]]:
    """Facts of any of the types, each of them once."""
    any_fact = st.one_of(*(facts_of(event_type, crns) for event_type in sorted(event_types)))
    return st.lists(any_fact, min_size=least, max_size=most).map(_once)


def whole_history(
    event_types: Iterable[str], *, more: int, crns: Sequence[str] = (CRN,)
) -> SearchStrategy[list[HistoryRecord]]:
    """A fact of each of the types, and more of any of them: so that most of what may meet does."""
    types = sorted(event_types)
    of_each = st.tuples(*(facts_of(event_type, crns) for event_type in types))
    return st.builds(lambda first, then: _once([*first, *then]), of_each, history(types, most=more, crns=crns))


def _once(told: Sequence[HistoryRecord]) -> list[HistoryRecord]:
    return list({orjson.loads(record.value or b"")["eventId"]: record for record in told}.values())
