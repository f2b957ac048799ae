"""The demonstration as a newcomer runs it: twice the same, and what the model says; nothing is left running."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.catalogue import with_policies
from deploy.demo import CLOSE_AFTER, feed
from deploy.digest import digest
from deploy.outcome import modelled
from deploy.simulate import simulate
from tests.servers import require_apache_kafka

CASES, MONTHS, SEED = 30, 3, 5


def demonstrate(folder: Path) -> dict[str, Any]:
    """Run it with a state folder of its own; what it wrote for a script."""
    folder.mkdir()
    report = folder / "report.json"
    asked = ["demo", "--cases", str(CASES), "--months", str(MONTHS), "--seed", str(SEED), "--json", str(report)]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("throughcare")), *asked],
        env={**os.environ, "XDG_STATE_HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    told: dict[str, Any] = json.loads(report.read_text())
    assert told["digest"] in done.stdout
    left = subprocess.run(["ps", "-ewwo", "args="], capture_output=True, text=True, check=True).stdout
    assert str(folder) not in left
    return told


@pytest.mark.kafka
@pytest.mark.postgres
def test_run_twice_it_comes_to_one_digest_which_is_the_models(tmp_path: Path) -> None:
    require_apache_kafka()
    once, again = demonstrate(tmp_path / "once"), demonstrate(tmp_path / "again")
    history = feed(CASES, MONTHS, SEED)
    model = modelled(simulate(history, with_policies(), history[-1].timestamp + CLOSE_AFTER))
    assert once["digest"] == again["digest"] == digest(model)
    changing = {"seconds", "feedSeconds", "digest"}
    told = {name: value for name, value in once.items() if name not in changing}
    assert told == {name: value for name, value in again.items() if name not in changing}
    assert (once["events"], once["deadLetters"], once["parked"], once["kafka"]) == (len(history), 0, 0, "apache")
    assert once["decisions"] + once["published"] == len(model)
    assert once["concernsRaised"]
    assert once["serviceLevels"]
