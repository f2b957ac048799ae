"""The people: the traits of each synthetic person, drawn from the rates of `rates.py` by the person's own
randomness. CRNs and NOMS numbers begin with Z, a range kept for synthetic people; nobody here exists."""

from dataclasses import dataclass
from datetime import date
from random import Random

from deploy.local.feed import rates
from deploy.local.feed.area import UNITS, Unit

SERVICES = (
    "attitudes",
    "substance-misuse",
    "education-training-employment",
    "accommodation",
    "finance-benefit-debt",
    "family",
    "mental-health",
    "health",
)
ORA_2014 = date(2015, 2, 1)

MISSED_ALPHA, MISSED_BETA, NPS_MISSED = 1.8, 4.2, 0.6
"""How a person's own share of missed appointments is drawn, so that long cases come near `OVER_FIVE_ABSENCES` and
`OVER_ELEVEN_ABSENCES`; NPS people miss fewer (assumed)."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is true of a person before the sentence; `miss` is their own rate of missed appointments."""

    index: int
    crn: str
    noms: str
    unit: Unit
    nps: bool
    sex: str
    rosh: str
    rsr: str
    ogrs: int
    motivation: str
    mappa: str
    grounds: str
    domestic_abuse: str
    child_safeguarding: str
    registrations: tuple[str, ...]
    attributes: tuple[str, ...]
    needs: tuple[str, ...]
    miss: float
    pick: float
    as_planned: bool

    @property
    def office(self) -> str:
        """The office that supervises the person: the NPS unit, or the CRC's local management centre."""
        return self.unit.nps_unit if self.nps else self.unit.lmc

    @property
    def provider(self) -> str:
        """The code of the provider that keeps the case."""
        return "N01" if self.nps else self.unit.crc

    @property
    def complex_case(self) -> bool:
        """True if a probation officer should hold it."""
        current = "current" in (self.domestic_abuse, self.child_safeguarding)
        return self.rosh in ("high", "very-high") or current or self.mappa != "none"

    @property
    def unsuited_to_hub(self) -> bool:
        """True if an exclusion keeps the person out of the hub."""
        barred = {"no-address", "no-telephone", "needs-translation"}
        history = {self.domestic_abuse, self.child_safeguarding} != {"none"}
        return history or "iom" in self.registrations or bool(barred & set(self.attributes))


def draw_person(index: int, rng: Random) -> Person:
    """The `index`-th person of the area."""
    nps = _yes(rng, rates.NPS_SHARE)
    unit = rng.choices(UNITS, [each.share for each in UNITS])[0]
    female = _yes(rng, rates.NPS_WOMEN if nps else rates.WOMEN)
    rosh, rsr, mappa, grounds = _risk(rng, nps)
    abuse = _issue(rng, rates.DOMESTIC_ABUSE)
    child = _issue(rng, rates.CHILD_SAFEGUARDING)
    needs = [need for need in SERVICES if rng.random() < 0.35]
    if "substance-misuse" in needs:
        needs.remove("substance-misuse")
    if _yes(rng, rates.SUBSTANCE_NEED):
        needs.insert(0, "substance-misuse")
    missed = rng.betavariate(MISSED_ALPHA, MISSED_BETA) * (NPS_MISSED if nps else 1.0)
    return Person(
        index=index,
        crn=f"Z{index + 1:06d}",
        noms=f"Z{index // 676 % 10_000:04d}{chr(65 + index // 26 % 26)}{chr(65 + index % 26)}",
        unit=unit,
        nps=nps,
        sex="female" if female else "male",
        rosh=rosh,
        rsr=rsr,
        ogrs=min(95, max(3, round(rng.gauss(46, 21)))),
        motivation=rng.choice(("low", "high")),
        mappa=mappa,
        grounds=grounds,
        domestic_abuse=abuse,
        child_safeguarding=child,
        registrations=_registrations(rng, (abuse, child), mappa, nps=nps, grounds=grounds),
        attributes=_attributes(rng),
        needs=tuple(needs or ["attitudes"]),
        miss=min(missed, 0.85),
        pick=rng.random(),
        as_planned=nps or _yes(rng, rates.CONTACT_AS_PLANNED),
    )


def _risk(rng: Random, nps: bool) -> tuple[str, str, str, str]:
    """Risk of serious harm, RSR, MAPPA level and the ground (if another) by which the NPS keeps a case."""
    rosh = "medium" if _yes(rng, rates.MEDIUM_ROSH) else "low"
    rsr = min(6.85, rng.lognormvariate(0.35, 0.75))
    mappa, grounds = "none", "none"
    if nps:
        high_rsr = _yes(rng, rates.HIGH_RSR)
        rsr = rng.uniform(6.9, 25) if high_rsr else min(6.85, rng.lognormvariate(0.9, 0.6))
        rosh = "high" if _yes(rng, rates.NPS_HIGH_ROSH) else rosh
        if rosh == "high" and _yes(rng, rates.VERY_HIGH_ROSH):
            rosh = "very-high"
        mappa = rng.choices(("1", "2", "3"), (90, 9, 1))[0] if _yes(rng, rates.MAPPA) else "none"
        if _yes(rng, rates.DEFERRED):
            grounds = "deferred"
        elif rosh in ("low", "medium") and mappa == "none" and not high_rsr:
            grounds = rng.choice(("deportation", "public-interest"))
    return rosh, f"{rsr:.2f}", mappa, grounds


def _registrations(rng: Random, issues: tuple[str, str], mappa: str, *, nps: bool, grounds: str) -> tuple[str, ...]:
    abuse, child = issues
    accurate = rates.NPS_FLAGS_ACCURATE if nps else rates.FLAGS_ACCURATE
    found = []
    if abuse == "current" and _yes(rng, accurate):
        found.append("domestic-abuse")
    if child == "current" and _yes(rng, accurate):
        found.append(rng.choice(("child-protection", "child-in-need")))
    if rng.random() < 0.05:
        found.append("iom")
    if mappa != "none":
        found.append(f"mappa-{mappa}")
    if nps and grounds == "none" and _yes(rng, rates.SEXUAL_OFFENDING):
        found.append("sexual-offending")
    return tuple(found)


def _attributes(rng: Random) -> tuple[str, ...]:
    found = [
        code
        for code, share in (
            ("no-telephone", 0.04),
            ("wheelchair", 0.015),
            ("private-room", 0.03),
            ("literacy", 0.08),
            ("care-leaver", 0.04),
            ("young-adult", 0.15),
            ("living-with-partner", 0.25),
        )
        if rng.random() < share
    ]
    if _yes(rng, rates.NO_FIXED_ADDRESS):
        found.insert(0, "no-address")
    if rng.random() < 0.03:
        found += ["needs-translation", "interpreter:" + rng.choice(("pl", "ro", "lt", "ur"))]
    return tuple(found)


def _issue(rng: Random, share: rates.Rate) -> str:
    if not _yes(rng, share):
        return "none"
    return "current" if _yes(rng, rates.ISSUE_IS_CURRENT) else "history"


def _yes(rng: Random, rate: rates.Rate) -> bool:
    return rng.random() < rate.value
