"""What would have been decided differently: with another line of RSR, with other weights of workload."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.catalogue import with_policies
from deploy.cli import app
from deploy.history import HistoryRecord, write
from deploy.what_if import Difference, changed_parameters, what_if
from tests.scenarios.allocation.area import officer, offices
from tests.scenarios.allocation.supervision import Supervised

ROOT = Path(__file__).parents[3]
AREA = [*offices(), officer("NPS1-PO", grade="po"), officer("NPS1-PSO"), officer("LMC1-A"), officer("LMC1-B")]


def policy(folder: Path, parameter: str, value: str, unit: str) -> Path:
    """A folder of one policy file that states one parameter."""
    folder.mkdir()
    (folder / "other.yaml").write_text(
        f"{parameter}:\n  description: A what-if.\n  values: {{1900-01-01: {value}}}\n"
        f"  metadata: {{unit: {unit}, status: default}}\n"
    )
    return folder


def told(history: list[HistoryRecord], folder: Path) -> dict[tuple[str, str], Difference]:
    """Differences by subject and matter."""
    return {(one.subject, one.what): one for one in what_if(history, with_policies(), with_policies(folder))}


@pytest.fixture
def lower_line(tmp_path: Path) -> Path:
    return policy(tmp_path / "rsr", "nps.rsr", '"3.00"', "percent")


def test_a_lower_line_of_rsr_sends_who_is_above_it_to_the_nps_and_says_why(lower_line: Path) -> None:
    above = Supervised(crn="S000300", order="order-1", rsr="3.00")
    below = Supervised(crn="S000299", order="order-2", rsr="2.99")
    found = told([*AREA, *above.compliant(), *below.compliant()], lower_line)
    provider = found["S000300", "provider"]
    assert (provider.was, provider.would_be) == ("crc C01", "nps N01")
    assert provider.why.startswith("nps.rsr 6.90 → 3.00")
    assert "rsr 3.00" in provider.why
    officer_ = found["S000300", "officer"]
    assert (officer_.was[:4], officer_.would_be) == ("LMC1", "NPS1-PSO")
    assert officer_.why == "follows from the provider"
    assert not any(subject == "S000299" and what == "provider" for subject, what in found)


def test_another_weight_gives_a_case_to_another_officer_and_says_why(tmp_path: Path) -> None:
    weights = '{green: "5", yellow: "1.3", blue: "1.8", red: "2.4"}'
    folder = policy(tmp_path / "weights", "workload.points-by-band", weights, "points")
    heavy = Supervised(crn="S000001", order="order-1", ogrs="70")
    light = [Supervised(crn=f"S00000{n}", order=f"order-{n}", ogrs="20", rosh="low") for n in (2, 3)]
    found = told([*AREA, *(each for person in (heavy, *light) for each in person.compliant())], folder)
    assert {subject for subject, what in found if what == "officer"} == {"S000003"}
    third = found["S000003", "officer"]
    assert (third.was, third.would_be) == ("LMC1-B", "LMC1-A")
    assert third.why == "workload.points-by-band green 0.7 → 5 (points 5, weighs green)"


def test_the_same_policy_decides_nothing_differently() -> None:
    assert what_if([*AREA, *Supervised().compliant()], with_policies(), with_policies()) == []
    assert changed_parameters(with_policies(), with_policies()) == {}


def test_a_parameter_that_no_service_has_is_told(tmp_path: Path) -> None:
    folder = policy(tmp_path / "typing-error", "nps.rrs", '"3.00"', "percent")
    assert changed_parameters(with_policies(), with_policies(folder)) == {"nps.rrs": "no service has this parameter"}


def test_the_example_of_the_readme_says_what_the_readme_says(tmp_path: Path) -> None:
    readme = " ".join((ROOT / "README.md").read_text().split())
    (stated,) = re.findall(r"```yaml\n(nps\.rsr:.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (tmp_path / "rsr.yaml").write_text(stated)
    file = re.findall(r"throughcare simulate (\S+) --policy", readme)[0]
    result = CliRunner().invoke(app, ["simulate", str(ROOT / file), "--policy", str(tmp_path), "--json"])
    found = [json.loads(line) for line in result.stdout.splitlines()]
    (provider,) = (one for one in found if one["what"] == "provider")
    assert f"{provider['subject']} would have gone to the NPS: `{provider['why']}`" in readme


def test_the_command_prints_one_json_line_a_difference(tmp_path: Path, lower_line: Path) -> None:
    file = tmp_path / "history.jsonl"
    file.write_bytes(b"".join(write(each) for each in [*AREA, *Supervised(rsr="4.20").compliant()]))
    result = CliRunner().invoke(app, ["simulate", str(file), "--policy", str(lower_line), "--json"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    (first,) = (line for line in lines if line["what"] == "provider")
    assert first | {"at": ""} == {
        "service": "allocation",
        "subject": "S000001",
        "what": "provider",
        "at": "",
        "was": "crc C01",
        "wouldBe": "nps N01",
        "why": "nps.rsr 6.90 → 3.00 (atOrAbove 3.00, rsr 4.20)",
    }
    shown = CliRunner().invoke(app, ["simulate", str(file), "--policy", str(lower_line)])
    assert "decided differently" in shown.stdout
    assert shown.exit_code == 0
