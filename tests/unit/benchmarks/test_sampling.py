"""The profile's parts name code that exists: a part that never matches would give its time to another."""

import ast
from pathlib import Path

import pytest

from tests.benchmarks.sampling import PARTS

ROOT = Path(__file__).parents[3]
OURS = [file for room in ("shared", "services", "tests") for file in (ROOT / room).rglob("*.py")]
PLACES = [
    (file, function)
    for _, places in PARTS
    for file, function in places
    if not file.startswith(("aiokafka/", "asyncpg/", "usecase"))
]


@pytest.mark.parametrize(("file", "function"), PLACES)
def test_a_part_of_the_profile_is_there(file: str, function: str) -> None:
    found = [each for each in OURS if file in each.as_posix()]
    assert found
    names = {
        node.name
        for each in found
        for node in ast.walk(ast.parse(each.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert function == "" or function in names
