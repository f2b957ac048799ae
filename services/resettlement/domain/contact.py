"""Contact: appointments, visits and answered attempts, before release and after it.

Source: initial contact on licence within one business day (MoJ SL002R, and its quality partner: attended, not only
arranged); at least one contact by the responsible officer before release (003:L2996).
"""

from collections.abc import Iterator
from datetime import date, datetime

from msgspec.structs import replace

from services.resettlement.domain.activity import note_attendance
from services.resettlement.domain.case import Case, Contact, Episode, case_of
from services.resettlement.domain.countdown import countdown_clocks
from services.resettlement.domain.supervision import open_releases
from services.resettlement.domain.voided import put_unless_void, void
from shared.contracts.casework import (
    AppointmentArranged,
    AppointmentAttended,
    AppointmentCancelled,
    AppointmentRearranged,
    ContactAttempted,
    HomeVisitCompleted,
)
from shared.domain.business_days import local_date
from shared.domain.contact import is_face_to_face
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.statement import UNDATED
from shared.domain.step import Step

KEPT = 32
"""Contacts that a case with a sentence of custody keeps."""

KEPT_WITHOUT_CUSTODY = 8
"""Contacts that a case keeps in case a sentence of custody is stated late."""

EARLIEST_KEPT = 16
"""Of the contacts since release the earliest stay, for they tell the first; of the later ones the latest."""


def take_arranged(step: Step, fact: Fact, made: AppointmentArranged | AppointmentRearranged) -> Outcome | None:
    """An appointment stands as stated; attended, or stated otherwise since, it stays as it is."""
    on = local_date(made.starts_at)
    row = Contact(
        on=on,
        face_to_face=is_face_to_face(step, made.channel, on),
        in_prison=made.channel == "prison",
        officer=made.officer_code or "",
        stated_at=fact.at,
        arranged_on=local_date(fact.at),
    )
    return _keep(step, made.appointment_id, row)


def take_cancelled(step: Step, fact: Fact, cancelled: AppointmentCancelled) -> Outcome | None:
    """The provider has cancelled an appointment; cancelled by the person, it stays offered."""
    if cancelled.cancelled_by == "person":
        return ignored("cancelled-by-the-person")
    return _keep(step, cancelled.appointment_id, Contact(cancelled_at=fact.at))


def take_attended(step: Step, fact: Fact, attended: AppointmentAttended) -> Outcome | None:
    """An appointment was attended, arranged before or not."""
    on = local_date(attended.starts_at)
    row = Contact(
        on=on,
        how="attended",
        face_to_face=is_face_to_face(step, attended.channel, on),
        in_prison=attended.channel == "prison",
        officer=attended.officer_code or "",
        stated_at=fact.at,
    )
    outcome = _keep(step, attended.appointment_id, row)
    if outcome is None:
        note_attendance(step, fact, attended)
    return outcome


def take_attempt(step: Step, fact: Fact, attempt: ContactAttempted) -> Outcome | None:
    """An attempt counts where it was answered."""
    if not attempt.answered:
        void(step, "contacts", attempt.contact_id, fact.at)
        return ignored("not-answered")
    row = Contact(on=local_date(attempt.at), how="replied", officer=attempt.officer_code or "", stated_at=fact.at)
    return _keep(step, attempt.contact_id, row)


def take_visit(step: Step, fact: Fact, visit: HomeVisitCompleted) -> Outcome | None:
    """A home visit counts where the person was seen, and where it is not an appointment's, which counts already."""
    if not visit.person_seen or visit.appointment_id is not None:
        void(step, "contacts", visit.visit_id, fact.at)
        return ignored("person-not-seen" if not visit.person_seen else "counted-as-appointment")
    row = Contact(
        on=visit.visited_on, how="visited", face_to_face=True, officer=visit.officer_code or "", stated_at=fact.at
    )
    return _keep(step, visit.visit_id, row)


def both(one: Contact, other: Contact) -> Contact:
    """A contact of which both was stated: that it took place before that it was arranged, of these the last; arranged
    first and cancelled last as either says."""
    stands = max(one, other, key=_weight)
    arranged = [row.arranged_on for row in (one, other) if row.arranged_on is not None]
    cancelled = [row.cancelled_at for row in (one, other) if row.cancelled_at is not None]
    return replace(stands, arranged_on=min(arranged, default=None), cancelled_at=max(cancelled, default=None))


def _weight(row: Contact) -> tuple[bool, datetime, date, bool, bool, str, str]:
    told_at, on = row.stated_at or UNDATED, row.on or date.min
    return row.how != "arranged", told_at, on, row.face_to_face, row.in_prison, row.officer, row.how


def _keep(step: Step, record_id: str, row: Contact) -> Outcome | None:
    """Write a contact, and let go what no row can need any more."""
    outcome = put_unless_void(step, "contacts", record_id, row, both)
    forget(step)
    return outcome


def forget(step: Step) -> None:
    """Let the contacts go that no row can need any more."""
    case = case_of(step)
    in_custody = bool(case.movements) or any(order.sentenced_on is not None for order in case.orders.values())
    over = len(case.contacts) - (KEPT if in_custody else KEPT_WITHOUT_CUSTODY)
    if over <= 0:
        return
    order = sorted([(row.on or date.min, each) for each, row in case.contacts.items()])
    goes = EARLIEST_KEPT if in_custody and order[0][0] >= _since(case) else 0
    for _, record_id in order[goes : goes + over]:
        step.drop("contacts", record_id)


def _since(case: Case) -> date:
    """The day from which contact matters: entry into custody, or the latest release."""
    starts = [local_date(episode.entered_at) for episode in case.episodes.values() if episode.left_at is None]
    return max((*starts, *(row.released_on for row in case.supervisions.values())), default=date.min)


def _attended(row: Contact, since: date) -> bool:
    return row.how in ("attended", "visited") and row.on is not None and row.on >= since


def first_seen(case: Case, since: date, officer: str | None = None) -> Done | None:
    """The first face-to-face contact outside prison from a day on; with an officer, where one is named."""
    found = [
        (row.on, record_id)
        for record_id, row in case.contacts.items()
        if row.on is not None
        and _attended(row, since)
        and row.face_to_face
        and not row.in_prison
        and (officer is None or row.officer == officer)
    ]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def first_offered(case: Case, since: date) -> Done | None:
    """The first day on which a face-to-face contact from a day on was known: arranged and standing, or seen."""
    found = []
    for record_id, row in case.contacts.items():
        if row.on is None or row.on < since or not row.face_to_face or row.in_prison:
            continue
        cancelled = row.cancelled_at is not None and (row.stated_at is None or row.cancelled_at > row.stated_at)
        if row.how == "arranged" and not cancelled:
            found.append((row.arranged_on or row.on, record_id))
        elif _attended(row, since):
            found.append((min(row.arranged_on or row.on, row.on), record_id))
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def _reached_inside(case: Case, episode: Episode) -> Done | None:
    """The first contact of the stay by one who has been the responsible officer."""
    since = local_date(episode.entered_at)
    found = [
        (row.on, record_id)
        for record_id, row in case.contacts.items()
        if row.on is not None
        and (_attended(row, since) or (row.how == "replied" and row.on >= since))
        and row.officer in case.officers
    ]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def _officer_clocks(case: Case) -> Iterator[Clock]:
    if case.officers:
        yield from countdown_clocks(case)


def release_clocks(case: Case) -> Iterator[Clock]:
    """A clock *after* the day of release, for supervision that goes on."""
    for ref, row in open_releases(case):
        yield Clock(ref, row.released_on, row.order_id, (row.fact_id,))


PRE_RELEASE_CONTACT = Duty(
    code="pre-release-contact-missing",
    reads=frozenset({"episodes", "officers", "contacts"}),
    clocks=_officer_clocks,
    done=lambda case, clock: _reached_inside(case, case.episodes[clock.ref]),
    timing="before",
)

FIRST_APPOINTMENT = Duty(
    code="first-appointment-missed-window",
    reads=frozenset({"supervisions", "stages.supervision", "contacts"}),
    clocks=release_clocks,
    done=lambda case, clock: first_seen(case, clock.started_on),
)
