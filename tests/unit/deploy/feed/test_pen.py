"""A pen writes one subject's lines with ids and randomness of its own."""

from datetime import UTC, date, datetime, timedelta

from deploy.local.feed.history import HistoryLine, Pen, in_order
from deploy.local.feed.working_days import WorkingDays

CALENDAR = WorkingDays(date(2016, 1, 4))
HORIZON = datetime(2016, 2, 1, tzinfo=UTC)
MORNING = datetime(2016, 1, 5, 9, tzinfo=UTC)


def _pen(subject: str = "person/0", seed: int = 1) -> Pen:
    return Pen(seed, subject, CALENDAR, HORIZON)


def test_ids_depend_on_seed_subject_and_ordinal_alone() -> None:
    ids = {_pen().fresh_id(), _pen("person/1").fresh_id(), _pen(seed=2).fresh_id()}
    assert len(ids) == 3
    assert _pen().fresh_id() == _pen().fresh_id()
    pen = _pen()
    assert pen.fresh_id() != pen.fresh_id()


def test_an_event_stands_on_its_publishers_topic() -> None:
    pen = _pen()
    pen.write("court.report.written-up", "Z000001", MORNING, {"orderId": "o"}, identifiers=(("CRN", "Z000001"),))
    line = pen.lines[0]
    assert (line.topic, line.key, line.timestamp) == ("court", "Z000001", MORNING)
    assert line.value["personReference"] == {"identifiers": [{"type": "CRN", "value": "Z000001"}]}
    assert line.value["occurredAt"] == "2016-01-05T09:00:00.000Z"


def test_what_is_recorded_late_keeps_the_instant_at_which_it_came_about() -> None:
    pen = _pen()
    pen.write("casework.order.ended", "Z000001", MORNING, {}, recorded=MORNING + timedelta(days=3))
    assert pen.lines[0].timestamp == MORNING + timedelta(days=3)
    assert pen.lines[0].value["occurredAt"] == "2016-01-05T09:00:00.000Z"


def test_what_would_be_recorded_at_the_horizon_is_left_out() -> None:
    pen = _pen()
    pen.write("casework.order.ended", "Z000001", MORNING, {}, recorded=HORIZON)
    assert pen.lines == []


def test_an_office_has_no_person() -> None:
    pen = _pen("LMC1")
    pen.write("workforce.office.registered", "LMC1", MORNING, {})
    assert "personReference" not in pen.lines[0].value


def test_lines_of_one_instant_are_ordered_by_topic_then_key() -> None:
    lines = [
        HistoryLine(topic, MORNING, key, {})
        for topic, key in (("casework", "Z1"), ("prison", "Z1"), ("court", "Z2"), ("court", "Z1"), ("workforce", "L"))
    ]
    assert [(line.topic, line.key) for line in in_order(lines)] == [
        ("workforce", "L"),
        ("court", "Z1"),
        ("court", "Z2"),
        ("prison", "Z1"),
        ("casework", "Z1"),
    ]


def test_a_line_is_dumped_with_its_four_fields_in_order() -> None:
    line = HistoryLine("court", MORNING, "Z000001", {"b": 1, "a": 2})
    assert line.dump() == (
        b'{"topic":"court","timestamp":"2016-01-05T09:00:00.000Z","key":"Z000001","value":{"b":1,"a":2}}\n'
    )
