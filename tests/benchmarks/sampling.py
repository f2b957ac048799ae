"""Where a service's own processor time goes: its stack is looked at every few milliseconds of it, by a timer signal,
and each look is given to the innermost part of the kernel that it stands in. Run as a module, it runs the service."""

import json
import os
import runpy
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

EVERY_SECONDS = 0.002
FILE = "samples.json"
LONGEST = 70

PARTS = (
    ("decode", (("decoding.py", ""),)),
    ("digest (canonical JSON, SHA-256)", (("incoming.py", "classify"),)),
    ("take and order", (("log_order.py", ""), ("intake.py", ""))),
    ("publish: build and encode events", (("publication.py", "publish"), ("publication.py", "published"))),
    ("journal: encode and hash", (("publication.py", "journal_line"),)),
    ("deadline ids", (("publication.py", "deadline_id"),)),
    ("decide: the domain", (("working_set.py", "subjects"), ("domain/decide.py", ""))),
    ("load: fence, inbox", (("progress.py", "fence"), ("inbox.py", ""))),
    ("load: aggregates", (("aggregates.py", "lock"), ("aggregates.py", "lock_free"))),
    ("load: due", (("due.py", "passed"),)),
    ("load: unpack states", (("packed.py", "unpack_state"),)),
    ("save: pack states", (("packed.py", "pack_state"),)),
    ("save: aggregates", (("aggregates.py", "save"),)),
    ("save: due", (("due.py", ""),)),
    ("save: journal", (("journal.py", "append"),)),
    ("save: outbox", (("outbox.py", "append"),)),
    ("save: the rest", (("progress.py", ""), ("sums.py", "save"), ("run.py", "save"))),
    ("apply: messages, deadlines", (("run.py", "_apply"), ("effects.py", ""))),
    ("run: the loop around", (("run.py", ""), ("worker.py", ""), ("working_set.py", ""), ("run_deadlines.py", ""))),
    ("relay", (("relay.py", ""), ("outbox.py", ""))),
    ("consumer", (("aiokafka/consumer", ""), ("usecase.py", ""))),
    ("producer", (("aiokafka/producer", ""),)),
    ("asyncpg protocol", (("asyncpg/", ""),)),
)
"""Parts of the work, by file and function; the first that matches any frame from the inside out."""

seen: Counter[tuple[str, str]] = Counter()
"""By part, and by the function that stood innermost."""
within: Counter[str] = Counter()
"""By function of ours, whatever it called."""


def look(_number: int, frame: FrameType | None) -> None:
    """Count where the process stands, once its loop runs."""
    stack: list[CodeType] = []
    while frame is not None:
        stack.append(frame.f_code)
        frame = frame.f_back
    if not any(code.co_name == "run_forever" for code in stack):
        return
    seen[part_of(stack), _name(stack[0])] += 1
    within.update({_name(code) for code in stack if "/services/" in code.co_filename or "/shared/" in code.co_filename})


def part_of(stack: Sequence[CodeType]) -> str:
    """The part that a stack stands in, innermost first."""
    for code in stack:
        for part, places in PARTS:
            if any(file in code.co_filename and function in ("", code.co_name) for file, function in places):
                return part
    return "event loop, the rest"


def _name(code: CodeType) -> str:
    file = Path(code.co_filename)
    return f"{file.parent.name}/{file.name}:{code.co_qualname}"


@dataclass(frozen=True, slots=True)
class Samples:
    """How often a process was seen where."""

    parts: Mapping[str, int]
    leaves: Mapping[str, Mapping[str, int]]
    """By part, the functions that stood innermost."""
    within: Mapping[str, int]


def read(folder: Path) -> Samples:
    """What the sampled process wrote."""
    told = json.loads((folder / FILE).read_text())
    return Samples(told["parts"], told["leaves"], told["within"])


def told(samples: Samples) -> str:
    """The samples in words: parts with their most frequent functions, then all functions of ours."""
    total = sum(samples.parts.values()) or 1
    lines = []
    for part, n in Counter(samples.parts).most_common():
        lines.append(f"{100 * n / total:5.1f} %  {part}")
        leaves = Counter(samples.leaves[part]).most_common(4)
        lines += [f"           {100 * m / total:5.1f} %  {leaf}" for leaf, m in leaves]
    lines.append("our functions, with what they call")
    lines += [f"{100 * n / total:5.1f} %  {name}" for name, n in Counter(samples.within).most_common(LONGEST)]
    return "\n".join(lines)


def _write(file: Path) -> None:
    parts: Counter[str] = Counter()
    leaves: dict[str, Counter[str]] = defaultdict(Counter)
    for (part, leaf), n in seen.items():
        parts[part] += n
        leaves[part][leaf] += n
    file.write_text(json.dumps({"parts": parts, "leaves": leaves, "within": within}))


def main() -> None:
    """Run the module named in the environment, sampled."""
    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)
    try:
        runpy.run_module(os.environ["BENCHMARK_SAMPLED"], run_name="__main__")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        _write(Path(os.environ["BENCHMARK_FOLDER"]) / FILE)


if __name__ == "__main__":
    sys.argv = sys.argv[:1]
    main()
