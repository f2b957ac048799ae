"""Preparing release: an address, a notice to safeguarding, and nobody released unprepared.

Source: HMI Probation 002:509 (accommodation), 002:575 (safeguarding), 17-47 and 20-43 (released with no plan, no
address, no appointment); the limits are defaults.
"""

from collections.abc import Iterator
from datetime import date

from services.resettlement.domain.case import Case, Order
from services.resettlement.domain.contact import first_offered, release_clocks
from services.resettlement.domain.countdown import countdown_clocks
from services.resettlement.domain.history import history_of
from services.resettlement.domain.home import needs_accommodation, standing_address
from services.resettlement.domain.voided import put_unless_void, void
from shared.contracts.casework import ReferralMade, SafeguardingNoticeSent
from shared.domain.business_days import local_date
from shared.domain.decision import Outcome, ignored
from shared.domain.duty import Clock, Done, Duty
from shared.domain.fact import Fact
from shared.domain.statement import Dated, latest, put_latest
from shared.domain.step import Step

READY_PLANS = frozenset({"resettlement", "release", "sentence"})


def take_notice(step: Step, fact: Fact, notice: SafeguardingNoticeSent) -> Outcome | None:
    """Safeguarding has been told of a release."""
    return put_latest(step, "notices", notice.notice_id, Dated(notice.sent_on, fact.at))


def take_referral(step: Step, fact: Fact, made: ReferralMade) -> Outcome | None:
    """A referral for accommodation."""
    if made.service != "accommodation":
        dropped = void(step, "referrals", made.referral_id, fact.at)
        return None if dropped else ignored("another-service")
    return put_unless_void(step, "referrals", made.referral_id, Dated(made.referred_on, fact.at), latest)


def _sentenced_on(case: Case, clock: Clock) -> date:
    order = case.orders.get(clock.order_id or "", Order())
    return order.sentenced_on or date.min


def _address(case: Case, clock: Clock) -> Done | None:
    return standing_address(case, _sentenced_on(case, clock))


def _referred(case: Case, clock: Clock) -> Done | None:
    since = _sentenced_on(case, clock)
    found = [(row.on, referral_id) for referral_id, row in case.referrals.items() if row.on >= since]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def _without_address(case: Case) -> Iterator[Clock]:
    """Those with a need of accommodation, as long as no address stands."""
    for clock in countdown_clocks(case):
        if _address(case, clock) is None and needs_accommodation(case, _sentenced_on(case, clock)):
            yield clock


def _with_safeguarding_history(case: Case) -> Iterator[Clock]:
    if history_of(case) & {"domestic-abuse", "child"}:
        yield from countdown_clocks(case)


def _noticed(case: Case, clock: Clock) -> Done | None:
    entered_on = local_date(case.episodes[clock.ref].entered_at)
    found = [(row.on, notice_id) for notice_id, row in case.notices.items() if row.on >= entered_on]
    return Done(min(found)[0], evidence=(min(found)[1],)) if found else None


def _planned(case: Case, clock: Clock) -> Done | None:
    since = _sentenced_on(case, clock)
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
    reads=frozenset({"episodes", "addresses", "homes", "screenings", "referrals"}),
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
