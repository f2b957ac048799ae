"""Prisoners: prison facts wait for the link, are handed over in order, and follow mergers of NOMS numbers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.history import HistoryRecord
from deploy.simulate import Simulated, simulate
from shared.contracts.casework import PersonLinked
from shared.contracts.court import SentenceRecorded
from shared.contracts.prison import PrisonerMerged, PrisonerReceived, PrisonerReleased
from shared.domain import prisoner, rulebook
from shared.domain.decision import Decision, Outcome, Rows
from shared.domain.fact import Fact, Passed, Subject
from shared.domain.policy import Policy
from shared.domain.prisoner import CASE, PRISONER, Prisoner
from shared.domain.rulebook import Rulebook
from shared.domain.service import Service
from shared.domain.state import Aggregate, dump, load
from shared.domain.step import Step
from tests.builders import at, fact

ONE, TWO, THREE = "A1111AA", "B2222BB", "C3333CC"
CRN, OTHER = "A000001", "B000002"


class Noted(Aggregate, omit_defaults=True):
    """A case that notes the movements in the order in which it takes them, with the log time of the step."""

    notes: tuple[tuple[str, datetime], ...] = ()


def _note(step: Step, fact: Fact, movement: PrisonerReceived | PrisonerReleased) -> None:
    case = step.edit()
    case.notes = (*case.notes, (movement.nomis_movement_reason_code, step.now))
    step.touch_all("notes")


def _link(step: Step, fact: Fact, linked: PersonLinked | SentenceRecorded) -> Outcome | None:
    if linked.noms_number is not None:
        prisoner.link(step, linked.noms_number, fact)
    return None


BOOK = Rulebook(
    takes={
        PersonLinked: _link,
        SentenceRecorded: _link,
        PrisonerMerged: prisoner.take_merger,
        PrisonerReceived: _note,
        PrisonerReleased: _note,
    }
)


def subjects(fact: Fact, rows: Rows) -> tuple[Subject, ...]:
    """The prisoner first for prison facts, the case first for all others."""
    assert not isinstance(fact.payload, Passed)
    found = prisoner.prisoners_of(fact, rows)
    if fact.topic != prisoner.PRISON:
        return (Subject(CASE, fact.key), *found)
    crn = prisoner.linked_crn(fact, rows)
    return (*found, *((Subject(CASE, crn),) if crn is not None else ()))


def decide(rows: Rows, fact: Fact, policy: Policy) -> Decision:
    """Decide on the case where it is known, else on the prisoner who stands for the number."""
    before = {subject: dump(state) for subject, state in rows.states.items()}
    crn = prisoner.linked_crn(fact, rows) if fact.topic == prisoner.PRISON else fact.key
    owner = Subject(CASE, crn) if crn is not None else prisoner.standing(rows, fact.key)
    step = Step("resettlement", owner, rows, fact, policy)
    decision = rulebook.decide(step, BOOK if owner.kind == CASE else prisoner.BOOK)
    assert before == {subject: dump(state) for subject, state in rows.states.items()}
    return decision


SERVICE = Service(
    name="resettlement",
    inputs=("court", "casework", "prison"),
    output="resettlement",
    reads=frozenset(payload.event_type for payload in BOOK.takes),
    kinds={PRISONER: Prisoner, CASE: Noted},
    subjects=subjects,
    decide=decide,
    policy=(Path(),),
)


def received(code: str, hour: int, noms: str = ONE) -> HistoryRecord:
    """An admission under a movement code that tells it apart."""
    when = datetime(2016, 3, 7, hour, tzinfo=UTC)
    fields: dict[str, Any] = {
        "noms_number": noms,
        "prison_id": "DNI",
        "reason": "ADMISSION",
        "nomis_movement_reason_code": code,
    }
    return fact("prison-offender-events.prisoner.received", noms, when, **fields)


def linked(hour: int, noms: str = ONE, crn: str = CRN, stated: datetime | None = None) -> HistoryRecord:
    """Casework links the numbers; `stated` is when it did, if that was earlier."""
    when = datetime(2016, 3, 7, hour, tzinfo=UTC)
    return fact("casework.person.linked", crn, when, occurred=stated or when, noms_number=noms)


def merged(hour: int, stays: str = ONE, goes: str = TWO) -> HistoryRecord:
    """One NOMS number stands for another from now on."""
    when = datetime(2016, 3, 7, hour, tzinfo=UTC)
    return fact("prison-offender-events.prisoner.merged", stays, when, noms_number=stays, removed_noms_number=goes)


def run(*history: HistoryRecord) -> Simulated:
    """Decide a history."""
    out = simulate(history, [(SERVICE, Policy({}))], until=at("2016-03-08"))["resettlement"]
    assert not out.parked
    assert not out.dead_letters
    for state in out.states.values():
        assert load(dump(state), type(state)) == state
    return out


def notes(out: Simulated, crn: str = CRN) -> list[str]:
    """The codes that a case has noted, in order."""
    state: Any = out.states.get(Subject(CASE, crn))
    return [code for code, _ in state.notes] if state is not None else []


def waiting(out: Simulated, noms: str = ONE) -> list[int]:
    """The places of what waits for a prisoner's link."""
    return sorted(kept.n for kept in out.states[prisoner.subject_of(noms)].waiting.values())


def test_without_a_link_prison_facts_wait() -> None:
    out = run(received("a", 8), received("b", 9))
    assert waiting(out) == [1, 2]
    assert notes(out) == []


def test_the_link_hands_them_over_in_order_in_its_own_step() -> None:
    out = run(received("a", 8), received("b", 9), linked(10), received("c", 11))
    state: Any = out.states[Subject(CASE, CRN)]
    assert state.notes == (("a", at("2016-03-07")), ("b", at("2016-03-07")), ("c", at("2016-03-07", "11:00")))
    assert waiting(out) == []
    assert state.waiting == {}


def test_what_waited_is_reported_with_the_link() -> None:
    out = run(received("a", 8), linked(10))
    assert [line.content.count(b'"retried":[["') for line in out.journal] == [0, 1]
    assert [line.subject for line in out.journal] == [prisoner.subject_of(ONE), Subject(CASE, CRN)]


def test_a_link_stated_later_replaces_an_earlier_one_and_not_the_other_way_round() -> None:
    assert notes(run(linked(8), linked(9, crn=OTHER), received("a", 10)), OTHER) == ["a"]
    earlier = linked(9, crn=OTHER, stated=at("2016-03-06"))
    out = run(linked(8), earlier, received("a", 10))
    assert (notes(out), notes(out, OTHER)) == (["a"], [])


def test_the_same_link_again_changes_nothing() -> None:
    assert notes(run(linked(8), linked(9), received("a", 10), linked(11))) == ["a"]


def test_a_number_merged_into_a_linked_one_is_that_person() -> None:
    out = run(linked(8), received("a", 9, TWO), merged(10), received("b", 11, TWO), received("c", 12, ONE))
    assert notes(out) == ["a", "b", "c"]
    assert waiting(out, TWO) == []


def test_a_linked_number_merged_into_another_takes_its_link_along() -> None:
    out = run(linked(8, TWO), received("a", 9, ONE), merged(10, ONE, TWO), received("b", 11, ONE))
    assert notes(out) == ["a", "b"]


def test_two_numbers_without_a_link_wait_as_one_in_the_order_of_the_log() -> None:
    out = run(received("a", 7, ONE), received("b", 8, TWO), received("c", 9, ONE), merged(10), received("d", 11, TWO))
    assert waiting(out) == [1, 2, 3, 4]
    out = run(
        received("a", 7, TWO),
        received("b", 8, ONE),
        received("c", 9, TWO),
        merged(10),
        received("d", 11, TWO),
        linked(12),
    )
    assert notes(out) == ["a", "b", "c", "d"]


def test_a_link_of_a_merged_number_is_the_link_of_the_one_that_stands_for_it() -> None:
    out = run(
        merged(7, ONE, TWO), merged(8, THREE, ONE), received("a", 9, TWO), linked(10, TWO), received("b", 11, THREE)
    )
    assert notes(out) == ["a", "b"]


def test_mergers_in_a_circle_come_to_rest() -> None:
    out = run(merged(7, ONE, TWO), merged(8, TWO, ONE), linked(9, TWO), received("a", 10, ONE))
    assert notes(out) == ["a"]


@pytest.mark.parametrize("stays", [ONE, TWO])
def test_of_two_linked_numbers_the_link_that_was_stated_last_counts(stays: str) -> None:
    goes = TWO if stays == ONE else ONE
    out = run(linked(7, ONE), linked(8, TWO, OTHER), merged(9, stays, goes), received("a", 10, ONE))
    assert (notes(out), notes(out, OTHER)) == ([], ["a"])


def test_a_long_wait_is_handed_over_whole() -> None:
    start = datetime(2016, 3, 7, tzinfo=UTC)
    codes = [f"{n:03d}" for n in range(60)]
    fields: dict[str, Any] = {"noms_number": ONE, "prison_id": "DNI", "reason": "ADMISSION"}
    history = [
        fact(
            "prison-offender-events.prisoner.received",
            ONE,
            start + timedelta(minutes=n),
            **fields,
            nomis_movement_reason_code=code,
        )
        for n, code in enumerate(codes)
    ]
    assert notes(run(*history, linked(10))) == codes
