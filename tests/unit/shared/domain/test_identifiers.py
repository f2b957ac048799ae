"""What identifiers look like, and that ids made again come out the same."""

from hashlib import sha1
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identifiers import NAMESPACE, is_crn, is_noms_number, stable_id, uuid_of, uuid_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("X123456", True), ("x123456", False), ("X12345", False), ("X1234567", False), ("X123456\n", False), ("", False)],
)
def test_a_crn_is_a_letter_and_six_digits(text: str, expected: bool) -> None:
    assert is_crn(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("A1234BC", True), ("A1234B", False), ("A12345B", False), ("a1234BC", False), ("A1234BC\n", False)],
)
def test_a_noms_number_is_a_letter_four_digits_and_two_letters(text: str, expected: bool) -> None:
    assert is_noms_number(text) is expected


def test_an_id_is_fixed_for_all_time() -> None:
    assert str(stable_id("enforcement", "case", "X100001", "1", "0")) == "d4d93e58-bb80-5008-afdd-45107ab0fb87"


def test_an_id_is_a_uuid_of_version_5() -> None:
    name = NAMESPACE.bytes + b"1:a"
    assert stable_id("a") == UUID(bytes=sha1(name, usedforsecurity=False).digest()[:16], version=5)
    assert stable_id("a").version == 5


@given(st.uuids())
def test_an_id_is_its_bytes_and_its_text(value: UUID) -> None:
    assert uuid_of(value.bytes) == value
    assert type(uuid_of(value.bytes)) is UUID
    assert uuid_text(value) == str(value)


@given(st.lists(st.text(max_size=4), max_size=4), st.lists(st.text(max_size=4), max_size=4))
def test_other_parts_and_other_cuts_give_other_ids(one: list[str], other: list[str]) -> None:
    assert (stable_id(*one) == stable_id(*other)) == (one == other)
