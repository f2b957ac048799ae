"""The area: two CRCs and the NPS, six local delivery units, and the offices that serve them. How many officers an
office has grows with the number of people; which of them the n-th person can meet depends on n alone, so that
more people never change earlier histories."""

from dataclasses import dataclass
from datetime import date, datetime

from deploy.local.feed.history import Pen
from deploy.local.feed.officers import Post, fill_posts, write_officers
from deploy.local.feed.rates import SERVICE_OFFICERS
from deploy.local.feed.working_days import WorkingDays

NPS = "N01"
CRC_SOUTH, CRC_NORTH = "C01", "C02"
COURT_TEAM = "COURT1"
HUBS = {CRC_SOUTH: "HUB1", CRC_NORTH: "HUB2"}
COURTS = ("MAG01", "MAG02", "CRO01")

CRC_PEOPLE, NPS_PEOPLE, HUB_PEOPLE = 0.75, 0.3, 0.3
"""Shares of a unit's people for whom its offices are staffed; together above 1, since people move."""
PEOPLE_FOR_AN_OFFICER = 130
"""People sentenced in a year for one officer's caseload of 55 to 70 open at once (Suffolk 2017, line 349)."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A local delivery unit: its share of the area's people, and the offices that serve it."""

    code: str
    share: float
    crc: str
    lmc: str
    nps_unit: str


UNITS = (
    Unit("LDU-S1", 0.15, CRC_SOUTH, "LMC1", "NPS1"),
    Unit("LDU-S2", 0.23, CRC_SOUTH, "LMC2", "NPS2"),
    Unit("LDU-S3", 0.12, CRC_SOUTH, "LMC3", "NPS3"),
    Unit("LDU-S4", 0.30, CRC_SOUTH, "LMC4", "NPS4"),
    Unit("LDU-N1", 0.12, CRC_NORTH, "LMC5", "NPS5"),
    Unit("LDU-N2", 0.08, CRC_NORTH, "LMC6", "NPS6"),
)
"""South: in the proportions of South Yorkshire's four centres (South Yorkshire 2017, line 416)."""


@dataclass(frozen=True, slots=True)
class Office:
    """An office, as HR registers it, and the share of the area's people for whom it is staffed."""

    code: str
    provider: str
    provider_kind: str
    kind: str
    units: tuple[str, ...]
    share: float

    def officers_for(self, people: float) -> int:
        """How many officers an office has when the area has so many people; two at least."""
        return 3 if self.kind == "court-team" else 2 + int(people * self.share / PEOPLE_FOR_AN_OFFICER)


def offices() -> list[Office]:
    """Every office of the area: a local management centre and an NPS unit for each unit, hubs, the court team."""
    found = [Office(COURT_TEAM, NPS, "nps", "court-team", tuple(unit.code for unit in UNITS), 1.0)]
    for unit in UNITS:
        found.append(Office(unit.lmc, unit.crc, "crc", "lmc", (unit.code,), unit.share * CRC_PEOPLE))
        found.append(Office(unit.nps_unit, NPS, "nps", "nps-unit", (unit.code,), unit.share * NPS_PEOPLE))
    for crc, hub in HUBS.items():
        served = [unit for unit in UNITS if unit.crc == crc]
        share = sum(unit.share for unit in served) * HUB_PEOPLE
        found.append(Office(hub, crc, "crc", "hub", tuple(unit.code for unit in served), share))
    return found


class Area:
    """Offices and officers for `cases` people, with the lines that register them and tell what becomes of them."""

    def __init__(self, cases: int, seed: int, days: WorkingDays, start: date, horizon: datetime) -> None:
        self.pens: list[Pen] = []
        self._offices = {office.code: office for office in offices()}
        self._posts: dict[str, list[Post]] = {}
        for office in self._offices.values():
            pen = Pen(seed, office.code, days, horizon)
            self.pens.append(pen)
            _register(pen, office, start)
            grades = [_grade(office, ordinal) for ordinal in range(office.officers_for(cases))]
            posts = fill_posts(seed, office.code, grades, days=days, start=start, horizon=horizon)
            write_officers(posts, start)
            self._posts[office.code] = posts
            self.pens += [post.pen for post in posts]

    def officer(self, office: str, index: int, day: date, *, complex_case: bool, pick: float) -> str:
        """The officer of `office` whom the `index`-th person of the area has on `day`; `pick` in [0, 1) is theirs."""
        filled = self._offices[office].officers_for(index)
        near = self._posts[office][max(0, filled - 4) : filled]
        suited = [post for post in near if post.grade == ("po" if complex_case else "pso")] or near
        return suited[int(pick * len(suited))].holder(day)


def _register(pen: Pen, office: Office, start: date) -> None:
    information = {
        "officeCode": office.code,
        "providerCode": office.provider,
        "providerKind": office.provider_kind,
        "kind": office.kind,
        "localDeliveryUnits": list(office.units),
    }
    pen.write("workforce.office.registered", office.code, pen.during(start, 6.5, 7.0), information)


def _grade(office: Office, ordinal: int) -> str:
    """Officers by turns: of a CRC's, as many are services officers as `SERVICE_OFFICERS` says, of the NPS's few."""
    turn = round(1 / (1 - SERVICE_OFFICERS.value))
    if office.kind in ("hub", "court-team"):
        return "po" if ordinal == 0 else "pso"
    if office.provider_kind == "nps":
        return "pso" if ordinal % turn == 1 else "po"
    return "po" if ordinal % turn == 0 else "pso"
