"""Preparing release: an address, a notice to safeguarding, and nobody released unprepared.

Source: HMI Probation 002:509 (accommodation), 002:575 (safeguarding), 17-47 and 20-43 (released with no plan, no
address, no appointment); the limits are defaults.
"""

from collections.abc import Iterator
from datetime import date

from msgspec.structs import replace

from services.resettlement.domain.case import Address, Case, Referral, case_of
from services.resettlement.domain.contact import first_offered, note_activity, release_clocks
from services.resettlement.domain.countdown import countdown_clocks
from services.resettlement.domain.history import history_of
from shared.contracts.casework import (
    RarDayCredited,
    ReferralMade,
    ReferralStarted,
    ReleaseAddressConfirmed,
    ReleaseAddressWithdrawn,
    SafeguardingNoticeSent,
)
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.step import Step

READY_PLANS = frozenset({"resettlement", "release", "sentence"})


def take_address(step: Step, fact: Fact, confirmed: ReleaseAddressConfirmed) -> Outcome | None:
    """An address has been confirmed, of any kind."""
    was = case_of(step).addresses.get(confirmed.address_id, Address())
    if was.stated_at is not None and was.stated_at > fact.at:
        return ignored("stated-again-since")
    row = Address(local_date(fact.at), fact.at, confirmed.local_delivery_unit, was.withdrawn_at)
    step.put("addresses", confirmed.address_id, row)
    return None


def take_address_withdrawn(step: Step, fact: Fact, withdrawn: ReleaseAddressWithdrawn) -> Outcome | None:
    """An address is no longer to be had."""
    was = case_of(step).addresses.get(withdrawn.address_id, Address())
    if was.withdrawn_at is None or was.withdrawn_at < fact.at:
        step.put("addresses", withdrawn.address_id, replace(was, withdrawn_at=fact.at))
    return None


def take_notice(step: Step, _fact: Fact, notice: SafeguardingNoticeSent) -> Outcome | None:
    """Safeguarding has been told of a release."""
    step.put("notices", notice.notice_id, notice.sent_on)
    return None


def take_referral(step: Step, _fact: Fact, made: ReferralMade) -> Outcome | None:
    """A referral; the accommodation service's is what is waited for here."""
    step.put("referrals", made.referral_id, Referral(made.referred_on, made.service))
    return None


def take_referral_started(step: Step, _fact: Fact, started: ReferralStarted) -> Outcome | None:
    """A service has begun: constructive work."""
    note_activity(step, started.referral_id, started.started_on)
    return None


def take_rar_day(step: Step, _fact: Fact, credited: RarDayCredited) -> Outcome | None:
    """A day of rehabilitation activity, where its provider is contracted and it was not taken back to none."""
    if not credited.contracted or credited.days == 0:
        step.drop("activities", credited.credit_id)
        return ignored("not-credited")
    note_activity(step, credited.credit_id, credited.activity_on)
    return None


def standing_address(case: Case, since: date | None) -> Done | None:
    """The first address that stands, of those confirmed since the sentence."""
    found = [
        (row.confirmed_on, address_id)
        for address_id, row in case.addresses.items()
        if row.stands and row.confirmed_on is not None and (since is None or row.confirmed_on >= since)
    ]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def _sentenced_on(case: Case, clock: Clock) -> date | None:
    order = case.orders.get(clock.order_id or "")
    return order.sentenced_on if order is not None else None


def _address(case: Case, clock: Clock) -> Done | None:
    return standing_address(case, _sentenced_on(case, clock))


def _referred(case: Case, clock: Clock) -> Done | None:
    since = _sentenced_on(case, clock) or date.min
    found = [
        (row.on, referral_id)
        for referral_id, row in case.referrals.items()
        if row.service == "accommodation" and row.on is not None and row.on >= since
    ]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def _without_address(case: Case) -> Iterator[Clock]:
    for clock in countdown_clocks(case):
        if _address(case, clock) is None:
            yield clock


def _with_safeguarding_history(case: Case) -> Iterator[Clock]:
    if history_of(case) & {"domestic-abuse", "child"}:
        yield from countdown_clocks(case)


def _noticed(case: Case, clock: Clock) -> Done | None:
    entered_on = local_date(case.episodes[clock.ref].entered_at)
    found = [(sent_on, notice_id) for notice_id, sent_on in case.notices.items() if sent_on >= entered_on]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def _planned(case: Case, clock: Clock) -> Done | None:
    since = _sentenced_on(case, clock) or date.min
    found = [(row.on, plan_id) for plan_id, row in case.plans.items() if row.kind in READY_PLANS and row.on >= since]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


ADDRESS = Duty(
    code="accommodation-unresolved",
    part="address",
    reads=frozenset({"episodes", "addresses"}),
    clocks=countdown_clocks,
    done=_address,
    timing="before",
    owner="through-the-gate-provider",
)

REFERRAL = Duty(
    code="accommodation-unresolved",
    part="referral",
    reads=frozenset({"episodes", "addresses", "referrals"}),
    clocks=_without_address,
    done=_referred,
    timing="before",
    owner="through-the-gate-provider",
)

NOTICE = Duty(
    code="safeguarding-notice-missing",
    reads=frozenset({"episodes", "forms", "registrations", "notices"}),
    clocks=_with_safeguarding_history,
    done=_noticed,
    timing="before",
    severity="serious",
)

RELEASED_WITHOUT_PLAN = Duty(
    code="released-unprepared",
    part="plan",
    parameter="released-unprepared",
    reads=frozenset({"supervisions", "stages.supervision", "plans"}),
    clocks=release_clocks,
    done=_planned,
    severity="serious",
)

RELEASED_WITHOUT_ADDRESS = Duty(
    code="released-unprepared",
    part="address",
    parameter="released-unprepared",
    reads=frozenset({"supervisions", "stages.supervision", "addresses"}),
    clocks=release_clocks,
    done=_address,
    severity="serious",
)

RELEASED_WITHOUT_APPOINTMENT = Duty(
    code="released-unprepared",
    part="appointment",
    parameter="released-unprepared",
    reads=frozenset({"supervisions", "stages.supervision", "contacts"}),
    clocks=release_clocks,
    done=lambda case, clock: first_offered(case, clock.started_on),
    severity="serious",
)
