"""The pace of Python's garbage collector in a process that decides: many objects are made, and most dropped at once."""

import gc


def leave_the_living_alone() -> None:
    """Look at what is there already never again, and at what is made since less often.

    The default pace costs a service a fifth of its throughput, and its pauses grow with what is kept in memory.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(250_000, 50, 1000)
