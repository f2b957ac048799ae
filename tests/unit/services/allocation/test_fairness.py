"""The only rules that read sex or an attribute are those that name it: women's services, age, language, access."""

import ast
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.allocation.domain import suitability
from tests.unit.services.allocation.area import Told, area, form, officer, run, sentence

TAKEN_DOWN = {"orders.py", "records.py", "risk.py"}
DECIDED_BY = {"route.py", "suitability.py"}
SHOWN = {"watched.py"}
"""Modules of the domain that touch a person's sex or attributes: to note them, to decide by them, to gauge them."""

READ_BY: list[tuple[dict[str, Any], set[str]]] = [
    ({"sex": "female"}, {"assignment.competencies"}),
    ({"sex": "not-known"}, set()),
    ({"attributes": ["young-adult"]}, {"assignment.competencies"}),
    ({"attributes": ["interpreter:pl"]}, {"assignment.competencies"}),
    ({"attributes": ["no-address"]}, {"hub.exclusions", "hub.straight-to"}),
    ({"attributes": ["no-telephone"]}, {"hub.exclusions", "hub.straight-to"}),
    ({"attributes": ["needs-translation"]}, {"hub.exclusions", "hub.straight-to"}),
    ({"attributes": ["wheelchair"]}, set()),
    ({"attributes": ["private-room"]}, set()),
    ({"attributes": ["literacy"]}, set()),
    ({"attributes": ["care-leaver"]}, set()),
    ({"attributes": ["living-with-partner"]}, set()),
]
"""What is stated of a person, and the rules that read it; everything else is decided as of anybody."""


def decided(**stated: Any) -> Told:
    return run(area(), officer("LMC1-PSO2"), sentence(**stated), form())


def rules(told: Told) -> set[tuple[str, str]]:
    """Every rule that was applied, with what it saw."""
    applied = [
        rule
        for event in told.simulated.outputs
        for rule in orjson.loads(event.value)["additionalInformation"]["because"]
    ]
    return {(rule["ruleId"], orjson.dumps(rule["inputs"], option=orjson.OPT_SORT_KEYS).decode()) for rule in applied}


@pytest.mark.parametrize(
    ("stated", "readers"), READ_BY, ids=lambda given: str(given) if isinstance(given, dict) else ""
)
def test_only_the_rules_that_name_it_read_it(stated: dict[str, Any], readers: set[str]) -> None:
    anybody, person = decided(), decided(**stated)
    assert {rule for rule, _ in rules(anybody) ^ rules(person)} == readers
    for told in ("provider.decided", "band.set", "officer.assigned", "concern.raised"):
        assert [_without_reasons(each) for each in person.events(told)] == [
            _without_reasons(each) for each in anybody.events(told)
        ]


def _without_reasons(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "because"}


def test_only_these_modules_touch_them() -> None:
    domain = Path(suitability.__file__).parent
    found = {module.name for module in domain.glob("*.py") if _reads(ast.parse(module.read_text()))}
    assert found == TAKEN_DOWN | DECIDED_BY | SHOWN


def _reads(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in ("sex", "attributes") for node in ast.walk(tree))
