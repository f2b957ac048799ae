"""The metrics service as it is composed: what it reads, and that policy holds all that it asks for."""

from datetime import date

from services.metrics.app import SERVICE
from services.metrics.domain.decide import CASE_BOOK, PROVIDER_BOOK
from services.metrics.domain.measures import MEASURES
from shared.contracts.registry import MODELS, types_read_by
from shared.domain.service import LOCK_ORDER
from tests.unit.services.metrics.story import POLICY


def test_it_reads_only_what_the_contract_lets_it_read_from_its_inputs() -> None:
    assert types_read_by("metrics") >= SERVICE.reads
    assert {MODELS[each, 1].topic for each in SERVICE.reads} == set(SERVICE.inputs)


def test_every_kind_has_a_place_in_the_lock_order() -> None:
    assert set(SERVICE.kinds) <= set(LOCK_ORDER)


def test_each_measure_has_its_code_and_a_target_that_says_how_sure_it_is() -> None:
    codes = [measure.code for measure in MEASURES]
    assert len(set(codes)) == len(codes)
    statuses = {code: POLICY.at(f"target.{code}", date(2016, 3, 1)).status for code in codes}
    assert [code for code, status in statuses.items() if status == "confirmed"] == ["SL008"]


def test_every_rule_that_a_row_names_is_in_policy() -> None:
    named = {measure.parameter for measure in MEASURES} | {duty.parameter or duty.id for duty in CASE_BOOK.duties}
    assert {name for name in named if name not in POLICY} == set()
    assert "improvement-notice-recommended" in POLICY


def test_every_ledger_that_a_row_reads_is_one_of_its_state() -> None:
    state = set(SERVICE.kinds["case"].__annotations__) | {"duties", "stages"}
    reads = [duty.reads for duty in CASE_BOOK.duties] + [measure.reads for measure in CASE_BOOK.measures]
    assert {ledger.partition(".")[0] for each in reads for ledger in each} <= state
    for condition in PROVIDER_BOOK.conditions:
        assert {ledger.partition(".")[0] for ledger in condition.reads} == {"months"}
