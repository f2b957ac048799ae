"""A feed as bytes: the same seed the same bytes, more people the same people, sorted, decodable, of the size said."""

import hashlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import orjson
import pytest

from deploy.local.feed import HistoryLine, generate, write
from deploy.local.feed.generate import START
from deploy.local.feed.history import dump
from shared.contracts.decoding import decode
from shared.contracts.envelope import Event
from tests.scenarios.feed.reading import envelope


def _digest(lines: list[HistoryLine]) -> str:
    buffer = BytesIO()
    dump(lines, buffer)
    return hashlib.sha256(buffer.getvalue()).hexdigest()


@pytest.fixture(scope="module")
def sixty() -> list[HistoryLine]:
    return list(generate(60))


def test_the_same_arguments_give_the_same_bytes(sixty: list[HistoryLine]) -> None:
    assert _digest(sixty) == _digest(list(generate(60)))


def test_another_seed_gives_another_history(sixty: list[HistoryLine]) -> None:
    assert _digest(sixty) != _digest(list(generate(60, seed=2)))


def test_more_people_change_nobody_who_was_there(sixty: list[HistoryLine]) -> None:
    more = {line.dump() for line in generate(400) if line.topic != "workforce"}
    assert all(line.dump() in more for line in sixty if line.topic != "workforce")


def test_more_people_keep_the_officers_who_were_there(sixty: list[HistoryLine]) -> None:
    def registered(lines: list[HistoryLine]) -> set[bytes]:
        return {line.dump() for line in lines if line.value["eventType"] == "workforce.officer.registered"}

    few = registered([line for line in sixty if line.topic == "workforce"])
    many = registered([line for line in generate(400) if line.topic == "workforce"])
    assert len(few & many) == len(few)


def test_lines_are_in_the_order_of_the_log_and_within_the_window(sixty: list[HistoryLine]) -> None:
    times = [line.timestamp for line in sixty]
    assert times == sorted(times)
    assert times[0] >= datetime(2016, 1, 4, tzinfo=UTC)
    assert times[-1] < datetime(2017, 1, 4, tzinfo=UTC)


def test_every_instant_is_whole_milliseconds_of_utc(sixty: list[HistoryLine]) -> None:
    for line in sixty:
        assert line.timestamp.microsecond % 1000 == 0
        assert line.timestamp.utcoffset() == timedelta(0)


def test_nothing_is_recorded_before_it_came_about(sixty: list[HistoryLine]) -> None:
    for line in sixty:
        assert line.timestamp >= datetime.fromisoformat(envelope(line)["occurredAt"])


def test_every_line_decodes_to_an_event(sixty: list[HistoryLine]) -> None:
    for line in sixty:
        decoded = decode(line.topic, line.key.encode(), orjson.dumps(line.value))
        assert isinstance(decoded, Event), decoded


def test_offices_and_officers_are_registered_before_the_first_sentence(sixty: list[HistoryLine]) -> None:
    first_sentence = next(i for i, line in enumerate(sixty) if line.topic == "court")
    registered = Counter(line.value["eventType"] for line in sixty[:first_sentence] if line.topic == "workforce")
    assert registered["workforce.office.registered"] == 15
    assert registered["workforce.officer.registered"] >= 15 * 4


def test_some_messages_are_sent_twice_with_the_same_body(sixty: list[HistoryLine]) -> None:
    bodies = Counter(orjson.dumps(line.value) for line in generate(300))
    again = sum(count - 1 for count in bodies.values())
    assert 0.003 < again / bodies.total() < 0.008


def test_prison_messages_carry_no_event_id_and_are_partly_wrapped() -> None:
    prison = [line for line in generate(200) if line.topic == "prison"]
    movements = [line for line in prison if envelope(line)["eventType"].startswith("prison-offender-events.")]
    wrapped = [line for line in movements if line.value.get("Type") == "Notification"]
    assert movements
    assert all("eventId" not in envelope(line) for line in movements)
    assert 0.4 < len(wrapped) / len(movements) < 0.8


def test_people_bear_crns_of_the_synthetic_range(sixty: list[HistoryLine]) -> None:
    assert all(line.key.startswith("Z") for line in sixty if line.topic != "workforce")


def test_some_facts_stand_on_the_log_before_the_sentence_they_rest_on() -> None:
    early, sentenced = set(), set()
    for line in generate(300):
        event_type = envelope(line)["eventType"]
        if event_type == "court.sentence.recorded":
            sentenced.add(line.key)
        elif event_type == "casework.appointment.arranged" and line.key not in sentenced:
            early.add(line.key)
    assert early


def test_a_prisoner_may_be_released_before_the_number_is_linked() -> None:
    linked, late, released = set(), 0, set()
    for line in generate(1500):
        whole = envelope(line)
        information = whole["additionalInformation"]
        if whole["eventType"] in ("casework.person.linked", "court.sentence.recorded") and "nomsNumber" in information:
            late += information["nomsNumber"] in released and information["nomsNumber"] not in linked
            linked.add(information["nomsNumber"])
        if whole["eventType"].endswith("prisoner.released") and information["reason"] == "RELEASED":
            released.add(line.key)
    assert late > 0


def test_a_file_holds_one_json_object_a_line(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    count = write(path, cases=5, months=2, seed=7)
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    assert len(lines) == count > 20
    assert all(set(line) == {"topic", "timestamp", "key", "value"} for line in lines)


def test_a_feed_of_nobody_still_has_its_offices() -> None:
    assert {line.topic for line in generate(0, months=1)} == {"workforce"}


@pytest.mark.parametrize(("cases", "months"), [(-1, 12), (10, 0), (10, 121)])
def test_a_feed_that_cannot_be_is_refused(cases: int, months: int) -> None:
    with pytest.raises(ValueError, match="cases must be"):
        generate(cases, months)


def test_a_feed_may_begin_on_a_day_off() -> None:
    first = next(generate(3, months=1, start=date(2016, 12, 25)))
    assert first.timestamp.date() == date(2016, 12, 28)
    assert date(2016, 1, 4) == START


def test_a_person_has_about_sixty_events_a_year() -> None:
    count = sum(1 for line in generate(600) if line.topic != "workforce")
    assert 45 <= count / 600 <= 62
