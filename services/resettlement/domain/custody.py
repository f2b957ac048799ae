"""Custody: the stays that movements make, the sentence that is served in each, and what others hear of them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from msgspec.structs import replace

from services.resettlement.domain.case import Case, CustodyKind, Episode, Movement, Order, case_of
from services.resettlement.domain.movements import DEATH_CODES, RECALL_CODES
from services.resettlement.domain.orders import custodial, governing
from shared.contracts.resettlement import CustodyEntered, CustodyLeft
from shared.domain.business_days import local_date, start_of_day
from shared.domain.fact import iso
from shared.domain.rulebook import View
from shared.domain.step import Step
from shared.domain.workflow import START, Entry, Transition, Workflow

NUMBERED = list[tuple[str, Order]]


class Stay(NamedTuple):
    """The movements of a stay, each with its fact's id; `entry` is absent where only the release was stated."""

    entry: tuple[str, Movement] | None
    leaving: tuple[str, Movement] | None

    @property
    def entered_on(self) -> date:
        """The first day, as far as it was stated."""
        return local_date(self.entry[1].at) if self.entry is not None else date.min

    @property
    def left_at(self) -> datetime | None:
        """When it ended; None while it goes on."""
        return self.leaving[1].at if self.leaving is not None else None

    @property
    def left_on(self) -> date:
        """The last day; the end of all days while it goes on."""
        return local_date(self.leaving[1].at) if self.leaving is not None else date.max


def derive_episodes(step: Step) -> None:
    """Work the stays out anew from movements, sentences, recalls and release dates."""
    case = case_of(step)
    found = {iso(episode.entered_at): episode for episode in _with_dates(case, _episodes(case))}
    for ref in [ref for ref in case.episodes if ref not in found]:
        step.drop("episodes", ref)
    for ref, episode in found.items():
        step.put("episodes", ref, episode)


EPISODES = View(reads=frozenset({"movements", "orders", "recalls", "release_dates"}), derive=derive_episodes)


def _stays(case: Case) -> Iterator[Stay]:
    inside: tuple[str, Movement] | None = None
    for each in sorted(case.movements.items(), key=lambda item: (item[1].at, item[1].way == "in", item[0])):
        if each[1].way == "out":
            yield Stay(inside, each)
            inside = None
        elif inside is None:
            inside = each
    if inside is not None:
        yield Stay(inside, None)


def _episodes(case: Case) -> Iterator[Episode]:
    """Stay after stay: a sentence is served in the first that it falls into; a recall goes on with a served one."""
    orders = custodial(case)
    served = {order_id for order_id, order in orders if order.released_at_court}
    last_left: datetime | None = None
    for stay in _stays(case):
        fresh = [each for each in orders if each[0] not in served and _served_in(each[1], stay)]
        if stay.entry is not None or fresh:
            again = [each for each in orders if each[0] in served and not _over_before(each[1], stay)]
            yield _episode(case, stay, fresh, again, last_left)
        if stay.left_at is not None:
            served.update(order_id for order_id, _ in fresh)
            last_left = stay.left_at


def _served_in(order: Order, stay: Stay) -> bool:
    return (order.sentenced_on or date.max) <= stay.left_on and not _over_before(order, stay)


def _over_before(order: Order, stay: Stay) -> bool:
    return order.ended_on is not None and order.ended_on < stay.entered_on


def _episode(case: Case, stay: Stay, fresh: NUMBERED, again: NUMBERED, last_left: datetime | None) -> Episode:
    sentenced_on = min((order.sentenced_on for _, order in fresh if order.sentenced_on), default=None)
    fact_id, movement = stay.entry or stay.leaving or ("", None)
    if movement is None:
        raise ValueError("a stay has at least one movement")
    entered_at = movement.at if stay.entry is not None or sentenced_on is None else start_of_day(sentenced_on)
    sentenced = sentenced_on is not None and sentenced_on <= local_date(entered_at)
    recalled = movement.recall or (bool(again) and _recall_issued(case, last_left, entered_at))
    kind: CustodyKind = "recall" if recalled else "sentence" if sentenced else "remand-or-unknown"
    serving = fresh or (again if recalled else [])
    order_id, order = governing(serving) if serving else ("", Order())
    serving_from = None
    if serving:
        begins_here = (recalled and again) or sentenced or sentenced_on is None
        serving_from = entered_at if begins_here or sentenced_on is None else start_of_day(sentenced_on)
    return Episode(
        entered_at=entered_at,
        kind=kind,
        prison=movement.prison,
        fact_id=fact_id,
        order_id=order_id,
        serving_from=serving_from,
        sentenced_on=order.sentenced_on,
        bound=bool(order_id) and order.over_a_day and order.ended_on is None,
        left_at=stay.left_at,
        died=stay.leaving is not None and stay.leaving[1].died,
        left_fact_id=stay.leaving[0] if stay.leaving is not None else "",
    )


def _recall_issued(case: Case, since: datetime | None, before: datetime) -> bool:
    return any(
        recall.issued and recall.decided_at <= before and (since is None or recall.decided_at > since)
        for recall in case.recalls.values()
    )


def _with_dates(case: Case, episodes: Iterable[Episode]) -> Iterator[Episode]:
    """Each stay with the release dates that were stated from its first day until the next stay."""
    stated = sorted(case.release_dates.values(), key=lambda each: (each.at, each.id))
    known = list(episodes)
    for n, episode in enumerate(known):
        first = start_of_day(local_date(episode.entered_at))
        following = known[n + 1].entered_at if n + 1 < len(known) else None
        last = start_of_day(local_date(following)) if following is not None else None
        dates = tuple(each for each in stated if first <= each.at and (last is None or each.at < last))
        yield replace(episode, dates=dates)


def open_episodes(case: Case) -> Iterator[tuple[str, Episode]]:
    """The stay that goes on and that resettlement is due for, if there is one."""
    for ref, episode in case.episodes.items():
        if episode.left_at is None and episode.bound:
            yield ref, episode


def episode_on(case: Case, day: date) -> tuple[str, Episode] | None:
    """The stay that a person was in on a day; on a day with two, the later."""
    found = None
    for ref, episode in sorted(case.episodes.items()):
        left_on = local_date(episode.left_at) if episode.left_at is not None else date.max
        if local_date(episode.entered_at) <= day <= left_on:
            found = ref, episode
    return found


def _entries(case: Case, ref: str) -> Iterable[Entry]:
    episode = case.episodes.get(ref)
    if episode is None:
        return
    yield Entry("received", episode.entered_at, ref, rank=0, data=episode)
    if episode.serving_from is not None and episode.serving_from > episode.entered_at:
        yield Entry("sentenced", episode.serving_from, ref, rank=1, data=episode)
    if episode.left_at is not None:
        yield Entry("died" if episode.died else "released", episode.left_at, ref, rank=2, data=episode)


def _is_remand(_case: Case, _ref: str, entry: Entry) -> bool:
    return bool(entry.data.kind == "remand-or-unknown")


def _tell_entered(step: Step, _ref: str, entry: Entry) -> None:
    episode: Episode = entry.data
    kind: CustodyKind = "sentence" if entry.trigger == "sentenced" and episode.kind != "recall" else episode.kind
    known_order = kind != "remand-or-unknown" and episode.order_id
    rule = step.value(RECALL_CODES, local_date(episode.entered_at)).applied(kind=kind, entered=iso(episode.entered_at))
    step.emit(
        CustodyEntered(
            order_id=episode.order_id if known_order else None,
            kind=kind,
            prison_id=episode.prison,
            entered_at=episode.entered_at,
            because=step.because(rule),
        )
    )


def _tell_left(step: Step, _ref: str, entry: Entry) -> None:
    rule = step.value(DEATH_CODES, local_date(entry.on)).applied(left=iso(entry.on), died=entry.data.died)
    because = step.because(rule)
    step.emit(CustodyLeft(left_at=entry.on, reason="died" if entry.data.died else "released", because=because))


INSIDE = frozenset({"remand", "serving"})

CUSTODY = Workflow(
    name="custody",
    reads=frozenset({"episodes"}),
    refs=lambda case: case.episodes,
    entries=_entries,
    transitions=(
        Transition(frozenset({START}), "received", "remand", _is_remand, _tell_entered),
        Transition(frozenset({START}), "received", "serving", tells=_tell_entered),
        Transition(frozenset({"remand"}), "sentenced", "serving", tells=_tell_entered),
        Transition(INSIDE, "released", "released", tells=_tell_left),
        Transition(INSIDE, "died", "died", tells=_tell_left),
    ),
)
