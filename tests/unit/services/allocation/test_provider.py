"""NPS or CRC: the grounds at their boundaries, one holder for the person."""

from datetime import date
from typing import Any

import pytest

from deploy.history import HistoryRecord
from tests.builders import at, fact
from tests.unit.services.allocation.area import CRN, MONDAY, area, form, offices, run, sentence


@pytest.mark.parametrize(
    ("answers", "kind", "grounds"),
    [
        ({"rsr_percent": "6.89"}, "crc", ["none"]),
        ({"rsr_percent": "6.90"}, "nps", ["rsr"]),
        ({"rsr_percent": "6.91"}, "nps", ["rsr"]),
        ({"rosh_level": "low"}, "crc", ["none"]),
        ({"rosh_level": "medium"}, "crc", ["none"]),
        ({"rosh_level": "high"}, "nps", ["rosh"]),
        ({"rosh_level": "very-high"}, "nps", ["rosh"]),
        ({"mappa_level": "1"}, "nps", ["mappa"]),
        ({"mappa_level": "3"}, "nps", ["mappa"]),
        ({"mappa_level": "not-known"}, "crc", ["none"]),
        ({"deportation_liable": True}, "nps", ["deportation"]),
        ({"deferred_sentence": True}, "nps", ["deferred"]),
        ({"public_interest": True}, "nps", ["public-interest"]),
        ({"rosh_level": "high", "rsr_percent": "7.00", "mappa_level": "2"}, "nps", ["rosh", "mappa", "rsr"]),
    ],
)
def test_each_ground_alone_brings_the_case_to_the_nps(answers: dict[str, Any], kind: str, grounds: list[str]) -> None:
    decided = run(area(), sentence(), form(**answers)).last("provider.decided")
    assert (decided["providerKind"], decided["grounds"]) == (kind, grounds)
    assert decided["providerCode"] == {"nps": "N01", "crc": "C01"}[kind]


def test_a_deferred_sentence_is_a_ground_without_the_form_saying_so() -> None:
    decided = run(area(), sentence(disposal="deferred-sentence"), form()).last("provider.decided")
    assert decided["grounds"] == ["deferred"]


def test_a_mappa_registration_is_a_ground() -> None:
    registered = fact(
        "casework.registration.added", CRN, at(MONDAY), registration_id="R1", code="mappa-1", from_=MONDAY
    )
    assert run(area(), registered, sentence(), form()).last("provider.decided")["grounds"] == ["mappa"]


def test_every_ground_names_its_source_and_what_it_saw() -> None:
    because = run(area(), sentence(), form(rsr_percent="6.90")).last("provider.decided")["because"]
    (rule,) = because
    assert (rule["ruleId"], rule["confirmed"], rule["policyFrom"]) == ("nps.rsr", True, "1900-01-01")
    assert rule["inputs"] == {"rsr": "6.90", "atOrAbove": "6.90"}
    assert "line 192" in rule["source"]


@pytest.mark.parametrize("missing", [{"rsr_percent": None}, {"rosh_level": None}])
def test_a_form_without_rsr_or_risk_of_harm_waits(missing: dict[str, Any]) -> None:
    told = run(area(), sentence(), form(**missing), until=at("2016-03-08"))
    assert told.events("provider.decided") == []
    assert told.case().stages["allocation-file"]["O1"].stage == "incomplete"


def test_a_ground_alone_completes_a_form() -> None:
    decided = run(area(), sentence(), form(rsr_percent=None, rosh_level="high")).last("provider.decided")
    assert decided["grounds"] == ["rosh"]


def test_a_score_completes_the_form_and_its_day_is_the_day_of_allocation() -> None:
    score = fact(
        "casework.risk-score.calculated",
        CRN,
        at("2016-03-10"),
        kind="rsr",
        percent="3.00",
        calculated_on=date(2016, 3, 10),
    )
    told = run(area(), sentence(), form(rsr_percent=None), score)
    assert told.last("provider.decided")["allocatedOn"] == "2016-03-10"
    assert told.events("officer.assigned") != []


def test_a_score_that_came_before_the_form_leaves_the_forms_day() -> None:
    score = fact(
        "casework.risk-score.calculated", CRN, at(MONDAY, "14:30"), kind="rsr", percent="3.00", calculated_on=MONDAY
    )
    told = run(area(), sentence(), score, form(when=at("2016-03-08"), rsr_percent=None))
    assert told.last("provider.decided")["allocatedOn"] == "2016-03-08"


def test_no_score_where_none_is_required() -> None:
    score = fact(
        "casework.risk-score.calculated",
        CRN,
        at(MONDAY, "14:30"),
        kind="rsr",
        calculated_on=MONDAY,
        not_required_reason="exempt-offence",
    )
    assert run(area(), sentence(), score, form(rsr_percent=None)).last("provider.decided")["providerKind"] == "crc"


def test_a_form_for_a_case_or_an_order_that_is_not_known_waits() -> None:
    told = run(area(), form())
    assert told.outcomes("casework.allocation-form.submitted") == {"waits no-such-order": 1}
    assert told.case().forms == {}
    told = run(area(), sentence(), form(order="O2"))
    assert [each.reason for each in told.case().waiting.values()] == ["no-such-order"]
    assert told.events("provider.decided") == []


def test_the_form_may_come_before_the_sentence() -> None:
    told = run(area(), form(when=at(MONDAY, "13:00")), sentence(when=at("2016-03-08")))
    assert told.last("provider.decided")["allocatedOn"] == "2016-03-07"


def test_one_holder_for_the_person_the_nps_where_any_order_has_grounds() -> None:
    second = sentence(on=date(2016, 6, 6), order="O2")
    told = run(
        area(),
        sentence(),
        form(),
        second,
        form(when=at("2016-06-06", "15:00"), order="O2", public_interest=True),
    )
    assert [each["providerKind"] for each in told.events("provider.decided")] == ["crc", "nps"]
    moved = told.last("case.transferred")
    assert (moved["fromProviderCode"], moved["toProviderCode"], moved["reason"]) == ("C01", "N01", "escalation")
    assert told.last("officer.changed")["officeCode"] == "NPS1"


def test_a_second_order_without_grounds_stays_with_the_nps() -> None:
    told = run(
        area(),
        sentence(),
        form(public_interest=True),
        sentence(on=date(2016, 6, 6), order="O2"),
        form(when=at("2016-06-06", "15:00"), order="O2"),
    )
    assert [each["providerKind"] for each in told.events("provider.decided")] == ["nps", "nps"]
    assert told.events("case.transferred") == []


def test_a_unit_without_offices_decides_once_they_are_registered() -> None:
    late = [*offices()]
    late = [each.__class__(each.topic, at("2016-03-09"), each.key, each.value) for each in late]
    told = run(sentence(), form(), late)
    decided = told.last("provider.decided")
    assert decided["allocatedOn"] == "2016-03-07"
    assert told.when("provider.decided") == [at("2016-03-10", "00:00")]
    assert told.unit().awaiting == {}


def test_what_a_form_says_of_an_ended_order_counts_no_more() -> None:
    ended = fact(
        "casework.order.ended", CRN, at("2016-05-01"), order_id="O1", ended_on=date(2016, 5, 1), outcome="completed"
    )
    told = run(
        area(),
        sentence(),
        form(public_interest=True),
        ended,
        sentence(on=date(2016, 6, 6), order="O2"),
        form(when=at("2016-06-06", "15:00"), order="O2"),
    )
    assert [each["providerKind"] for each in told.events("provider.decided")] == ["nps", "crc"]


def test_a_sentence_from_before_the_reform_is_allocated_by_the_same_rules() -> None:
    life = sentence(
        on=date(1998, 5, 5),
        when=at(MONDAY, "14:00"),
        disposal="custody",
        custodial_term="life",
        offence_on=date(1997, 1, 1),
        released_at_court=True,
    )
    assert run(area(), life, form(rosh_level="high")).last("provider.decided")["providerKind"] == "nps"


@pytest.mark.parametrize(
    ("code", "outcome"), [("C02", "decided"), ("C03", "refused agreed-otherwise-that-day")], ids=["again", "elsewhere"]
)
def test_two_agreements_of_one_day_on_different_providers_contradict_each_other(code: str, outcome: str) -> None:
    moves = [_agreed("C02", 1), _agreed(code, 2)]
    told = run(area(), sentence(), form(), moves)
    verdicts = told.outcomes("casework.transfer.agreed")
    assert verdicts == ({"decided": 2} if outcome == "decided" else {"decided": 1, outcome: 1})
    holder = told.case().holder
    assert holder is not None
    assert holder.code == "C02"


def _agreed(code: str, n: int) -> HistoryRecord:
    fields: dict[str, Any] = {"transfer_id": f"T{n}", "reason": "moved-area", "to_provider_kind": "crc"}
    when = at("2016-06-10", f"1{n}:00")
    return fact("casework.transfer.agreed", CRN, when, **fields, to_provider_code=code, agreed_on=date(2016, 6, 10))
