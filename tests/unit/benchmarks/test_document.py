"""The guide is made from the figures that the benchmarks keep."""

import json
from pathlib import Path

import pytest

from tests.benchmarks import figures
from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.document import FIGURES, GUIDE, TEXT, render
from tests.benchmarks.figures import Column, FiguresTable, Section, Spread, Target

MACHINE = {
    "processor": "A",
    "cores": 2,
    "loadBefore": 0.25,
    "memoryGiB": 8.0,
    "system": "Linux 6",
    "python": "3.11.7",
    "kafka": "4.1.0",
    "postgres": {"server_version": "18.0", "fsync": "on"},
    "packages": {"aiokafka": "0.14"},
}
COUNTER = Section(
    "counter",
    {"events": 60_000, "sizes": [10, 1000]},
    MACHINE,
    "2026-01-02 03:04 UTC",
    61.4,
    (
        FiguresTable(
            "The counter",
            (Column("system"), Column("events/s"), Column("ratio", 1)),
            (("kernel", 12345.6, None), ("batch", Spread(9000.0, 8000.0, 9500.0), Spread(1.44, 1.44, 1.44))),
        ),
    ),
    (Target("events/s over one batch", 1.5, Spread(1.44, 1.44, 1.44), digits=2),),
    ("A note.",),
)


def test_a_kept_section_is_read_as_it_was(tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"
    figures.keep(kept, COUNTER)
    figures.keep(kept, COUNTER)
    assert figures.read(kept) == {"counter": COUNTER}


def test_keeping_one_section_leaves_the_others(tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"
    kept.write_text(json.dumps({"year": figures.to_json(COUNTER)}))
    figures.keep(kept, COUNTER)
    assert set(figures.read(kept)) == {"counter", "year"}


def test_the_guide_shows_tables_targets_and_the_machine() -> None:
    shown = render("# Title\n{{machine}}\n{{counter}}\n{{year}}\n", {"counter": COUNTER})
    assert "| system | events/s | ratio |\n|---|---:|---:|\n| kernel | 12,346 | – |" in shown
    assert "| batch | 9,000 (8,000–9,500) | 1.4 |" in shown
    assert "- events/s over one batch: at least 1.5, found 1.44: **missed**" in shown
    assert "A note." in shown
    assert "2 cores of A, 8.0 GiB" in shown
    assert "(events 60,000, sizes 10 1,000; load before: 0.25)" in shown
    assert shown.endswith("*Not run yet on the machine of this document.*\n")


def test_a_section_without_a_place_is_no_silent_loss() -> None:
    with pytest.raises(KeyError, match="counter"):
        render("{{year}}", {"counter": COUNTER})


@pytest.mark.parametrize(
    ("wanted", "found", "at_most", "met"),
    [(1.5, 1.5, False, True), (1.5, 1.49, False, False), (250, 250, True, True), (250, 250.1, True, False)],
)
def test_a_target_is_met_at_its_boundary(wanted: float, found: float, at_most: bool, met: bool) -> None:
    assert Target("", wanted, found, at_most).met is met
    assert Target("", wanted, Spread(found, 0, 1000), at_most).met is met


def test_every_benchmark_has_its_place_in_the_guide() -> None:
    places = [line for line in TEXT.read_text().splitlines() if line.startswith("{{")]
    assert sorted(places) == sorted(f"{{{{{name}}}}}" for name in (*BENCHMARKS, "machine"))


def test_the_guide_is_current() -> None:
    kept = figures.read(FIGURES) if FIGURES.exists() else {}
    assert GUIDE.read_text() == render(TEXT.read_text(), kept), "run `make docs`"
