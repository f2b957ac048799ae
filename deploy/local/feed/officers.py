"""Officers: posts of an office and who holds them one after another. An officer is registered with grade, hours,
reductions and competencies; some leave and are followed by others after days without anyone, some are absent
for long, with cover from the first day, later or never, and some change their hours."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.feed.history import Pen
from deploy.local.feed.rates import COVERED, PART_TIME, SICKNESS, TURNOVER
from deploy.local.feed.working_days import WorkingDays

COMPETENCIES = ("domestic-abuse", "child-safeguarding", "mental-health", "iom", "young-adult", "women")
CARRIES_CASES = frozenset({"po", "pso"})
LENGTHS = (3, 4, 6, 8, 12, 20, 30)
"""Business days that an absence takes (assumed); how often one begins follows from `SICKNESS`."""

BETWEEN = sum(LENGTHS) / len(LENGTHS) * (1 - SICKNESS.value) / SICKNESS.value
"""Business days at work, on average, between two absences."""


@dataclass(slots=True)
class Post:
    """One post of an office: who holds it from when, and the day each holder leaves."""

    office: str
    ordinal: int
    grade: str
    code: str
    pen: Pen
    holders: list[tuple[date, str]] = field(default_factory=list)
    left: list[date] = field(default_factory=list)

    def holder(self, day: date) -> str:
        """The officer code of whoever held the post last by `day`."""
        return self.holders[max(bisect_right(self.holders, (day, "~")) - 1, 0)][1]


def fill_posts(
    seed: int, office: str, grades: list[str], *, days: WorkingDays, start: date, horizon: datetime
) -> list[Post]:
    """The posts of an office: officers of these grades, then one senior probation officer and one manager."""
    posts = []
    for ordinal, grade in enumerate([*grades, "spo", "manager"]):
        code = f"{office}-{grade.upper()}"
        if grade in CARRIES_CASES:
            code += f"{ordinal + 1:02d}"
        post = Post(office, ordinal, grade, code, Pen(seed, code, days, horizon))
        _staff(post, start, horizon.date())
        posts.append(post)
    return posts


def write_officers(posts: list[Post], start: date) -> None:
    """Write what becomes of each holder of each post: registered, changed, absent, left."""
    for post in posts:
        pen = post.pen
        cover = posts[1 if post.ordinal == 0 else 0]
        for (from_day, officer), left_on in zip(post.holders, post.left, strict=True):
            end = min(left_on, pen.horizon.date())
            hours = (7.1, 7.9) if from_day == start else (8.0, 9.0)
            _register(post, officer, pen.during(from_day, *hours))
            for started, ended in _absences(post, from_day, end):
                _be_absent(post, officer, started, ended, end, cover)
            information = {"officerCode": officer, "officeCode": post.office, "leftOn": left_on.isoformat()}
            pen.write("workforce.officer.left", post.office, pen.during(left_on, 15, 17), information)


def _staff(post: Post, start: date, end: date) -> None:
    """Decide who holds the post one after another; nobody leaves in the first six weeks."""
    pen, from_day, suffix = post.pen, start, ""
    while from_day < end:
        years = min(pen.rng.expovariate(TURNOVER.value), 5)
        left_on = pen.days.on_or_before(from_day + timedelta(days=42 + int(years * 365)))
        post.holders.append((from_day, post.code + suffix))
        post.left.append(left_on)
        from_day = pen.days.after(left_on, pen.rng.randint(1, 25))
        suffix = chr(ord(suffix or "@") + 1)


def _register(post: Post, officer: str, at: datetime) -> None:
    pen = post.pen
    share = 0.85 if post.grade == "po" else 0.6
    known = [code for code in COMPETENCIES if pen.rng.random() < share]
    if post.office.startswith("NPS"):
        known.append("sexual-offending")
    part_time = pen.happens(PART_TIME)
    terms: dict[str, Any] = {
        "officerCode": officer,
        "officeCode": post.office,
        "grade": post.grade,
        "contractedHours": "37",
        "availableHours": pen.rng.choice(("18.5", "22.2", "29.6")) if part_time else "37",
        "reductionsPercent": pen.rng.choice(("0", "0", "0", "5", "10", "20")),
        "competencies": known,
    }
    pen.write("workforce.officer.registered", post.office, at, terms)
    if pen.rng.random() < 0.08:
        on = pen.days.after(at.date(), pen.rng.randint(5, 30))
        changed = {**terms, "reductionsPercent": pen.rng.choice(("15", "25", "40"))}
        pen.write("workforce.officer.changed", post.office, pen.during(on), changed)


def _absences(post: Post, start: date, end: date) -> list[tuple[date, date]]:
    """First day and day of return of each absence that begins from `start` on and before `end`."""
    pen, day = post.pen, start
    found: list[tuple[date, date]] = []
    while True:
        started = pen.days.after(day, 1 + int(pen.rng.expovariate(1 / BETWEEN)))
        if started >= end:
            return found
        day = pen.days.after(started, pen.rng.choice(LENGTHS))
        found.append((started, day))


def _be_absent(post: Post, officer: str, started: date, ended: date, end: date, cover: Post) -> None:
    pen = post.pen
    named = {"absenceId": pen.fresh_id(), "officerCode": officer, "officeCode": post.office}
    absence = {**named, "startedOn": started.isoformat(), "expectedUntil": ended.isoformat()}
    covered = {**absence, "coverOfficerCode": cover.holder(started)}
    can_cover = post.grade in CARRIES_CASES and cover.grade in CARRIES_CASES
    at_once = can_cover and pen.happens(COVERED)
    event = "workforce.officer.absence-started"
    pen.write(event, post.office, pen.during(started, 8, 10), covered if at_once else absence)
    found = pen.days.after(started, pen.rng.randint(3, 12))
    if can_cover and not at_once and found < ended and pen.rng.random() < 0.6:
        pen.write(event, post.office, pen.during(found), covered)
    if ended < end:
        information = {**named, "endedOn": ended.isoformat()}
        pen.write("workforce.officer.absence-ended", post.office, pen.during(ended, 8, 9), information)
