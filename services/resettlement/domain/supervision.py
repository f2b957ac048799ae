"""Supervision after release: licence, then post-sentence supervision, from the day of release to the last day.

Source: Offender Rehabilitation Act 2014 (003:L2552-2556): a sentence of more than a day and under 24 months, for an
offence on or after 2015-02-01, brings 12 months in all; longer ones a licence; earlier offences no post-sentence
supervision. A recall ends the licence; release after it starts anew.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.resettlement.domain.case import Case, Episode, Order, Supervision, case_of
from services.resettlement.domain.holding import current_holder
from services.resettlement.domain.orders import custodial
from shared.contracts.resettlement import SupervisionEnded, SupervisionStarted
from shared.contracts.scalars import LATEST
from shared.domain.business_days import add_months, end_of_day, local_date, start_of_day
from shared.domain.duty import Pause
from shared.domain.identifiers import stable_id
from shared.domain.rulebook import View
from shared.domain.state import Stage
from shared.domain.step import Step
from shared.domain.workflow import START, Entry, Transition, Workflow

POST_SENTENCE = "post-sentence-supervision"
"""Parameter: whether an offence of that date brings post-sentence supervision."""

SHORT_SENTENCE = "post-sentence-supervision.under"
"""Parameter: the length of sentence from which there is no post-sentence supervision."""

IN_ALL = "supervision-in-all"
"""Parameter: how long licence and post-sentence supervision last together."""

OVER = "over"

ENDINGS = {
    "completed": "completed",
    "revoked-good-progress": "completed",
    "expired-incomplete": "completed",
    "revoked-breach": "revoked",
    "revoked-reoffending": "revoked",
    "died": "died",
    "deported": "deported",
}
"""How an order's end ends its supervision. Quashed and moved out of the jurisdiction count for nothing: not told."""


class Release(NamedTuple):
    """A release that supervision follows."""

    at: datetime
    on: date
    order_id: str
    order: Order
    episode: str
    fact_id: str


def derive_supervisions(step: Step) -> None:
    """Work the periods of supervision out anew from stays, sentences and their ends."""
    case = case_of(step)
    found: dict[str, Supervision] = {}
    first_release: dict[str, date] = {}
    for release in sorted(_releases(case), key=lambda each: (each.at, each.order_id)):
        first_release.setdefault(release.order_id, release.on)
        for row in _periods(step, case, release, first_release[release.order_id]):
            found[f"{row.kind}.{row.released_on}"] = row
    for ref in [ref for ref in case.supervisions if ref not in found]:
        step.drop("supervisions", ref)
    for ref, row in found.items():
        step.put("supervisions", ref, row)


SUPERVISIONS = View(reads=frozenset({"episodes", "orders"}), derive=derive_supervisions)


def _releases(case: Case) -> Iterator[Release]:
    for order_id, order in custodial(case):
        if order.released_at_court and order.over_a_day and order.sentenced_on is not None:
            on = order.sentenced_on
            yield Release(start_of_day(on), on, order_id, order, "", order_id)
    for ref, episode in case.episodes.items():
        order = case.orders.get(episode.order_id, Order())
        if episode.left_at is not None and not episode.died and episode.order_id and order.over_a_day:
            on = local_date(episode.left_at)
            yield Release(episode.left_at, on, episode.order_id, order, ref, episode.left_fact_id)


def _periods(step: Step, case: Case, release: Release, first_released_on: date) -> Iterator[Supervision]:
    licence_ends_on, all_ends_on = _last_days(step, case, release, first_released_on)
    cut_at, cut_as = _cut(case, release)
    next_day = release.on
    for kind, ends_on in (("licence", licence_ends_on), ("post-sentence", all_ends_on)):
        if ends_on is None or ends_on < next_day:
            continue
        since = release.at if next_day == release.on else start_of_day(next_day)
        if cut_at is not None and cut_at <= since:
            return
        until, outcome = end_of_day(ends_on), "completed"
        if cut_at is not None and cut_at <= until:
            until, outcome = cut_at, cut_as
        yield Supervision(
            order_id=release.order_id,
            kind="licence" if kind == "licence" else "post-sentence",
            released_on=release.on,
            starts_on=next_day,
            ends_on=ends_on,
            since=since,
            until=until,
            outcome=outcome,
            fact_id=release.fact_id,
            episode=release.episode,
            unit=release.order.unit,
        )
        next_day = ends_on + timedelta(days=1)


def _last_days(step: Step, case: Case, release: Release, first_released_on: date) -> tuple[date | None, date | None]:
    """The last day of the licence, and of post-sentence supervision: as the prison states them, else by the Act."""
    order = release.order
    episode = case.episodes.get(release.episode)
    dates = [each for each in episode.dates if each.licence_ends_on is not None] if episode is not None else []
    licence: date | None = LATEST if order.life else order.runs_until
    if dates:
        licence = dates[-1].licence_ends_on
    stated = dates[-1].post_sentence_ends_on if dates else None
    in_all = stated or _by_the_act(step, order, first_released_on)
    return licence and min(licence, LATEST), in_all and min(in_all, LATEST)


def _by_the_act(step: Step, order: Order, first_released_on: date) -> date | None:
    sentenced_on = order.sentenced_on
    if order.life or order.runs_until is None or sentenced_on is None:
        return None
    if not step.value(POST_SENTENCE, order.offence_on or sentenced_on).flag:
        return None
    limit = step.value(SHORT_SENTENCE, sentenced_on).number
    if order.runs_until >= add_months(sentenced_on, limit) - timedelta(days=1):
        return None
    return add_months(first_released_on, step.value(IN_ALL, first_released_on).number)


def _cut(case: Case, release: Release) -> tuple[datetime | None, str]:
    """What ends supervision before its last day: the end of the order, a recall, a new sentence of custody."""
    cuts: list[tuple[datetime, int, str]] = []
    if release.order.ended_on is not None:
        cuts.append((end_of_day(release.order.ended_on), 0, ENDINGS.get(release.order.ended_as, "")))
    for episode in case.episodes.values():
        if episode.kind == "recall" and episode.entered_at > release.at:
            cuts.append((episode.entered_at, 1, "recalled"))
        elif _new_sentence(episode, release) and episode.serving_from is not None:
            cuts.append((episode.serving_from, 2, "custody-new-sentence"))
    if not cuts:
        return None, ""
    cut_at, _, outcome = min(cuts)
    return cut_at, outcome


def _new_sentence(episode: Episode, release: Release) -> bool:
    serving_from = episode.serving_from
    return serving_from is not None and serving_from > release.at and episode.order_id != release.order_id


# -- what others hear ---------------------------------------------------------------------------------


def _entries(case: Case, ref: str) -> Iterable[Entry]:
    row = case.supervisions.get(ref)
    if row is None:
        return
    yield Entry("begun", row.since, ref, rank=0)
    holder = current_holder(case)
    if holder is not None:
        yield Entry("provided", max(row.since, holder.at), ref, rank=1)
    yield Entry("over", row.until, f"{local_date(row.until)}|{row.outcome}", rank=2)


def _tell_started(step: Step, ref: str, _entry: Entry) -> None:
    case = case_of(step)
    row = case.supervisions[ref]
    holder = current_holder(case)
    if holder is None:
        raise ValueError("supervision is told of once its provider is known")
    starts_with_release = row.starts_on == row.released_on
    rule = step.value(IN_ALL, row.released_on).applied(
        released=row.released_on, ends=row.ends_on, sentence=row.order_id
    )
    step.emit(
        SupervisionStarted(
            supervision_id=supervision_id(case.key, ref),
            order_id=row.order_id,
            kind=row.kind,
            released_on=row.released_on if starts_with_release else None,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            provider_code=holder.code,
            resettlement_provider_code=_resettlement_provider(case, row),
            because=step.because(rule),
        )
    )


def _tell_ended(step: Step, ref: str, entry: Entry) -> None:
    row = case_of(step).supervisions[ref]
    if not row.outcome:
        return
    rule = step.value(IN_ALL, row.released_on).applied(ends=row.ends_on, outcome=row.outcome)
    step.emit(
        SupervisionEnded.model_validate(
            {
                "supervision_id": supervision_id(step.owner.key, ref),
                "kind": row.kind,
                "ended_on": local_date(entry.on),
                "outcome": row.outcome,
                "because": step.because(rule),
            }
        )
    )


def supervision_id(crn: str, ref: str) -> str:
    """The id under which events name a period of supervision."""
    return str(stable_id("supervision", crn, ref))


def _resettlement_provider(case: Case, row: Supervision) -> str | None:
    episode = case.episodes.get(row.episode)
    if episode is None:
        return None
    inside = [each for each in case.screenings.values() if episode.entered_at <= each.completed_at <= row.since]
    return max(inside, key=lambda each: (each.completed_at, each.provider)).provider if inside else None


SUPERVISION = Workflow(
    name="supervision",
    reads=frozenset({"supervisions", "holder"}),
    refs=lambda case: case.supervisions,
    entries=_entries,
    transitions=(
        Transition(frozenset({START}), "begun", "open"),
        Transition(frozenset({"open"}), "provided", "open", tells=_tell_started),
        Transition(frozenset({"open"}), "over", OVER, tells=_tell_ended),
    ),
)


def open_supervisions(case: Case) -> Iterator[tuple[str, Supervision]]:
    """The periods of supervision that go on."""
    for ref, stage in case.stages.get(SUPERVISION.name, {}).items():
        if stage.stage == "open" and ref in case.supervisions:
            yield ref, case.supervisions[ref]


def open_releases(case: Case) -> Iterator[tuple[str, Supervision]]:
    """The releases whose supervision goes on, be it by then post-sentence supervision; each by its first period."""
    if not case.supervisions:
        return
    stages = case.stages.get(SUPERVISION.name, {})
    going_on = {
        row.released_on for ref, row in case.supervisions.items() if ref in stages and not _is_over(stages[ref])
    }
    for ref, row in case.supervisions.items():
        if row.starts_on == row.released_on and row.released_on in going_on:
            yield ref, row


def _is_over(stage: Stage) -> bool:
    return stage.stage == OVER


def custody_since(case: Case, row: Supervision) -> tuple[Pause, ...]:
    """The days in custody since supervision began: they do not count."""
    found = []
    for episode in case.episodes.values():
        if episode.entered_at > row.since:
            left_on = local_date(episode.left_at) if episode.left_at is not None else None
            found.append(Pause(local_date(episode.entered_at), left_on))
    return tuple(found)
