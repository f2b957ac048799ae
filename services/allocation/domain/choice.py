"""The choice between officers who may all hold the case, and why it did not fall on each of the others."""

from services.allocation.domain.candidates import Candidate

NAMED = 20
"""Officers who were free and not chosen that are named for each reason; the others are counted."""


def best_of(free: list[Candidate], last_officer: str) -> Candidate:
    """Who held the person last; else who suits best, then the lowest capacity, then the officer code."""
    known = [each for each in free if each.code == last_officer] or free
    suited = min(each.unsuited for each in known)
    best = [each for each in known if each.unsuited == suited]
    return min(best, key=lambda each: (each.points / each.available, each.code, each.office))


def passed_over(others: list[Candidate], best: Candidate, last_officer: str) -> dict[str, str]:
    """Who was free and not chosen, as inputs of the rule: how many by reason, and the first few by reason and code.

    The event's own list is for those who may not hold the case; in a large office these may be hundreds.
    """
    by_reason: dict[str, list[str]] = {}
    for each in others:
        by_reason.setdefault(_behind(each, best, last_officer), []).append(each.code)
    told = (f"{reason} {len(codes)}: {_few(codes)}" for reason, codes in sorted(by_reason.items()))
    return {"passedOver": "; ".join(told)} if others else {}


def _behind(other: Candidate, best: Candidate, last_officer: str) -> str:
    """By what another who was free came after the one who was chosen."""
    if best.code == last_officer != other.code:
        return "not the last officer"
    if other.unsuited > best.unsuited:
        return "suited less"
    if other.points * best.available > best.points * other.available:
        return "higher capacity"
    return "later code"


def _few(codes: list[str]) -> str:
    return ", ".join(codes[:NAMED]) + (", …" if len(codes) > NAMED else "")
