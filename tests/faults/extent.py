"""How much of the fault suite runs: `make faults` sets FAULTS=all; `make test` runs each kind of fault, small."""

import os
from typing import TypeVar

Amount = TypeVar("Amount")
EVERYTHING = os.environ.get("FAULTS") == "all"


def extent(some: Amount, everything: Amount) -> Amount:
    """The amount for the selection of `make test`, and that for `make faults`."""
    return everything if EVERYTHING else some
