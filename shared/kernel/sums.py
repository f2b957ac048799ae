"""Sums that many aggregates feed and few facts read: as they are stored, and as one run sees and changes them."""

from collections import Counter
from collections.abc import Iterable, Mapping

from shared.domain.decision import TallyAdd
from shared.domain.fact import Subject
from shared.kernel.database import Connection

Sums = dict[tuple[str, str], int]
"""The sums of one subject by (name, period)."""

SUMS_LOCK = 7_401_913
"""The advisory lock of a schema's sums; its other half is the schema's oid, unsigned, moved into a signed number."""


async def settle(conn: Connection, *, reads: bool) -> None:
    """Take the lock of the sums until the commit: whoever reads them waits for those who add, and they for it.

    So a decision that rests on sums stands in the journal after all that it counted and before all that it did not.
    Aggregates are locked before, other rows after.
    """
    how = "pg_advisory_xact_lock" if reads else "pg_advisory_xact_lock_shared"
    await conn.execute(
        f"""
        SELECT {how}($1, (oid::bigint - 2147483648)::integer)
        FROM pg_namespace WHERE nspname = current_schema()
        """,  # noqa: S608  # one of two names of our own
        SUMS_LOCK,
    )


async def add(conn: Connection, sums: Mapping[tuple[Subject, str, str, int], int]) -> None:
    """Add to sums; each feeder's partition has its own row, so that replicas do not wait for each other."""
    rows = sorted((key, n) for key, n in sums.items() if n)
    await conn.execute(
        """
        INSERT INTO tally AS t (subject_kind, key, name, period, partition, n)
        SELECT subject_kind, key, name, period, partition, n
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::bigint[]) WITH ORDINALITY
            AS given (subject_kind, key, name, period, partition, n, place)
        ORDER BY place
        ON CONFLICT (subject_kind, key, name, period, partition) DO UPDATE SET n = t.n + excluded.n
        """,
        [key[0].kind for key, _ in rows],
        [key[0].key for key, _ in rows],
        [key[1] for key, _ in rows],
        [key[2] for key, _ in rows],
        [key[3] for key, _ in rows],
        [n for _, n in rows],
    )


async def sums_of(conn: Connection, subjects: Iterable[Subject]) -> dict[Subject, Sums]:
    """The sums of some subjects over all partitions; those that came back to nothing are left out."""
    wanted = sorted(set(subjects))
    rows = await conn.fetch(
        """
        SELECT t.subject_kind, t.key, t.name, t.period, sum(t.n)::bigint AS n
        FROM tally t
        JOIN unnest($1::text[], $2::text[]) AS given (subject_kind, key) USING (subject_kind, key)
        GROUP BY t.subject_kind, t.key, t.name, t.period
        HAVING sum(t.n) <> 0
        """,
        [subject.kind for subject in wanted],
        [subject.key for subject in wanted],
    )
    found: dict[Subject, Sums] = {subject: {} for subject in wanted}
    for row in rows:
        found[Subject(row["subject_kind"], row["key"])][row["name"], row["period"]] = row["n"]
    return found


class RunSums:
    """The sums of one run: what it adds to any, and those that it reads, with what it has added."""

    def __init__(self) -> None:
        self.read: dict[Subject, Sums] = {}
        self.added: Counter[tuple[Subject, str, str, int]] = Counter()
        """By subject, name, period, and partition of the feeder."""

    def lacking(self, subjects: Iterable[Subject]) -> set[Subject]:
        """Those that must be loaded before a fact that reads them is decided."""
        return {subject for subject in subjects if subject not in self.read}

    def know(self, stored: Mapping[Subject, Sums]) -> None:
        """Take in sums as they are stored."""
        self.read.update(stored)
        for (subject, name, period, _), n in self.added.items():
            if subject in stored:
                self._count(subject, name, period, n)

    def feed(self, given: TallyAdd, feeder: int) -> None:
        """Add what an aggregate of the feeder's partition gives."""
        self.added[given.subject, given.name, given.period, feeder] += given.n
        if given.subject in self.read:
            self._count(given.subject, given.name, given.period, given.n)

    def _count(self, subject: Subject, name: str, period: str, n: int) -> None:
        sums = self.read[subject]
        sums[name, period] = sums.get((name, period), 0) + n
        if not sums[name, period]:
            del sums[name, period]

    async def load(self, conn: Connection, subjects: Iterable[Subject]) -> None:
        """Read sums, and keep others from adding to them until the commit."""
        await settle(conn, reads=True)
        self.know(await sums_of(conn, subjects))

    async def save(self, conn: Connection) -> None:
        """Write what was added."""
        if self.added:
            await settle(conn, reads=False)
            await add(conn, self.added)
