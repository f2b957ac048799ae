"""States as rows have them: short ones plain, long ones compressed, what earlier versions wrote read as well."""

import cramjam
import msgspec
import pytest

from shared.domain.state import Aggregate, Waiting, dump
from shared.kernel.packed import COMPRESSED, LONG, pack_state, unpack_state
from tests.running import LONG_AGO


def of_size(size: int) -> Aggregate:
    """A state of so many bytes of JSON."""
    empty = _with("")
    return _with("x" * (size - len(dump(empty))))


def _with(text: str) -> Aggregate:
    return Aggregate(key="X123456", waiting={"1": Waiting("casework", "X123456", text, LONG_AGO, "no order", 1)})


@pytest.mark.parametrize(("size", "compressed"), [(LONG - 1, False), (LONG, True), (200_000, True)])
def test_a_long_state_is_compressed_and_comes_back_whole(size: int, compressed: bool) -> None:
    state = of_size(size)
    packed = pack_state(state)
    assert len(dump(state)) == size
    assert (packed[:1] == COMPRESSED, packed == dump(state)) == (compressed, not compressed)
    assert unpack_state(packed, Aggregate) == state
    assert pack_state(unpack_state(packed, Aggregate)) == packed


def test_a_long_state_of_an_earlier_version_is_plain_and_is_read() -> None:
    state = of_size(5000)
    assert unpack_state(dump(state), Aggregate) == state


def test_what_is_no_state_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        unpack_state(b'{"key": 5}', Aggregate)
    with pytest.raises(cramjam.DecompressionError):
        unpack_state(pack_state(of_size(5000))[:-20], Aggregate)
