"""What the people who run allocation watch: sums over cases and officers, never one of them.

A case adds to the sums what it shows as it stands, and takes that back when it stands otherwise; nothing else reads
them. That includes sex and attributes, so that those whose task it is can see whether some people wait longer than
others: how long and with whom, one trait at a time, never two together, languages as one. No rule decides by it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import compress
from operator import attrgetter, is_, is_not

import msgspec

from services.allocation.domain import risk, workload
from services.allocation.domain.case import CASE, Case, Escalation
from services.allocation.domain.office import OFFICE, Office
from shared.domain.business_days import business_days_between, local_date
from shared.domain.decision import Decision, Rows, TallyAdd
from shared.domain.fact import Subject
from shared.domain.policy import Policy
from shared.domain.service import TallyGauge, TallyHistogram

DAYS = (0, 1, 2, 3, 5, 10, 20, 60)
CAPACITIES = tuple(map(Decimal, (50, 80, 100, 110, 140)))
"""Bounds of the bands of capacity, in percent: 110 and 140 are those of overload."""

TO_PROVIDER = TallyHistogram(
    "days-to-provider",
    "throughcare_provider_business_days",
    "Business days from sentence to the decision on the provider, by its kind",
    ("provider",),
    DAYS,
)
TO_OFFICER = TallyHistogram(
    "days-to-officer",
    "throughcare_officer_business_days",
    "Business days from sentence (in prison, from 12 weeks before release) to the first officer, by trait: kind of "
    "provider, sex, attribute",
    ("trait", "value"),
    DAYS,
)
AWAITING = TallyGauge(
    "awaiting-officer",
    "throughcare_cases_awaiting_officer",
    "Cases that wait for an officer, by trait: kind of provider, sex, attribute",
    ("trait", "value"),
)
HELD = TallyGauge(
    "held-by-grade",
    "throughcare_cases_held",
    "Cases that officers hold, by their grade and by trait: kind of provider, sex, attribute",
    ("trait", "value", "grade"),
)
ROUTES = TallyGauge(
    "routes",
    "throughcare_cases_by_route",
    "Cases of the CRCs by route; the hub's share is hub over both",
    ("route",),
)
OFFICERS = TallyGauge(
    "officers-by-capacity",
    "throughcare_officers_by_capacity",
    "Officers by office, grade and band of capacity in percent",
    ("office", "grade", "capacity"),
)
ESCALATIONS = TallyGauge(
    "escalations",
    "throughcare_escalations",
    "Escalations of the cases under supervision, by direction and state",
    ("direction", "state"),
)
OPEN_ESCALATIONS = TallyGauge(
    "open-escalations",
    "throughcare_open_escalations",
    "Escalations that nobody has answered, by direction and age since the request",
    ("direction",),
    aged=True,
)
GAUGES = (AWAITING, HELD, ROUTES, OFFICERS, ESCALATIONS, OPEN_ESCALATIONS)
HISTOGRAMS = (TO_PROVIDER, TO_OFFICER)

_OF_A_CASE = attrgetter(
    "route",
    "officer",
    "holder",
    "awaiting_since",
    "sex",
    "person",
    "needs",
    "escalations",
    "allocations",
    "provided_on",
)
_OF_AN_OFFICE = attrgetter("loads", "officers")
Shown = tuple[Subject, str, str]
"""One sum: of which gauge, its name, its period."""


def watch(decision: Decision, rows: Rows, policy: Policy, on: date, *, observe: bool = True) -> Decision:
    """The decision, with what it changes of the sums. `observe`: whether times to provider and officer are new."""
    adds: defaultdict[Shown, int] = defaultdict(int)
    for subject, after in decision.states.items():
        before = rows.states[subject]
        if subject.kind == CASE and _differ(_OF_A_CASE(before), _OF_A_CASE(after)):
            _move(adds, _of_a_case(before), _of_a_case(after))
            if observe:
                for shown, n in _observed(before, after):
                    adds[shown] += n
        elif subject.kind == OFFICE and _differ(_OF_AN_OFFICE(before), _OF_AN_OFFICE(after)):
            for officer in _restated(before, after):
                _move(adds, *(_of_an_officer(office, officer, policy, on) for office in (before, after)))
    if not adds:
        return decision
    more = [TallyAdd(*shown, n) for shown, n in sorted(adds.items()) if n]
    return msgspec.structs.replace(decision, tallies=(*decision.tallies, *more))


def _move(adds: defaultdict[Shown, int], before: list[Shown], after: list[Shown]) -> None:
    """What was shown is taken back, and what is shown now added."""
    if before != after:
        for shown in before:
            adds[shown] -= 1
        for shown in after:
            adds[shown] += 1


def _differ(before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    """A step copies what it changes: what is the same object has not changed."""
    return not all(map(is_, before, after))


def _of_a_case(case: Case) -> list[Shown]:
    if case.holder is None:
        return []
    found: list[Shown] = [(ROUTES.subject, case.route, "")] if case.route is not None else []
    traits = _traits(case) if case.awaiting_since is not None or case.officer is not None else ()
    for trait, value in traits:
        if case.awaiting_since is not None:
            found.append((AWAITING.subject, f"{trait}|{value}", ""))
        if case.officer is not None:
            found.append((HELD.subject, f"{trait}|{value}|{case.officer.grade}", ""))
    for row in case.escalations.values():
        if row.direction is None or row.requested_at is None:
            continue
        state = _state(row)
        found.append((ESCALATIONS.subject, f"{row.direction}|{state}", ""))
        if state == "open":
            found.append((OPEN_ESCALATIONS.subject, row.direction, local_date(row.requested_at).isoformat()))
    return found


def _state(row: Escalation) -> str:
    return row.outcome or ("superseded" if row.superseded else "open")


def _traits(case: Case) -> Iterator[tuple[str, str]]:
    """The traits of a person who has a provider, each by itself; a language is only that one is needed."""
    if case.holder is not None:
        yield "provider", case.holder.kind
    yield "sex", case.sex
    attributes = {attribute.partition(":")[0] for attribute in risk.attributes(case)}
    for attribute in attributes or {"none"}:
        yield "attribute", attribute


def _observed(before: Case, after: Case) -> Iterator[tuple[Shown, int]]:
    """How long the provider, and the first officer, took."""
    for order_id in after.allocations.keys() - before.allocations.keys():
        order = after.orders.get(order_id)
        if order is not None and order.sentenced_on is not None and after.holder is not None:
            days = _business_days(order.sentenced_on, after.allocations[order_id].on)
            for name, n in TO_PROVIDER.observed((after.holder.kind,), days).items():
                yield (TO_PROVIDER.subject, name, ""), n
    if after.provided_on is None or before.officers or not after.officers:
        return
    start = _waited_from(after)
    if start is not None:
        days = _business_days(start, after.provided_on)
        for trait in _traits(after):
            for name, n in TO_OFFICER.observed(trait, days).items():
                yield (TO_OFFICER.subject, name, ""), n


def _waited_from(case: Case) -> date | None:
    """The first sentence that was allocated; in prison the day on which pre-release work started."""
    sentences = [case.orders[order_id].sentenced_on for order_id in case.allocations if order_id in case.orders]
    first = min((on for on in sentences if on is not None), default=None)
    opened = case.suspended_until
    return max(first, opened) if first is not None and opened is not None else first


def _business_days(start: date, end: date) -> int:
    return business_days_between(start, end) if start < end else 0


def _restated(before: Office, after: Office) -> set[str]:
    """The officers whose load or terms have changed."""
    return _rewritten(before.loads, after.loads) | _rewritten(before.officers, after.officers)


def _rewritten(was: Mapping[str, object], now: Mapping[str, object]) -> set[str]:
    """The rows of a ledger that were put, replaced or dropped."""
    if was is now:
        return set()
    if list(was) == list(now):  # as a rule one row is replaced, in its place
        return set(compress(now, map(is_not, now.values(), was.values())))
    return {code for code in {*was, *now} if was.get(code) is not now.get(code)}


def _of_an_officer(office: Office, officer: str, policy: Policy, on: date) -> list[Shown]:
    terms = office.officers.get(officer)
    if terms is None:
        return []
    points = workload.load_of(office, officer).points
    available = workload.points_available(terms, policy.at("workload.points-by-grade", on).table)
    if not available and not points:
        return []
    return [(OFFICERS.subject, f"{office.key}|{terms.grade}|{_band(points, available)}", "")]


def _band(points: Decimal, available: Decimal) -> str:
    """The band of capacity: a bound belongs to the band below it, as it does to the limits of overload."""
    lower = Decimal(0)
    for upper in CAPACITIES:
        if not workload.is_over(points, available, upper):
            return f"{lower}-{upper}"
        lower = upper
    return f"over-{lower}"
