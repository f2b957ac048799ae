"""What a run will write: kept in memory while facts are decided, saved in one statement for each table."""

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from aiokafka.partitioner import murmur2

from shared.domain.fact import Fact, Subject, iso
from shared.domain.identifiers import uuid_text
from shared.domain.publication import JournalLine, Published
from shared.domain.service import Service
from shared.kernel.clock import to_ms
from shared.kernel.due import Due, Identity
from shared.kernel.incoming import LOGTIME, Incoming, Undecidable, time_of
from shared.kernel.log_order import Place
from shared.kernel.outbox import Headers, Message, pack


@lru_cache(maxsize=1 << 15)
def partition_of(key: str, partitions: int) -> int:
    """The partition of a key, as Kafka's own default partitioner has it."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions


@dataclass(slots=True)
class Effects:
    """Everything that follows from the facts of one run, in order."""

    places: list[Place] = field(default_factory=list)
    """Records that the run has come to."""
    poison_in_a_row: int = 0
    """Begins with what the runs before ended on."""
    longest_poison: int = 0
    taken: dict[UUID, bytes] = field(default_factory=dict)
    """Event ids that it has taken, with the digests of what they said."""
    renewed: list[tuple[UUID, bytes, int]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    lines: list[JournalLine] = field(default_factory=list)
    due_set: dict[Identity, Due] = field(default_factory=dict)
    due_gone: set[Identity] = field(default_factory=set)
    parked: list[tuple[Subject, Fact]] = field(default_factory=list)
    hold: set[Subject] = field(default_factory=set)
    release: dict[Subject, int] = field(default_factory=dict)
    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By event type (or deadline kind), verdict and reason."""
    rules: Counter[str] = field(default_factory=Counter)
    lateness: list[float] = field(default_factory=list)
    """Seconds from due to log time of the deadlines that fired."""
    poisoned: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0

    def come_to(self, place: Place, poison: bool = False) -> None:
        """The run has come to a record, and written it off or not."""
        self.places.append(place)
        self.poison_in_a_row = self.poison_in_a_row + 1 if poison else 0
        self.longest_poison = max(self.longest_poison, self.poison_in_a_row)

    def set_due(self, identity: Identity, due: Due) -> None:
        """Set a deadline in the place of the one it replaces."""
        self.due_set[identity] = due
        self.due_gone.discard(identity)

    def drop_due(self, identity: Identity) -> None:
        """Take a deadline back, or off because it fired."""
        self.due_set.pop(identity, None)
        self.due_gone.add(identity)


def event_message(event: Published, source: str, partitions: int) -> Message:
    """An event of a decision as a record: CloudEvents headers, and its log time."""
    logtime, key = to_ms(event.at), event.key.encode()
    headers: Headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", uuid_text(event.event_id).encode()),
        ("ce_source", source.encode()),
        ("ce_type", event.event_type.encode()),
        ("ce_time", f"{iso(event.at)[:-1]}+00:00".encode()),
        ("ce_subject", key),
        (LOGTIME, b"%d" % logtime),
    ]
    return Message(event.topic, partition_of(event.key, partitions), key, event.value, pack(headers), logtime)


def dead_letter(service: Service, incoming: Incoming, poison: Undecidable) -> Message:
    """A record that cannot be decided: its bytes as they came, with the reason, where it came from, and a hint."""
    record = incoming.record
    headers: Headers = [
        *record.headers,
        ("x-service", service.name.encode()),
        ("x-original-topic", record.topic.encode()),
        ("x-original-partition", str(record.partition).encode()),
        ("x-original-offset", str(record.offset).encode()),
        ("x-original-timestamp", str(record.timestamp).encode()),
        ("x-reason-code", poison.reason_code.encode()),
        ("x-reason", poison.reason.encode()),
        ("x-hint", poison.hint.encode()),
    ]
    return Message(service.dead_letters, record.partition, record.key, record.value, pack(headers), time_of(record))
