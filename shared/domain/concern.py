"""Concerns: what a person must act on, raised once, raised again only when it grows, cleared with its reason.

Rows (duties and conditions) hold a concern up, each at a severity; one code and ref is one concern, of the
highest severity and the evidence of all. A recorded reason keeps an answerable concern down until its evidence
changes.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, cast

from msgspec.structs import replace

from shared.contracts.casework import ConcernAnswered
from shared.contracts.registry import model_of
from shared.contracts.values import ClearReason, ConcernSubject, SubjectKind
from shared.domain.decision import DECIDED, Outcome, ignored
from shared.domain.fact import Subject
from shared.domain.identifiers import stable_id
from shared.domain.policy import RuleApplied
from shared.domain.state import SEVERITIES, Aggregate, Concern, Severity, Source
from shared.domain.step import Step

CLEARED_BY_FACT: dict[str, ClearReason] = {
    "casework.order.ended": "order-ended",
    "casework.record.withdrawn": "withdrawn",
}
"""Why a concern ends, where the fact that ended it says so."""


OPEN_CONCERNS = Subject("gauge", "concerns")
"""Sums of open concerns by `code|severity`, which a gauge shows."""


class ConcernRow(Protocol):
    """What a row says of its concern: its own id, the concern's code, who must act, whether a reason clears it, and
    whom it is about where that is the ref and not the aggregate."""

    @property
    def id(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def answerable(self) -> bool: ...
    @property
    def about(self) -> SubjectKind | None: ...


class Concerns:
    """What the rows of one step say about concerns; `settle` turns the differences into events."""

    __slots__ = ("_reasons", "_released", "_rules", "_step", "_touched")

    def __init__(self, step: Step) -> None:
        self._step = step
        self._touched: dict[str, ConcernRow] = {}
        self._rules: dict[str, list[RuleApplied]] = {}
        self._released: dict[str, list[RuleApplied]] = {}
        self._reasons: dict[str, ClearReason] = {}

    def hold(
        self,
        row: ConcernRow,
        ref: str,
        severity: Severity,
        evidence: Iterable[str],
        *,
        rule: RuleApplied,
        order_id: str | None,
    ) -> None:
        """A row holds its concern up, at a severity and with evidence (ids of facts or records)."""
        key = f"{row.code}|{ref}"
        case: Aggregate = self._step.case
        was = case.concerns.get(key) or Concern(row.code, ref, about=row.about or "")
        source = Source(severity, tuple(sorted(set(evidence))), rule.rule_id, rule.policy_from)
        self._step.put("concerns", key, replace(was, sources={**was.sources, row.id: source}, order_id=order_id))
        self._touched[key] = row
        self._rules.setdefault(key, []).append(rule)

    def stands(
        self, row: ConcernRow, ref: str, severity: Severity, evidence: Iterable[str], order_id: str | None
    ) -> bool:
        """Whether a row holds its concern up already: at that severity, with that evidence, about that order."""
        case: Aggregate = self._step.case
        was = case.concerns.get(f"{row.code}|{ref}")
        source = was.sources.get(row.id) if was is not None else None
        if was is None or source is None:
            return False
        return (source.severity, source.evidence, was.order_id) == (severity, tuple(sorted(set(evidence))), order_id)

    def release(self, row: ConcernRow, ref: str, reason: ClearReason | None = None) -> None:
        """A row no longer holds its concern up."""
        case: Aggregate = self._step.case
        if not case.concerns:
            return
        key = f"{row.code}|{ref}"
        was = case.concerns.get(key)
        if was is None or row.id not in was.sources:
            return
        sources = {each: source for each, source in was.sources.items() if each != row.id}
        self._step.put("concerns", key, replace(was, sources=sources))
        self._touched[key] = row
        self._reasons[key] = reason or CLEARED_BY_FACT.get(self._step.fact.type, "ended")
        self._released.setdefault(key, []).extend(_rule_of(self._step, was.sources[row.id]))

    def pass_by(
        self,
        row: ConcernRow,
        ref: str,
        severity: Severity,
        evidence: Iterable[str],
        *,
        rule: RuleApplied,
        order_id: str | None,
    ) -> None:
        """A concern that is answered by what is known already: raised and cleared at once, so that it is on record."""
        self.hold(row, ref, severity, evidence, rule=rule, order_id=order_id)
        key = f"{row.code}|{ref}"
        self._raise(key, self._step.case.concerns[key], row)
        self.release(row, ref)

    def settle(self) -> None:
        """Publish what changed: raised, raised again at a higher severity, cleared."""
        if not self._touched:
            return
        for key in sorted(self._touched):
            concern: Concern = self._step.case.concerns[key]
            if concern.sources:
                self._raise(key, concern, self._touched[key])
            else:
                self._clear(concern, self._reasons.get(key, "ended"), self._released.get(key, []))
                self._step.drop("concerns", key)

    def answer(self, answered: ConcernAnswered, answerable: frozenset[str]) -> Outcome:
        """A person has answered a concern (`casework.concern.answered`).

        `recorded-reason` clears a concern whose code is `answerable` and keeps it down until its evidence
        changes; `acknowledged` and `contested` leave it open, and marked.
        """
        case: Aggregate = self._step.case
        for key, concern in sorted(case.concerns.items()):
            if concern.concern_id != answered.concern_id:
                continue
            if answered.answer != "recorded-reason":
                self._step.put("concerns", key, replace(concern, answered=answered.answer))
                return DECIDED
            if concern.code not in answerable:
                return ignored("a-reason-does-not-clear-this-concern")
            self._clear(concern, "recorded-reason", [_rule_of_answer(answered)])
            silenced = replace(concern, concern_id="", answered=answered.answer, silenced=concern.evidence)
            self._step.put("concerns", key, silenced)
            return DECIDED
        return ignored("no-such-open-concern")

    def _raise(self, key: str, concern: Concern, row: ConcernRow) -> None:
        step = self._step
        severity = max((source.severity for source in concern.sources.values()), key=SEVERITIES.index)
        if concern.concern_id and SEVERITIES.index(severity) <= SEVERITIES.index(concern.severity):
            return
        if not concern.concern_id and concern.answered and concern.silenced == concern.evidence:
            return
        concern_id = concern.concern_id
        if not concern_id:
            state = step.edit()
            state.raised += 1
            parts = (step.publisher, step.owner.kind, step.owner.key, key, str(state.raised))
            concern_id = str(stable_id("concern", *parts))
        raised = replace(concern, concern_id=concern_id, severity=severity, silenced=())
        step.put("concerns", key, raised if concern.concern_id else replace(raised, answered=""))
        if concern.concern_id:
            step.tally(OPEN_CONCERNS, f"{concern.code}|{concern.severity}", "", -1)
        step.tally(OPEN_CONCERNS, f"{concern.code}|{severity}", "", +1)
        rules = self._rules.get(key, [])
        step.emit(
            model_of(f"{step.publisher}.concern.raised")(
                concern_id=concern_id,
                code=concern.code,
                severity=severity,
                owner_role=row.owner,
                subject=_subject(step, concern),
                order_id=concern.order_id,
                evidence=concern.evidence,
                threshold_confirmed=all(rule.confirmed for rule in rules),
                because=step.because(*rules),
            )
        )

    def _clear(self, concern: Concern, reason: ClearReason, rules: Sequence[RuleApplied]) -> None:
        step = self._step
        if not concern.concern_id:
            return
        step.tally(OPEN_CONCERNS, f"{concern.code}|{concern.severity}", "", -1)
        step.emit(
            model_of(f"{step.publisher}.concern.cleared")(
                concern_id=concern.concern_id,
                code=concern.code,
                subject=_subject(step, concern),
                cleared_by=(str(step.fact.id),),
                reason=reason,
                because=step.because(*rules),
            )
        )


def _subject(step: Step, concern: Concern) -> ConcernSubject:
    if concern.about:
        return ConcernSubject(kind=cast(SubjectKind, concern.about), code=concern.ref)
    return ConcernSubject(kind=cast(SubjectKind, step.owner.kind), code=step.owner.key)


def _rule_of(step: Step, source: Source) -> list[RuleApplied]:
    """The rule that held a concern up, as it ends; none where policy no longer has it."""
    if source.policy_from is None or source.rule not in step.policy:
        return []
    return [step.value(source.rule, source.policy_from).applied(ended_by=step.fact.type)]


def _rule_of_answer(answered: ConcernAnswered) -> RuleApplied:
    seen = {
        "answered_on": answered.answered_on.isoformat(),
        "by_grade": answered.by_grade,
        "reason_code": answered.reason_code,
    }
    return RuleApplied(
        rule_id="concern-answered",
        source="a person decides: a recorded reason",
        confirmed=True,
        policy_from=None,
        inputs=tuple(sorted(seen.items())),
    )
