"""Identifiers: what a CRN and a NOMS number look like, and ids that come out the same when made again."""

import re
from hashlib import sha1
from uuid import UUID

NAMESPACE = UUID("0d7f3f66-0a3c-5d0e-8f5f-6a4a4c1d9b21")
"""Namespace of every id that Throughcare makes itself."""

_CRN = re.compile(r"[A-Z][0-9]{6}\Z")
_NOMS = re.compile(r"[A-Z][0-9]{4}[A-Z]{2}\Z")


def is_crn(text: str) -> bool:
    """Whether a text has the form of a case reference number: `A123456`."""
    return _CRN.match(text) is not None


def is_noms_number(text: str) -> bool:
    """Whether a text has the form of a prison number: `A1234BC`."""
    return _NOMS.match(text) is not None


def stable_id(*parts: str) -> UUID:
    """A UUIDv5 of the parts: the same parts give the same id, other parts (or other cuts) another."""
    name = "".join(f"{len(part)}:{part}" for part in parts)
    digest = sha1(NAMESPACE.bytes + name.encode(), usedforsecurity=False).digest()
    return UUID(bytes=digest[:16], version=5)
