"""The counter on real Kafka and PostgreSQL against the model: duplicates, disorder between topics, poison."""

from datetime import timedelta
from pathlib import Path

from tests.counter.histories import CANARY, contact, ends, mixed, person
from tests.running import LONG_AGO, rig
from tests.servers import Broker, Database


async def test_journal_states_outputs_and_dead_letters_equal_the_models(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    history = mixed(LONG_AGO, 6000, people=300, seed=1, step=timedelta(minutes=5))
    until = ends(history)
    async with rig(database, kafka, tmp_path) as it:
        process = await it.start()
        await it.publish(history, until)
        await it.closed(until)
        model = await it.expect_the_models(history, until)
        assert await it.repeated_outputs() == 0
        assert await it.metric(process, "throughcare_duplicates_total") > 0
        assert await it.metric(process, "throughcare_passed_over_total", reason="unknown-type") > 0
        letters = await it.metric(process, "throughcare_dead_letters_total")
        assert letters == len(model.dead_letters) > 0
        _, metrics = await process.page("/metrics")
        assert CANARY not in metrics.decode()
        assert CANARY not in it.logs()


async def test_runs_of_three_records_and_short_queues_change_nothing(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    history = mixed(LONG_AGO, 1000, people=10, seed=2, step=timedelta(milliseconds=2))
    until = ends(history)
    async with rig(database, kafka, tmp_path, THROUGHCARE_RUN_LIMIT="3", THROUGHCARE_QUEUE_LIMIT="10") as it:
        await it.publish(history, until)
        await it.start()
        await it.closed(until)
        await it.expect_the_models(history, until)


async def test_a_run_of_nothing_but_a_deadline_that_sets_itself_anew_is_work(
    database: Database, kafka: Broker, tmp_path: Path
) -> None:
    history = [contact(person(1), LONG_AGO, 1)]
    async with rig(database, kafka, tmp_path) as it:
        await it.start()
        for days in (8, 15, 30):
            until = LONG_AGO + timedelta(days=days)
            await it.publish([] if days > 8 else history, until)
            await it.closed(until)
        await it.expect_the_models(history, until)
        assert await it.fetchval("SELECT count(*) FROM journal") == 6
