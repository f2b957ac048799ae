"""What follows failures to comply: oversight of accepted absences, warnings, discretion, breach, and on licence
the considering of recall. Most of it in time, some late, some never: the ladder of the feed is what officers
did, not what the rules say was due."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from deploy.local.feed import rates
from deploy.local.feed.breach import go_to_court, re_engage, recommend, refer
from deploy.local.feed.case import Case
from deploy.local.feed.working_days import iso

YEAR = timedelta(days=365)
OVERSEEN = 3
"""Acceptable absences at which a manager is to look (South Yorkshire 2017, line 956)."""


@dataclass(slots=True)
class Ladder:
    """Where one period of supervision stands: what was accepted, what was warned of, what is at court."""

    case: Case
    on_licence: bool = False
    accepted: list[str] = field(default_factory=list)
    failures: list[tuple[str, date]] = field(default_factory=list)
    """Each failure with the day on which it was judged: what is judged later is not in a pack yet."""
    warned_on: date | None = None
    warnings: int = 0
    at_court_until: date = date.min
    quiet_until: date = date.min

    def accept(self, failure_id: str, judged_on: date) -> None:
        """An absence is accepted; at the third since the last oversight a manager looks, or never does."""
        self.accepted.append(failure_id)
        if len(self.accepted) == OVERSEEN and self.case.happens(rates.OVERSIGHT):
            self._oversee(judged_on)

    def _oversee(self, judged_on: date) -> None:
        case = self.case
        on = case.after(judged_on, 1, 8)
        actions = []
        if case.chance(0.4):
            actions.append({"actionId": case.pen.fresh_id(), "dueOn": case.after(on, 5, 15).isoformat()})
        oversight = {
            "oversightId": case.pen.fresh_id(),
            "trigger": "acceptable-absences",
            "triggerEventIds": self.accepted[-OVERSEEN:],
            "decision": case.pen.rng.choice(("agreed", "keep", "change")),
            "byGrade": "spo",
            "recordedOn": on.isoformat(),
            "actions": actions,
        }
        case.write("casework.oversight.recorded", case.pen.during(on), oversight)
        self.accepted = []
        for action in actions:
            if case.chance(0.75):
                done_on = case.after(date.fromisoformat(action["dueOn"]), 0, 4)
                closed = {
                    "oversightId": oversight["oversightId"],
                    "actionId": action["actionId"],
                    "closedOn": done_on.isoformat(),
                    "outcome": "done",
                }
                case.write("casework.oversight-action.closed", case.pen.during(done_on), closed)

    def reject(self, failure_id: str, failed_on: date, aware_on: date, judged_on: date) -> None:
        """An absence is unacceptable: warn, or go further where a warning was in force on its day.

        One that was missed before an earlier warning went out brings another letter and no more.
        """
        if failed_on <= self.at_court_until:
            return
        self.failures.append((failure_id, judged_on))
        warned_on = self.warned_on
        if warned_on is not None and failed_on <= warned_on:
            self._warn(failure_id, judged_on)
            self.warned_on = warned_on
        elif warned_on is None or failed_on >= warned_on + YEAR or (self.on_licence and self.warnings < 2):
            self._warn(failure_id, judged_on)
            self.warnings += 1
        elif self.on_licence:
            self._consider_recall(judged_on)
        else:
            self._enforce(aware_on, judged_on)

    def _warn(self, failure_id: str, judged_on: date) -> None:
        case = self.case
        days = case.pen.rng.randint(0, 2)
        if not case.is_breaking(judged_on) and not case.happens(rates.WARNED_IN_TIME):
            if case.chance(0.5):
                return
            days = case.pen.rng.randint(3, 12)
        sent_on = case.pen.days.after(judged_on, days)
        warning = {
            "warningId": case.pen.fresh_id(),
            "orderId": case.order.order_id,
            "level": "final" if self.on_licence and self.warnings else "first",
            "failureIds": [failure_id],
            "sentOn": sent_on.isoformat(),
            "replyBy": case.pen.days.after(sent_on, 5).isoformat(),
        }
        case.write("casework.warning.sent", case.pen.during(sent_on, 16, 17.9), warning)
        if not case.is_breaking(judged_on) and case.chance(0.02):
            on = case.after(sent_on, 2, 10)
            withdrawn = {"warningId": warning["warningId"], "withdrawnOn": on.isoformat()}
            case.write("casework.warning.withdrawn", case.pen.during(on), withdrawn)
            return
        self.warned_on = sent_on

    def _consider_recall(self, judged_on: date) -> None:
        case = self.case
        at = case.pen.during(case.after(judged_on, 0, 3), 16, 17.5)
        considered = {
            "recallId": case.pen.fresh_id(),
            "orderId": case.order.order_id,
            "decision": "alternative",
            "alternatives": [case.pen.rng.choice(("more-contact", "warning", "extra-condition"))],
            "byGrade": "spo",
            "decidedAt": iso(at),
        }
        case.write("casework.recall.considered", case.soon(at, 30), considered)

    def _enforce(self, aware_on: date, judged_on: date) -> None:
        case = self.case
        failures = [failure for failure, known_on in self.failures if known_on <= judged_on][-3:]
        if case.chance(0.35):
            recommend(case, failures, aware_on, judged_on)
        if not case.is_breaking(aware_on) and not case.happens(rates.ENFORCED):
            if case.happens(rates.DISCRETION):
                self._use_discretion(failures[-2:], judged_on)
            return
        pack_id, ready_on = None, judged_on
        if not case.person.nps:
            pack_id, ready_on = refer(case, failures, aware_on, judged_on)
        self.at_court_until, goes_on = go_to_court(case, failures, pack_id, aware_on, ready_on)
        self.failures, self.warned_on, self.warnings = [], None, 0
        if goes_on:
            self.quiet_until = re_engage(case, self.at_court_until)

    def _use_discretion(self, failures: list[str], judged_on: date) -> None:
        case, rng = self.case, self.case.pen.rng
        on = case.after(judged_on, 1, 6)
        reasons = ("good-compliance", "circumstances", "proportionality", "risk-better-managed")
        discretion = {
            "discretionId": case.pen.fresh_id(),
            "orderId": case.order.order_id,
            "failureIds": failures,
            "reasonCode": rng.choice(reasons),
            "circumstancesRecorded": case.chance(0.85),
            "alternative": rng.choice(("re-engagement", "home-visit", "none")),
            "byGrade": "po" if case.person.complex_case else "pso",
            "recordedOn": on.isoformat(),
        }
        if case.chance(0.7):
            discretion["overseenByGrade"] = "spo"
        case.write("casework.discretion.recorded", case.pen.during(on), discretion)
