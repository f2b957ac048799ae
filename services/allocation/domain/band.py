"""The band of a case of the CRC: by harm, likelihood of reoffending and motivation; it brings hours of contact.

Preliminary at intake, confirmed at the induction assessment, revised after a significant event or when an input has
changed since (HMI Probation, South Yorkshire 2017, lines 303-337). What is not known yet is presumed, by policy.
"""

from datetime import date
from typing import Literal

from services.allocation.domain import risk
from services.allocation.domain.case import Band, Case, LowOrHigh, case_of, set_down
from services.allocation.domain.orders import latest_sentence_on
from shared.contracts.allocation import BandSet
from shared.domain.policy import RuleApplied
from shared.domain.step import Step


def set_band(step: Step) -> None:
    """Publish the band of a case of the CRC where it, its status or one of its inputs has changed."""
    case = case_of(step)
    on = latest_sentence_on(case)
    harm = risk.rosh(case)
    if case.holder is None or case.holder.kind != "crc" or on is None:
        set_down(step, band=None)
        return
    table = step.value("band.table", on)
    likelihood, reoffending = _likelihood(step, case, on)
    motivation, motive = _motivation(step, case, on)
    if harm is None or f"{harm.level}/{likelihood}/{motivation}" not in table.table:
        return
    band = table.table[f"{harm.level}/{likelihood}/{motivation}"]
    row = Band(band, status(case), harm.level, likelihood, motivation)
    if row == case.band:
        return
    set_down(step, band=row)
    hours, more = step.value("band.minimum-hours", on), step.value("band.supplementary-hours", on)
    applied = table.applied(harm=harm.level, likelihood=likelihood, motivation=motivation)
    step.emit(
        BandSet(
            band=band,
            status=row.status,
            harm=harm.level,
            likelihood=likelihood,
            motivation=motivation,
            minimum_face_to_face_hours=hours.table[band],
            supplementary_hours=more.table[band],
            ruleset_version=table.in_force_from.isoformat(),
            because=step.because(applied, reoffending, motive, hours.applied(band=band)),
        )
    )


def _likelihood(step: Step, case: Case, on: date) -> tuple[LowOrHigh, RuleApplied]:
    score = case.scores.get("ogrs2")
    if score is None or score.percent is None:
        presumed = step.value("band.presumed-likelihood", on)
        return ("high" if presumed.text == "high" else "low"), presumed.applied()
    cut_off = step.value("band.ogrs-cut-off", score.on)
    return ("high" if score.percent >= cut_off.decimal else "low"), cut_off.applied(ogrs2=score.percent)


def _motivation(step: Step, case: Case, on: date) -> tuple[LowOrHigh, RuleApplied]:
    if case.motivation is not None:
        assessed = step.value("band.motivation", case.motivation.on)
        return case.motivation.level, assessed.applied(motivation=case.motivation.level)
    presumed = step.value("band.presumed-motivation", on)
    return ("high" if presumed.text == "high" else "low"), presumed.applied()


def status(case: Case) -> Literal["preliminary", "confirmed", "revised"]:
    """How firm the band is, by the dates of what it rests on."""
    if case.inducted_on is None:
        return "preliminary" if case.significant_on is None else "revised"
    dates = [case.significant_on, case.motivation.on if case.motivation else None]
    dates += [score.on for kind, score in case.scores.items() if kind == "ogrs2"]
    level = risk.rosh(case)
    dates.append(level.on if level is not None else None)
    return "revised" if any(on is not None and on > case.inducted_on for on in dates) else "confirmed"
