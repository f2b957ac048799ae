"""Policy files, the value in force on a date, terms, and the errors of a file that says something wrong."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from shared.domain.policy import InvalidPolicy, NotInForce, Policy, RuleApplied, Term, UnknownParameter

BREACH = """
breach-overdue.crc:
  description: Breach pack from CRC to NPS
  values:
    2014-06-01: "8"
    2017-01-01: "10"
    2021-06-26: null
  metadata: {unit: business-days, status: confirmed, reference: MoJ AE}
"""


def load(tmp_path: Path, *contents: str) -> Policy:
    directories = []
    for n, content in enumerate(contents):
        directory = tmp_path / str(n)
        directory.mkdir()
        (directory / "rules.yaml").write_text(content, encoding="utf-8")
        directories.append(directory)
    return Policy.load(*directories)


def parameter(value: str, unit: str = "count", status: str = "default") -> str:
    return (
        f"p:\n  description: A parameter\n  values: {{2014-06-01: {value}}}\n"
        f"  metadata: {{unit: {unit}, status: {status}, reference: somewhere}}\n"
    )


@pytest.mark.parametrize(
    ("on", "expected", "since"),
    [
        (date(2014, 6, 1), 8, date(2014, 6, 1)),
        (date(2016, 12, 31), 8, date(2014, 6, 1)),
        (date(2017, 1, 1), 10, date(2017, 1, 1)),
        (date(2021, 6, 25), 10, date(2017, 1, 1)),
    ],
)
def test_the_value_is_the_one_in_force_on_the_date(tmp_path: Path, on: date, expected: int, since: date) -> None:
    value = load(tmp_path, BREACH).at("breach-overdue.crc", on)
    assert (value.number, value.in_force_from) == (expected, since)


@pytest.mark.parametrize("on", [date(2014, 5, 31), date(2021, 6, 26)])
def test_before_its_first_date_and_after_its_end_a_value_is_not_in_force(tmp_path: Path, on: date) -> None:
    with pytest.raises(NotInForce, match=r"breach-overdue\.crc"):
        load(tmp_path, BREACH).at("breach-overdue.crc", on)


def test_an_unknown_parameter_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownParameter, match="no policy file has the parameter `x`"):
        load(tmp_path, BREACH).at("x", date(2017, 1, 1))


def test_a_value_says_where_it_comes_from(tmp_path: Path) -> None:
    value = load(tmp_path, BREACH).at("breach-overdue.crc", date(2017, 3, 1))
    assert (value.unit, value.status, value.confirmed, value.source) == ("business-days", "confirmed", True, "MoJ AE")


def test_a_default_is_not_confirmed(tmp_path: Path) -> None:
    assert not load(tmp_path, parameter("5")).at("p", date(2017, 1, 1)).confirmed


def test_a_value_applied_names_itself_and_what_it_saw(tmp_path: Path) -> None:
    value = load(tmp_path, BREACH).at("breach-overdue.crc", date(2017, 3, 1))
    applied = value.applied(started=date(2017, 3, 1), rsr=Decimal("6.90"), again=True, count=2, ids=("a", "b"))
    assert applied == RuleApplied(
        rule_id="breach-overdue.crc",
        source="MoJ AE",
        confirmed=True,
        policy_from=date(2017, 1, 1),
        inputs=(("again", "true"), ("count", "2"), ("ids", "a, b"), ("rsr", "6.90"), ("started", "2017-03-01")),
    )
    assert hash(applied)


def test_numbers_written_as_text_are_decimals(tmp_path: Path) -> None:
    value = load(tmp_path, parameter('"6.90"', "percent")).at("p", date(2017, 1, 1))
    assert str(value.decimal) == "6.90"
    with pytest.raises(InvalidPolicy, match="not a whole number"):
        _ = value.number


def test_a_table_keeps_its_keys_and_reads_its_numbers(tmp_path: Path) -> None:
    table = (
        load(tmp_path, parameter('{green: "12", red: {hours: "22.5", weeks: 2, name: x}}'))
        .at("p", date(2017, 1, 1))
        .table
    )
    assert table["green"] == Decimal(12)
    assert table["red"] == {"hours": Decimal("22.5"), "weeks": 2, "name": "x"}
    with pytest.raises(TypeError):
        table["green"] = 1  # type: ignore[index]


def test_a_list_a_text_and_a_flag_are_read_as_such(tmp_path: Path) -> None:
    policy = load(
        tmp_path, parameter("[a, b]"), parameter("abc").replace("p:", "q:"), parameter("true").replace("p:", "r:")
    )
    on = date(2017, 1, 1)
    assert (policy.at("p", on).codes, policy.at("q", on).text, policy.at("r", on).flag) == (("a", "b"), "abc", True)


@pytest.mark.parametrize("kind", ["decimal", "number", "term", "table", "codes", "flag"])
def test_asking_for_what_a_value_is_not_is_an_error_that_names_it(tmp_path: Path, kind: str) -> None:
    value = load(tmp_path, parameter("abc", "days")).at("p", date(2017, 1, 1))
    with pytest.raises(InvalidPolicy, match="`p`: the value in force from 2014-06-01 is not"):
        getattr(value, kind)


def test_a_later_directory_lays_over_an_earlier_one_parameter_by_parameter(tmp_path: Path) -> None:
    policy = load(tmp_path, BREACH + parameter("5"), parameter("7"))
    assert policy.at("p", date(2017, 1, 1)).number == 7
    assert policy.at("breach-overdue.crc", date(2017, 3, 1)).number == 10
    assert [each.id for each in policy] == ["breach-overdue.crc", "p"]


def test_the_version_changes_with_any_value_and_with_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "c").mkdir()
    one = load(tmp_path / "a", BREACH + parameter("5"))
    same = load(tmp_path / "b", "# a comment\n" + parameter("5") + BREACH)
    other = load(tmp_path / "c", BREACH + parameter("6"))
    assert one.version == same.version != other.version
    assert len(one.version) == 16


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("[a]", "write a mapping"),
        ("a: [", "not YAML"),
        ("p: 5", "give it `values`"),
        (BREACH + BREACH, "there twice"),
        (parameter("6.9"), 'is a float; write it as text: "6.9"'),
        (parameter("2017-01-01"), "cannot be a date"),
        (parameter("{yes: 1}"), "must be a text"),
        (parameter("5", status="maybe"), "must be one of confirmed, default"),
        (parameter("5", unit='""'), "must say what is counted"),
        (parameter("5").replace("2014-06-01", "soon"), "must be a date"),
        (parameter("5").replace("description: A parameter", 'description: " "'), "in words"),
        (parameter("5").replace("  values", "  extra: 1\n  values"), "`extra` is not known"),
        (parameter("5", status="confirmed").replace("reference: somewhere", "label: x"), "must name the source"),
        (parameter("5").split("  metadata")[0], "give it `metadata`"),
    ],
)
def test_a_file_that_says_something_wrong_is_named_with_what_to_do(tmp_path: Path, content: str, wrong: str) -> None:
    with pytest.raises(InvalidPolicy) as error:
        load(tmp_path, content)
    assert wrong in str(error.value)
    assert "rules.yaml" in str(error.value)


def test_one_parameter_in_two_files_of_a_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(parameter("5"))
    (tmp_path / "b.yaml").write_text(parameter("6"))
    with pytest.raises(InvalidPolicy, match="in another file"):
        Policy.load(tmp_path)


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidPolicy, match="no such directory"):
        Policy.load(tmp_path / "none")


def test_an_empty_file_has_no_parameters(tmp_path: Path) -> None:
    assert len(load(tmp_path, "# nothing yet\n")) == 0


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("term", "start", "due"),
    [
        (Term(8, "business-days"), date(2017, 3, 1), "2017-03-13T23:59:59.999+00:00"),
        (Term(0, "business-days"), date(2017, 3, 4), "2017-03-04T23:59:59.999+00:00"),
        (Term(1, "business-days"), date(2017, 3, 24), "2017-03-27T22:59:59.999+00:00"),
        (Term(7, "days"), date(2017, 3, 1), "2017-03-08T23:59:59.999+00:00"),
        (Term(4, "weeks"), date(2017, 3, 1), "2017-03-29T22:59:59.999+00:00"),
        (Term(3, "months"), date(2016, 11, 30), "2017-02-28T23:59:59.999+00:00"),
        (Term(24, "hours"), utc("2017-03-01T10:00:00+00:00"), "2017-03-02T10:00:00+00:00"),
        (Term(72, "hours"), date(2017, 3, 1), "2017-03-04T23:59:59.999+00:00"),
        (Term(2, "business-days"), utc("2017-07-14T23:30:00+00:00"), "2017-07-18T22:59:59.999+00:00"),
    ],
)
def test_what_is_due_after_a_start(term: Term, start: date | datetime, due: str) -> None:
    assert term.after(start) == utc(due)


@pytest.mark.parametrize(
    ("term", "target", "due"),
    [
        (Term(10, "business-days"), date(2017, 4, 18), "2017-03-31T22:59:59.999+00:00"),
        (Term(5, "business-days"), date(2017, 3, 11), "2017-03-06T23:59:59.999+00:00"),
        (Term(12, "weeks"), date(2017, 6, 1), "2017-03-09T23:59:59.999+00:00"),
        (Term(28, "days"), date(2017, 3, 29), "2017-03-01T23:59:59.999+00:00"),
        (Term(1, "months"), date(2017, 3, 31), "2017-02-28T23:59:59.999+00:00"),
        (Term(24, "hours"), utc("2017-03-02T10:00:00+00:00"), "2017-03-01T10:00:00+00:00"),
    ],
)
def test_what_is_due_before_a_target(term: Term, target: date | datetime, due: str) -> None:
    assert term.before(target) == utc(due)


def test_a_value_in_a_unit_of_time_is_a_term(tmp_path: Path) -> None:
    assert load(tmp_path, BREACH).at("breach-overdue.crc", date(2017, 3, 1)).term == Term(10, "business-days")
