"""States as their rows have them: JSON, compressed where it is long.

A case is some six kilobytes of JSON, rewritten with every decision. Compressed it stays in its row, where PostgreSQL
would cut it up and keep it elsewhere, and it is not parsed on its way in and out: a fifth of the server's time.
"""

from typing import Any

from cramjam import lz4

from shared.domain.state import dump, load

LONG = 1000
"""Bytes of JSON from which on a state is compressed; shorter ones can be read in the table."""
COMPRESSED = b"\x01"
"""The first byte of a state that is compressed; JSON begins with none such. An LZ4 block with its size follows."""


def pack_state(state: Any) -> bytes:
    """A state for its row; equal states give equal bytes."""
    plain = dump(state)
    return plain if len(plain) < LONG else COMPRESSED + bytes(lz4.compress_block(plain))


def unpack_state(data: bytes, kind: type[Any]) -> Any:
    """The state of a row.

    Raises `msgspec.ValidationError` where it is not one of `kind`, `cramjam.DecompressionError` where it is damaged.
    """
    if data[:1] != COMPRESSED:
        return load(data, kind)
    return load(bytes(lz4.decompress_block(memoryview(data)[1:])), kind)
