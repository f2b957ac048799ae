"""`throughcare office`: what an office's officers hold and could hold, and who would get new cases, and why."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.catalogue import with_policies
from deploy.cli import app
from tests.builders import at, days
from tests.decided import decided
from tests.scenarios.allocation.area import away, office_of, officer, staffed
from tests.scenarios.allocation.supervision import MONDAY, Supervised
from tests.servers import Database, apart

NOON = at(MONDAY + days(2), "12:00")


@pytest.fixture(scope="module")
def third_day(module_database: Database) -> Database:
    """An office on the third day: one case with the PSO, the PO absent without cover, a part-timer."""
    history = [
        *staffed(),
        officer("NPS1-SPO", grade="spo"),
        officer("LMC1-HALF", available="18.5", reductions="20"),
        *away("LMC1-PO", MONDAY, None),
        *Supervised().compliant(),
    ]
    apart(decided(module_database, history, with_policies()[:1], NOON))
    return module_database


@pytest.fixture
def reader(third_day: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's database is that office's."""
    monkeypatch.setenv("THROUGHCARE_READER_DSN", third_day.reader_dsn)


def told(*arguments: str) -> dict[str, Any]:
    """The office as JSON."""
    result = CliRunner().invoke(app, ["office", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.usefixtures("reader")
def test_an_office_shows_points_capacity_absence_and_cover() -> None:
    officers = {each["officerCode"]: each for each in told("LMC1")["officers"]}
    half = officers["LMC1-HALF"]
    assert (half["pointsHeld"], half["pointsAvailable"], half["capacityPercent"]) == ("0", "40.0", "0.0")
    assert (officers["LMC1-PSO"]["pointsHeld"], officers["LMC1-PSO"]["cases"]) == ("1.3", 1)
    assert officers["LMC1-PSO"]["capacityPercent"] == "1.3"
    assert officers["LMC1-PO"]["away"] is True
    assert officers["LMC1-PO"]["absences"] == [{"startedOn": "2016-06-06", "endsOn": None, "coverOfficerCode": None}]


@pytest.mark.usefixtures("reader")
def test_new_cases_go_where_the_rules_send_them_and_the_others_are_told_why() -> None:
    placed = told("LMC1", "--with", "3", "--band", "red")["whatIf"]["cases"]
    assert [each["officerCode"] for each in placed] == ["LMC1-PSO", "LMC1-HALF", "LMC1-PSO"]
    assert placed[0]["capacityPercent"] == "3.7"
    assert placed[0]["others"] == {"LMC1-HALF": "fuller", "LMC1-PO": "absent"}
    assert placed[1]["others"] == {"LMC1-PO": "absent", "LMC1-PSO": "fuller"}


@pytest.mark.usefixtures("reader")
def test_more_than_may_be_given_in_a_day_would_wait_and_nothing_is_written() -> None:
    placed = told("LMC1", "--with", "12", "--band", "green")["whatIf"]["cases"]
    assert [each["officerCode"] for each in placed].count(None) == 2
    assert placed[-1]["others"] == {"LMC1-HALF": "burst", "LMC1-PO": "absent", "LMC1-PSO": "burst"}
    assert {each["newToday"] for each in told("LMC1")["officers"]} == {0}


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("office", "kind", "officer_code"),
    [
        ("NPS1", ("--rosh", "high"), "NPS1-PO"),
        ("NPS1", ("--rosh", "low"), "NPS1-PSO"),
        ("HUB1", ("--band", "green"), "HUB1-PSO"),
    ],
)
def test_cases_of_the_nps_have_a_risk_of_harm_and_those_of_the_hub_unpaid_work(
    office: str, kind: tuple[str, ...], officer_code: str
) -> None:
    (placed,) = told(office, "--with", "1", *kind)["whatIf"]["cases"]
    assert placed["officerCode"] == officer_code
    assert {office_of(code) for code in placed["others"]} == {office}


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("LMC9",), 1, "no office 'LMC9'"),
        (("LMC1", "--with", "2"), 2, "give --band"),
        (("NPS1", "--with", "2", "--band", "red"), 2, "give --rosh"),
        (("LMC1", "--with", "2", "--band", "purple"), 2, "there is no 'purple'"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_one_line(arguments: tuple[str, ...], code: int, said: str) -> None:
    result = CliRunner().invoke(app, ["office", *arguments])
    assert result.exit_code == code
    assert said in result.stderr


@pytest.mark.usefixtures("reader")
def test_the_office_is_printed_with_the_rules_and_their_labels() -> None:
    shown = CliRunner().invoke(app, ["office", "LMC1", "--with", "1", "--band", "blue"]).stdout
    assert "absent since 2016-06-06" in shown
    assert "[default, unconfirmed]" in shown
    assert "why not more" in shown
    assert "absent, or leaving" in shown
    assert "[default, unconfirmed]\n" in shown


@pytest.mark.usefixtures("reader")
def test_who_holds_no_cases_is_shown_without_points_and_told_so_in_one_reason() -> None:
    spo = {each["officerCode"]: each for each in told("NPS1", "--with", "1", "--rosh", "high")["officers"]}["NPS1-SPO"]
    assert (spo["pointsHeld"], spo["pointsAvailable"]) == ("0", "0.0")
    (placed,) = told("NPS1", "--with", "1", "--rosh", "high")["whatIf"]["cases"]
    assert placed["others"]["NPS1-SPO"] == "grade"
