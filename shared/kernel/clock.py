"""Instants of the log: whole milliseconds since 1970, as Kafka has them; aware datetimes, as the domain has them."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(instant: datetime) -> int:
    """Whole milliseconds since 1970 of an aware instant."""
    return (instant - EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """The aware UTC instant of whole milliseconds since 1970."""
    return EPOCH + timedelta(0, ms // 1000, ms % 1000 * 1000)
