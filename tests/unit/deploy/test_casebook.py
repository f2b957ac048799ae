"""`throughcare case`: an assignment told so that an officer could contest it."""

import re
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from deploy.catalogue import with_policies
from deploy.cli import app
from tests.builders import at, days
from tests.decided import decided
from tests.scenarios.allocation.area import away, officer, staffed
from tests.scenarios.allocation.supervision import MONDAY, Supervised
from tests.servers import Database, apart

PERSON = Supervised(registered=("domestic-abuse",), form={"domestic_abuse": "current"})
NOBODY = Supervised(crn="S000002", order="order-2", registered=("life-sentence",))


@pytest.fixture(scope="module")
def told_about(module_database: Database) -> Iterator[pytest.MonkeyPatch]:
    """A person whose case only one of seven could have, and one whom nobody could."""
    competent = ("domestic-abuse",)
    history = [
        *staffed(without=["LMC1-PO", "LMC1-PSO"]),
        officer("LMC1-PSO", competencies=competent),
        officer("LMC1-RAW", grade="po", competencies=()),
        officer("LMC1-PO1", grade="po", competencies=competent, available="0.4"),
        officer("LMC1-PO2", grade="po", competencies=competent),
        officer("LMC1-PO3", grade="po", competencies=competent),
        officer("LMC1-PSO2", competencies=competent),
        *away("LMC1-PO2", MONDAY, None),
        *PERSON.compliant(),
        *NOBODY.compliant(),
    ]
    apart(decided(module_database, history, with_policies()[:1], at(MONDAY + days(2), "12:00")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THROUGHCARE_READER_DSN", module_database.reader_dsn)
        yield patch


def shown(crn: str) -> str:
    """What the command prints of a person, its table's frame left out."""
    result = CliRunner().invoke(app, ["case", crn])
    assert result.exit_code == 0
    return re.sub(r"\s+", " ", re.sub("[│┃]", " ", result.stdout))


@pytest.mark.usefixtures("told_about")
def test_everyone_who_could_not_have_the_case_is_named_with_the_reason() -> None:
    told = shown(PERSON.crn)
    assert "allocation.officer.assigned" in told
    assert "officerCode=LMC1-PO3" in told
    assert "not LMC1-PSO, LMC1-PSO2: not of a grade that the case asks for" in told
    assert "not LMC1-RAW: without a competence that it requires" in told
    assert "not LMC1-PO1: above the limit of capacity with it" in told
    assert "not LMC1-PO2: absent, or leaving" in told


@pytest.mark.usefixtures("told_about")
def test_what_it_rests_on_stands_under_it_with_source_label_and_inputs() -> None:
    _, _, after = shown(PERSON.crn).partition("allocation.officer.assigned")
    assigned = after.partition("→")[0]
    assert "because assignment.grades-for-complex (HMI Probation, South Yorkshire 2017, lines 1236-1237)" in assigned
    assert "complexFor domestic-abuse" in assigned
    assert "because workload.overload (no confirmed source) [default, unconfirmed]" in assigned
    assert "chosenBy suited, then lowest capacity, then code" in assigned
    assert "because nps." not in assigned


@pytest.mark.usefixtures("told_about")
def test_who_found_nobody_is_told_why() -> None:
    told = shown(NOBODY.crn)
    assert "allocation.officer.assigned" not in told
    assert "no officer: " in told
