"""Facts that wait, when the aggregate where they wait is no longer the one that decides them."""

from msgspec.structs import replace

from shared.domain.fact import Subject
from shared.domain.state import Waiting
from shared.domain.step import Step


def move_waiting(step: Step, source: Subject, target: Subject) -> None:
    """Move waiting facts to where others may wait: all in the order in which the log recorded them."""
    moved: dict[str, Waiting] = step.state(source).waiting
    if not moved:
        return
    union = {**step.state(target).waiting, **moved}
    order = sorted(union.items(), key=lambda item: (item[1].recorded, item[1].n, item[0]))
    for kept_id in sorted(moved):
        step.drop("waiting", kept_id, source)
    for place, (kept_id, kept) in enumerate(order, 1):
        step.put("waiting", kept_id, replace(kept, n=place), target)
