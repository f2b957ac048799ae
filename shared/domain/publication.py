"""What a decision becomes outside: the events published and the line of the journal, byte for byte.

Ids are UUIDv5 of service, aggregate, its own journal sequence and the ordinal, so a re-run publishes the same ids.
The journal is hash-chained for each aggregate over the hashes of its contents: content that is erased leaves the
chain whole.
"""

import hashlib
from datetime import datetime
from typing import Literal, cast, get_args
from uuid import UUID

import msgspec
import orjson

from shared.contracts.envelope import Event, encode
from shared.contracts.registry import model_of
from shared.contracts.values import ConcernSubject, SubjectKind
from shared.domain.decision import Decision, Output
from shared.domain.fact import Fact, Subject, iso
from shared.domain.identifiers import stable_id, uuid_text
from shared.domain.service import UPSTREAM, Service

CODE_VERSION = "0.1.0"
"""The version of the rules' code, as the journal names it."""

GENESIS = bytes(32)
"""The hash before an aggregate's first journal line."""


class Published(msgspec.Struct, frozen=True):
    """One event of a decision, as it goes to the outbox."""

    event_id: UUID
    event_type: str
    topic: str
    key: str
    at: datetime
    value: bytes


class JournalLine(msgspec.Struct, frozen=True):
    """One line of an aggregate's journal: `hash` = SHA-256(previous hash + SHA-256(content))."""

    subject: Subject
    seq: int
    at: datetime
    fact_id: UUID
    content: bytes
    content_hash: bytes
    hash: bytes


def publish(service: Service, fact: Fact, decision: Decision, seq: int) -> list[Published]:
    """The events of a decision that is the `seq`-th of its owner's journal (from 1)."""
    owner = decision.owner
    out: list[Published] = []
    for ordinal, output in enumerate(decision.outputs):
        event_id = stable_id(service.name, owner.kind, owner.key, str(seq), str(ordinal))
        out.append(published(service, output, event_id, fact.recorded))
    return out


def published(service: Service, output: Output, event_id: UUID, at: datetime) -> Published:
    """One output under its id, stated at log time `at`."""
    event = Event(
        event_id=event_id,
        event_type=output.payload.event_type,
        version=output.payload.version,
        occurred_at=at,
        crn=output.crn,
        payload=output.payload,
        causation_id=output.causation_id,
        correlation_id=output.correlation_id,
    )
    return Published(event_id, event.event_type, service.output, output.key, at, encode(event))


def parking_told(
    service: Service, news: Literal["parked", "resumed"], subject: Subject, cause: UUID, at: datetime, since: datetime
) -> Published | None:
    """What tells those downstream that an aggregate is parked, or decided again; None for a kind that no reader has.

    `cause` is the fact that the rules failed on, `since` its log time.
    """
    if subject.kind not in get_args(SubjectKind):
        return None
    payload = model_of(f"{service.output}.case.{news}")(
        subject=ConcernSubject(kind=cast(SubjectKind, subject.kind), code=subject.key),
        since=since,
        cause_event_id=str(cause),
        because=(),
    )
    crn = subject.key if subject.kind == "case" else None
    event_id = stable_id(service.name, subject.kind, subject.key, news, str(cause), iso(at))
    return published(service, Output(payload, subject.key, crn, cause, None), event_id, at)


def parking_heard(fact: Fact) -> Subject | None:
    """The aggregate that an upstream service says it has parked, or decides again; None for any other fact."""
    if fact.topic not in UPSTREAM or not fact.type.endswith((".case.parked", ".case.resumed")):
        return None
    return Subject(fact.payload.subject.kind, fact.payload.subject.code)


def journal_line(
    fact: Fact, decision: Decision, events: list[Published], seq: int, previous: bytes, policy_version: str
) -> JournalLine:
    """The journal's line for a decision: the fact, the outcome, the rules with their inputs, the events."""
    content = orjson.dumps(
        {
            "at": iso(fact.recorded),
            "code": CODE_VERSION,
            "events": [orjson.Fragment(event.value) for event in events],
            "fact": orjson.Fragment(fact.content),
            "factId": fact.id,
            "factKey": fact.key,
            "notes": decision.notes,
            "outcome": decision.outcome.verdict,
            "policy": policy_version,
            "reason": decision.outcome.reason,
            "retried": [[str(kept_id), *outcome] for kept_id, outcome in decision.retried],
            "rules": [
                {
                    "confirmed": rule.confirmed,
                    "inputs": dict(rule.inputs),
                    "policyFrom": rule.policy_from,
                    "ruleId": rule.rule_id,
                    "source": rule.source,
                }
                for rule in decision.rules
            ],
            "topic": fact.topic,
            "type": fact.type,
        },
        option=orjson.OPT_SORT_KEYS,
    )
    content_hash = hashlib.sha256(content).digest()
    chained = hashlib.sha256(previous + content_hash).digest()
    return JournalLine(decision.owner, seq, fact.recorded, fact.id, content, content_hash, chained)


def deadline_id(fact: Fact, subject: Subject, kind: str, ref: str, due: datetime, n: int) -> UUID:
    """The id of the deadline that a fact set: the `n`-th change of its decision."""
    return stable_id(uuid_text(fact.id), subject.kind, subject.key, kind, ref, iso(due), str(n))
