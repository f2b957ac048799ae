"""The countdown to release: pre-release work opens 12 weeks before the effective day, and follows it when it moves.

Source: Through the Gate, rules of section 8: pre-release work starts 12 weeks before release; when the release date
moves, every open deadline is re-timed from the new one.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from services.resettlement.domain.case import Case, Episode, ReleaseDate, case_of, duty_id
from services.resettlement.domain.custody import open_episodes
from services.resettlement.domain.movements import PRE_RELEASE
from shared.contracts.resettlement import DeadlinesRetimed, PreReleaseClosed, PreReleaseOpened, RetimedDuty
from shared.domain.business_days import local_date, start_of_day
from shared.domain.duty import SHORT_NOTICE, Clock, Duty, due_at
from shared.domain.step import Step
from shared.domain.workflow import START, Entry, Transition, Workflow


def known_on(episode: Episode) -> date | None:
    """When the release day in force was first stated; stating it again gives no further notice."""
    first: date | None = None
    on: date | None = None
    for each in episode.known_dates:
        if each.on != on:
            first, on = local_date(each.at), each.on
    return first


def countdown_clocks(case: Case) -> Iterator[Clock]:
    """A clock *before* the day of release, for the stay that goes on; none while there is no date."""
    for ref, episode in open_episodes(case):
        release = episode.release
        if release is not None and release.on is not None:
            yield Clock(ref, release.on, episode.order_id, (release.id,), known_on(episode))


def windows(episode: Episode) -> Iterator[tuple[ReleaseDate, datetime, datetime | None]]:
    """The release dates of a stay, each with the time in which it is in force."""
    known = episode.known_dates
    for n, each in enumerate(known):
        until = known[n + 1].at if n + 1 < len(known) else episode.left_at
        yield each, _not_before_serving(episode, each.at), until


def first_opened_at(episode: Episode) -> datetime | None:
    """When pre-release work first opened (or will); None where no release date was ever in force for that."""
    if episode.serving_from is None or not episode.order_id:
        return None
    for each, since, until in windows(episode):
        if each.opens_on is not None:
            opened = max(since, start_of_day(each.opens_on))
            if until is None or opened < until:
                return opened
    return None


def _not_before_serving(episode: Episode, at: datetime) -> datetime:
    return at if episode.serving_from is None else max(at, episode.serving_from)


def _entries(case: Case, ref: str) -> Iterable[Entry]:
    episode = case.episodes.get(ref)
    if episode is None or episode.serving_from is None or not (episode.bound or episode.left_at is not None):
        return
    yield Entry("serving", episode.serving_from, ref)
    for rank, (each, since, until) in enumerate(windows(episode), 1):
        yield Entry("dated", since, each.id, rank, each)
        if each.opens_on is not None:
            opens_at = start_of_day(each.opens_on)
            if opens_at > since and (until is None or opens_at < until):
                yield Entry("twelve-weeks", opens_at, each.id, rank, each)
    if episode.left_at is not None:
        yield Entry("left", episode.left_at, ref, len(episode.dates) + 1)


def _within(_case: Case, _ref: str, entry: Entry) -> bool:
    opens_on: date | None = entry.data.opens_on
    return opens_on is not None and entry.on >= start_of_day(opens_on)


def _beyond(case: Case, ref: str, entry: Entry) -> bool:
    return entry.data.on is not None and not _within(case, ref, entry)


def _tell_opened(step: Step, ref: str, entry: Entry) -> None:
    episode = case_of(step).episodes[ref]
    on: date = entry.data.on
    opened_on = local_date(entry.on)
    rule = step.value(PRE_RELEASE, on).applied(release=on, opened=opened_on)
    step.emit(
        PreReleaseOpened(order_id=episode.order_id, release_on=on, opened_on=opened_on, because=step.because(rule))
    )


def _tell_closed(step: Step, ref: str, entry: Entry) -> None:
    episode = case_of(step).episodes[ref]
    on: date | None = entry.data.on
    rule = step.value(PRE_RELEASE, on or local_date(entry.on)).applied(release=on or "none")
    step.emit(
        PreReleaseClosed(
            order_id=episode.order_id,
            release_on=on,
            closed_on=local_date(entry.on),
            reason="moved" if on is not None else "withdrawn",
            because=step.because(rule),
        )
    )


def countdown(timed: tuple[Duty, ...]) -> Workflow:
    """The countdown of a stay; `timed` are the duties that are due before release."""

    def retime(step: Step, ref: str, entry: Entry) -> None:
        _tell_retimed(step, ref, entry, timed)

    def open_and_retime(step: Step, ref: str, entry: Entry) -> None:
        _tell_opened(step, ref, entry)
        retime(step, ref, entry)

    def close_and_retime(step: Step, ref: str, entry: Entry) -> None:
        _tell_closed(step, ref, entry)
        retime(step, ref, entry)

    before = frozenset({"no-date", "waiting"})
    opened = frozenset({"open"})
    return Workflow(
        name="countdown",
        reads=frozenset({"episodes"}),
        refs=lambda case: case.episodes,
        entries=_entries,
        transitions=(
            Transition(frozenset({START}), "serving", "no-date"),
            Transition(before, "dated", "open", _within, open_and_retime),
            Transition(before, "dated", "waiting", _beyond, retime),
            Transition(before, "dated", "no-date", tells=retime),
            Transition(frozenset({"waiting"}), "twelve-weeks", "open", tells=_tell_opened),
            Transition(opened, "dated", "open", _within, retime),
            Transition(opened, "dated", "waiting", _beyond, close_and_retime),
            Transition(opened, "dated", "no-date", tells=close_and_retime),
            Transition(before | opened, "left", "over"),
        ),
    )


def _tell_retimed(step: Step, ref: str, entry: Entry, timed: tuple[Duty, ...]) -> None:
    case = case_of(step)
    episode = case.episodes[ref]
    dates = episode.known_dates
    if len(dates) < 2 or entry.id != dates[-1].id or dates[-2].on == dates[-1].on:
        return
    before, after = dates[-2].on, dates[-1].on
    retimed = []
    for duty in timed:
        was = case.duties.get(duty.id, {}).get(ref)
        clock = next((each for each in duty.clocks(case) if each.ref == ref), None)
        if was is None or was.outcome != "open" or was.due is None or clock is None:
            continue
        due = due_at(duty, case, clock, duty.value(step, clock), step.value(SHORT_NOTICE, clock.started_on))
        if due is not None and due != was.due:
            retimed.append(
                RetimedDuty(
                    duty_id=duty_id(case.key, duty.id, ref),
                    rule_id=duty.id,
                    due_at_before=was.due,
                    due_at_after=due,
                )
            )
    rule = step.value(PRE_RELEASE, after or before or local_date(entry.on)).applied(
        before=before or "none", after=after or "none"
    )
    step.emit(
        DeadlinesRetimed(
            release_on_before=before, release_on_after=after, duties=tuple(retimed), because=step.because(rule)
        )
    )
