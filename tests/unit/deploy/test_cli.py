"""The `throughcare` command as a person types it: what it prints, and its exit codes."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app

README = Path(__file__).parents[3] / "README.md"
UNTIL = "2016-03-31T00:00:00Z"


def invoke(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The history that the README shows."""
    file = tmp_path / "mine.jsonl"
    file.write_text("\n".join(re.findall(r'^\{"topic".*$', README.read_text(), re.MULTILINE)) + "\n")
    return file


def test_the_example_of_the_readme_raises_what_the_readme_says(example: Path) -> None:
    code, out, _ = invoke("simulate", str(example), "--until", UNTIL)
    told = [json.loads(line) for line in out.splitlines()]
    codes = [(line["at"][:10], line["value"]["additionalInformation"]["code"]) for line in told]
    assert code == 0
    assert codes == [("2016-03-02", "rsr-missing"), ("2016-03-03", "allocation-overdue")]
    assert all(set(line) == {"at", "service", "topic", "key", "value"} for line in told)


def test_a_line_that_cannot_be_read_is_told_with_its_number_and_the_others_go_on(example: Path) -> None:
    _, clean, _ = invoke("simulate", str(example), "--until", UNTIL)
    example.write_text('{"topic": "court"}\nnot json\n' + example.read_text())
    code, out, err = invoke("simulate", str(example), "--until", UNTIL)
    assert code == 3
    assert out == clean
    assert [line.split(":")[0] for line in err.splitlines()] == ["line 1", "line 2"]


def test_a_policy_of_ones_own_changes_what_would_be_decided(example: Path, tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "later.yaml").write_text(
        "allocation-overdue:\n"
        "  description: A what-if.\n"
        "  values: {1900-01-01: '5'}\n"
        "  metadata: {unit: business-days, status: default, reference: a what-if}\n"
    )
    given = ("simulate", str(example), "--until", UNTIL, "--policy", str(tmp_path / "policy"))
    code, out, _ = invoke(*given, "--json")
    (difference,) = [json.loads(line) for line in out.splitlines()]
    told = {name: difference[name] for name in ("subject", "was", "wouldBe", "why")}
    assert code == 0
    assert told == {
        "subject": "X123456",
        "was": "raised, warning, 2016-03-03",
        "wouldBe": "raised, warning, 2016-03-08",
        "why": "allocation-overdue 2 → 5 (clock 2016-03-01, due 2016-03-08T23:59:59.999+00:00)",
    }
    _, shown, _ = invoke(*given)
    assert "X123456" in shown


def test_a_policy_that_cannot_be_read_is_told_and_exits_2(example: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("nps.rsr: {values: 6.90}\n")
    code, _, err = invoke("simulate", str(example), "--policy", str(tmp_path))
    assert code == 2
    assert "nps.rsr" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("simulate", "nowhere.jsonl"), "nowhere.jsonl"),
        (("run", "parole"), "there is no service 'parole'"),
        (("topics", "check", "--time", "never", "--system", "nobody"), "give live or replay"),
        (("case", "X123456", "--system", "nobody"), "no local system 'nobody'"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_one_line_and_exits_2(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    code, _, err = invoke(*arguments)
    assert code == 2
    assert said in err.replace("\n", " ")


def test_an_instant_without_an_offset_is_refused(example: Path) -> None:
    code, _, err = invoke("simulate", str(example), "--until", "2016-03-31")
    assert code == 2
    assert "offset" in err


def test_the_feed_is_a_history_that_simulate_reads(tmp_path: Path) -> None:
    code, out, _ = invoke("feed", "--cases", "3", "--months", "2")
    assert code == 0
    (tmp_path / "feed.jsonl").write_text(out)
    code, out, _ = invoke("simulate", str(tmp_path / "feed.jsonl"))
    assert code == 0
    assert out


@pytest.mark.parametrize("command", [[], ["demo"], ["publish"], ["topics"], ["parked"], ["dead-letters"]])
def test_help_teaches(command: list[str]) -> None:
    code, out, err = invoke(*command, "--help")
    assert code == 0
    assert "Usage" in out + err
