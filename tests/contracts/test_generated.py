"""The published documents are current, valid, and complete."""

import json
from pathlib import Path

import jsonschema
import pytest

from deploy.generate import Generator, contract_files, main, stale_files, write
from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.payload import Payload
from shared.contracts.schemas import event_models, event_schema, schema_file

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_documents_in_the_repository_are_what_the_code_makes() -> None:
    assert stale_files() == []


def test_the_check_succeeds_on_a_current_repository() -> None:
    assert main(["--check"]) == 0


@pytest.mark.parametrize("model", list(event_models()), ids=lambda model: model.event_type)
def test_every_schema_is_a_valid_json_schema(model: type[Payload]) -> None:
    jsonschema.Draft202012Validator.check_schema(event_schema(model))


def test_every_event_is_in_the_catalogue() -> None:
    catalogue = contract_files()["docs/events.md"]
    assert [m.event_type for m in event_models() if f"### {m.event_type}\n" not in catalogue] == []


def test_every_reference_of_the_asyncapi_document_resolves() -> None:
    document = asyncapi_document("1.0.0")
    references: list[str] = []

    def collect(node: object) -> None:
        if isinstance(node, dict):
            references.extend(value for key, value in node.items() if key == "$ref")
            node = list(node.values())
        if isinstance(node, list):
            for each in node:
                collect(each)

    collect(document)
    assert references
    for reference in references:
        if reference.startswith("./"):
            assert (DOCS / reference).is_file(), reference
            continue
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def test_every_event_is_a_message_of_the_asyncapi_document() -> None:
    messages = asyncapi_document("1.0.0")["components"]["messages"]
    assert {schema_file(m).removesuffix(".json") for m in event_models()} <= messages.keys()


def test_a_changed_a_missing_and_an_orphaned_file_are_stale(tmp_path: Path) -> None:
    generator = Generator(lambda: {"docs/a.json": "1\n", "docs/b.json": "2\n"}, ("docs/*.json",))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.json").write_text("0\n")
    (tmp_path / "docs/old.json").write_text("3\n")
    assert stale_files(tmp_path, [generator]) == ["docs/a.json", "docs/b.json", "docs/old.json"]


def test_writing_makes_everything_current_and_removes_orphans(tmp_path: Path) -> None:
    generator = Generator(lambda: {"docs/a.json": "1\n"}, ("docs/*.json",))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/old.json").write_text("3\n")
    assert write(tmp_path, [generator]) == ["docs/a.json", "docs/old.json"]
    assert stale_files(tmp_path, [generator]) == []
    assert [path.name for path in (tmp_path / "docs").iterdir()] == ["a.json"]


def test_the_check_names_the_stale_files_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("deploy.generate.stale_files", lambda: ["docs/events.md"])
    assert main(["--check"]) == 1
    assert "docs/events.md" in capsys.readouterr().err


def test_no_personal_field_is_published() -> None:
    banned = (
        "surname",
        "forename",
        "firstName",
        "lastName",
        "dateOfBirth",
        "address1",
        "postcode",
        "freeText",
        "details",
    )
    everything = json.dumps([event_schema(model)["$defs"] for model in event_models()])
    assert [word for word in banned if f'"{word}"' in everything] == []
