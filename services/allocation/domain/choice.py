"""The choice between officers who may all hold the case, and why it did not fall on each of the others."""

from collections import defaultdict
from decimal import Decimal
from functools import lru_cache

from services.allocation.domain.candidates import Alike, Candidate, Rejection
from shared.contracts.allocation import RejectedOfficer

NAMED = 20
"""Officers who were free and not chosen that are named for each reason; the others are counted."""


def best_of(free: list[Candidate], last_officer: str) -> Candidate:
    """Who held the person last; else who suits best, then the lowest capacity, then the officer code."""
    known = [each for each in free if each.code == last_officer] if last_officer else []
    first: dict[Alike, Candidate] = {}
    least: dict[Alike, Decimal] = {}
    for each in known or free:  # those who are alike are of one office, and come by code
        alike, points = each.alike, each.load.points
        if alike not in least or points < least[alike]:
            least[alike], first[alike] = points, each
    return min(first.values(), key=lambda each: (each.unsuited, each.points / each.available, each.code, each.office))


def rejected(found: list[Candidate]) -> tuple[RejectedOfficer, ...]:
    """Who may not hold the case, each with the first reason."""
    return tuple([_rejected(each.code, each.against[0]) for each in found if each.against])


@lru_cache(1 << 14)
def _rejected(officer: str, reason: Rejection) -> RejectedOfficer:
    """Kept: in a large office the same officers are rejected for the same reason, case after case."""
    return RejectedOfficer(officer_code=officer, reason=reason)


def passed_over(free: list[Candidate], best: Candidate, last_officer: str) -> dict[str, str]:
    """Who was free and not chosen, as inputs of the rule: how many by reason, and the first few by reason and code.

    The event's own list is for those who may not hold the case; in a large office these may be hundreds.
    """
    continues, of_best, points, held = best.code == last_officer, best.alike, best.points, best.load.points
    unsuited, available = of_best.unsuited, of_best.available
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for each in free:
        if each is best:
            continue
        alike = each.alike
        if continues and each.code != last_officer:
            reason = "not the last officer"
        elif alike.unsuited > unsuited:
            reason = "suited less"
        elif (
            each.load.points > held
            if alike is of_best
            else (each.load.points + alike.weight) * available > points * alike.available
        ):
            reason = "higher capacity"
        else:
            reason = "later code"
        by_reason[reason].append(each.code)
    told = (f"{reason} {len(codes)}: {_few(codes)}" for reason, codes in sorted(by_reason.items()))
    return {"passedOver": "; ".join(told)} if by_reason else {}


def _few(codes: list[str]) -> str:
    return ", ".join(codes[:NAMED]) + (", …" if len(codes) > NAMED else "")
