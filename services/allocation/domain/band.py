"""The band of a case of the CRC: by harm, likelihood of reoffending and motivation; it brings hours of contact.

Preliminary at intake, confirmed at the induction assessment, revised after a significant event or when an input has
changed since (HMI Probation, South Yorkshire 2017, lines 303-337). What is not known yet is presumed, by policy.
"""

from datetime import date
from typing import Literal

from services.allocation.domain import risk
from services.allocation.domain.case import Band, Case, Level, LowOrHigh, case_of, set_down
from services.allocation.domain.contact import minutes_face_to_face
from services.allocation.domain.orders import latest_sentence_on
from services.allocation.domain.risk import OGRS
from shared.contracts.allocation import BandSet
from shared.domain.policy import RuleApplied, Value
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
    likelihood, motivation = _likelihood(step, case, on), _motivation(step, case, on)
    band = table.table.get(f"{harm.level}/{likelihood}/{motivation}") if harm is not None else None
    if harm is None or band is None:
        return
    row = Band(band, status(case, harm), harm.level, likelihood, motivation)
    if row == case.band:
        return
    set_down(step, band=row)
    hours, more = step.value("band.minimum-hours", on), step.value("band.supplementary-hours", on)
    step.emit(
        BandSet(
            band=row.band,
            status=row.status,
            harm=row.harm,
            likelihood=likelihood,
            motivation=motivation,
            minimum_face_to_face_hours=hours.table[band],
            supplementary_hours=more.table[band],
            ruleset_version=table.in_force_from.isoformat(),
            because=step.because(
                table.applied(harm=harm.level, likelihood=likelihood, motivation=motivation),
                *_what_was_known(step, case, on),
                hours.applied(band=band, minutesDelivered=minutes_face_to_face(case)),
            ),
        )
    )


def _likelihood(step: Step, case: Case, on: date) -> LowOrHigh:
    score = case.scores.get(OGRS)
    if score is None or score.percent is None:
        return _low_or_high(step.value("band.presumed-likelihood", on))
    return "high" if score.percent >= step.value("band.ogrs-cut-off", score.on).decimal else "low"


def _motivation(step: Step, case: Case, on: date) -> LowOrHigh:
    if case.motivation is None:
        return _low_or_high(step.value("band.presumed-motivation", on))
    return case.motivation.level


def _low_or_high(value: Value) -> LowOrHigh:
    return "high" if value.text == "high" else "low"


def _what_was_known(step: Step, case: Case, on: date) -> tuple[RuleApplied, RuleApplied]:
    """The rules by which likelihood and motivation were known, or presumed."""
    score, assessed = case.scores.get(OGRS), case.motivation
    if score is None or score.percent is None:
        reoffending = step.value("band.presumed-likelihood", on).applied()
    else:
        reoffending = step.value("band.ogrs-cut-off", score.on).applied(ogrs2=score.percent)
    if assessed is None:
        return reoffending, step.value("band.presumed-motivation", on).applied()
    return reoffending, step.value("band.motivation", assessed.on).applied(motivation=assessed.level)


def status(case: Case, harm: Level) -> Literal["preliminary", "confirmed", "revised"]:
    """How firm the band is, by the dates of what it rests on."""
    if case.inducted_on is None:
        return "preliminary" if case.significant_on is None else "revised"
    score = case.scores.get(OGRS)
    dates = (
        harm.on,
        case.significant_on,
        case.motivation.on if case.motivation is not None else None,
        score.on if score is not None else None,
    )
    return "revised" if any(on is not None and on > case.inducted_on for on in dates) else "confirmed"
