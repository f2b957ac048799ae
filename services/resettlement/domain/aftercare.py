"""After release: the plan is reviewed, constructive work goes on, an officer out of area meets the person.

Source: 002:847 (plan reviewed at release), 000:795 and 17-51 (drift in licence and post-sentence supervision),
20-59 (out of area); the limits are defaults.
"""

from collections.abc import Iterator

from services.resettlement.domain.case import Case, Review
from services.resettlement.domain.contact import first_seen, release_clocks
from services.resettlement.domain.holding import current_officer
from services.resettlement.domain.supervision import custody_since, open_releases, open_supervisions
from shared.contracts.casework import ReviewCompleted
from shared.domain.decision import Outcome
from shared.domain.duty import Clock, Done, Duty, Pause
from shared.domain.fact import Fact
from shared.domain.statement import put_latest
from shared.domain.step import Step


def take_review(step: Step, fact: Fact, review: ReviewCompleted) -> Outcome | None:
    """A review: after release, or of a plan that was copied."""
    row = Review(review.completed_on, fact.at, "post-release" in review.purposes, review.reviewed_ids)
    return put_latest(step, "reviews", review.review_id, row)


def _reviewed(case: Case, clock: Clock) -> Done | None:
    found = [
        (row.on, review_id)
        for review_id, row in case.reviews.items()
        if row.post_release and row.on >= clock.started_on
    ]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def _pauses(case: Case, clock: Clock) -> tuple[Pause, ...]:
    return custody_since(case, case.supervisions[clock.ref])


def _drift_clocks(case: Case) -> Iterator[Clock]:
    """From the start of the period, or from the latest constructive work in it."""
    for ref, row in open_supervisions(case):
        latest = max(((done.on, record_id) for record_id, done in case.activities.items()), default=None)
        start, evidence = row.starts_on, row.fact_id
        if latest is not None and latest[0] > start:
            start, evidence = latest
        yield Clock(ref, start, row.order_id, (evidence,))


def _out_of_area_clocks(case: Case) -> Iterator[Clock]:
    """Releases to an address of another local delivery unit than the sentence's."""
    for ref, row in open_releases(case):
        officer = current_officer(case)
        standing = [
            (address.stated_at, address_id, address.unit)
            for address_id, address in case.addresses.items()
            if address.stands and address.stated_at is not None
        ]
        if officer is not None and standing and row.unit and max(standing)[2] != row.unit:
            yield Clock(ref, row.released_on, row.order_id, (row.fact_id, max(standing)[1]))


POST_RELEASE_REVIEW = Duty(
    code="post-release-review-missing",
    reads=frozenset({"supervisions", "stages.supervision", "reviews", "episodes"}),
    clocks=release_clocks,
    done=_reviewed,
    pauses=_pauses,
)

DRIFT = Duty(
    code="supervision-drift",
    reads=frozenset({"supervisions", "stages.supervision", "activities", "episodes"}),
    clocks=_drift_clocks,
    timing="since",
    pauses=_pauses,
)

OUT_OF_AREA = Duty(
    code="out-of-area-unmet",
    reads=frozenset({"supervisions", "stages.supervision", "addresses", "contacts", "officers", "episodes"}),
    clocks=_out_of_area_clocks,
    done=lambda case, clock: first_seen(case, clock.started_on, current_officer(case)),
    pauses=_pauses,
)
